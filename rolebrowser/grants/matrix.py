"""The matrix role × object of a PostgreSQL model: heads of rows and columns, and letters.

Pure. A row is made once, in the time of `Model.states`; a cell of it is then a few look-ups in
bytes, whatever the number of tables, so that only what is in view is ever made.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.grants.explain import row_security_off
from rolebrowser.grants.listing import object_name
from rolebrowser.grants.model import Model, Rights, State
from rolebrowser.grants.picture import (
    EVERYBODY,
    Cell,
    Letter,
    Level,
    ObjectHead,
    Origin,
    RoleHead,
    RoleKind,
)
from rolebrowser.grants.privileges import (
    LETTERS,
    PUBLIC,
    RELATIONS,
    USAGE,
    Kind,
    of_kind,
)

_KINDS: dict[str, tuple[Kind, ...]] = {
    "tables": tuple(RELATIONS),
    "schemas": (Kind.SCHEMA,),
    "columns": (Kind.COLUMN,),
    "sequences": (Kind.SEQUENCE,),
    "functions": (Kind.FUNCTION, Kind.PROCEDURE),
    "databases": (Kind.DATABASE,),
    "types": (Kind.TYPE,),
    "others": (
        Kind.LANGUAGE,
        Kind.FOREIGN_DATA_WRAPPER,
        Kind.FOREIGN_SERVER,
        Kind.TABLESPACE,
        Kind.PARAMETER,
        Kind.LARGE_OBJECT,
    ),
}
_MANUAL = "arwdDxtmUCcTXsA"
"""The order of slots: that of the manual's table of abbreviations, tables' letters first."""


def kinds(level: Level) -> tuple[Kind, ...]:
    """The kinds of objects that a level shows."""
    return _KINDS[level.name]


def levels(model: Model) -> tuple[Level, ...]:
    """The levels that have objects."""
    found: list[Level] = []
    for name, members in _KINDS.items():
        if any(kind in model.of_kind for kind in members):
            there = 0
            for kind in members:
                there |= of_kind(kind, model.facts.version)
            found.append(Level(name, "".join(c for c in _MANUAL if LETTERS[c] & there)))
    return tuple(found)


def role_heads(model: Model) -> tuple[RoleHead, ...]:
    """Who reads this, then PUBLIC, then those who log in, then the others; by name."""
    facts = model.facts
    heads = [
        RoleHead(
            number,
            role.name,
            _kind(role.superuser, role.login),
            role.name == facts.user,
            role.predefined,
        )
        for number, role in enumerate(model.roles)
    ]
    heads.append(RoleHead(EVERYBODY, "PUBLIC", RoleKind.EVERYBODY))
    return tuple(sorted(heads, key=_order))


def _order(head: RoleHead) -> tuple[bool, bool, bool, str]:
    group = head.kind is RoleKind.GROUP
    return not head.current, head.number != EVERYBODY, group, head.name


def _kind(superuser: bool, login: bool) -> RoleKind:
    if superuser:
        return RoleKind.SUPERUSER
    return RoleKind.LOGIN if login else RoleKind.GROUP


def object_heads(model: Model, level: Level) -> tuple[ObjectHead, ...]:
    """The objects of a level by name, PostgreSQL's own last."""
    facts = model.facts
    wanted = frozenset(kinds(level))
    heads: list[ObjectHead] = []
    for place, each in enumerate(model.securables):
        if each.kind not in wanted:
            continue
        title = object_name(facts, each)
        group = facts.schema_names.get(each.schema, "") if each.schema else ""
        plain = each.kind in (Kind.PARAMETER, Kind.LARGE_OBJECT)
        name = each.name if plain else quoted(each.name)
        if each.kind is Kind.COLUMN:
            relation = facts.relation_by_oid.get(each.oid)
            group = facts.label(relation) if relation is not None else str(each.oid)
        elif each.kind in (Kind.FUNCTION, Kind.PROCEDURE):
            name = f"{name}({each.arguments})"
        elif not each.schema and level.name == "others":
            group = each.kind.value
        system = facts.is_system(each)
        heads.append(ObjectHead(place, group, name, title, each.rls, system))
    heads.sort(key=lambda head: (head.system, head.group, head.name))
    return tuple(heads)


class _Slot(NamedTuple):
    """The sets of one privilege, a bit for each securable, as bytes."""

    letter: str
    held: bytes
    blocked: bytes
    latent: bytes
    direct: bytes
    inherited: bytes
    grantable: bytes


class Row:
    """What one role may do on every object of a level.

    Args:
        role: its number; EVERYBODY for PUBLIC.
    """

    def __init__(self, model: Model, role: int, level: Level) -> None:
        self._model = model
        self._role = role
        self._superuser = role != EVERYBODY and model.roles[role].superuser
        self._sets = _public(model) if role == EVERYBODY else _sets(model, role)
        self._width = (model.size + 7) // 8
        self._slots = tuple([self._slot(letter) for letter in level.letters])
        self._schemas = level.name == "schemas"
        self._readable = self._effective() if self._schemas else 0

    def _slot(self, letter: str) -> _Slot:
        bit = LETTERS[letter]
        octets = (having.get(bit, 0).to_bytes(self._width, "little") for having in self._sets)
        return _Slot(letter, *octets)

    def _effective(self) -> int:
        """The tables on which there is anything that can be used."""
        tables = 0
        for kind in RELATIONS:
            tables |= self._model.of_kind.get(kind, 0)
        held, blocked, *_ = self._sets
        using = 0
        for bit, having in held.items():
            using |= having & ~blocked.get(bit, 0)
        return using & tables

    def cell(self, number: int) -> Cell:
        """The cell of the object of that number."""
        octet, bit = number >> 3, 1 << (number & 7)
        letters = tuple([self._letter(slot, octet, bit) for slot in self._slots])
        locked = False
        if any(letters) and self._role != EVERYBODY:
            securable = self._model.securables[number]
            locked = securable.rls and not row_security_off(self._model, self._role, securable)
        return Cell(letters, locked, self._note(number) if self._schemas else "")

    def _letter(self, slot: _Slot, octet: int, bit: int) -> Letter | None:
        if slot.held[octet] & bit:
            if self._superuser:
                origin = Origin.SUPERUSER
            elif slot.direct[octet] & bit:
                origin = Origin.DIRECT
            else:
                origin = Origin.INHERITED if slot.inherited[octet] & bit else Origin.PUBLIC
            grantable = not self._superuser and bool(slot.grantable[octet] & bit)
            return Letter(slot.letter, origin, grantable, bool(slot.blocked[octet] & bit))
        return Letter(slot.letter, Origin.LATENT) if slot.latent[octet] & bit else None

    def _note(self, schema: int) -> str:
        """How many of a schema's tables are open: "12/40"."""
        tables = 0
        for kind in RELATIONS:
            tables |= self._model.of_kind.get(kind, 0)
        inside = next(
            (content & tables for place, content in self._model.schema_members if place == schema),
            0,
        )
        return f"{(inside & self._readable).bit_count()}/{inside.bit_count()}" if inside else ""


def _sets(model: Model, role: int) -> tuple[Rights, ...]:
    """As `_Slot` has them: held, blocked, latent, direct, inherited, grantable."""
    states = model.states(role)
    inherited: Rights = defaultdict(int)
    options: Rights = defaultdict(int)
    for oid in model.inherited_oids(role):
        given, passed_on = model.given(oid)
        for rights, more in ((inherited, given), (options, passed_on)):
            for bit, having in more.items():
                rights[bit] |= having
    direct = model.given(model.roles[role].oid)[0]
    return (
        model.held(role),
        states[State.BLOCKED],
        states[State.LATENT],
        direct,
        inherited,
        options,
    )


def _public(model: Model) -> tuple[Rights, ...]:
    held, options = model.given(PUBLIC)
    reached = model.in_schemas(held.get(USAGE, 0))
    blocked = {bit: having & ~reached for bit, having in held.items()}
    return held, blocked, {}, {}, {}, options
