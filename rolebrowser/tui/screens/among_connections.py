"""AmongConnections: a connection's screen knows the other open ones, and what closing would end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from rolebrowser.connection.protocol import Transaction
from rolebrowser.opened import Opened
from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.widgets.tab_strip import TabStrip

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp
    from rolebrowser.tui.pages.sql import SqlPage
    from rolebrowser.tui.screens.lifeline import Lifeline

STRIP = "open-connections"
_PENDING = {
    Transaction.OPEN: "A transaction is open: what it changed will be rolled back.",
    Transaction.FAILED: "A transaction is open, and has failed: it will be rolled back.",
}


class AmongConnections(ActionScreen):
    """Mixed into the connection's screen, which composes `#open-connections`."""

    app: RolebrowserApp  # type: ignore[assignment]
    _opened: Opened | None
    _lifeline: Lifeline | None
    _sql: SqlPage
    _title_text: str
    mode: str

    @property
    def title_text(self) -> str:
        """What the connection is called; may be foreign text."""
        return self._title_text

    @property
    def pending(self) -> str:
        """What closing now would end, as a sentence; empty when nothing is under way."""
        if self._opened is None or not self._opened.connection.alive:
            return ""
        if self._sql.running:
            return "A statement is running: it will be cancelled."
        return _PENDING.get(self._opened.connection.transaction, "")

    @property
    def mark(self) -> str:
        """How it stands: RW may write; ✗ lost, ● busy or in a transaction; else nothing."""
        if self._opened is None:
            return ""
        writes = "" if self._opened.connection.read_only else " RW"
        if not self._opened.connection.alive:
            return f"{writes} ✗"
        return f"{writes} ●" if self.pending else writes

    @property
    def standing(self) -> str:
        """The same in words, where there is room for them: "● in transaction"."""
        if not self.pending or self._opened is None:
            return self.mark
        doing = "running" if self._sql.running else self._opened.connection.transaction.value
        return f"{self.mark} {doing}"

    def show_open(self) -> None:
        """Bring the list of open connections up to date; alone, there is none."""
        strip = self.query_one(f"#{STRIP}", TabStrip)
        screens = self.app.connections
        strip.display = len(screens) > 1
        strip.names = [f"{each.title_text}{each.mark}" for each in screens]
        strip.active = next((n for n, each in enumerate(screens) if each is self), 0)

    def on_screen_resume(self) -> None:
        """Others may have been opened or closed meanwhile."""
        # A new screen is told so as well, unseen, and maybe while the app is closing.
        if self.is_current:
            self.show_open()

    @on(TabStrip.Clicked, f"#{STRIP}")
    def _other_clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        self.app.show_numbered(event.number)

    def ask_before_closing(self) -> bool:
        """Whether a person has to be asked first; then they are, and their word is carried out."""
        pending = self.pending
        if not pending:
            return False
        choices = (Choice("n", "Stay connected"), Choice("c", "Close the connection"))
        dialog = ChoiceDialog(f"Close {self._title_text}?", pending, choices)
        self.app.push_screen(dialog, self._close_told)
        return True

    async def agreed(self, title: str, yes: str) -> bool:
        """Whether a person wants to do what ends what is under way; to be called in a worker."""
        choices = (Choice("n", "Leave it as it is"), Choice("y", yes))
        dialog = ChoiceDialog(f"{title}?", self.pending, choices)
        return await self.app.push_screen_wait(dialog) == "y"

    async def _close_told(self, answer: str | None) -> None:
        if answer == "c":
            await self.close_now()

    async def close_now(self) -> None:
        """Close the connection and its screen."""
        self.workers.cancel_group(self, "connect")
        # The clock goes on until the screen has gone, and nobody is to revive what was closed.
        self._lifeline = None
        if self._opened is not None:
            self._opened.audited.close()
        await self.app.forget_connection(self.mode)
