"""Writing: asks before a statement that can't be taken back, and before changes are kept.

In read-write mode what changes something runs in a transaction of ours (connection/held.py); the
person sees what it did and says commit or roll back, or keeps the transaction open to look first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from rolebrowser.connection.caution import Caution, caution
from rolebrowser.connection.effects import Effect, classify
from rolebrowser.connection.held import Held
from rolebrowser.connection.protocol import Outcome, Transaction
from rolebrowser.connection.statements import Statement
from rolebrowser.errors import ConnectionLost, RolebrowserError
from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog
from rolebrowser.tui.pages.base import Page

_KEPT = "1196"
"""ER_WARNING_NOT_COMPLETE_ROLLBACK (MySQL's error reference)."""
_DEADLOCK = "1213"
"""ER_LOCK_DEADLOCK: the server has rolled the whole transaction back (ibid.)."""
_SHOWN = 300
"""Characters of a statement that a question quotes."""


class Writing:
    """Not a widget: what stands between a person's statements and the connection.

    Args:
        page: whose connection they go to.

    Attributes:
        manual: commit is the person's business: a transaction is begun before each statement
            outside one, and nothing is asked after.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: Held | None = None
        self._mine = self._undone = False
        self.manual = False

    async def settle_ahead(self, statement: Statement) -> str:
        """As `settle`, where a statement can't come into the transaction that is held."""
        engine = self._page.audited.info.engine
        ends = classify(statement.text, engine).effect is Effect.TRANSACTION
        return await self.settle() if ends or not caution(statement.text, engine).held else ""

    async def before(self, statement: Statement) -> str:
        """Ask what is to be asked, begin what is to be begun; `settle_ahead` comes first.

        Returns:
            Why it isn't to be sent; empty when it may be.

        Raises:
            RolebrowserError: a transaction could not be begun.
        """
        self._mine = False
        connection = self._page.audited
        engine = connection.info.engine
        asked = caution(statement.text, engine)
        effect = classify(statement.text, engine).effect
        idle = connection.transaction is Transaction.IDLE
        if not connection.read_only and asked.warning and not await self._sure(statement, asked):
            return "Not sent: you said no."
        if not idle or not asked.held or effect is Effect.TRANSACTION:
            self._mine = self._held is not None
            return ""
        if self.manual and effect is not Effect.SETTING:
            await asyncio.wrap_future(Held(connection).begin())
        elif asked.changes and not connection.read_only:
            held = Held(connection)
            await asyncio.wrap_future(held.begin())
            self._held, self._mine, self._undone = held, True, False
        return ""

    def after(self, outcome: Outcome) -> bool:
        """A statement went through. True when it is held: `settle` decides what becomes of it."""
        if self._held is None or not self._mine:
            return False
        self._held.took(outcome)
        return True

    def failed(self, error: RolebrowserError) -> None:
        """A statement did not go through; `settle` says what became of what is held."""
        self._undone = error.code == _DEADLOCK

    async def settle(self, *, failed: bool = False) -> str:
        """End what is held, by the person's word; what failed is rolled back unasked.

        Returns:
            What became of it, in a few words; empty when nothing was held.
        """
        held, self._held = self._held, None
        if held is None:
            return ""
        gone = "rolled back: the connection was lost before COMMIT"
        if held.lost:
            return gone
        if held.ended and self._undone:
            return "rolled back by the server: another transaction waited for it, and it for that"
        if held.ended:
            return "committed already: a statement in it ended the transaction"
        if failed:
            return await self._end(held.roll_back, "rolled back")
        answer = await self._page.app.push_screen_wait(self._question(held))
        if held.lost:
            return gone
        if answer == "c":
            return await self._end(held.commit, "committed")
        if answer == "o":
            held.leave()
            return "not committed yet: Alt+C commits, Alt+R rolls back"
        return await self._end(held.roll_back, "rolled back")

    async def end(self, *, commit: bool) -> str:
        """Commit or roll back the open transaction; what became of it."""
        held = Held(self._page.audited)
        if commit:
            return await self._end(held.commit, "committed")
        return await self._end(held.roll_back, "rolled back")

    async def _end(self, act: Callable[[], Future[Outcome]], done: str) -> str:
        try:
            outcome = await asyncio.wrap_future(act())
        except ConnectionLost:
            if done == "rolled back":
                return "rolled back: the connection was lost"
            return "maybe committed: the connection was lost during COMMIT. Look before repeating"
        except RolebrowserError as error:
            return f"not {done}: {error.what}"
        if done == "rolled back" and any(each.code == _KEPT for each in outcome.notices):
            return "rolled back, but for tables without transactions (MyISAM …), which keep it"
        # PostgreSQL answers COMMIT of a failed transaction with ROLLBACK.
        if done == "committed" and outcome.status == "ROLLBACK":
            return "rolled back: a statement in it had failed"
        return done

    def _question(self, held: Held) -> ChoiceDialog:
        did = " · ".join(held.statuses[-8:]) or "done"
        where = self._page.connection.info.dbname
        return ChoiceDialog(
            "Commit?",
            f"{did}\n\nin {where}, not committed yet.",
            (
                Choice("r", "Roll back", also="alt+r"),
                Choice("c", "Commit", also="alt+c"),
                Choice("o", "Keep the transaction open, to look first"),
            ),
            unasked=True,
        )

    async def _sure(self, statement: Statement, asked: Caution) -> bool:
        text = statement.text if len(statement.text) <= _SHOWN else statement.text[:_SHOWN] + "…"
        dialog = ChoiceDialog(
            "Sure?",
            f"{asked.warning}\n\n{text}",
            (Choice("n", "Don't send it"), Choice("s", "Send it")),
            unasked=True,
        )
        return await self._page.app.push_screen_wait(dialog) == "s"
