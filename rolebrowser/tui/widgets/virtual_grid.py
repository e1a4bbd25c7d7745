"""VirtualGrid: rows of a result, virtual in both directions, with a cell cursor.

Where cells are and how they look is a layout's (grid_layout.py), which rows there are `Loaded`'s.
More rows are asked for (`MoreWanted`) as the cursor or the scrollbar nears the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rolebrowser.connection.loaded import Loaded, Place
from rolebrowser.connection.protocol import Page, Row, Value
from rolebrowser.tui.widgets.cell_keys import CELL_KEYS
from rolebrowser.tui.widgets.grid_layout import (
    HEADER,
    Layout,
    RecordLayout,
    Styles,
    TableLayout,
    View,
)

_AHEAD = 100
"""Rows left below the view when more are asked for."""


class VirtualGrid(ScrollView, can_focus=True):
    """Draws what of a result is in view; moves the cursor about."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--header",
        "grid--header-cursor",
        "grid--cursor",
        "grid--row",
        "grid--null",
        "grid--rule",
        "grid--match",
    }

    DEFAULT_CSS = """
    VirtualGrid {
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
        & > .grid--match { color: $text-warning; text-style: bold underline; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*CELL_KEYS]

    cursor: reactive[Place] = reactive((0, 0))

    @dataclass
    class Asked(Message):
        """Base of what only others can do for a grid."""

        grid: VirtualGrid

        @property
        def control(self) -> VirtualGrid:
            """The grid that asks."""
            return self.grid

    class MoreWanted(Asked):
        """The view nears the end of the loaded rows, and the result has more."""

    class Arranged(Asked):
        """Rows or their order have changed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.loaded = Loaded()
        self._table = TableLayout(self.loaded)
        self._layout: Layout = self._table
        self._asked = False
        self._pattern = ""
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._styles: Styles | None = None

    @property
    def row_count(self) -> int:
        """How many rows are loaded."""
        return len(self.loaded)

    def row(self, place: int) -> Row:
        """A row as shown, true values."""
        return self.loaded.row(place)

    @property
    def more(self) -> bool:
        """True while the result has rows to be loaded: there are some, and no limit forbids it."""
        return self.loaded.more and not self.loaded.limited

    def load(self, loaded: Loaded) -> None:
        """Show a result from its first row."""
        self.loaded = loaded
        self._table = TableLayout(loaded)
        self._table.measure(loaded)
        self._layout = RecordLayout(loaded) if self.vertical else self._table
        self._asked = False
        self._pattern = ""
        self.cursor = (0, 0)
        self.scroll_to(0, 0, animate=False)
        self._rearranged()

    def append(self, page: Page) -> None:
        """Add the next page."""
        self.loaded.append(page)
        self._table.measure(page.rows)
        self.grown()

    def grown(self) -> None:
        """Rows were added to `loaded`, or it was found to have no more."""
        self._asked = False
        self._rearranged()
        self._want_more()

    @property
    def vertical(self) -> bool:
        """Rows are shown as records."""
        return isinstance(self._layout, RecordLayout)

    # ── drawing ──────────────────────────────────────────────────────────────────────────────

    def _rearranged(self) -> None:
        self._make_room()
        self._resized()
        self.post_message(self.Arranged(self))

    def _make_room(self) -> bool:
        """Measure what is in view; True when a column has grown.

        Of what a thread has loaded nothing was measured, and a million rows would take too long.
        """
        if self.vertical or not self.loaded.columns:
            return False
        top = self.scroll_offset.y
        seen = range(top, min(len(self.loaded), top + self.size.height))
        return self._table.measure(self.loaded.row(place) for place in seen)

    def _resized(self) -> None:
        self._strips.clear()
        width = self.scrollable_content_region.width
        size = self._layout.size(width)
        self.virtual_size = Size(size.width, size.height + self._layout.heading)
        self.refresh()

    def on_resize(self) -> None:
        """Records are as wide as there is room; of a table further rows come into view."""
        if self.vertical:
            self._rearranged()
        elif self._make_room():
            self._resized()

    def notify_style_update(self) -> None:
        """The theme has changed: what was drawn is stale."""
        super().notify_style_update()
        self._strips.clear()
        self._styles = None

    def render_line(self, y: int) -> Strip:
        """The heading, which stays in place, or what of the rows is visible there."""
        x, top = self.scroll_offset
        width = self.scrollable_content_region.width
        heading = self._layout.heading
        line = HEADER if y < heading else y - heading + top
        if not self.loaded.columns or line >= self.virtual_size.height - heading:
            return Strip.blank(width, self.rich_style)
        row = self._layout.at(0, line)[0]
        cursor = self.cursor if line == HEADER or row == self.cursor[0] else (-1, -1)
        key = (line, x, width, cursor, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            view = View(x, width, self.cursor, self.has_focus, self._pattern)
            start, segments = self._layout.draw(line, view, self._looks())
            strip = Strip(segments).crop_extend(x - start, x - start + width, self.rich_style)
            self._strips[key] = strip
        return strip

    def _looks(self) -> Styles:
        if self._styles is None or self._styles.base != self.rich_style:
            names = ("header", "header-cursor", "cursor", "row")
            whole = (self.get_component_rich_style(f"grid--{name}") for name in names)
            marks = (self._mark(f"grid--{name}") for name in ("null", "rule", "match"))
            self._styles = Styles(self.rich_style, *whole, *marks)
        return self._styles

    def _mark(self, name: str) -> Style:
        """A component's style without its background, which is the row's."""
        # Not Textual's partial style: that doesn't blend colours such as $text-disabled.
        style = self.get_component_rich_style(name)
        return Style(
            color=style.color, bold=style.bold, italic=style.italic, underline=style.underline
        )

    # ── the cursor ───────────────────────────────────────────────────────────────────────────

    def validate_cursor(self, cursor: Place) -> Place:
        """Keep it inside what is loaded."""
        row, column = cursor
        return (
            max(0, min(row, len(self.loaded) - 1)),
            max(0, min(column, len(self.loaded.columns) - 1)),
        )

    def watch_cursor(self) -> None:
        """Bring the cell into view; ask for more near the end."""
        if self.loaded.columns:
            region = self._layout.region(self.cursor)
            # The heading covers the first lines of the view.
            covered = Region(region.x, region.y, region.width, region.height + self._layout.heading)
            self.scroll_to_region(covered, animate=False, force=True, immediate=True)
        self._want_more()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more near the end."""
        super().watch_scroll_y(old_value, new_value)
        if self._make_room():
            self._resized()
        self._want_more()

    def _want_more(self) -> None:
        if not self.more or self._asked:
            return
        bottom = self._layout.at(0, self.scroll_offset.y + self.size.height)[0]
        if max(self.cursor[0], bottom) + _AHEAD >= len(self.loaded):
            self._asked = True
            self.post_message(self.MoreWanted(self))

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor."""
        self.cursor = self._layout.moved(self.cursor, down, right)

    def action_page(self, direction: int) -> None:
        """A screenful up or down."""
        self.action_move(direction * max(1, self.size.height - 2), 0)

    def action_edge(self, rows: int, columns: int) -> None:
        """To the first or last row or column that is loaded."""
        row, column = self.cursor
        if rows:
            row = 0 if rows < 0 else len(self.loaded)
        if columns:
            column = 0 if columns < 0 else len(self.loaded.columns)
        self.cursor = (row, column)

    def _value(self) -> Value:
        row, column = self.cursor
        return self.loaded.row(row)[column]
