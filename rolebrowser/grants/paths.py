"""The ways a privilege comes to a role: each membership walked, and the entry at its end.

Pure. A path begins at the role and ends in a `Source`. Between them are hops: inherited
memberships for what is effective; SET ROLE for what is latent; a grant to oneself for what is
escalatable. Diamonds of memberships can have more paths than anybody can read, so they are given
one after the other and cut off at a limit by who asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.frozen import dataclass
from rolebrowser.grants import bitset
from rolebrowser.grants.acl import Entry
from rolebrowser.grants.facts import Securable
from rolebrowser.grants.membership import Edge
from rolebrowser.grants.model import CATALOG_WRITES, Model, State
from rolebrowser.grants.privileges import PUBLIC, WORDS, Kind

LIMIT = 50
"""Paths of one privilege that are looked for where nobody says otherwise."""


class How(StrEnum):
    """What a hop is."""

    INHERITS = "inherits"
    SET_ROLE = "SET ROLE"
    GRANTS_ITSELF = "grants itself"


class Hop(NamedTuple):
    """One step from a role to another, given by numbers.

    Attributes:
        edge: the membership; None for SET ROLE by a superuser and for what is yet to be granted.
        by: of a grant to oneself the role that can do it.
    """

    how: How
    role: int
    edge: Edge | None = None
    by: int = -1


class Why(StrEnum):
    """What the last role of a path has the privilege from."""

    GRANTED = "granted"
    PUBLIC = "PUBLIC"
    OWNER = "owner"
    SUPERUSER = "superuser"
    PREDEFINED = "predefined"
    CAN_GRANT = "owner can grant it"


class Source(NamedTuple):
    """The end of a path.

    Attributes:
        entry: the ACL entry; None for superusers, predefined roles and an owner who'd have to
            grant it first.
        default: the entry stands for a NULL ACL: nobody granted it.
        table: of a column's privilege: it comes with the whole table.
    """

    why: Why
    entry: Entry | None = None
    default: bool = False
    table: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """One way.

    Attributes:
        role: the number of the role that it is about.
        last: the number of the role that has the privilege itself; `role` without hops.
    """

    role: int
    hops: tuple[Hop, ...]
    source: Source

    @property
    def last(self) -> int:
        """Where the hops lead."""
        return self.hops[-1].role if self.hops else self.role

    @property
    def acting(self) -> int:
        """The role one is after all SET ROLE: whose USAGE on the schema counts."""
        acting = self.role
        for hop in self.hops:
            if hop.how is not How.INHERITS:
                acting = hop.role
        return acting


class Paths:
    """Finds paths in a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.graph = model.memberships
        self._plain: dict[tuple[How, int, int], tuple[tuple[Hop, ...], ...]] = {}

    def of(self, role: int, place: int, privilege: int, limit: int = LIMIT) -> tuple[Path, ...]:
        """Paths for what the role itself has: effective or blocked."""
        return tuple(islice(self._held(role, self.model.securables[place], privilege), limit))

    def latent(self, role: int, place: int, privilege: int, limit: int = LIMIT) -> tuple[Path, ...]:
        """Paths through SET ROLE, to roles that have it themselves."""
        return tuple(islice(self._latent(role, place, privilege), limit))

    def escalations(
        self, role: int, place: int, privilege: int, limit: int = LIMIT
    ) -> tuple[Path, ...]:
        """The shortest chain to each role that has it, or could grant it as the owner."""
        return tuple(islice(self._escalations(role, place, privilege), limit))

    def for_state(
        self, state: State, role: int, place: int, privilege: int, limit: int = LIMIT
    ) -> tuple[Path, ...]:
        """The paths that belong to a state."""
        find = {State.LATENT: self.latent, State.ESCALATABLE: self.escalations}
        return find.get(state, self.of)(role, place, privilege, limit)

    def _held(self, role: int, securable: Securable, privilege: int) -> Iterator[Path]:
        if self.model.roles[role].superuser:
            yield Path(role, (), Source(Why.SUPERUSER))
        for number, source in self.sources(securable, privilege):
            if number is None:
                yield Path(role, (), source)
            elif self.graph.inherits[role] >> number & 1:
                for hops in self._hops(How.INHERITS, role, number):
                    yield Path(role, hops, source)

    def sources(self, securable: Securable, privilege: int) -> Iterator[tuple[int | None, Source]]:
        """Whoever has it by an entry or by PostgreSQL's own rule; None = everybody."""
        if securable.kind is Kind.COLUMN:
            relation = self.model.facts.relation_by_oid.get(securable.oid)
            if relation is not None:
                for number, source in self.sources(relation, privilege):
                    yield number, source._replace(table=True)
        if not (privilege & CATALOG_WRITES and self.model.guarded_catalog(securable)):
            yield from self._entries(securable, privilege)
        for name, bit, kinds in self.model.predefined_rules():
            role = self.model.facts.role_by_name.get(name)
            if role is not None and bit == privilege and securable.kind in kinds:
                yield self.graph.number[role.oid], Source(Why.PREDEFINED)

    def _entries(self, securable: Securable, privilege: int) -> Iterator[tuple[int | None, Source]]:
        default = securable.acl is None
        for entry in self.model.entries(securable):
            if not entry.privileges & privilege:
                continue
            if entry.grantee == PUBLIC:
                yield None, Source(Why.PUBLIC, entry, default)
                continue
            number = self.graph.number.get(entry.grantee)
            if number is not None:
                why = Why.OWNER if entry.grantee == securable.owner else Why.GRANTED
                yield number, Source(why, entry, default)

    def _latent(self, role: int, place: int, privilege: int) -> Iterator[Path]:
        securable = self.model.securables[place]
        if self.model.roles[role].superuser:
            return
        for other in bitset.members(self.graph.can_set[role] & ~(1 << role)):
            if not self.model.held(other).get(privilege, 0) >> place & 1:
                continue
            for path in self._held(other, securable, privilege):
                if path.source.why is not Why.PUBLIC:
                    for hops in self._hops(How.SET_ROLE, role, other):
                        yield Path(role, hops + path.hops, path.source)

    def _escalations(self, role: int, place: int, privilege: int) -> Iterator[Path]:
        securable = self.model.securables[place]
        chains = self._chains(role)
        owner = self.graph.number.get(securable.owner)
        for other, hops in chains.items():
            if owner is not None and self.graph.inherits[other] >> owner & 1:
                inherited = next(self._walk(How.INHERITS, other, owner), ())
                yield Path(role, hops + inherited, Source(Why.CAN_GRANT))
            if any(hop.how is How.GRANTS_ITSELF for hop in hops):
                for path in self._held(other, securable, privilege):
                    if path.source.why is not Why.PUBLIC:
                        yield Path(role, hops + path.hops, path.source)

    def _chains(self, role: int) -> dict[int, tuple[Hop, ...]]:
        """For each role that it could become the shortest chain of SET ROLE and grants."""
        chains: dict[int, tuple[Hop, ...]] = {role: ()}
        queue = [role]
        for number in queue:
            for hop in self._next(role, number, chains):
                if hop.role not in chains:
                    chains[hop.role] = (*chains[number], hop)
                    queue.append(hop.role)
        return chains

    def _next(self, role: int, number: int, chains: dict[int, tuple[Hop, ...]]) -> Iterator[Hop]:
        for edge in self.graph.up[number]:
            if edge.set:
                yield Hop(How.SET_ROLE, edge.role, edge)
        reached = bitset.of(chains, self.graph.size)
        for other in bitset.members(self.graph.can_grant[number] & ~reached):
            if not self.graph.member_of[other] >> role & 1:
                yield Hop(How.GRANTS_ITSELF, other, None, number)

    def _hops(self, how: How, role: int, target: int) -> tuple[tuple[Hop, ...], ...]:
        """All chains of one kind of hop between two roles, up to LIMIT; remembered."""
        key = (how, role, target)
        known = self._plain.get(key)
        if known is None:
            known = self._plain[key] = tuple(islice(self._walk(how, role, target), LIMIT))
        return known

    def _walk(self, how: How, role: int, target: int) -> Iterator[tuple[Hop, ...]]:
        if role == target:
            yield ()
            return
        path: list[Hop] = []
        waiting = [self._onward(how, role, target)]
        while waiting:
            hop = next(waiting[-1], None)
            if hop is None:
                waiting.pop()
                if path:
                    path.pop()
            elif hop.role == target:
                yield (*path, hop)
            else:
                path.append(hop)
                waiting.append(self._onward(how, hop.role, target))

    def _onward(self, how: How, role: int, target: int) -> Iterator[Hop]:
        """The hops from a role that lead to the target."""
        inherits = how is How.INHERITS
        closures = self.graph.inherits if inherits else self.graph.set_along
        for edge in self.graph.up[role]:
            if (edge.inherit if inherits else edge.set) and closures[edge.role] >> target & 1:
                yield Hop(how, edge.role, edge)


class PathText:
    """Paths in words: `alice → readers → analysts`, `PUBLIC`, `alice ⇒ SET ROLE admin`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._names = [quoted(role.name) for role in model.roles]

    def line(self, path: Path) -> str:
        """One path on one line; role names as SQL identifiers, so that none can be mistaken."""
        words = [self._names[path.role]]
        for hop in path.hops:
            name = self._names[hop.role]
            if hop.how is How.SET_ROLE:
                words.append(f" ⇒ SET ROLE {name}")
            elif hop.how is How.GRANTS_ITSELF:
                words.append(f" ⇒ GRANT {name} {self._right(hop)}")
            else:
                words.append(f" → {name}")
        return "".join(words) + self._end(path)

    def _right(self, hop: Hop) -> str:
        direct = any(
            edge.admin and self.model.memberships.member_of[hop.by] >> edge.member & 1
            for edge in self.model.memberships.down[hop.role]
        )
        right = "ADMIN" if direct else "CREATEROLE"
        return f"(by {right} of {self._names[hop.by]})"

    def _end(self, path: Path) -> str:
        source = path.source
        if source.why is Why.PUBLIC:
            return " → PUBLIC"
        if source.why in (Why.SUPERUSER, Why.CAN_GRANT):
            return f" ({source.why})"
        if source.why is Why.OWNER:
            return " (owner)"
        if source.why is Why.PREDEFINED:
            return " (predefined)"
        return ""

    def entry(self, path: Path, privilege: int) -> str:
        """What the end of a path rests on: `SELECT granted to readers by owner`."""
        source, facts = path.source, self.model.facts
        if source.entry is None:
            return f"{self._names[path.last]}{self._end(path)}"
        if source.default:
            return f"the default for {facts.role_name(source.entry.grantee)}"
        grantee = facts.role_name(source.entry.grantee)
        option = " WITH GRANT OPTION" if source.entry.grantable & privilege else ""
        grantor = quoted(facts.role_name(source.entry.grantor))
        to = grantee if source.entry.grantee == PUBLIC else quoted(grantee)
        return f"{WORDS[privilege]} granted to {to} by {grantor}{option}"
