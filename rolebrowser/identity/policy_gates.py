"""The gates a request has to pass, each with its own answer; together they are the answer. Pure.

Source: as `policy.py`. A gate is open, shut, or nobody can say; the evaluator's decision is their
*and*, so that whoever reads the gates needs no other word on it (a test holds that).
"""

from __future__ import annotations

from rolebrowser.frozen import dataclass
from rolebrowser.identity.policy import Source
from rolebrowser.identity.policy_case import Case
from rolebrowser.identity.policy_document import Statement
from rolebrowser.identity.policy_match import Hit, Said, may
from rolebrowser.identity.policy_principal import Named
from rolebrowser.identity.truth import Truth

NAMES = {
    Source.IDENTITY: "identity policies",
    Source.RESOURCE: "trust policy",
    Source.BOUNDARY: "permissions boundary",
    Source.SESSION: "session policy",
    Source.SCP: "service control policies",
    Source.RCP: "resource control policies",
}


@dataclass(frozen=True, slots=True)
class Decider:
    """A statement that decides at a gate, or came near to.

    Attributes:
        statement: None for a policy that can't be read.
        near: it would have matched but for its conditions.
    """

    policy: str
    statement: Statement | None
    why: str
    near: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """One kind of policy that has a say.

    Attributes:
        why: a sentence, for a gate that no statement explains; else empty.
    """

    source: Source
    open: Truth
    why: str = ""
    deciders: tuple[Decider, ...] = ()

    @property
    def name(self) -> str:
        """In words."""
        return NAMES[self.source]


def gates(case: Case) -> tuple[Gate, ...]:
    """The gates of a request, in the order in which one asks: resource, caller, limits."""
    own = case.request.principal.has_policies
    by_itself = case.resource.allows(Named.DIRECT) if case.request.same_account else Truth.NO
    found = [_resource(case), _identity(case)]
    for limit in (case.boundary, case.session):
        if limit is not None:
            allowed = limit.allows() | by_itself if own else Truth.YES
            found.append(_gate(limit, allowed, _spared(limit, by_itself)))
    found += [_gate(said, said.allows()) for said in case.scps]
    found += [_gate(said, Truth.YES) for said in case.rcps if said.hits or said.broken]
    if case.scp_hidden:
        found.append(Gate(Source.SCP, Truth.UNKNOWN, "the SCPs could not be read"))
    return tuple(gate for gate in found if gate is not None)


def _resource(case: Case) -> Gate | None:
    """The resource's own policy; None where it has no part in the answer."""
    said, request = case.resource, case.request
    if not request.principal.has_policies:
        return _gate(said, said.allows(Named.DIRECT))
    if case.guarded or not request.same_account:
        return _gate(said, said.allows(Named.ACCOUNT))
    return _gate(said, Truth.YES) if said.hits or said.broken else None


def _identity(case: Case) -> Gate | None:
    request = case.request
    if not request.principal.has_policies:
        return _gate(case.identity, Truth.YES) if case.identity.broken else None
    by_trust = case.resource.allows(Named.ROLE) if request.same_account else Truth.NO
    own = case.own()
    if request.principal.kind == "root":
        return _gate(case.identity, own, "the root user needs none")
    return _gate(case.identity, own | by_trust, _spared(case.identity, by_trust))


def _spared(said: Said, by_trust: Truth) -> str:
    if by_trust is Truth.YES and said.allows() is not Truth.YES:
        return "not needed: the trust policy names the caller itself"
    if by_trust is Truth.UNKNOWN and said.allows() is Truth.NO:
        return f"{said.missing[0].why}; needed, unless the trust policy names the caller itself"
    return ""


def _gate(said: Said, allowed: Truth, why: str = "") -> Gate:
    state = allowed & ~said.denies
    if said.denies is Truth.YES:
        return Gate(said.source, state, "", _sure(said, "Deny"))
    if state is Truth.YES:
        sure = _sure(said, "Allow")
        return Gate(said.source, state, why or ("" if sure else "not needed here"), sure)
    if state is Truth.UNKNOWN:
        hits = [hit for hit in said.hits if hit.match is state]
        broken = [Decider(each.policy, None, each.why) for each in said.broken]
        return Gate(said.source, state, why, (*map(_decider, hits), *broken))
    near = tuple(
        Decider(hit.policy, hit.statement, hit.why, near=True)
        for hit in said.near
        if hit.statement.effect == "Allow"
    )
    return Gate(said.source, state, "" if near else said.missing[0].why, near)


def _decider(hit: Hit) -> Decider:
    return Decider(hit.policy, hit.statement, hit.told)


def _sure(said: Said, effect: str) -> tuple[Decider, ...]:
    return tuple(_decider(h) for h in said.hits if may(h, effect) and h.match is Truth.YES)
