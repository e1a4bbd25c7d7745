"""Searching in what is shown: the searchable asks for a line to type in, its host gives one."""

from __future__ import annotations

from typing import Protocol

from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.widget import Widget

from rolebrowser.tui.widgets.search_line import SearchLine


class Searchable(Protocol):
    """A widget that finds texts in what it shows."""

    @property
    def ancestors(self) -> list[DOMNode]:
        """Textual's."""
        ...

    def focus(self, scroll_visible: bool = True) -> Widget:
        """Textual's."""
        ...

    def search(self, pattern: str) -> None:
        """Go to the first place that holds a text and mark all; "" = no more searching."""
        ...


class SearchHost(MessagePump):
    """Mix in behind a container of searchable widgets: the line to type in comes at its end.

    Behind, for Textual takes default styles from the first base alone.
    """

    _search_line: SearchLine | None = None
    _search_target: Searchable | None = None

    @property
    def search_room(self) -> Widget:
        """Where the line is mounted."""
        assert isinstance(self, Widget)
        return self

    def ask_search(self, target: Searchable) -> None:
        """Let a person type what to search for; `target.search` takes it.

        At once, no message later: keys that have come already belong in the line.
        """
        self._search_target = target
        if self._search_line is None:
            self._search_line = SearchLine(self._search_ended)
            self.search_room.mount(self._search_line)
        self._search_line.display = True
        self._search_line.screen.set_focus(self._search_line)

    def _search_ended(self, pattern: str) -> None:
        if self._search_line is not None and self._search_target is not None:
            assert isinstance(self._search_target, Widget)
            self._search_line.screen.set_focus(self._search_target)
            self._search_line.display = False
            self._search_target.search(pattern)


def ask_search(target: Searchable) -> None:
    """Have the host around a widget ask for what to search for in it; without a host, nothing."""
    for each in target.ancestors:
        if isinstance(each, SearchHost):
            each.ask_search(target)
            return
