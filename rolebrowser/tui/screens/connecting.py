"""ConnectDialog: walks the road to a target with its steps in view; gives an open connection.

On failure it stays, says what happened and what to do, and can try again.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.connect import Check, Opened, open_target
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.target import Target
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows import checks
from rolebrowser.tui.screens.prompts import DialogPrompts
from rolebrowser.tui.widgets.line_view import LineView


class ConnectDialog(ModalScreen[Opened | None]):
    """One attempt to open a target, or several when retried."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel"),
        Binding("r,enter", "retry", "Retry"),
        Binding("y", "copy", "Copy report"),
    ]

    def __init__(self, target: Target, title: str, config: Config) -> None:
        super().__init__(classes="dialog")
        self._target = target
        self._title = title
        self._config = config
        self._checks: list[Check] = []
        self._error = ""
        self._view = LineView(lambda now: checks.draw(self._checks))

    def compose(self) -> ComposeResult:
        """Checklist, then the error when there is one."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(f"Connecting to {self._title}")  # type: ignore[assignment]
            yield self._view
            yield Label(id="what", classes="dialog-error dialog-fix")
            yield Label(id="fix")
            yield Label(id="keys", classes="dialog-keys")

    def on_mount(self) -> None:
        """Start at once."""
        self._attempt()

    def _tell(self, what: str, fix: str, keys: str) -> None:
        for name, text in (("what", what), ("fix", fix), ("keys", keys)):
            label = self.query_one(f"#{name}", Label)
            label.update(literal(text, keep="\n"))
            label.display = bool(text)

    @work(exclusive=True, group="connect", exit_on_error=False, description="connect")
    async def _attempt(self) -> None:
        self._checks = []
        self._error = ""
        self._tell("", "", "Esc cancels")
        self._view.tick()

        def job(cancel: Cancel) -> Opened:
            def report(check: Check) -> None:
                if not cancel.is_set:
                    self.app.call_from_thread(self._show, check)

            return open_target(
                self._target,
                config=self._config,
                prompts=DialogPrompts(self.app, cancel),
                report=report,
                cancel=cancel,
            )

        try:
            opened = await in_thread(
                job, name="connect", discard=lambda late: late.connection.close()
            )
        except Cancelled:
            self.dismiss(None)
        except RolebrowserError as error:
            self._error = str(error)
            what = "\n".join(part for part in (error.what, error.why) if part)
            self._tell(what, error.fix, "r tries again · y copies the report · Esc closes")
            self._view.tick()
        else:
            self.dismiss(opened)

    def _show(self, check: Check) -> None:
        self._checks.append(check)
        self._view.tick()

    def action_leave(self) -> None:
        """Stop and go back."""
        self.workers.cancel_group(self, "connect")
        self.dismiss(None)

    def action_retry(self) -> None:
        """Once more, after a failure."""
        if self._error:
            self._attempt()

    def action_copy(self) -> None:
        """The checklist and the error as text."""
        self.app.copy_to_clipboard(checks.report(self._checks, self._error))
        self.notify("Report sent to the terminal's clipboard.")
