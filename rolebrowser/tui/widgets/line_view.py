"""LineView: a few lines of our own `Line`s, redrawn when told; for checklists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from textual.content import Content
from textual.widget import Widget

from rolebrowser.tui.line import Line, fit
from rolebrowser.tui.widgets.context_bar import content


class LineView(Widget):
    """Draws what `lines(now)` gives.

    Args:
        lines: the lines for a time (aware UTC); called at each drawing.
    """

    DEFAULT_CSS = """
    LineView { height: auto; padding: 0 1; }
    """

    def __init__(self, lines: Callable[[datetime], list[Line]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = lines
        self._drawn: list[Line] = []

    def render(self) -> Content:
        """All lines, each cut to the width."""
        width = self.content_size.width
        self._drawn = lines = self._lines(datetime.now(UTC))
        return Content("\n").join(content(fit(each, width)) for each in lines)

    def tick(self) -> None:
        """Draw anew what says something else now; the number of lines may have changed."""
        lines = self._lines(datetime.now(UTC))
        if lines != self._drawn:
            self.refresh(layout=len(lines) != len(self._drawn))
