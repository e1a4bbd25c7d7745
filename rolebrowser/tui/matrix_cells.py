"""What a cell of the grant matrix says, as styled pieces of a fixed width. Pure.

Letters stand in fixed places, as in `ls -l`, so that the eye can run down a column; behind them
the signs that hold for the cell: `✗` something is held without USAGE, `⇒` something comes only by
SET ROLE, `*` something may be granted on, a lock where policies decide which rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from rolebrowser.grants.picture import Cell, Letter, Level, ObjectHead, Origin, RoleHead, RoleKind
from rolebrowser.safetext import clean

# Not the padlock: terminals and fonts disagree about how wide an emoji is, and columns go astray.
LOCK = "≣"
NOTHING = "·"
WAITING = "…"
_SIGNS = 3
"""Room behind the letters for `✗⇒*`; a lock takes two cells more."""
_LONGEST = 18
"""A column is no wider for its name; the pane below has the whole."""

_OF_ORIGIN = {
    Origin.DIRECT: "direct",
    Origin.INHERITED: "inherited",
    Origin.PUBLIC: "public",
    Origin.SUPERUSER: "superuser",
    Origin.LATENT: "latent",
}
STYLES = (
    *_OF_ORIGIN.values(),
    "blocked",
    "public-blocked",
    "grantable",
    "locked",
    "nothing",
    "note",
)
"""The names of styles that `pieces` uses; GrantMatrix has a component class for each."""

SIGNS = {
    RoleKind.LOGIN: "●",
    RoleKind.GROUP: "○",
    RoleKind.SUPERUSER: "★",
    RoleKind.EVERYBODY: "∗",
}
SIGN_STYLES = {
    RoleKind.LOGIN: "direct",
    RoleKind.GROUP: "quiet",
    RoleKind.SUPERUSER: "superuser",
    RoleKind.EVERYBODY: "quiet",
}


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis when something is missing."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` cells."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


class ColumnHead(NamedTuple):
    """A column's head with what is made of it once: five thousand of them take their time.

    Attributes:
        name: as it is drawn, whole.
        width: of the column, in cells.
        folded: what a filter is matched with.
    """

    head: ObjectHead
    name: str
    width: int
    folded: str


def columns(heads: Iterable[ObjectHead], level: Level) -> list[ColumnHead]:
    """The columns of a level."""
    found: list[ColumnHead] = []
    for head in heads:
        name = column_name(head)
        folded = f"{head.group}.{head.name}".lstrip(".").casefold()
        found.append(ColumnHead(head, name, width(name, head, level), folded))
    return found


def role_name(head: RoleHead) -> str:
    """A row's head, whole."""
    return f" {SIGNS[head.kind]} {clean(head.name)}"


def column_name(head: ObjectHead) -> str:
    """A column's head, whole, its lock included."""
    return clean(head.name) + f" {LOCK}" * head.rls


def width(name: str, head: ObjectHead, level: Level) -> int:
    """How wide a column is, in cells."""
    note = 6 if level.name == "schemas" else 0
    least = len(level.letters) + _SIGNS + 2 * head.rls + note
    return max(least, min(cell_len(name), _LONGEST))


def corner(heads: Iterable[RoleHead], level: Level, upper: bool) -> str:
    """The two lines of the corner."""
    if upper:
        return level.name
    roles = _roles(heads)
    return f"{roles:,} role{'' if roles == 1 else 's'}"


def _roles(heads: Iterable[RoleHead]) -> int:
    """How many there are; PUBLIC has a row, and is none."""
    return sum(head.kind is not RoleKind.EVERYBODY for head in heads)


def people(
    shown: Iterable[RoleHead], heads: Sequence[RoleHead], *, system: bool
) -> tuple[str, str]:
    """How many roles show, and why not all: `9 of 22 roles`, ` (13 of the server's own: S)`.

    Args:
        shown: those that pass the filter.
        system: the server's own show.
    """
    there, seen = _roles(heads), _roles(shown)
    hidden = 0 if system else sum(head.system for head in heads)
    text = f"{seen:,} role{'' if seen == 1 else 's'}"
    if seen != there:
        text = f"{seen:,} of {there:,} roles"
    return text, f" · S shows {hidden:,} roles of the server's own" if hidden else ""


def letters(cell: Cell) -> str:
    """A cell in plain letters, grant options and what is only latent or blocked marked."""
    return "".join(
        each.letter + "*" * each.grantable + "⇒" * (each.origin is Origin.LATENT)
        + "✗" * each.blocked
        for each in cell.letters
        if each is not None
    )  # fmt: skip


def pieces(cell: Cell | None, room: int) -> Iterator[tuple[str, str]]:
    """(text, style) of a cell, `room` cells in all; None = not known yet."""
    if cell is None:
        yield fit(WAITING, room), "nothing"
        return
    empty = not any(cell.letters)
    if empty and not cell.note:
        yield fit(NOTHING, room), "nothing"
        return
    used = 0
    for text, style in (*_joined(cell), *_signs(cell)):
        if used + cell_len(text) > room:
            break
        used += cell_len(text)
        yield text, style
    yield " " * (room - used), "nothing"


def _joined(cell: Cell) -> Iterator[tuple[str, str]]:
    """The letters, those of one style as one piece."""
    text, style = "", ""
    for letter in cell.letters:
        name = _style(letter)
        if name != style and text:
            yield text, style
            text = ""
        text += letter.letter if letter is not None else NOTHING
        style = name
    yield text, style


def _style(letter: Letter | None) -> str:
    if letter is None:
        return "nothing"
    if not letter.blocked:
        return _OF_ORIGIN[letter.origin]
    # What everybody has been granted and few can use is no alarm.
    return "public-blocked" if letter.origin is Origin.PUBLIC else "blocked"


def _signs(cell: Cell) -> Iterator[tuple[str, str]]:
    there = [letter for letter in cell.letters if letter is not None]
    blocked = {_style(letter) for letter in there if letter.blocked}
    if blocked:
        yield "✗", min(blocked)
    if any(letter.origin is Origin.LATENT for letter in there):
        yield "⇒", "latent"
    if any(letter.grantable for letter in there):
        yield "*", "grantable"
    if cell.locked:
        yield LOCK, "locked"
    if cell.note:
        yield f" {cell.note}", "note"
