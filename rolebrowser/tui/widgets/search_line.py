"""SearchLine: one line to type what to search for, as in less and vim."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from rolebrowser.safetext import clean
from rolebrowser.tui.widgets.typed_line import TypedLine


class SearchLine(TypedLine):
    """Enter searches, Esc ends the search; what was typed stays for the next time."""

    DEFAULT_CSS = """
    SearchLine { background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Search"),
        Binding("escape", "end_search", "End search"),
    ]

    def __init__(self, ended: Callable[[str], object]) -> None:
        """Args: ended: gets what to search for; empty = no more searching."""
        super().__init__(self._enter, placeholder="search · capitals matter when there are some")
        self._ended = ended

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        safe = clean(event.value)
        if safe != event.value:
            self.value = safe

    def _enter(self) -> None:
        self._ended(self.value)

    def action_end_search(self) -> None:
        """No more searching."""
        self._ended("")
