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
from rolebrowser.identity.policy_document import Policy, Statement
from rolebrowser.identity.policy_pattern import Unknowable, Unresolved, Variables, plain
from rolebrowser.identity.policy_principal import Principal

_MFA = "aws:multifactorauthpresent"
_NAME = "sts:rolesessionname"
_SUPPLIED = ("sts:externalid", "sts:sourceidentity", _NAME, "aws:requesttag/", _MFA)
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
            gone = absent - {key.lower() for key in sent}
            known = context({**values, **sent}, gone)
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
    label = reason.sid or f"statement {reason.statement}"
    where = "trust policy" if reason.source is Source.RESOURCE else reason.policy or reason.source
    return f"{where}, {label}: {reason.why}"


_VERDICTS = {
    Decision.ALLOW: Verdict.ALLOW,
    Decision.DENY: Verdict.DENY,
    Decision.UNKNOWN: Verdict.UNKNOWN,
}
_RANK = {Decision.DENY: 0, Decision.UNKNOWN: 1, Decision.ALLOW: 2}
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
    offers = _folded(_offers(caller, [trust] if trust else [], caller.identity, role))
    if offers:
        full = decide({**usual, **offers})
        if full.decision is Decision.ALLOW:
            needed = dict(offers)
            for key in list(offers):
                fewer = {name: value for name, value in needed.items() if name != key}
                if decide({**usual, **fewer}).decision is Decision.ALLOW:
                    needed = fewer
            words = dict.fromkeys(_words(key, value) for key, value in needed.items())
            return Assessment(Verdict.CONDITIONAL, full, tuple(words), needed)
        if base.decision is Decision.DENY and full.decision is Decision.UNKNOWN:
            return Assessment(Verdict.UNKNOWN, full)
    return Assessment(_VERDICTS[base.decision], base)


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


def _offers(
    caller: Caller, trusts: Iterable[Policy], identity: Iterable[Policy], role: str
) -> dict[str, str]:
    """Context keys that the caller could send to please the conditions of these policies."""
    offers: dict[str, str] = {}
    variables = caller.known.variables
    for policy in (*trusts, *identity):
        for statement in policy.statements:
            for key, value in _wished(statement, variables):
                if key == _MFA:
                    if caller.principal.kind in ("user", "root") and caller.mfa is None:
                        offers["aws:MultiFactorAuthPresent"] = "true"
                        offers["aws:MultiFactorAuthAge"] = "0"
                elif statement.effect == "Allow":
                    offers.setdefault(key, value)
    return offers


def _wished(statement: Statement, variables: Variables) -> Iterable[tuple[str, str]]:
    for condition in statement.conditions:
        key = condition.key.lower()
        if key in ("aws:multifactorauthage", _MFA):
            yield _MFA, "true"
        elif key.startswith(_SUPPLIED) and condition.values:
            operator = condition.operator.lower().split(":")[-1].removesuffix("ifexists")
            if operator not in ("stringequals", "stringlike", "stringequalsignorecase"):
                continue
            try:
                value = plain(condition.values[0], variables if statement.variables else None)
            except (Unresolved, Unknowable):
                continue
            if operator == "stringlike":
                value = value.replace("*", "x").replace("?", "x")
            yield condition.key, value


def _words(key: str, value: str) -> str:
    name = key.lower()
    if name.startswith("aws:multifactorauth"):
        return "an MFA code"
    if name.startswith("aws:requesttag/"):
        return f"session tag {key.split('/', 1)[1]}={value}"
    plain_names = {
        "sts:externalid": "ExternalId",
        "sts:sourceidentity": "SourceIdentity",
        _NAME: "RoleSessionName",
    }
    return f"{plain_names.get(name, key)} {value}"
