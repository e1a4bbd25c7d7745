"""CellDialog: one whole value, to read, search and copy."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Label

from rolebrowser.connection.protocol import Column, Value
from rolebrowser.tui.cell_text import CellText, cell_text
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.searching import SearchHost
from rolebrowser.tui.widgets.text_view import TextView


class CellDialog(Dialog[None], SearchHost):
    """JSON is indented, bytes are dumped; `t` shows the value as the server wrote it, and back."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close"),
        Binding("t", "as_written", "As written"),
        Binding("Y", "copy_shown", "Copy as shown"),
    ]

    def __init__(self, column: Column, value: Value) -> None:
        super().__init__(classes="dialog")
        self._column = column
        self._value = value
        self._raw = False
        self._view = TextView()
        self._box = Vertical(classes="dialog-box -tall")

    def compose(self) -> ComposeResult:
        """The value, scrollable."""
        with self._box:
            self._box.border_title = literal(self._column.name)  # type: ignore[assignment]
            yield self._view
            yield Label(self._keys(), classes="dialog-keys")

    def _keys(self) -> str:
        form = cell_text(self._column, self._value).form
        more = f" · Y the {form} · t as written" if form else ""
        return f"y copies{more} · / searches · Esc closes"

    @property
    def search_room(self) -> Widget:
        """Inside the box."""
        return self._box

    def on_mount(self) -> None:
        """Fill it."""
        self._fill()
        self._view.focus()

    def on_resize(self) -> None:
        """A dump has lines for the room there is."""
        self.call_after_refresh(self._fill_dump)

    def _fill_dump(self) -> None:
        if self._shown().form == "hex dump":
            self._fill()

    def _shown(self) -> CellText:
        width = self._view.scrollable_content_region.width
        return cell_text(self._column, self._value, raw=self._raw, width=width)

    def _fill(self) -> None:
        shown = self._shown()
        subtitle = " · ".join(part for part in (shown.kind, shown.form) if part)
        self._box.border_subtitle = literal(subtitle)  # type: ignore[assignment]
        self._view.load(shown.text, true=self._value or "", wraps=shown.wraps)

    def action_as_written(self) -> None:
        """As the server wrote it, and back."""
        self._raw = not self._raw
        self._fill()

    def action_copy_shown(self) -> None:
        """What is shown, rather than the value."""
        self._copy(self._shown().text)

    def on_text_view_copied(self, event: TextView.Copied) -> None:
        """Copy from here: the screen below doesn't hear it."""
        self._copy(event.text)

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.notify("Sent to the terminal's clipboard.")
