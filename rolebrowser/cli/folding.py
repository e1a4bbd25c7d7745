"""Tables folded to a terminal's width: long cells go on in the next line of their column. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rolebrowser.connection.psql import char_width

GAP = "  "
LEAST = 16
"""Columns below which no cell is folded: the widest column goes below its row instead."""
INDENT = "    "
NOTHING = ("", "-")
"""Cells that are left out below a row."""
_SAMPLE = 200
_PIECE = re.compile(r"[^\s/:,;-]*[/:,;-]+|[^\s/:,;-]+|\s+")
"""A line may end behind these signs: ARNs and endpoints have no blanks."""


def width(shown: str) -> int:
    """Columns that a text takes."""
    return sum(max(0, char_width(char)) for char in shown)


def table(lines: Sequence[Sequence[str]], columns: int | None = None) -> Iterator[str]:
    """Lines of a table, the first of them its heading.

    Args:
        columns: the terminal's width; None = as wide as it is. Where they don't all go in, columns
            that are empty all through are left out first; then the widest ones go below their rows,
            as many as it takes for the fewest lines.
    """
    natural = [max(map(width, cells)) for cells in zip(*lines, strict=True)]
    kept = list(range(len(natural)))
    needed = sum(natural) + len(GAP) * (len(natural) - 1)
    columns = needed if columns is None else columns
    if needed > columns:
        # A column that says nothing of any row makes room for those that do.
        kept = [at for at in kept if at == 0 or any(line[at] not in NOTHING for line in lines[1:])]
    ways = _ways(natural, kept, columns)
    # The first lines tell: to draw all of many in every way would take its time.
    shortest = min(ways, key=lambda way: sum(1 for _ in _drawn(lines[:_SAMPLE], *way, columns)))
    yield from _drawn(lines, *shortest, columns)


def _ways(
    natural: Sequence[int], kept: Sequence[int], columns: int
) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Which columns may stand side by side, and their widths: all that go in, then ever fewer."""
    while True:
        wanted = [natural[place] for place in kept]
        widths = fitted(wanted, columns)
        if widths is not None or len(kept) == 1:
            yield kept, widths or wanted
        if len(kept) == 1 or widths == wanted:
            return
        widest = max(kept[1:], key=lambda place: natural[place])
        kept = [place for place in kept if place != widest]


def _drawn(
    lines: Sequence[Sequence[str]], kept: Sequence[int], widths: Sequence[int], columns: int
) -> Iterator[str]:
    """The lines with the columns `kept` side by side, the others' cells below their rows."""
    for line in lines:
        yield from _row([line[place] for place in kept], widths)
        if line is lines[0]:
            continue
        for place, (name, cell) in enumerate(zip(lines[0], line, strict=True)):
            if place not in kept and cell not in NOTHING:
                below = folded(f"{name}: {cell}", max(LEAST, columns - len(INDENT)))
                yield from (INDENT + part for part in below)


def _row(line: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [folded(cell, wide) for cell, wide in zip(line, widths, strict=True)]
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        padded = (p + " " * (w - width(p)) for p, w in zip(parts, widths, strict=True))
        yield GAP.join(padded).rstrip()


def fitted(natural: Sequence[int], columns: int) -> list[int] | None:
    """Widths that go into so many columns: the widest give way first, all to the same measure.

    Returns:
        None when even the least that can be read is too wide.
    """
    room = columns - len(GAP) * (len(natural) - 1)
    if sum(natural) <= room:
        return list(natural)
    for cap in range(max(natural), LEAST - 1, -1):
        widths = [min(each, cap) for each in natural]
        if sum(widths) <= room:
            # What the last step took too much goes back to those it was taken from.
            left = room - sum(widths)
            for place, each in enumerate(natural):
                if left and each > cap:
                    widths[place] += 1
                    left -= 1
            return widths
    return None


def folded(text: str, columns: int) -> list[str]:
    """A text in lines of so many columns at most, broken between words where there are any."""
    if width(text) <= columns:
        return [text]
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if line and width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += piece if line or not piece.isspace() else ""
        while width(line.rstrip()) > columns:
            head = _head(line, columns)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()] if line.strip() else lines


def _head(text: str, columns: int) -> str:
    """As much of a text as goes into so many columns, one character at least."""
    taken = 0
    for place, char in enumerate(text):
        taken += max(0, char_width(char))
        if taken > columns and place:
            return text[:place]
    return text
