"""Who may assume which role, and as what: verdicts, with what would have to be supplied. Pure.

What only the network or the organization knows (source address, organization id, tags) stays
unknown; what the caller may choose to send (an MFA code, an ExternalId, a session name, tags) is
tried out, and a role that opens with it is "conditional", not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rolebrowser.identity import policy_principal
from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import (
    Answer,
    Decision,
    Level,
    Policies,
    Reason,
    Request,
    Source,
    evaluate,
)
from rolebrowser.identity.policy_condition import context
from rolebrowser.identity.policy_document import Policy, Statement
from rolebrowser.identity.policy_pattern import Unresolved, lookup_in, plain
from rolebrowser.identity.policy_principal import Principal

_MFA = "aws:multifactorauthpresent"
_NAME = "sts:rolesessionname"
_SUPPLIED = ("sts:externalid", "sts:sourceidentity", _NAME, "aws:requesttag/", _MFA)
_NOT_SENT = frozenset(
    (
        *("sts:externalid", "sts:sourceidentity", "sts:transitivetagkeys"),
        *("aws:requesttag/*", "aws:tagkeys", "saml:*", "aws:federatedprovider"),
    )
)
"""Keys a plain AssumeRole doesn't have."""
_LONG_TERM = frozenset(
    ("aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime")
)
"""Keys that requests signed with long-term keys don't have."""


@dataclass(frozen=True, slots=True)
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
        if who.kind == "user":
            values["aws:username"] = who.text.rsplit("/", 1)[-1]
            values["aws:PrincipalArn"] = who.text
            values["aws:PrincipalType"] = "User"
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
        return f"{reason.policy}: {reason.why}" if reason.policy else reason.why
    label = reason.sid or f"statement {reason.statement}"
    where = "trust policy" if reason.source is Source.RESOURCE else reason.policy or reason.source
    return f"{where}, {label}: {reason.why}"


_VERDICTS = {
    Decision.ALLOW: Verdict.ALLOW,
    Decision.DENY: Verdict.DENY,
    Decision.UNKNOWN: Verdict.UNKNOWN,
}


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
    attempt = _Attempt(caller, role, trust, action)
    base = attempt.decide(sent or {})
    if base.decision is Decision.ALLOW:
        return Assessment(Verdict.ALLOW, base)
    offers = _offers(caller, [trust] if trust else [], caller.identity, role)
    offers = {key: value for key, value in offers.items() if key not in (sent or {})}
    if offers:
        full = attempt.decide({**(sent or {}), **offers})
        if full.decision is Decision.ALLOW:
            needed = dict(offers)
            for key in list(offers):
                fewer = {name: value for name, value in needed.items() if name != key}
                if attempt.decide({**(sent or {}), **fewer}).decision is Decision.ALLOW:
                    needed = fewer
            words = dict.fromkeys(_words(key, value) for key, value in needed.items())
            return Assessment(Verdict.CONDITIONAL, full, tuple(words), needed)
        if base.decision is Decision.DENY and full.decision is Decision.UNKNOWN:
            return Assessment(Verdict.UNKNOWN, full)
    return Assessment(_VERDICTS[base.decision], base)


@dataclass(frozen=True, slots=True)
class _Attempt:
    caller: Caller
    role: str
    trust: Policy | None
    action: str

    def decide(self, sent: Mapping[str, str]) -> Answer:
        """The evaluator's answer when these keys are sent along."""
        caller = self.caller
        values, absent = caller.context()
        gone = absent - {key.lower() for key in sent}
        request = Request(
            caller.principal, self.action, self.role, context=context({**values, **sent}, gone)
        )
        unreadable = caller.unreadable
        if self.trust is None:
            unreadable |= {Source.RESOURCE}
        return evaluate(
            request,
            Policies(
                identity=caller.identity,
                resource=self.trust,
                boundary=caller.boundary,
                session=caller.session,
                scps=caller.scps,
                unreadable=unreadable,
            ),
        )


def _offers(
    caller: Caller, trusts: Iterable[Policy], identity: Iterable[Policy], role: str
) -> dict[str, str]:
    """Context keys that the caller could send to please the conditions of these policies."""
    offers: dict[str, str] = {}
    values, _ = caller.context()
    look = lookup_in({k.lower(): (str(v),) for k, v in values.items()}, frozenset())
    for policy in (*trusts, *identity):
        for statement in policy.statements:
            for key, value in _wished(statement, look):
                if key == _MFA:
                    if caller.principal.kind in ("user", "root") and caller.mfa is None:
                        offers["aws:MultiFactorAuthPresent"] = "true"
                        offers["aws:MultiFactorAuthAge"] = "0"
                elif statement.effect == "Allow":
                    offers.setdefault(key, value)
    return offers


def _wished(statement: Statement, look) -> Iterable[tuple[str, str]]:
    for condition in statement.conditions:
        key = condition.key.lower()
        if key in ("aws:multifactorauthage", _MFA):
            yield _MFA, "true"
        elif key.startswith(_SUPPLIED) and condition.values:
            operator = condition.operator.lower().split(":")[-1].removesuffix("ifexists")
            if operator not in ("stringequals", "stringlike", "stringequalsignorecase"):
                continue
            try:
                value = plain(condition.values[0], look if statement.variables else None)
            except Unresolved:
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


def caller_of(arn: str, role_arn: str = "", **known) -> Caller:
    """A caller from an ARN as GetCallerIdentity gives it.

    Args:
        role_arn: of a session, its role's whole ARN, where known.
        known: fields of `Caller`.
    """
    caller = Caller(policy_principal.parse(arn, role_arn))
    return replace(caller, **known)
