"""RowList: a list of any length in which only visible rows are ever drawn.

It takes items and a pure function item → `Line`; it knows nothing of what the items mean.
`tick` redraws the visible rows for live clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rolebrowser.tui.line import Line, fit

T = TypeVar("T")

_TOKENS = {"good": "success", "warn": "warning", "bad": "error", "accent": "accent"}
_BOLD = ("strong", "heading")
_QUIET = 0.72
"""How bright what matters less is: 4.5 : 1 and more, on the cursor too (WCAG AA)."""
_SAID = 24
"""Lines that may say why there is no item."""


class RowList(ScrollView, Generic[T], can_focus=True):
    """A virtual list of one-line rows with a cursor.

    Args:
        draw: gives a row's line for a time (aware UTC).
        selectable: False for headings and the like: the cursor skips them.
        empty: what to say when there is nothing.
        steered: an input beside it has the focus and moves the cursor, which shows as if it were
            here.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-list--cursor",
        "row-list--cursor-blurred",
        "row-list--hover",
    }

    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        background: $surface;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .row-list--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
        & > .row-list--cursor-blurred { background: $block-cursor-blurred-background; }
        & > .row-list--hover { background: $panel; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Up", show=False),
        Binding("down,j", "cursor(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "select", "Select", show=False),
    ]

    cursor = reactive(-1)

    class Told(Message):
        """Something happened to an item of a list."""

        def __init__(self, rows: RowList, item: object) -> None:
            super().__init__()
            self.rows = rows
            self.item = item

        @property
        def control(self) -> RowList:
            """The list it happened in."""
            return self.rows

    class Highlighted(Told):
        """The cursor came to stand on an item."""

    class Selected(Told):
        """Enter or a click on an item."""

    def __init__(
        self,
        draw: Callable[[T, datetime], Line],
        *,
        selectable: Callable[[T], bool] = lambda item: True,
        empty: str = "",
        steered: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._styles: dict[str, Style] = {}
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._selectable = selectable
        self._items: list[T] = []
        self._drawn: dict[int, Line] = {}
        self._empty = empty
        self._steered = steered
        self._failed = False
        self._hovered = -1
        self._base = Style()
        self._blank = Strip([])

    @property
    def items(self) -> Sequence[T]:
        """What is listed now."""
        return self._items

    @property
    def marked(self) -> bool:
        """Whether the cursor's row has a mark as well as a colour."""
        return self.has_focus or self._steered

    @property
    def current(self) -> T | None:
        """The item under the cursor."""
        return self._items[self.cursor] if 0 <= self.cursor < len(self._items) else None

    def set_items(
        self,
        items: Sequence[T],
        *,
        keep: Callable[[T], object] | None = None,
        alike: bool = False,
    ) -> None:
        """Replace the items.

        Args:
            keep: identifies an item; the cursor stays on the one it stood on, if still there.
            alike: an item that is in its place already looks as it did, and isn't drawn anew.
        """
        held = self.current
        old, self._items = self._items, list(items)
        if not (alike and old and self._items):
            old = []
            self._drawn.clear()
        self._sized(Size(0, len(self._items)))
        place = -1
        if keep is not None and held is not None:
            wanted = keep(held)
            place = next((n for n, item in enumerate(self._items) if keep(item) == wanted), -1)
        before = self.cursor
        self.cursor = place if place >= 0 else self._next(-1, 1)
        if self.cursor == before and self.current is not None and self.current != held:
            # The same place, another item: a reactive doesn't see that. It is from us, whoever
            # called: Textual stops a message at its sender, which would be the column around us.
            self.post_message(self.Highlighted(self, self.current).set_sender(self))
        self._show_cursor()
        self._refresh_but(old)

    def _refresh_but(self, old: Sequence[T]) -> None:
        """Draw the rows in view, without those that were there before."""
        if not old:
            self.refresh()
            return
        new, top = self._items, self.scroll_offset.y
        for place in [each for each in self._drawn if not _same(old, new, each)]:
            del self._drawn[place]
        height, width = self.scrollable_content_region.height, self.size.width
        changed = [Region(0, y, width, 1) for y in range(height) if not _same(old, new, top + y)]
        if changed:
            self.refresh(*changed)

    def _sized(self, size: Size) -> None:
        """Take the list's new height. Textual lays the whole screen out for it; nothing moves
        where the scrollbar stays, or stays away, and the height isn't the list's own."""
        room = self.container_size.height
        before = self.virtual_size.height
        if not room or self.styles.is_auto_height or (before > room) != (size.height > room):
            self.virtual_size = size
        elif size.height != before:
            self.set_reactive(cast("Any", RowList.virtual_size), size)
            self._scroll_update(size)

    def say(self, text: str, *, failed: bool = False) -> None:
        """What to show while there are no items.

        Args:
            failed: its first line says what went wrong.
        """
        self._empty, self._failed = text, failed
        if not self._items:
            self.refresh()

    def tick(self) -> None:
        """Time has passed: draw those of the visible rows anew that say something else now."""
        if not self._items or not self.is_attached:
            return
        top, now = self.scroll_offset.y, datetime.now(UTC)
        visible = range(self.scrollable_content_region.height)
        changed = [
            Region(0, y, self.size.width, 1)
            for y in visible
            if top + y in self._drawn
            and top + y < len(self._items)
            and self._drawn[top + y] != self._draw(self._items[top + y], now)
        ]
        if changed:
            self.refresh(*changed)

    def validate_cursor(self, cursor: int) -> int:
        """Keep it within the items; -1 = none."""
        return min(cursor, len(self._items) - 1)

    def watch_cursor(self) -> None:
        """Tell who listens, and bring the row into view."""
        self._show_cursor()
        self.refresh()
        item = self.current
        if item is not None:
            self.post_message(self.Highlighted(self, item))

    def on_resize(self) -> None:
        """The row under the cursor stays in view."""
        self._show_cursor()

    def move_to(self, matches: Callable[[T], bool]) -> bool:
        """Put the cursor on the first item that matches; False when there is none."""
        for place, item in enumerate(self._items):
            if matches(item):
                self.cursor = place
                return True
        return False

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a region; what they share is worked out once."""
        self._base = self.rich_style
        self._blank = Strip.blank(self.scrollable_content_region.width, self._base)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        width = self._blank.cell_length
        place = y + self.scroll_offset.y
        base = self._base
        if not self._items and self._empty and y < _SAID:
            return self._empty_line(y, width)
        if place >= len(self._items):
            return self._blank
        on_cursor = place == self.cursor
        if on_cursor:
            name = "cursor" if self.marked else "cursor-blurred"
            base += self.get_component_rich_style(f"row-list--{name}")
        elif place == self._hovered:
            base += self.get_component_rich_style("row-list--hover")
        mark = "▌" if on_cursor and self.marked else " "
        self._drawn[place] = drawn = self._draw(self._items[place], datetime.now(UTC))
        spans = fit(drawn, max(0, width - 2))
        segments = [Segment(mark, base)]
        for each in spans:
            style = base
            if each.style:
                style += self._span_style(each.style)
            segments.append(Segment(each.text, style))
        segments.append(Segment(" ", base))
        return Strip(segments, width)

    def _span_style(self, name: str) -> Style:
        """The style of a span. From the theme itself rather than component classes: ten of those
        in each of three lists cost a tenth of the time to the first paint (measured)."""
        known = self._styles.get(name)
        if known is None:
            variables = self.app.theme_variables
            color = None
            if name in _TOKENS:
                color = Color.parse(variables[_TOKENS[name]])
            elif name in ("dim", "heading"):
                front, back = (
                    Color.parse(variables["foreground"]),
                    Color.parse(variables["surface"]),
                )
                color = back.blend(front, _QUIET, alpha=1.0) if front.ansi is None else None
            known = Style(
                color=color.rich_color if color is not None else None,
                bold=True if name in _BOLD else None,
                dim=True if color is None and name == "dim" else None,
            )
            self._styles[name] = known
        return known

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self._styles.clear()

    def _empty_line(self, y: int, width: int) -> Strip:
        what, newline, more = self._empty.partition("\n")
        room = max(1, width - 4)
        first = Text(what).wrap(self.app.console, room)
        lines = [*first, *(Text(more).wrap(self.app.console, room) if newline else ())]
        text = lines[y].plain.rstrip() if y < len(lines) else ""
        loud = self._failed and y < len(first)
        style = self._base + self._span_style("bad" if loud else "dim")
        mark = "✗ " if loud and y == 0 else "  "
        return Strip([Segment(mark + text, style)]).adjust_cell_length(width, self._base)

    def _next(self, start: int, step: int) -> int:
        place = start + step
        while 0 <= place < len(self._items):
            if self._selectable(self._items[place]):
                return place
            place += step
        return start

    def _show_cursor(self) -> None:
        if self.cursor >= 0 and self.is_attached:
            top = 0 if self._next(-1, 1) == self.cursor else self.cursor
            height = self.cursor - top + 1
            self.scroll_to_region(
                Region(0, top, 1, height), animate=False, force=True, immediate=True
            )

    def action_cursor(self, step: int) -> None:
        """Up or down by one selectable row."""
        self.cursor = self._next(self.cursor, step)

    def action_page(self, direction: int) -> None:
        """Up or down by a screenful."""
        height = max(1, self.scrollable_content_region.height - 1)
        place = max(0, min(len(self._items) - 1, self.cursor + direction * height))
        if 0 <= place < len(self._items) and not self._selectable(self._items[place]):
            place = self._next(place, direction)
            if not self._selectable(self._items[place]):
                place = self._next(place, -direction)
        self.cursor = place

    def action_first(self) -> None:
        """To the first row."""
        self.cursor = self._next(-1, 1)

    def action_last(self) -> None:
        """To the last row."""
        self.cursor = self._next(len(self._items), -1)

    def action_select(self) -> None:
        """Enter."""
        item = self.current
        if item is not None and self._selectable(item):
            self.post_message(self.Selected(self, item))

    def _place_of(self, event: events.MouseEvent) -> int:
        place = event.y + self.scroll_offset.y
        inside = 0 <= place < len(self._items)
        return place if inside and self._selectable(self._items[place]) else -1

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one on the same row selects."""
        place = self._place_of(event)
        if place >= 0:
            again = place == self.cursor and event.chain > 1
            self.cursor = place
            if again:
                self.action_select()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The row under the mouse is marked."""
        place = self._place_of(event)
        if place != self._hovered:
            self._hovered = place
            self.refresh()

    def on_leave(self) -> None:
        """The mouse has gone."""
        self._hovered = -1
        self.refresh()


def _same(old: Sequence[object], new: Sequence[object], place: int) -> bool:
    """Whether two lists hold the same item there, or both nothing."""
    if place < len(old) and place < len(new):
        return old[place] is new[place]
    return place >= len(old) and place >= len(new)
