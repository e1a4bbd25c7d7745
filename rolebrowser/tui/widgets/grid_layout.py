r"""Where the cells of a result are and how a line of them looks: as a table, or as records (`\x`).

Only what is visible is ever formatted, so the number of rows loaded doesn't matter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size

from rolebrowser.connection.loaded import Loaded, Place, matches
from rolebrowser.connection.protocol import Row, Value
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import clean
from rolebrowser.tui import cells

HEADER = -1
"""The number of the table's heading among the lines."""
_LEAST, _MOST = 3, 400
"""Cells of a column that a person sets the width of."""
_LABEL = 30
"""Cells of the column names beside a record, at most."""


@dataclass(frozen=True, slots=True)
class Styles:
    """What cells look like."""

    base: Style
    header: Style
    header_cursor: Style
    cursor: Style
    row: Style
    null: Style
    rule: Style
    match: Style


@dataclass(frozen=True, slots=True)
class View:
    """What of a result is looked at.

    Attributes:
        left, width: the part of each line that is seen, in cells.
        cursor: the active cell.
        active: the cursor's cell itself is to be marked: the grid has focus.
        pattern: cells that hold it are marked.
    """

    left: int
    width: int
    cursor: Place
    active: bool
    pattern: str


class Layout(Protocol):
    """Places of cells, in lines and columns from the top left; the heading is not among them."""

    heading: int
    """Lines of heading, which stay in place."""

    def size(self, width: int) -> Size:
        """Cells and lines the whole result takes where `width` cells are to be seen."""
        ...

    def region(self, place: Place) -> Region:
        """Where a cell is."""
        ...

    def at(self, x: int, line: int) -> Place:
        """The cell there, or the nearest."""
        ...

    def moved(self, place: Place, down: int, right: int) -> Place:
        """The cell so many steps away; may be outside."""
        ...

    def draw(self, line: int, view: View, styles: Styles) -> tuple[int, list[Segment]]:
        """A line: the cell it begins at, at most `view.left`, and what stands there."""
        ...


class TableLayout:
    """A row a line, columns side by side, a heading that stays."""

    heading = 1

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._widths = cells.widths(loaded.columns, ())
        self._set: set[int] = set()
        self._place()

    def measure(self, rows: Iterable[Row]) -> bool:
        """Make room for further rows; widths a person has set stay. True when any has grown."""
        old, before = self._widths, [(n, self._widths[n]) for n in self._set]
        self._widths = cells.widths(self._loaded.columns, rows, self._widths)
        for number, width in before:
            self._widths[number] = width
        self._place()
        return self._widths != old

    def resize(self, column: int, by: int) -> None:
        """Make a column wider or narrower."""
        self._widths[column] = max(_LEAST, min(_MOST, self._widths[column] + by))
        self._set.add(column)
        self._place()

    def fit_heading(self, column: int) -> None:
        """Make room for a column's name and the mark that it is sorted by."""
        width = cell_len(clean(self._loaded.columns[column].name)) + 2
        if column not in self._set:
            self._widths[column] = max(self._widths[column], min(width, cells.LONGEST))
            self._place()

    def _place(self) -> None:
        # A column takes its width, a blank on each side, and the rule to its right.
        self._starts = [0, *accumulate(width + 3 for width in self._widths)]

    def size(self, width: int) -> Size:
        return Size(self._starts[-1], len(self._loaded))

    def region(self, place: Place) -> Region:
        row, column = place
        left, right = self._starts[column], self._starts[column + 1]
        return Region(left, row, right - left, 1)

    def at(self, x: int, line: int) -> Place:
        return line, min(max(0, bisect_right(self._starts, x) - 1), len(self._widths) - 1)

    def moved(self, place: Place, down: int, right: int) -> Place:
        return place[0] + down, place[1] + right

    def draw(self, line: int, view: View, styles: Styles) -> tuple[int, list[Segment]]:
        right = view.left + view.width
        first = self.at(view.left, line)[1]
        values = self._headings() if line == HEADER else self._loaded.row(line)
        base = _base(line, view, styles)
        rule = Segment("│", base + styles.rule)
        segments: list[Segment] = []
        for number in range(first, len(self._widths)):
            if self._starts[number] >= right:
                break
            value = values[number]
            numeric = self._loaded.columns[number].numeric
            # What the edge of the view cuts ends with an ellipsis, too: half a name is no name.
            whole = self._widths[number]
            room = min(whole, right - self._starts[number] - 1)
            text = cells.fitted(value, room, right=numeric and room == whole)
            here = number == view.cursor[1] and line in (HEADER, view.cursor[0])
            style = _style(value, base, view, styles, heading=line == HEADER, here=here)
            segments += [Segment(f" {text} ", style), rule]
        return self._starts[first], segments

    def _headings(self) -> Sequence[Value]:
        names = [column.name for column in self._loaded.columns]
        if (sorting := self._loaded.sorting) is not None:
            arrow, width = "▼" if sorting.descending else "▲", self._widths[sorting.column]
            name = cells.fitted(names[sorting.column], max(0, width - 2)).rstrip()
            names[sorting.column] = f"{name} {arrow}" if width > 2 else arrow
        return names


class RecordLayout:
    """A column a line, records one under the other, as psql's `\\x` shows them."""

    heading = 0

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        names = (cell_len(clean(column.name)) for column in loaded.columns)
        self._label = min(_LABEL, max(names, default=0))
        self._lines = len(loaded.columns) + 1

    def size(self, width: int) -> Size:
        # As wide as there is room: a width here would bring a scrollbar that scrolls nothing.
        return Size(0, len(self._loaded) * self._lines)

    def region(self, place: Place) -> Region:
        row, column = place
        # The first field brings the record's number into view with it.
        above = 1 if column == 0 else 0
        return Region(0, row * self._lines + column + 1 - above, 1, 1 + above)

    def at(self, x: int, line: int) -> Place:
        row, inside = divmod(max(0, line), self._lines)
        return row, max(0, inside - 1)

    def moved(self, place: Place, down: int, right: int) -> Place:
        columns = self._lines - 1
        last = len(self._loaded) * columns - 1
        row, column = divmod(max(0, min(place[0] * columns + place[1] + down, last)), columns)
        return row + right, column

    def draw(self, line: int, view: View, styles: Styles) -> tuple[int, list[Segment]]:
        row, inside = divmod(line, self._lines)
        base = _base(row, view, styles)
        if inside == 0:
            text, rule = f"[ RECORD {row + 1} ]", styles.base + styles.rule
            rest = "─" * max(0, view.width - 1 - len(text))
            return 0, [Segment("─", rule), Segment(text, styles.base), Segment(rest, rule)]
        column = self._loaded.columns[inside - 1]
        value = self._loaded.row(row)[inside - 1]
        here = view.cursor == (row, inside - 1)
        heading = styles.header_cursor if here else styles.header
        style = _style(value, base, view, styles, heading=False, here=here)
        return 0, [
            Segment(f" {cells.fitted(column.name, self._label)} ", base + heading),
            Segment("│", base + styles.rule),
            Segment(f" {cells.fitted(value, max(1, view.width - self._label - 4))} ", style),
        ]


def _base(row: int, view: View, styles: Styles) -> Style:
    if row == HEADER:
        return styles.base + styles.header
    return styles.base + styles.row if row == view.cursor[0] else styles.base


def _style(
    value: Value, base: Style, view: View, styles: Styles, *, heading: bool, here: bool
) -> Style:
    if heading:
        return base + styles.header_cursor if here else base
    if value is None:
        base += styles.null
    elif view.pattern and matches(value, view.pattern):
        base += styles.match
    return base + styles.cursor if here and view.active else base
