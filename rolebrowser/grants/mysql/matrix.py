"""The matrix account × object of a MySQL or MariaDB model: heads of rows and columns, and letters.

Pure. Letters are PostgreSQL's where the words are the same; MySQL's other words have their own.
Tables that no grant names have the cell of their database's others, so that a row costs little.
"""

from __future__ import annotations

from rolebrowser.grants import picture
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.facts import SYSTEM_ACCOUNTS, Facts, Level, Securable, Who, shown
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.privileges import OF_LEVEL, ROUTINE_WORDS
from rolebrowser.grants.mysql.sessions import EVERYBODY
from rolebrowser.grants.mysql.standing import Standing
from rolebrowser.grants.picture import Cell, Letter, ObjectHead, Origin, RoleHead, RoleKind

LETTERS = {
    "a": "INSERT",
    "r": "SELECT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "DROP",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "C": "CREATE",
    "A": "ALTER",
    "i": "INDEX",
    "v": "CREATE VIEW",
    "s": "SHOW VIEW",
    "X": "EXECUTE",
    "P": "PROXY",
    "R": "ALTER ROUTINE",
    "c": "CREATE ROUTINE",
    "T": "CREATE TEMPORARY TABLES",
    "l": "LOCK TABLES",
    "e": "EVENT",
}
"""Each letter's word. DROP is also what TRUNCATE asks for."""

LEVELS: dict[str, tuple[str, tuple[Level, ...]]] = {
    "tables": ("arwdDxtCAivs", (Level.TABLE,)),
    "databases": ("arwdDxtCAivsXRcTle", (Level.DATABASE,)),
    "columns": ("arwx", (Level.COLUMN,)),
    "routines": ("XR", tuple(level for level in Level if OF_LEVEL[level] is ROUTINE_WORDS)),
    "accounts": ("P", (Level.ACCOUNT,)),
}
"""By name: the slots of a cell, and what is shown."""


def levels(things: tuple[Securable, ...]) -> tuple[picture.Level, ...]:
    """The levels that have objects."""
    there = {thing.level for thing in things}
    return tuple(
        picture.Level(name, letters)
        for name, (letters, kinds) in LEVELS.items()
        if there.intersection(kinds)
    )


def role_heads(facts: Facts, accounts: tuple[Who, ...]) -> tuple[RoleHead, ...]:
    """Who reads this, then PUBLIC, then accounts, then roles; by name."""
    heads: list[RoleHead] = []
    for number, who in enumerate(accounts):
        account = facts.account[who]
        kind = RoleKind.GROUP if account.role else RoleKind.LOGIN
        if "SUPER" in account.privileges and not account.role:
            kind = RoleKind.SUPERUSER
        if who == EVERYBODY:
            heads.append(RoleHead(picture.EVERYBODY, who.name, RoleKind.EVERYBODY))
            continue
        system = who.user in SYSTEM_ACCOUNTS
        heads.append(RoleHead(number, who.name, kind, who == facts.user, system))
    return tuple(sorted(heads, key=_order))


def _order(head: RoleHead) -> tuple[bool, bool, bool, str]:
    group = head.kind is RoleKind.GROUP
    return not head.current, head.number != picture.EVERYBODY, group, head.name


def object_heads(
    facts: Facts, things: tuple[Securable, ...], level: picture.Level
) -> tuple[ObjectHead, ...]:
    """The things of a level by name, the server's own last."""
    wanted = LEVELS[level.name][1]
    heads: list[ObjectHead] = []
    for number, thing in enumerate(things):
        if thing.level not in wanted:
            continue
        group, name = shown(thing.database), shown(thing.name)
        if thing.level is Level.DATABASE:
            group, name = "", group
        elif thing.level is Level.COLUMN:
            group, name = f"{group}.{name}", shown(thing.column)
        system = facts.is_system(thing)
        heads.append(ObjectHead(number, group, name, thing.title, False, system))
    heads.sort(key=lambda head: (head.system, head.group, head.name))
    return tuple(heads)


class Row:
    """What one account may do on every object of a level."""

    def __init__(
        self, listing: Listing, who: Who, level: picture.Level, things: tuple[Securable, ...]
    ) -> None:
        self._listing = listing
        self._who = who
        self._letters = level.letters
        self._things = things
        self._known: dict[tuple[str, Level] | int, Cell] = {}

    def cell(self, number: int) -> Cell:
        """One cell."""
        thing = self._things[number]
        named = thing.level is Level.COLUMN or self._listing.model.named(thing)
        key = number if named else (thing.database, thing.level)
        known = self._known.get(key)
        if known is None:
            standings = self._listing.standings.of(self._who, thing)
            letters = tuple(self._letter(letter, standings) for letter in self._letters)
            known = self._known[key] = Cell(letters)
        return known

    def _letter(self, letter: str, standings: dict[str, Standing]) -> Letter | None:
        standing = standings.get(LETTERS[letter])
        if standing is None or standing.state is State.ESCALATABLE:
            return None
        blocked = standing.state is State.BLOCKED
        return Letter(letter, _origin(self._who, standing), standing.grantable, blocked)


def _origin(who: Who, standing: Standing) -> Origin:
    if standing.state is State.LATENT:
        return Origin.LATENT
    if who in standing.holders:
        return Origin.DIRECT
    return Origin.PUBLIC if standing.holders == {EVERYBODY} else Origin.INHERITED
