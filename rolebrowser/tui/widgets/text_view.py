"""TextView: ready-made text of several lines (psql's tables), scrolled both ways, only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rolebrowser.connection.loaded import matches
from rolebrowser.safetext import clean
from rolebrowser.tui.widgets.searching import ask_search


class TextView(ScrollView, can_focus=True):
    """Shows text as it is, cleaned line by line; `y` copies the true text, `/` searches in it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--match"}

    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        background: $surface;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        padding: 0 1;
        & > .text--match { color: $text-warning; text-style: bold underline; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("left,h", "scroll_left", "Left", show=False),
        Binding("right,l", "scroll_right", "Right", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "Bottom", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("slash", "search", "Search", show=False, priority=True),
        Binding("n", "find(1)", "Next match", show=False),
        Binding("N", "find(-1)", "Previous match", show=False),
    ]

    @dataclass
    class Copied(Message):
        """A person asked for the whole text on the clipboard."""

        text: str
        what: str = "text"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._text = ""
        self._true = ""
        self._wraps = False
        self._lines: list[str] = []
        self._pattern = ""
        self._found = -1

    def load(self, text: str, *, true: str | None = None, wraps: bool = False) -> None:
        """Show `text` from its top.

        Args:
            true: what `y` copies, where that is another.
            wraps: lines are broken where the view ends, rather than scrolled to.
        """
        self._text = text
        self._true = text if true is None else true
        self._wraps = wraps
        self._pattern = ""
        self._measure()
        self.scroll_to(0, 0, animate=False)

    def _measure(self) -> None:
        lines = [clean(each.expandtabs(8)) for each in self._text.split("\n")]
        width = self.scrollable_content_region.width
        if self._wraps and width > 0:
            self._lines = [part for line in lines for part in _broken(line, width)]
        else:
            self._lines = list(lines)
        widest = max((cell_len(each) for each in self._lines), default=0)
        self.virtual_size = Size(min(widest, width) if self._wraps else widest, len(self._lines))
        self._found = -1
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Lines are broken anew."""
        if self._wraps:
            self._measure()

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width = self.scrollable_content_region.width
        x, top = self.scroll_offset
        place = y + top
        text = self._lines[place] if place < len(self._lines) else ""
        style = self.rich_style
        segments = [Segment(text, style)]
        if matches(text, self._pattern):
            found = self.get_component_rich_style("text--match")
            mark = Style(color=found.color, bold=found.bold, underline=found.underline)
            segments = list(_marked(text, self._pattern, style, style + mark))
        return Strip(segments).crop_extend(x, x + width, style)

    def action_copy(self) -> None:
        """The whole text to the clipboard."""
        self.post_message(self.Copied(self._true))

    # ── searching ────────────────────────────────────────────────────────────────────────────

    def action_search(self) -> None:
        """Ask what for."""
        ask_search(self)

    def search(self, pattern: str) -> None:
        """Go to the first line from the top of the view on that holds a text, and mark all."""
        self._pattern = pattern
        self._found = self.scroll_offset.y - 1
        self.refresh()
        if pattern:
            self.action_find(1)

    def action_find(self, step: int) -> None:
        """The next or previous line that holds it, round the end."""
        count = len(self._lines)
        for distance in range(1, count + 1 if self._pattern else 1):
            place = (self._found + step * distance) % count
            if matches(self._lines[place], self._pattern):
                self._found = place
                self.scroll_to(y=max(0, place - self.size.height // 3), animate=False)
                return
        self.notify("No line holds that.", severity="warning", markup=False)


def _broken(line: str, width: int) -> list[str]:
    return chop_cells(line, width) or [""]


def _marked(text: str, pattern: str, style: Style, mark: Style) -> Iterator[Segment]:
    """The text with each occurrence of the pattern in another style."""
    where = text.lower() if pattern.lower() == pattern else text
    if len(where) != len(text):
        # A few letters change their length with their case: mark the line.
        yield Segment(text, mark)
        return
    start = 0
    while (found := where.find(pattern, start)) >= 0:
        end = found + len(pattern)
        yield Segment(text[start:found], style)
        yield Segment(text[found:end], mark)
        start = end
    yield Segment(text[start:], style)
