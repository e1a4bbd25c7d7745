"""Memberships that would give a role a privilege: new ones, and those that lack INHERIT.

Pure. Source of the rules: membership.py. A membership without INHERIT is a membership: what it
lacks is named, and given in the server's own way: before 16 by the member's attribute, from 16 on
by a GRANT … WITH INHERIT TRUE.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.grants import bitset, operations
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.membership import OPTIONS_FROM, Edge
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.operations import Inherit, Join, Operation

_OFFERED = 3
"""Memberships offered instead of a grant, the one that gives least first."""


class Offer(NamedTuple):
    """Steps that may do it, with what is to be said of them."""

    title: str
    steps: tuple[Operation, ...]
    notes: tuple[str, ...] = ()


def offers(model: Model, role: int, place: int, privilege: int) -> Iterator[Offer]:
    """Memberships that lack INHERIT, then new ones; those with the fewest other rights first."""
    graph = model.memberships
    effective = Holders(model).states(place)[State.EFFECTIVE].get(privilege, 0)
    found = bitset.members(effective & ~graph.inherited_by[role] & ~graph.superusers)
    ranked = sorted(found, key=lambda number: (_weight(model, number), model.roles[number].name))
    joined = [number for number in ranked if graph.member_of[role] >> number & 1]
    joinable = [
        number
        for number in ranked
        if number not in joined
        and not graph.member_of[number] >> role & 1
        and not model.roles[number].predefined
        and not model.roles[number].login
    ]
    known: set[tuple[Operation, ...]] = set()
    for offer in (
        *(_inheriting(model, role, number) for number in joined[:_OFFERED]),
        *(_joining(model, role, number) for number in joinable[:_OFFERED]),
    ):
        if offer.steps not in known:
            known.add(offer.steps)
            yield offer


def _joining(model: Model, role: int, group: int) -> Offer:
    title = f"Make it a member of {quoted(model.roles[group].name)}"
    return Offer(title, (_join(model, role, group),), (_gaining(model, role, group),))


def _join(model: Model, role: int, group: int) -> Join:
    return Join(model.roles[group].oid, model.roles[role].oid)


def _inheriting(model: Model, role: int, group: int) -> Offer:
    """What a membership lacks that is there already, straight or through others."""
    chain = _chain(model, role, group)
    name = quoted(model.roles[group].name)
    lacking = next(edge for edge in chain if not edge.inherit)
    if model.facts.version < OPTIONS_FROM and lacking.member == role:
        steps = (Inherit(model.roles[role].oid),)
        note = f"It is a member of {name} already, but has NOINHERIT."
        return Offer("Let it inherit from its roles", steps, (note, _inherited(model, role, steps)))
    steps = (_join(model, role, group),)
    gain = _gaining(model, role, group)
    if len(chain) == 1:
        without = "INHERIT" if lacking.set else "INHERIT and SET"
        note = f"It is a member of {name} already, but without {without}."
        return Offer(f"Let it inherit from {name}", steps, (note, gain))
    member, through = (quoted(model.roles[n].name) for n in (lacking.member, lacking.role))
    why = f"{through} is {member}'s without INHERIT"
    if model.facts.version < OPTIONS_FROM:
        why = f"{member} has NOINHERIT"
    by = " → ".join(quoted(model.roles[edge.role].name) for edge in chain[:-1])
    note = f"It is a member already, through {by}, but {why}."
    return Offer(f"Make it a member of {name} itself", steps, (note, gain))


def _chain(model: Model, role: int, group: int) -> tuple[Edge, ...]:
    """The shortest chain of memberships between two roles, of which one is the other's member."""
    chains: dict[int, tuple[Edge, ...]] = {role: ()}
    queue = [role]
    for number in queue:
        for edge in model.memberships.up[number]:
            if edge.role not in chains:
                chains[edge.role] = (*chains[number], edge)
                queue.append(edge.role)
    return chains[group]


def _weight(model: Model, role: int) -> int:
    return sum(having.bit_count() for having in model.held(role).values())


def _gaining(model: Model, role: int, group: int) -> str:
    return _gain(model.held(role), model.held(group))


def _inherited(model: Model, role: int, steps: tuple[Operation, ...]) -> str:
    after = Model(operations.apply(model.facts, steps))
    return _gain(model.held(role), after.held(role))


def _gain(mine: dict[int, int], theirs: dict[int, int]) -> str:
    more = sum((having & ~mine.get(bit, 0)).bit_count() for bit, having in theirs.items())
    return f"It would gain {counted(more)} in all."


def counted(privileges: int) -> str:
    """`1 privilege`, `7 privileges`."""
    return "1 privilege" if privileges == 1 else f"{privileges} privileges"
