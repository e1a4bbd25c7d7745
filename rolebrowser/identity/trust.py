"""Who may assume which role, and as what: verdicts, with what would have to be supplied. Pure.

What only the network or the organization knows (source address, organization id, tags) stays
unknown; what the caller may choose to send (an MFA code, an ExternalId, a session name, tags) is
tried out, and a role that opens with it is "conditional", not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import Answer, Decision, Level, Policies, Reason, Request, Source
from rolebrowser.identity.policy_case import Case
from rolebrowser.identity.policy_condition import Context, context
from rolebrowser.identity.policy_document import Policy, called
from rolebrowser.identity.policy_principal import Principal, named
from rolebrowser.identity.supplies import TAG, choices, offers, words

_NOT_SENT = frozenset(
    (
        *("sts:externalid", "sts:sourceidentity", "sts:transitivetagkeys"),
        *("aws:requesttag/*", "aws:tagkeys", "aws:calledvia", "aws:calledviafirst"),
        *("aws:calledvialast", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"),
    )
)
"""Keys that a person's plain AssumeRole or rds-db:connect doesn't have."""
_FEDERATED = frozenset(("saml:*", "aws:federatedprovider"))
_LONG_TERM = frozenset(
    ("aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime")
)
"""Keys that requests signed with long-term keys don't have."""


@dataclass(frozen=True)
class Caller:
    """Somebody who may want to assume roles, and all that is known of their rights.

    Attributes:
        identity, boundary, session, scps: as in `Policies`.
        unreadable: sources that exist but could not be read.
        mfa: whether a session was made with MFA; None = not known, or long-term keys, which can
            still bring a code.
        keys: further context keys of every request, such as aws:PrincipalTag/team.
    """

    principal: Principal
    identity: Sequence[Policy] = ()
    boundary: Sequence[Policy] | None = None
    session: Sequence[Policy] | None = None
    scps: Sequence[Level] = ()
    unreadable: frozenset[Source] = frozenset()
    mfa: bool | None = None
    keys: Mapping[str, str] = field(default_factory=dict)

    def context(self) -> tuple[dict[str, object], frozenset[str]]:
        """What every request of this caller has, and what it is known not to have."""
        who = self.principal
        values: dict[str, object] = dict(self.keys)
        absent: set[str] = set(_NOT_SENT)
        if who.account:
            values["aws:PrincipalAccount"] = who.account
        # Tokens and sessions are asked for over TLS, by a person's own hand.
        values |= {"aws:SecureTransport": True, "aws:ViaAWSService": False}
        values["aws:PrincipalIsAWSService"] = not who.has_policies
        if who.kind == "user":
            values["aws:username"] = who.text.rsplit("/", 1)[-1]
            values["aws:PrincipalArn"] = who.text
            values["aws:PrincipalType"] = "User"
            absent |= _FEDERATED
        elif who.kind in ("root", "federated-user"):
            absent |= {"aws:username", *_FEDERATED}
            values["aws:PrincipalArn"] = who.text
            values["aws:PrincipalType"] = "Account" if who.kind == "root" else "FederatedUser"
        elif who.kind in ("session", "role"):
            absent.add("aws:username")
            values["aws:PrincipalType"] = "AssumedRole"
            if who.role_arn:
                values["aws:PrincipalArn"] = who.role_arn
        if self.mfa is not None:
            values["aws:MultiFactorAuthPresent"] = self.mfa
        elif who.kind in ("user", "root"):
            absent |= _LONG_TERM
        return values, frozenset(absent)

    @cached_property
    def known(self) -> Context:
        """The same for the evaluator."""
        return context(*self.context())

    def at(self, now: datetime) -> Caller:
        """The same, asking at a time that is known: aware UTC."""
        known = {"aws:CurrentTime": now.isoformat(), "aws:EpochTime": str(int(now.timestamp()))}
        return replace(self, keys={**self.keys, **known})

    def case(
        self,
        action: str,
        resource: str,
        *,
        sent: Mapping[str, str] | None = None,
        trust: Policy | None = None,
        unread: frozenset[Source] = frozenset(),
    ) -> Case:
        """One request of this caller, examined.

        Args:
            sent: context keys of what is sent along.
            trust: the resource's own policy.
            unread: what could not be read beyond the caller's own `unreadable`.
        """
        known = self.known
        if sent:
            values, absent = self.context()
            tags = [key.split("/", 1)[1] for key in sent if key.lower().startswith(TAG)]
            asked = {**sent, **({"aws:TagKeys": tags} if tags else {})}
            known = context({**values, **asked}, absent - {key.lower() for key in asked})
        return Case(
            Request(self.principal, action, resource, context=known),
            Policies(
                identity=self.identity,
                resource=trust,
                boundary=self.boundary,
                session=self.session,
                scps=self.scps,
                unreadable=self.unreadable | unread,
            ),
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether a caller may, and why.

    Attributes:
        answer: of the evaluator: as things stand, or, for CONDITIONAL, with what is to be supplied.
        supply: what would have to be supplied, in words: "an MFA code", "ExternalId acme-42".
        given: the same as parameters of AssumeRole, for a real attempt.
    """

    verdict: Verdict
    answer: Answer
    supply: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences: what to supply first, then what decided."""
        needs = tuple(f"needs {each}" for each in self.supply)
        if self.verdict in (Verdict.ALLOW, Verdict.CONDITIONAL):
            return needs or tuple(map(sentence, self.answer.reasons[:2]))
        return needs + tuple(map(sentence, self.answer.reasons))


def sentence(reason: Reason) -> str:
    """A reason in one line."""
    if reason.statement is None:
        why = reason.why.replace("the resource's policy", "the trust policy")
        return f"{reason.policy}: {why}" if reason.policy else why
    label = called(reason.statement, reason.sid)
    where = "trust policy" if reason.source is Source.RESOURCE else reason.policy or reason.source
    return f"{where}, {label}: {reason.why}"


_RANK = {Decision.DENY: 0, Decision.UNKNOWN: 1, Decision.ALLOW: 2}
_TRIED = 64
"""Ways of supplying something that are tried for one role."""
_GIVEN_UP = Answer(
    Decision.UNKNOWN,
    False,
    (
        Reason(
            *(Source.RESOURCE, "", None, "", ""),
            f"there are more than {_TRIED} ways to meet its conditions; no more were tried",
        ),
    ),
)
_ALSO = (("aws:requesttag/", "sts:TagSession"), ("sts:sourceidentity", "sts:SetSourceIdentity"))
"""What else must be allowed to send such a key. Source: IAM User Guide, "Pass session tags in
AWS STS" and "Monitor and control actions taken with assumed roles"."""


def assess(
    caller: Caller,
    role: str,
    trust: Policy | None,
    *,
    sent: Mapping[str, str] | None = None,
    action: str = "sts:AssumeRole",
) -> Assessment:
    """Whether a caller may assume a role.

    Args:
        role: its ARN.
        trust: its trust policy; None when it could not be read.
        sent: context keys of what would be sent anyway, such as a profile's sts:ExternalId.
    """

    usual = _folded(sent or {})

    def decide(keys: Mapping[str, str]) -> Answer:
        cases = (assuming(caller, role, trust, sent=keys, action=each) for each in wanted(keys))
        return min((case.answer() for case in cases), key=lambda each: _RANK[each.decision])

    def wanted(keys: Mapping[str, str]) -> Iterable[str]:
        also = (needs for prefix, needs in _ALSO if any(key.startswith(prefix) for key in keys))
        return (action, *also)

    base = decide(usual)
    if base.decision is Decision.ALLOW:
        return Assessment(Verdict.ALLOW, base)
    doubtful = base if base.decision is Decision.UNKNOWN else None
    # The fewest first: what is sent without need may want a right of its own.
    for number, chosen in enumerate(choices(_offers(caller, trust))):
        if number == _TRIED:
            return Assessment(Verdict.UNKNOWN, doubtful or _GIVEN_UP)
        full = decide({**usual, **chosen})
        if full.decision is Decision.ALLOW:
            return Assessment(Verdict.CONDITIONAL, full, words(chosen), chosen)
        if full.decision is Decision.UNKNOWN:
            doubtful = doubtful or full
    if doubtful is not None:
        return Assessment(Verdict.UNKNOWN, doubtful)
    others = _only_for(trust)
    if others and not base.explicit:
        told = Reason(Source.RESOURCE, "", None, "", "", f"only for {others}")
        rest = (each for each in base.reasons if each.source is not Source.RESOURCE)
        base = replace(base, reasons=(told, *rest))
    return Assessment(Verdict.DENY, base)


def _only_for(trust: Policy | None) -> str:
    """Whom a trust policy is for, in words, where that is nobody who signs calls: services,
    identity providers. Empty where it may be for others too."""
    found: dict[str, list[str]] = {}
    for statement in trust.statements if trust is not None else ():
        if statement.effect == "Deny":
            continue
        if statement.problem or not statement.principals:
            return ""
        for kind, value in statement.principals:
            if kind == "Service":
                found.setdefault("service", []).append(value)
            elif kind == "Federated":
                provider, _, name = value.split(":", 5)[-1].partition("/")
                way = "SAML provider" if provider == "saml-provider" else "web identity provider"
                found.setdefault(way, []).append(name or value)
            else:
                return ""
    return " and ".join(f"{who} {', '.join(dict.fromkeys(names))}" for who, names in found.items())


def _folded(keys: Mapping[str, str]) -> dict[str, str]:
    """Keys in one case of letters, but for the names of tags."""
    parted = {key: key.partition("/") for key in keys}
    return {"".join((parted[k][0].lower(), *parted[k][1:])): v for k, v in keys.items()}


def assuming(
    caller: Caller,
    role: str,
    trust: Policy | None,
    *,
    sent: Mapping[str, str] | None = None,
    action: str = "sts:AssumeRole",
) -> Case:
    """The request that `assess` weighs, examined; arguments as there."""
    unread = frozenset() if trust else frozenset((Source.RESOURCE,))
    return caller.case(action, role, sent=sent, trust=trust, unread=unread)


def _offers(caller: Caller, trust: Policy | None) -> Sequence[Sequence[Mapping[str, str]]]:
    """What the caller could send to please the conditions of these policies, made of long-term
    keys also an MFA code."""
    may_bring = caller.principal.kind in ("user", "root") and caller.mfa is None
    said = [
        statement
        for policy in (*((trust,) if trust else ()), *caller.identity)
        for statement in policy.statements
        if statement.principals is None or named(statement.principals, caller.principal)
    ]
    return offers(said, caller.known.variables, may_bring_code=may_bring)
