"""A row of a list as data: spans at the left, spans at the right, fitted to a width. Pure.

What a row says is decided here and in `rows/`, by functions of data and time; `RowList` only
paints. That way every row can be table-tested without a terminal.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from rolebrowser.frozen import dataclass
from rolebrowser.safetext import SafeText, clean

ELLIPSIS = "…"
_LEAST = 4
"""Characters of a span's beginning that say anything: fewer are left out."""
_LEAST_NAME = 10
"""Cells in which both ends of a name say something."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line.

    Attributes:
        style: names a component class of RowList without its prefix.
        name: where room is short its middle gives way: many names differ only at the end.
    """

    text: SafeText
    style: str = ""
    name: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what stands left and is cut when space is short, what stands right and isn't."""

    left: tuple[Span, ...]
    right: tuple[Span, ...] = ()


def span(text: str, style: str = "") -> Span:
    """A span of foreign or own text, cleaned."""
    return Span(clean(text), style)


def named(text: str, style: str = "") -> Span:
    """A span with a name, cleaned."""
    return Span(clean(text), style, name=True)


def line(*left: Span | str, right: tuple[Span | str, ...] = ()) -> Line:
    """A line; strings become plain spans."""
    return Line(
        tuple(part if isinstance(part, Span) else span(part) for part in left),
        tuple(part if isinstance(part, Span) else span(part) for part in right),
    )


def fit(wanted: Line, width: int) -> tuple[Span, ...]:
    """The spans of `wanted` in exactly `width` cells.

    The left part is cut with an ellipsis; the right part yields only when it alone is too wide.
    """
    if width <= 0:
        return ()
    right = _cut(wanted.right, width)
    room = width - _width(right)
    gap = 1 if right else 0
    left = _cut(wanted.left, max(0, room - gap))
    filler = Span(SafeText(" " * (width - _width(left) - _width(right))))
    return (*left, filler, *right)


def _width(spans: tuple[Span, ...]) -> int:
    return sum(cell_len(each.text) for each in spans)


def _ends(text: str, room: int) -> str:
    """The beginning of a text, an ellipsis, and its end, in `room` cells."""
    behind = (room - 1) // 3
    tail = text[-behind:]
    while cell_len(tail) > behind:
        tail = tail[1:]
    return set_cell_size(text, room - 1 - cell_len(tail)) + ELLIPSIS + tail


def _begun(text: str, room: int, more: bool) -> str:
    """The beginning of a text and an ellipsis, in at most `room` cells.

    Args:
        more: it follows another: a letter or two of it say nothing, and an ellipsis right behind
            a whole name would say that the name is cut.
    """
    begun = set_cell_size(text, room - 1)
    blanks = len(text) - len(text.lstrip())
    if more and len(begun.strip()) < _LEAST:
        begun = " " * min(blanks, room - 1)
        return begun + ELLIPSIS if begun or not blanks else ""
    return begun.rstrip() + ELLIPSIS


def _cut(spans: tuple[Span, ...], width: int) -> tuple[Span, ...]:
    if _width(spans) <= width:
        return spans
    kept: list[Span] = []
    for each in spans:
        room = width - _width(tuple(kept))
        if cell_len(each.text) < room + each.name:
            kept.append(each)
            continue
        if room > 0 and not (kept and kept[-1].text.endswith(ELLIPSIS)):
            short = room >= _LEAST_NAME and each.name
            text = (
                _ends(each.text, room)
                if short
                else _begun(each.text, room, bool(kept) and not each.name)
            )
            kept.append(Span(SafeText(text), each.style))
        break
    return tuple(kept)
