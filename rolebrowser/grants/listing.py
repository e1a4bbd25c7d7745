"""The whole picture as records: role, object, privilege, state, via, grantable.

Pure. One record for each privilege that a role has, is kept from, or could come to; what it can't
come to in any way has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from rolebrowser.connection import names
from rolebrowser.connection.names import quoted
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.grants import bitset
from rolebrowser.grants.detours import Detour, Detours, Sort
from rolebrowser.grants.facts import Facts, Securable
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.model import Model, Rights, State
from rolebrowser.grants.paths import LIMIT, Path, Paths, PathText
from rolebrowser.grants.privileges import RELATIONS, SELECT, USAGE, WORDS, Kind

_BARE = RELATIONS | {Kind.SEQUENCE, Kind.COLUMN}


class Record(NamedTuple):
    """One privilege of one role.

    Attributes:
        role: its name as it is.
        object: `s.t` for what SELECT reads and for sequences, `s.t.c` for a column; of all else
            the kind in front: `schema s`, `function s.f(integer)`. Quoted as SQL needs it.
        via: each path, as `PathText.line` writes it; what blocks it in brackets.
        grantable: the role may grant it to others.
    """

    role: str
    object: str
    privilege: str
    state: str
    via: tuple[str, ...]
    grantable: bool


class Row(NamedTuple):
    """Records that differ in nothing but the privilege, as one.

    Attributes:
        privileges: words in order, with a `*` where it may be granted on.
    """

    role: str
    object: str
    privileges: tuple[str, ...]
    state: str
    via: tuple[str, ...]


def rows(records: Iterable[Record]) -> Iterator[Row]:
    """Records for people to read: one row for what a role may do on an object in the same way."""
    for _, of_object in groupby(records, lambda record: (record.role, record.object)):
        alike: dict[tuple[str, tuple[str, ...]], list[Record]] = {}
        for record in of_object:
            alike.setdefault((record.state, record.via), []).append(record)
        for (state, via), same in alike.items():
            words = tuple(each.privilege + "*" * each.grantable for each in same)
            yield Row(same[0].role, same[0].object, words, state, via)


def object_name(facts: Facts, securable: Securable) -> str:
    """A securable as records and reports name it."""
    label = facts.label(securable)
    return label if securable.kind in _BARE else f"{securable.kind} {label}"


class Listing:
    """Records of a model."""

    def __init__(self, model: Model, paths: Paths | None = None) -> None:
        self.model = model
        self.paths = paths or Paths(model)
        self.text = PathText(model)
        self._obstacles: dict[tuple[int, int], str] = {}

    @cached_property
    def holders(self) -> Holders:
        """The model turned round."""
        return Holders(self.model)

    @cached_property
    def detours(self) -> Detours:
        """Its ways round about."""
        return Detours(self.holders)

    def everything(self, *, system: bool = False) -> tuple[list[int], list[int]]:
        """Numbers of the roles and securables that a person means by "all".

        Args:
            system: PostgreSQL's own as well: `pg_*` roles, the catalogs.
        """
        facts = self.model.facts
        roles = [n for n, role in enumerate(self.model.roles) if system or not role.predefined]
        places = [
            n for n, each in enumerate(self.model.securables) if system or not facts.is_system(each)
        ]
        return sorted(roles, key=lambda n: self.model.roles[n].name), places

    def numbers(self, places: Iterable[int]) -> dict[str, int]:
        """The numbers of these securables by their names in records."""
        return {
            object_name(self.model.facts, self.model.securables[place]): place for place in places
        }

    def records(
        self, roles: Iterable[int], places: Sequence[int], *, brief: bool = False
    ) -> Iterator[Record]:
        """All records of these roles on these securables, role by role, object by object.

        Args:
            brief: leave out what a column has just as its whole table has it, and that children
                are read through a parent table which is among these.
        """
        wanted = bitset.of(places, self.model.size)
        titles = {place: object_name(self.model.facts, self.model.securables[place])
                  for place in places}  # fmt: skip
        for role in roles:
            states = self.model.states(role)
            lines = {
                place: self.round_about(role, place, but=wanted if brief else 0)
                for place in self._indirect(role, states[State.EFFECTIVE], wanted)
            }
            found = [(place, SELECT, State.INDIRECT) for place, ways in lines.items() if ways]
            found += [
                (place, bit, state)
                for state, rights in states.items()
                for bit, having in rights.items()
                for place in bitset.members(having & wanted)
                if self.model.privileges(self.model.securables[place]) & bit
                and not (brief and self._as_the_table(place, having))
            ]
            grantable = self.model.grantable(role)
            found.sort(key=lambda row: (titles[row[0]], _ORDER[row[1]], _STATES[row[2]]))
            for place, bit, state in found:
                yield Record(
                    self.model.roles[role].name,
                    titles[place],
                    WORDS[bit],
                    state.value,
                    lines[place] if state is State.INDIRECT else self.via(state, role, place, bit),
                    bool(grantable.get(bit, 0) >> place & 1),
                )

    def _indirect(self, role: int, effective: Rights, among: int) -> Iterator[int]:
        """Relations whose rows the role reads with somebody else's rights only."""
        for place in bitset.members(self.detours.places & among & ~effective.get(SELECT, 0)):
            if any(detour.users >> role & 1 for detour in self.detours.to(place)):
                yield place

    def indirect(self, role: int) -> int:
        """The relations whose rows the role reads with somebody else's rights only, as a set."""
        effective = self.model.states(role)[State.EFFECTIVE]
        return bitset.of(self._indirect(role, effective, self.detours.places), self.model.size)

    def round_about(self, role: int, place: int, *, but: int = 0) -> tuple[str, ...]:
        """How the role reads a relation's rows with the rights of others, each way in words.

        Args:
            but: parent tables whose detours are left out, as a set.
        """
        lines: list[str] = []
        for detour in self.detours.to(place):
            skipped = detour.sort is Sort.PARENT and but >> detour.entrance & 1
            if detour.users >> role & 1 and not skipped and len(lines) < LIMIT:
                lines += self._detour(detour, role)
        return tuple(dict.fromkeys(lines))

    def _detour(self, detour: Detour, role: int) -> list[str]:
        paths = self.paths.of(role, detour.entrance, detour.privilege)
        return [f"{self.text.line(path)} → {detour.text}" for path in paths]

    def _as_the_table(self, place: int, having: int) -> bool:
        parent = self.model.parents.get(place)
        return parent is not None and bool(having >> parent & 1)

    def via(self, state: State, role: int, place: int, privilege: int) -> tuple[str, ...]:
        """Every path in words."""
        if state is State.INDIRECT:
            return self.round_about(role, place)
        schema = self.model.securables[place].schema
        paths = self.paths.for_state(state, role, place, privilege)
        lines = [self._line(path, schema) for path in paths]
        if state is State.BLOCKED:
            # SET ROLE may lead around what is in the way.
            ways = self.paths.latent(role, place, privilege)
            lines += [self._line(path, schema) for path in ways if not self.obstacle(path, schema)]
        return tuple(dict.fromkeys(lines))

    def _line(self, path: Path, schema: int) -> str:
        obstacle = self.obstacle(path, schema)
        return self.text.line(path) + (f" [{obstacle}]" if obstacle else "")

    def obstacle(self, path: Path, schema: int) -> str:
        """What keeps the path's end from being reached, "" if nothing does."""
        missing: list[str] = []
        facts = self.model.facts
        if not self.model.may_connect(path.role):
            database = self.model.securables[self.model.number[Kind.DATABASE, facts.database, 0]]
            missing.append(f"no CONNECT on database {quoted(database.name)}")
        if schema and not self.uses(path.acting, schema):
            name = facts.schema_names.get(schema, str(schema))
            missing.append(f"no USAGE on schema {quoted(name)}")
        return ", ".join(missing)

    def uses(self, role: int, schema: int) -> bool:
        """Whether the role has USAGE on the schema of that oid."""
        place = self.model.number.get((Kind.SCHEMA, schema, 0))
        return place is not None and bool(self.model.held(role).get(USAGE, 0) >> place & 1)

    def find_role(self, name: str) -> int:
        """The number of the role a person names, as it is or as SQL quotes it.

        Raises:
            UnknownName: there is none.
        """
        by_name = self.model.facts.role_by_name
        role = by_name.get(name) or by_name.get(_unquoted(name))
        if role is None:
            raise UnknownName("role", name, by_name)
        return self.model.memberships.number[role.oid]

    def find_table(self, name: str) -> int:
        """The number of the table, view or sequence a person names: `t`, `s.t`, `"S"."t"`.

        Raises:
            UnknownName: there is none.
            ConfigError: there are several in different schemas.
        """
        facts = self.model.facts
        tables = {
            place: each
            for place, each in enumerate(facts.securables)
            if each.kind in RELATIONS or each.kind is Kind.SEQUENCE
        }
        found = [
            place
            for place, each in tables.items()
            if name in (f"{facts.schema_names.get(each.schema)}.{each.name}", each.name)
        ] or [
            place
            for place, each in tables.items()
            if _matches(name, facts.schema_names.get(each.schema, ""), each.name)
        ]
        if not found:
            raise UnknownName("table", name, (facts.label(each) for each in tables.values()))
        ours = [place for place in found if not facts.is_system(tables[place])] or found
        if len(ours) > 1:
            labels = ", ".join(facts.label(tables[place]) for place in ours)
            raise ConfigError(f"{name!r} could be each of {labels}.", fix="Name the schema too.")
        return ours[0]

    def with_columns(self, place: int) -> list[int]:
        """A relation and its columns that have an ACL of their own."""
        relation = self.model.securables[place]
        first = len(self.model.facts.securables)
        return [place] + [
            first + n
            for n, each in enumerate(self.model.facts.columns)
            if each.oid == relation.oid and relation.kind in RELATIONS
        ]


_ORDER = {bit: place for place, bit in enumerate(WORDS)}
_STATES = {state: place for place, state in enumerate(State)}


def _unquoted(name: str) -> str:
    try:
        parts = names.split(name)
    except ValueError:
        return name
    return parts[0] if len(parts) == 1 else name


def _matches(text: str, schema: str, name: str) -> bool:
    try:
        parts = names.split(text)
    except ValueError:
        return False
    return parts in ((name,), (schema, name))
