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


class TabStrip(Widget):
    """Says which tab shows; what a tab holds is the screen's.

    Args:
        names: of the tabs, left to right; may be foreign text.
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

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = [clean(name) for name in names]

    @property
    def names(self) -> Sequence[str]:
        """The names, cleaned."""
        return self._names

    @names.setter
    def names(self, names: Sequence[str]) -> None:
        self._names = [clean(name) for name in names]
        self.refresh()

    def render(self) -> Content:
        """The names; brackets as well as colour mark the active one, for terminals without any."""
        parts: list[tuple[str, str]] = [(" ", "")]
        for number, name in enumerate(self._names):
            if number == self.active:
                parts.append((f"[{name}]", "bold $primary"))
            else:
                parts.append((f" {name} ", "$text-muted"))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Tell which tab was clicked."""
        left = 1
        for number, name in enumerate(self._names):
            left += cell_len(name) + 2
            if event.x < left:
                self.post_message(self.Clicked(self, number))
                return
