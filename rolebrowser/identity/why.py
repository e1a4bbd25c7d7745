"""Why somebody may or may not: the gates with what would open them, and the statement to add. Pure.

A suggested statement is tried on the model before it is shown: with all of them in place the
answer would be allow. Nothing is ever changed from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Role, Verdict
from rolebrowser.identity.policy import Decision, Source
from rolebrowser.identity.policy_case import Case
from rolebrowser.identity.policy_document import NEW_VERSION, Policy, parse
from rolebrowser.identity.policy_gates import Gate, gates
from rolebrowser.identity.trust import Assessment, Caller, assess, assuming
from rolebrowser.identity.truth import Truth

TRUST_POLICY = "trust policy"
UNLISTED = (
    "Service control policies can't be read from a member account; if AWS still refuses, they may "
    "be why."
)
_NOT_YOURS = (":role/aws-reserved/", ":role/aws-service-role/")
"""Paths of roles whose trust policies only AWS changes."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A statement that would open a gate.

    Attributes:
        source: the kind of policy it goes into.
        where: "the trust policy of role Vendor".
        statement: to be added there.
    """

    source: Source
    where: str
    statement: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A gate as it stands, and as it would with what can be supplied.

    Attributes:
        instead: policies to show where no statement speaks of it: whom the trust policy names.
    """

    gate: Gate
    opens: bool = False
    instead: Sequence[Policy] = ()

    @property
    def verdict(self) -> Verdict:
        """Of this gate alone."""
        if self.opens:
            return Verdict.CONDITIONAL
        return _OF_TRUTH[self.gate.open]


_OF_TRUTH = {
    Truth.YES: Verdict.ALLOW,
    Truth.NO: Verdict.DENY,
    Truth.UNKNOWN: Verdict.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Why:
    """An answer with everything that led to it.

    Attributes:
        question: "assume arn:…".
        asker: who asks: an ARN.
        supply: what would have to be supplied, in words.
        case: the request as things stand.
        fixes: statements to add; empty where none would help.
        notes: sentences on what could not be looked at.
    """

    verdict: Verdict
    question: str
    asker: str
    case: Case
    steps: tuple[Step, ...]
    supply: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    notes: tuple[str, ...] = ()


def trust_of(role: Role) -> Policy | None:
    """A role's trust policy; None when it was not read."""
    return _trust(role.trust) if role.trust else None


@lru_cache(maxsize=2_000)
def _trust(text: str) -> Policy:
    """An account's roles share few trust policies, and each is weighed again and again."""
    return parse(TRUST_POLICY, text)


def of_role(
    caller: Caller,
    role: Role,
    *,
    sent: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
) -> Why:
    """Why a caller may or may not assume a role; arguments as of `assess`.

    Args:
        notes: what could not be read, in sentences.
    """
    trust = trust_of(role)
    found = assess(caller, role.arn, trust, sent=sent)
    case = assuming(caller, role.arn, trust, sent=sent)
    supplied = assuming(caller, role.arn, trust, sent={**(sent or {}), **found.given})
    steps = _steps(case, supplied, found, (trust,) if trust else ())
    fixes: tuple[Fix, ...] = ()
    if found.verdict in (Verdict.DENY, Verdict.UNKNOWN):
        fixes = _role_fixes(caller, role, trust, steps)
    return Why(
        found.verdict,
        f"assume {role.arn}",
        caller.principal.text,
        case,
        steps,
        found.supply,
        fixes,
        (*notes, *(() if caller.scps else (UNLISTED,))),
    )


def _steps(
    case: Case, supplied: Case, found: Assessment, instead: Sequence[Policy]
) -> tuple[Step, ...]:
    opened = gates(supplied) if found.supply else gates(case)
    return tuple(
        Step(
            gate,
            gate.open is not Truth.YES and later.open is Truth.YES,
            instead if gate.source is Source.RESOURCE and not gate.deciders else (),
        )
        for gate, later in zip(gates(case), opened, strict=True)
    )


def _role_fixes(
    caller: Caller, role: Role, trust: Policy | None, steps: Sequence[Step]
) -> tuple[Fix, ...]:
    """The fewest statements with which the role could be assumed.

    Empty where a Deny stands in the way, where nothing can be added (an SCP, a role of AWS's own),
    or where what can't be read would not let one through.
    """
    who = caller.principal
    own: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role.arn}
    theirs: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": who.role_arn or who.text},
        "Action": "sts:AssumeRole",
    }
    shut = dict.fromkeys(step.gate.source for step in steps if step.gate.open is not Truth.YES)
    fixes = [fix for source in shut for fix in own_fix(caller, source, own)]
    editable = trust is not None and not any(part in role.arn for part in _NOT_YOURS)
    named = who.kind != "session" or who.role_arn
    if Source.RESOURCE in shut and editable and named:
        fixes.insert(0, Fix(Source.RESOURCE, f"the trust policy of role {role.name}", theirs))

    def opens(chosen: Sequence[Fix]) -> bool:
        changed, changed_trust = caller, trust
        for fix in chosen:
            if fix.source is Source.RESOURCE and trust is not None:
                changed_trust = _with(trust, fix.statement)
            changed = with_statement(changed, fix.source, fix.statement)
        case = assuming(changed, role.arn, changed_trust)
        decision = case.answer().decision
        # Of a trust policy that can't be read nobody knows; the caller's side can be mended still.
        readable = all(g.open is Truth.YES for g in gates(case) if g.source is not Source.RESOURCE)
        return decision is Decision.ALLOW or (
            trust is None and decision is Decision.UNKNOWN and readable
        )

    return fewest(fixes, opens)


def fewest(fixes: Sequence[Fix], opens: Callable[[Sequence[Fix]], bool]) -> tuple[Fix, ...]:
    """Those of the fixes that are needed; empty when all together don't help."""
    if not fixes or not opens(fixes):
        return ()
    needed = list(fixes)
    for fix in list(fixes)[::-1]:
        fewer = [each for each in needed if each is not fix]
        if fewer and opens(fewer):
            needed = fewer
    return tuple(needed)


def own_fix(caller: Caller, source: Source, statement: Mapping[str, Any]) -> list[Fix]:
    """Where a statement goes on the caller's side; empty where nothing can be added."""
    who = caller.principal
    name = f"role {who.role}" if who.role else f"user {who.text.rsplit('/', 1)[-1]}"
    where = {
        Source.IDENTITY: f"the identity policies of {name}",
        Source.BOUNDARY: f"the permissions boundary of {name}",
    }.get(source)
    return [Fix(source, where, statement)] if where else []


def with_statement(caller: Caller, source: Source, statement: Mapping[str, Any]) -> Caller:
    """The caller, had they this statement too."""
    added = parse("added", {"Version": NEW_VERSION, "Statement": [statement]})
    if source is Source.IDENTITY:
        return replace(caller, identity=(*caller.identity, added))
    if source is Source.BOUNDARY:
        return replace(caller, boundary=(*(caller.boundary or ()), added))
    return caller


def _with(policy: Policy, statement: Mapping[str, Any]) -> Policy:
    added = parse(policy.name, {"Version": NEW_VERSION, "Statement": [statement]}).statements
    moved = (replace(each, index=len(policy.statements)) for each in added)
    return replace(policy, statements=(*policy.statements, *moved))
