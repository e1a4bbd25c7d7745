"""AboutDialog: everything known of a profile or role, its clocks running."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label

from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.line import Line
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import about
from rolebrowser.tui.rows.about import Facts
from rolebrowser.tui.widgets.line_view import LineView


class AboutDialog(Dialog[None]):
    """Reads nothing and asks nobody: it says what is held."""

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    AboutDialog {
        .dialog-box { max-width: 100; width: 94%; }
        LineView { padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "dismiss", "Close"),
        Binding("y", "copy", "Copy"),
    ]

    def __init__(self, title: str, facts: Facts) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._facts = facts
        self._view = LineView(self._lines)

    def compose(self) -> ComposeResult:
        """The lines, scrollable."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            with VerticalScroll(classes="-fitted"):
                yield self._view
            yield Label("↑↓ scrolls · y copies · Esc closes", classes="dialog-keys")

    def on_mount(self) -> None:
        """Start the clock."""
        self.query_one(VerticalScroll).focus()
        self.set_interval(1.0, self._view.tick)

    def on_resize(self) -> None:
        """Wrap anew."""
        self.call_after_refresh(self._view.tick)

    def _lines(self, now: datetime) -> list[Line]:
        return about.lines(self._facts, now, self._view.content_size.width or 72)

    def action_copy(self) -> None:
        """All of it as text; secrets aren't in it."""
        self.app.copy_to_clipboard(about.text(self._facts, datetime.now(UTC)))
        self.notify("Sent to the terminal's clipboard.")
