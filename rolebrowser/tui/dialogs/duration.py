"""DurationDialog: how long a session shall last; gives seconds, or None."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from rolebrowser.identity.durations import Limits, words
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.line import Line, line, span
from rolebrowser.tui.literal import MUTED, literal
from rolebrowser.tui.widgets.row_list import RowList


class DurationDialog(Dialog[int | None]):
    """Offers what is possible, the cap and its reason said before anything is asked of AWS.

    Args:
        name: whose session.
    """

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = "DurationDialog { RowList { height: auto; max-height: 10; margin: 1 0 0 0; } }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__(classes="dialog")
        self._name = name
        self._limits = limits
        self._rows: RowList[int] = RowList(self._draw)

    def compose(self) -> ComposeResult:
        """Whose, how long at most and why, the choices."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = "Session length"
            yield Label(
                literal(f"A new session of {self._name}, at most {words(self._limits.longest)}.")
            )
            yield Label(literal(self._limits.reason, MUTED))
            yield self._rows
            yield Label("↑↓ chooses · Enter gets the session · Esc cancels", classes="dialog-keys")

    def on_mount(self) -> None:
        """The usual one is proposed."""
        self._rows.set_items(self._limits.offered)
        self._rows.move_to(lambda seconds: seconds == self._limits.usual)
        self._rows.focus()

    def _draw(self, seconds: int, now: datetime) -> Line:
        note = "usual" if seconds == self._limits.usual else ""
        note = note or ("longest" if seconds == self._limits.longest else "")
        return line(span(words(seconds)), right=(span(note, "dim"),))

    @on(RowList.Selected)
    def _selected(self) -> None:
        self.dismiss(self._rows.current)
