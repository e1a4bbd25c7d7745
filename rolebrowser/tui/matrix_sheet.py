"""Sheet: the matrix as lines of styled pieces: what stands where, and how it is drawn.

Knows no widget: a `View` says what of it is in sight, a function gives the styles by name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from rolebrowser.grants.picture import Level, ObjectHead, RightsRow, RoleHead
from rolebrowser.tui import matrix_cells
from rolebrowser.tui.matrix_cells import ColumnHead
from rolebrowser.tui.matrix_changes import CHANGED, ComparedRow

HEADER = 2
"""Lines of the header: what the columns lie in, and their names."""

Styles = Callable[[str], Style]


class View(NamedTuple):
    """What of a line is in sight.

    Attributes:
        left: the first cell of the columns, counted from the first column.
        width, side: of the whole line, and of the roles' names in it, in cells.
        active: the column under the cursor; -1 when it isn't in this line.
        here: the cursor is in this line.
        focused: the matrix has focus.
    """

    left: int
    width: int
    side: int
    active: int
    here: bool
    focused: bool


class Sheet:
    """Roles down, columns across.

    Attributes:
        starts: where each column begins, a blank or a rule to its left included, and the end.
        rows: by role number those that are there.
    """

    def __init__(
        self,
        roles: Sequence[RoleHead],
        columns: Sequence[ColumnHead],
        level: Level,
        rows: Mapping[int, RightsRow],
    ) -> None:
        self.roles = roles
        self.rows = rows
        self.objects: Sequence[ObjectHead] = [column.head for column in columns]
        self.starts = [0, *accumulate(column.width + 1 for column in columns)]
        self._names = [column.name for column in columns]
        self._level = level
        self._cells: LRUCache[tuple[int, int, bool, bool], list[Segment]] = LRUCache(4096)

    def forget(self) -> None:
        """Rows have come, or styles are others: what was drawn is stale."""
        self._cells.clear()

    def first(self, left: int) -> int:
        """The column at a cell."""
        return min(max(0, bisect_right(self.starts, left) - 1), max(0, len(self.objects) - 1))

    def draw(self, place: int, view: View, plain: Style, styles: Styles) -> Strip:
        """A line.

        Args:
            place: a row; -2 and -1 are the header's.
            plain: the widget's own style.
        """
        base = self._base(place, view, plain, styles)
        side = Strip(self._draw_side(place, view.side, base, styles))
        side = side.adjust_cell_length(view.side, base)
        room = max(0, view.width - view.side)
        first = self.first(view.left)
        segments: list[Segment] = []
        for column in range(first, len(self.objects)):
            if self.starts[column] >= view.left + room:
                break
            segments += self._draw_column(place, column, view, base, styles)
        skipped = view.left - self.starts[first] if self.objects else 0
        return Strip.join((side, Strip(segments).crop_extend(skipped, skipped + room, base)))

    def _base(self, place: int, view: View, plain: Style, styles: Styles) -> Style:
        if place < 0:
            return plain + styles("group" if place == -HEADER else "header")
        return plain + styles("row") if view.here else plain

    def _draw_side(self, place: int, side: int, base: Style, styles: Styles) -> list[Segment]:
        if place < 0:
            text = matrix_cells.corner(self.roles, self._level, place == -HEADER)
            return [Segment(matrix_cells.cut(f" {text}", side), base)]
        head = self.roles[place]
        style = base + styles("current") if head.current else base
        sign = base + styles(matrix_cells.SIGN_STYLES[head.kind])
        name = matrix_cells.cut(matrix_cells.clean(head.name), side - 4)
        return [Segment(f" {matrix_cells.SIGNS[head.kind]} ", sign), Segment(name, style)]

    def _draw_column(
        self, place: int, column: int, view: View, base: Style, styles: Styles
    ) -> list[Segment]:
        if place < 0:
            return self._draw_head(place, column, view, base, styles)
        head = self.objects[column]
        if self._seen(column, view) < matrix_cells.width("", head, self._level):
            # Half of its letters, or all without their signs, would tell of other rights.
            rule = Segment("│" if self._edge(column) else " ", base + styles("rule"))
            return [rule, Segment(matrix_cells.WAITING, base + styles("nothing"))]
        # A step to the right moves all lines: of each all cells but one have been drawn before.
        under = column == view.active and view.focused
        key = (place, column, view.here, under)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = self._draw_cell(place, column, base, styles, under=under)
        return cell

    def _edge(self, column: int) -> bool:
        """Whether a group begins there."""
        return column == 0 or self.objects[column - 1].group != self.objects[column].group

    def _draw_head(
        self, place: int, column: int, view: View, base: Style, styles: Styles
    ) -> list[Segment]:
        edge = self._edge(column)
        rule = Segment("│" if edge else " ", base + styles("rule"))
        if place == -HEADER:
            if edge or column == self.first(view.left):
                group, seen = self._group(column, view.left), self._seen(column, view)
                if len(group) > seen:  # the last one in view
                    group = matrix_cells.cut(group.rstrip(), seen)
                return [rule, Segment(group, base)]
            return []
        style = base + styles("here") if column == view.active else base
        width = min(self._width(column), self._seen(column, view))
        return [rule, Segment(matrix_cells.fit(self._names[column], width), style)]

    def _seen(self, column: int, view: View) -> int:
        """The cells of a column, its rule apart, up to the right edge of the view."""
        return view.left + view.width - view.side - self.starts[column] - 1

    def _width(self, column: int) -> int:
        return self.starts[column + 1] - self.starts[column] - 1

    def _draw_cell(
        self, place: int, column: int, base: Style, styles: Styles, *, under: bool
    ) -> list[Segment]:
        """A cell, the rule to its left included.

        Args:
            under: the cursor is on it, and the matrix has focus.
        """
        number = self.objects[column].number
        rule = Segment("│" if self._edge(column) else " ", base + styles("rule"))
        row = self.rows.get(self.roles[place].number)
        if isinstance(row, ComparedRow) and row.changed(number):
            rule = Segment(CHANGED, base + styles("changed"))
        if under:
            base += styles("cursor")
        cell = row.cell(number) if row is not None else None
        pieces = matrix_cells.pieces(cell, self._width(column))
        return [rule, *(Segment(text, base + styles(name)) for text, name in pieces)]

    def _group(self, column: int, scrolled: int) -> str:
        """A group's name over all its columns; the one that is half out of view at the left too."""
        group = self.objects[column].group
        last = column
        while last + 1 < len(self.objects) and self.objects[last + 1].group == group:
            last += 1
        left = self.starts[column] + 1
        hidden = max(0, scrolled - left)
        room = self.starts[last + 1] - left
        return " " * min(hidden, room) + matrix_cells.fit(
            matrix_cells.clean(group), max(0, room - hidden)
        )
