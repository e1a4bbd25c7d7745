"""TextView: ready-made text of several lines (psql's tables), scrolled both ways, only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rolebrowser.safetext import clean


class TextView(ScrollView, can_focus=True):
    """Shows text as it is, cleaned line by line; `y` copies the true text."""

    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        background: $surface;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        padding: 0 1;
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
    ]

    @dataclass
    class Copied(Message):
        """A person asked for the whole text on the clipboard."""

        text: str
        what: str = "text"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._text = ""
        self._lines: list[str] = []

    def load(self, text: str) -> None:
        """Show `text` from its top."""
        self._text = text
        self._lines = [clean(each.expandtabs(8)) for each in text.split("\n")]
        widest = max((cell_len(each) for each in self._lines), default=0)
        self.virtual_size = Size(widest, len(self._lines))
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width = self.scrollable_content_region.width
        x, top = self.scroll_offset
        place = y + top
        text = self._lines[place] if place < len(self._lines) else ""
        return Strip([Segment(text, self.rich_style)]).crop_extend(x, x + width, self.rich_style)

    def action_copy(self) -> None:
        """The whole text to the clipboard."""
        self.post_message(self.Copied(self._text))
