"""ResultGrid: rows of a result, virtual in both directions, with a cell cursor.

Only what is visible is ever formatted, so the number of rows loaded doesn't matter. More rows are
asked for (`MoreWanted`) as the cursor or the scrollbar nears the end of what is loaded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rolebrowser.connection.protocol import Column, Page, Row, Value
from rolebrowser.tui import cells
from rolebrowser.tui.actions import bindings

_AHEAD = 100
"""Rows left below the view when more are asked for."""


class ResultGrid(ScrollView, can_focus=True):
    """A virtual table of text cells."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--header",
        "grid--header-cursor",
        "grid--cursor",
        "grid--row",
        "grid--null",
        "grid--rule",
    }

    DEFAULT_CSS = """
    ResultGrid {
        height: 1fr;
        background: $surface;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        & > .grid--header { color: $primary; text-style: bold; background: $panel; }
        & > .grid--header-cursor { color: $accent; text-style: bold; background: $panel; }
        & > .grid--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .grid--row { background: $block-cursor-blurred-background; }
        & > .grid--null { color: $text-disabled; text-style: italic; }
        & > .grid--rule { color: $border; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", "Up", show=False),
        Binding("down,j", "move(1, 0)", "Down", show=False),
        Binding("left,h", "move(0, -1)", "Left", show=False),
        Binding("right,l", "move(0, 1)", "Right", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(0, -1)", "First column", show=False),
        Binding("end", "edge(0, 1)", "Last column", show=False),
        Binding("ctrl+home,g", "edge(-1, 0)", "First row", show=False),
        Binding("ctrl+end,G", "edge(1, 0)", "Last row", show=False),
        *bindings("grid"),
    ]

    cursor: reactive[tuple[int, int]] = reactive((0, 0))

    @dataclass
    class MoreWanted(Message):
        """The view nears the end of the loaded rows, and the result has more."""

        grid: ResultGrid

        @property
        def control(self) -> ResultGrid:
            """The grid that wants them."""
            return self.grid

    @dataclass
    class CellCopied(Message):
        """A person asked for this text on the clipboard; the true value, not the drawn one."""

        text: str
        what: str

    @dataclass
    class CellOpened(Message):
        """A person wants to see a whole cell."""

        column: Column
        value: Value

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: tuple[Column, ...] = ()
        self._rows: list[Row] = []
        self._widths: list[int] = []
        self._starts: list[int] = [0]
        self._more = False
        self._asked = False
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)

    @property
    def columns(self) -> Sequence[Column]:
        """The result's columns."""
        return self._columns

    @property
    def row_count(self) -> int:
        """How many rows are loaded."""
        return len(self._rows)

    def row(self, place: int) -> Row:
        """A loaded row, true values."""
        return self._rows[place]

    @property
    def more(self) -> bool:
        """True while the result has rows that aren't loaded."""
        return self._more

    def load(self, columns: Sequence[Column], page: Page) -> None:
        """Show a new result from its first page."""
        self._columns = tuple(columns)
        self._rows = list(page.rows)
        self._widths = cells.widths(self._columns, self._rows)
        self._more = page.more
        self._asked = False
        self.cursor = (0, 0)
        self.scroll_to(0, 0, animate=False)
        self._measure()

    def append(self, page: Page) -> None:
        """Add the next page."""
        self._rows.extend(page.rows)
        self._widths = cells.widths(self._columns, page.rows, self._widths)
        self._more = page.more
        self._asked = False
        self._measure()
        self._want_more()

    def _measure(self) -> None:
        # A column takes its width, a blank on each side, and the rule to its right.
        self._starts = [0, *accumulate(width + 3 for width in self._widths)]
        self.virtual_size = Size(self._starts[-1], len(self._rows) + 1)
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme has changed: what was drawn is stale."""
        super().notify_style_update()
        self._strips.clear()

    def validate_cursor(self, cursor: tuple[int, int]) -> tuple[int, int]:
        """Keep it inside what is loaded."""
        row, column = cursor
        return (
            max(0, min(row, len(self._rows) - 1)),
            max(0, min(column, len(self._columns) - 1)),
        )

    def watch_cursor(self) -> None:
        """Bring the cell into view; ask for more near the end."""
        row, column = self.cursor
        if column + 1 < len(self._starts):
            left, right = self._starts[column], self._starts[column + 1]
            # One line more at the top: the header covers the first line of the view.
            self.scroll_to_region(
                Region(left, row, right - left, 2), animate=False, force=True, immediate=True
            )
        self._want_more()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more near the end."""
        super().watch_scroll_y(old_value, new_value)
        self._want_more()

    def _want_more(self) -> None:
        if not self._more or self._asked:
            return
        seen = max(self.cursor[0], self.scroll_offset.y + self.size.height)
        if seen + _AHEAD >= len(self._rows):
            self._asked = True
            self.post_message(self.MoreWanted(self))

    def render_line(self, y: int) -> Strip:
        """The header, or one visible row; the header stays in place."""
        width = self.scrollable_content_region.width
        left = self.scroll_offset.x
        place = -1 if y == 0 else y - 1 + self.scroll_offset.y
        if not self._columns or place >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        active = self.cursor[1] if place in (-1, self.cursor[0]) else -1
        key = (place, left, width, active, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            start = left - self._starts[self._first(left)]
            strip = self._draw(place, active).crop_extend(start, start + width, self.rich_style)
            self._strips[key] = strip
        return strip

    def _first(self, left: int) -> int:
        return min(max(0, bisect_right(self._starts, left) - 1), len(self._columns) - 1)

    def _draw(self, place: int, active: int) -> Strip:
        left = self.scroll_offset.x
        right = left + self.scrollable_content_region.width
        base = self._row_style(place)
        rule = base + self.get_component_rich_style("grid--rule", partial=True)
        segments: list[Segment] = []
        for number in range(self._first(left), len(self._columns)):
            if self._starts[number] >= right:
                break
            column, width = self._columns[number], self._widths[number]
            value = column.name if place < 0 else self._rows[place][number]
            text = cells.fitted(value, width, right=column.numeric)
            style = self._cell_style(place, base, value, number == active)
            segments += [Segment(f" {text} ", style), Segment("│", rule)]
        return Strip(segments)

    def _row_style(self, place: int) -> Style:
        if place < 0:
            return self.rich_style + self.get_component_rich_style("grid--header")
        if place == self.cursor[0]:
            return self.rich_style + self.get_component_rich_style("grid--row")
        return self.rich_style

    def _cell_style(self, place: int, base: Style, value: Value, active: bool) -> Style:
        if place < 0:
            return base + self.get_component_rich_style("grid--header-cursor") if active else base
        if value is None:
            base += Style(color=self.get_component_rich_style("grid--null").color, italic=True)
        if active and self.has_focus:
            base += self.get_component_rich_style("grid--cursor")
        return base

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        self.cursor = (self.cursor[0] + rows, self.cursor[1] + columns)

    def action_page(self, direction: int) -> None:
        """A screenful up or down."""
        self.action_move(direction * max(1, self.size.height - 2), 0)

    def action_edge(self, rows: int, columns: int) -> None:
        """To the first or last row or column that is loaded."""
        row, column = self.cursor
        if rows:
            row = 0 if rows < 0 else len(self._rows)
        if columns:
            column = 0 if columns < 0 else len(self._columns)
        self.cursor = (row, column)

    def _here(self) -> tuple[Column, Value] | None:
        row, column = self.cursor
        if row < len(self._rows) and column < len(self._columns):
            return self._columns[column], self._rows[row][column]
        return None

    def action_copy_cell(self) -> None:
        """The cell's true value to the clipboard."""
        here = self._here()
        if here is not None:
            self.post_message(self.CellCopied(here[1] or "", "cell"))

    def action_copy_row(self) -> None:
        """The row's true values, tab-separated."""
        if self._rows:
            text = "\t".join(value or "" for value in self._rows[self.cursor[0]])
            self.post_message(self.CellCopied(text, "row"))

    def action_view_cell(self) -> None:
        """Open the cell viewer."""
        here = self._here()
        if here is not None:
            self.post_message(self.CellOpened(*here))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click opens the cell."""
        if event.y == 0 or not self._columns:
            return
        row = event.y - 1 + self.scroll_offset.y
        column = self._first(event.x + self.scroll_offset.x)
        if row < len(self._rows):
            self.cursor = (row, column)
            if event.chain > 1:
                self.action_view_cell()
