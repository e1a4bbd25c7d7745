"""TabStrip: the names of a screen's tabs on one line, the active one marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from rolebrowser.safetext import clean
from rolebrowser.tui.literal import MUTED


def visible(widths: Sequence[int], active: int, room: int) -> range:
    """Which tabs to draw: as many neighbours of the active one as fit, to its left first. Pure.

    Args:
        widths: cells each tab takes.
        room: cells there are, those for marks of what is cut included.
    """
    if sum(widths) <= room or not widths:
        return range(len(widths))
    first, last = active, active + 1
    room -= widths[active] + 2 * _MARK
    while first > 0 and widths[first - 1] <= room:
        first -= 1
        room -= widths[first]
    while last < len(widths) and widths[last] <= room:
        room -= widths[last]
        last += 1
    return range(first, last)


_MARK = 2
"""Cells of the mark that says there are more tabs on a side."""


class TabStrip(Widget):
    """Says which tab shows; what a tab holds is the screen's.

    Args:
        names: of the tabs, left to right; may be foreign text.
        lead: what stands before them; then none of them is marked, for none shows.
    """

    DEFAULT_CSS = """
    TabStrip { height: 1; width: 1fr; background: $background; }
    """

    active = reactive(0)

    @dataclass
    class Clicked(Message):
        """A person clicked the tab of that number."""

        strip: TabStrip
        number: int

        @property
        def control(self) -> TabStrip:
            """The strip that was clicked."""
            return self.strip

    def __init__(self, names: Sequence[str], *, lead: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._lead = f" {lead}" if lead else ""
        self._names = [clean(name) for name in names]

    @property
    def names(self) -> Sequence[str]:
        """The names, cleaned."""
        return self._names

    @names.setter
    def names(self, names: Sequence[str]) -> None:
        cleaned = [clean(name) for name in names]
        if cleaned != self._names:
            self._names = cleaned
            self.refresh()

    def render(self) -> Content:
        """The names; brackets as well as colour mark the active one, for terminals without any."""
        shown = self._visible()
        parts: list[tuple[str, str]] = [(self._lead, MUTED), ("‹ " if shown.start else " ", MUTED)]
        for number in shown:
            name = self._names[number]
            if number == self.active and not self._lead:
                parts.append((f"[{name}]", "bold $primary"))
            else:
                parts.append((f" {name} ", MUTED))
        if shown.stop < len(self._names):
            parts.append((" ›", MUTED))
        return Content.assemble(*parts)

    def _visible(self) -> range:
        widths = [cell_len(name) + 2 for name in self._names]
        return visible(widths, self.active, self.size.width - 1 - cell_len(self._lead))

    def on_click(self, event: events.Click) -> None:
        """Tell which tab was clicked."""
        shown = self._visible()
        left = cell_len(self._lead) + 1 + bool(shown.start)
        for number in shown:
            left += cell_len(self._names[number]) + 2
            if event.x < left:
                self.post_message(self.Clicked(self, number))
                return
