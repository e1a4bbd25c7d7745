"""WhyDialog: each gate a request has to pass, the JSON that decided, and what would open it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label

from rolebrowser.identity import why_lines
from rolebrowser.identity.why import Why
from rolebrowser.safetext import redact
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.line import Line
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import why as rows
from rolebrowser.tui.widgets.line_view import LineView


class WhyDialog(Dialog[bool]):
    """Shows an answer with everything that led to it; gives True when it is to be tried for real.

    Args:
        title: what it is about.
        trying: a real attempt can be made.
    """

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    WhyDialog {
        .dialog-box { max-width: 120; width: 94%; }
        LineView { padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w", "dismiss(False)", "Close"),
        Binding("y", "copy_fix", "Copy the statement"),
        Binding("Y", "copy_all", "Copy all"),
        Binding("t", "try", "Try it"),
    ]

    def __init__(self, title: str, why: Why, *, trying: bool = False) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._why = why
        self._trying = trying
        self._view = LineView(self._lines)

    def compose(self) -> ComposeResult:
        """The lines, scrollable."""
        keys = ["↑↓ scrolls"]
        keys += ["y copies the fix"] if self._why.fixes else []
        keys += ["Y copies all"]
        keys += ["t tries it"] if self._trying else []
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(f"Why: {self._title}")  # type: ignore[assignment]
            with VerticalScroll(classes="-fitted"):
                yield self._view
            yield Label(" · ".join([*keys, "Esc closes"]), classes="dialog-keys")

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.call_after_refresh(self._view.tick)

    def _lines(self, now: datetime) -> list[Line]:
        return rows.lines(self._why, self._view.content_size.width or 72)

    def action_copy_fix(self) -> None:
        """The statement that would open it."""
        text = rows.fix(self._why)
        if not text:
            self.notify("There is no statement that would open it.", severity="warning")
            return
        self.app.copy_to_clipboard(text)
        self.notify("The statement was sent to the terminal's clipboard.")

    def action_copy_all(self) -> None:
        """Everything as text."""
        self.app.copy_to_clipboard(redact(why_lines.plain(self._why)))
        self.notify("Sent to the terminal's clipboard.")

    def action_try(self) -> None:
        """Close, and have it tried."""
        if self._trying:
            self.dismiss(True)
