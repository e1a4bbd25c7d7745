"""SearchLine: one line to type what to search for, as in less and vim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from rolebrowser.safetext import clean


class SearchLine(Input):
    """Enter searches, Esc ends the search; what was typed stays for the next time."""

    DEFAULT_CSS = """
    SearchLine { background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "end_search", "End search", show=False)
    ]

    @dataclass
    class Ended(Message):
        """A person has typed what to search for, or nothing: no more searching."""

        pattern: str

    def __init__(self) -> None:
        super().__init__(placeholder="search · capitals matter when there are some", compact=True)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        safe = clean(event.value)
        if safe != event.value:
            self.value = safe

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Ended(event.value))

    def action_end_search(self) -> None:
        """No more searching."""
        self.post_message(self.Ended(""))
