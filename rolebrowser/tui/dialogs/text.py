"""TextDialog: a whole text, to read and copy."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.text_view import TextView


class TextDialog(Dialog[None]):
    """Shows a whole text: a report, a step's facts. Esc closes, `y` copies the true text.

    Args:
        wraps: long lines are broken, rather than scrolled to.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "Close")]

    def __init__(self, title: str, text: str, *, wraps: bool = False) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._text = text
        self._wraps = wraps
        self._view = TextView()

    def compose(self) -> ComposeResult:
        """The text, scrollable."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            yield self._view
            yield Label("↑↓←→ scroll · y copies · Esc closes", classes="dialog-keys")

    def on_mount(self) -> None:
        """Fill it."""
        self._view.load(self._text, wraps=self._wraps)
        self._view.focus()

    def on_text_view_copied(self, event: TextView.Copied) -> None:
        """Copy from here: the screen below doesn't hear it."""
        self.app.copy_to_clipboard(event.text)
        self.notify("Sent to the terminal's clipboard.")
