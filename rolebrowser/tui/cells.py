"""How a value of a result is drawn in one line, and how wide columns get. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from rolebrowser.connection.protocol import Column, Row, Value
from rolebrowser.safetext import clean

NULL = "NULL"
LONGEST = 50
"""A column is drawn no wider than this; the cell viewer shows the whole."""
_READ_AHEAD = 4 * LONGEST
_BREAKS = str.maketrans({"\n": "↵", "\t": "→"})


def one_line(value: Value, limit: int = _READ_AHEAD) -> str:
    """A cell's text in one line, cleaned; line breaks as ↵, tabs as →. NULL as the word.

    Args:
        limit: characters looked at, so that a cell of megabytes costs no more than others.
    """
    if value is None:
        return NULL
    return clean(value[:limit].replace("\r\n", "\n").translate(_BREAKS))


def fitted(value: Value, width: int, *, right: bool = False) -> str:
    """`one_line` in exactly `width` cells, cut with an ellipsis, aligned left or right."""
    text = one_line(value, max(_READ_AHEAD, 2 * width))
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if right else text + padding


def widths(columns: Sequence[Column], rows: Iterable[Row], least: Sequence[int] = ()) -> list[int]:
    """The width of each column: its widest cell or heading, at most LONGEST cells.

    Args:
        least: the widths so far; columns never shrink while one looks at them.
    """
    found = list(least) or [min(LONGEST, max(1, cell_len(clean(c.name)))) for c in columns]
    for row in rows:
        for place, value in enumerate(row):
            if value is not None and len(value) <= found[place] and value.isascii():
                continue
            if found[place] < LONGEST:
                length = cell_len(one_line(value))
                if length > found[place]:
                    found[place] = min(LONGEST, length)
    return found
