"""Failure: a connect that came to nothing: the checks, what happened, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from rolebrowser.check import Check
from rolebrowser.errors import RolebrowserError
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import checks
from rolebrowser.tui.widgets.line_view import LineView


class Failure(VerticalScroll, can_focus=True):
    """Takes the connection's place on its screen until it is retried or left."""

    DEFAULT_CSS = """
    Failure {
        border: round $error;
        border-title-color: $text-error;
        border-title-style: bold;
        background: $surface;
        padding: 1 2;
        height: 1fr;
        Static { height: auto; margin: 1 1 0 1; }
        .failure-what { color: $text-error; text-style: bold; }
        .failure-why { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("failure")]

    @dataclass
    class Retry(Message):
        """A person wants to try again."""

    @dataclass
    class Reroute(Message):
        """A person wants to go another way."""

    @dataclass
    class Examine(Message):
        """A person wants every check made."""

    def __init__(self, title: str, steps: Sequence[Check], error: RolebrowserError) -> None:
        super().__init__()
        self.border_title = literal(f"Not connected to {title}")  # type: ignore[assignment]
        self._checks = tuple(steps)
        self._error = error

    def compose(self) -> ComposeResult:
        """The checklist, then the error's parts."""
        yield LineView(lambda now: checks.draw(self._checks))
        error = self._error
        yield Static(literal(error.what, keep="\n"), classes="failure-what")
        for part, kind in ((error.why, "failure-why"), (error.fix, "failure-fix")):
            if part:
                yield Static(literal(part, keep="\n"), classes=kind)

    def action_retry(self) -> None:
        """Once more."""
        self.post_message(self.Retry())

    def action_route(self) -> None:
        """Another way."""
        self.post_message(self.Reroute())

    def action_doctor(self) -> None:
        """The rest of the checks."""
        self.post_message(self.Examine())

    def action_copy(self) -> None:
        """The checklist and the error as text."""
        self.app.copy_to_clipboard(checks.report(self._checks, str(self._error)))
        self.notify("Report sent to the terminal's clipboard.")
