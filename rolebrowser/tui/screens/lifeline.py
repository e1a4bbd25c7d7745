"""Lifeline: notices that a connection was lost, says so, and logs in anew.

Without being asked it tries by itself and asks nobody: a login dialog that comes up while somebody
types would take their keys. What needs a person waits for F3. Nothing is ever run again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from rolebrowser.cancel import Cancel
from rolebrowser.connection.protocol import Transaction
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    DatabaseUnavailable,
    RolebrowserError,
    RouteError,
    TimedOut,
)
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.opened import Opened
from rolebrowser.tui.background import in_thread

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 60.0, 60.0, 60.0)
"""Seconds before each attempt: a failover takes one or two minutes."""
JUMP = 30.0
"""Seconds by which the clock may differ from the time that passed before the machine slept."""
ANSWER = 5.0
"""Seconds a server has to answer after the machine has slept."""
_PASSES = (ConnectionLost, RouteError, TimedOut, DatabaseUnavailable)
"""What may be over in a while: the server starts, the network comes back."""
_BROKEN = (Transaction.OPEN, Transaction.FAILED)


class Lifeline:
    """Not a widget: the connection's screen calls `tick` every second and `look` whenever a
    statement has ended, and runs its coroutines.

    Args:
        opened: the connection.
        busy: whether a statement is running.
        start: runs a coroutine as the screen's only worker of this kind.
        tell: a toast: text, and whether it is bad news.
        back: called when the connection is there again.
        altered: whether something was set for the session, which another login lacks; once.

    Attributes:
        state: what the bar says of it; empty while all is well.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        busy: Callable[[], bool],
        start: Callable[..., object],
        tell: Callable[[str, bool], None],
        back: Callable[[], None],
        altered: Callable[[], bool],
    ) -> None:
        self._opened = opened
        self._busy = busy
        self._start = start
        self._tell = tell
        self._back = back
        self._altered = altered
        self._transaction = Transaction.IDLE
        self._clocks = (time.time(), time.monotonic())
        self._trying = self._given_up = False
        self.state = ""

    def look(self) -> None:
        """Remember how the transaction stands: a connection that is lost can't tell any more."""
        state = self._opened.connection.transaction
        if not self._trying and state not in (Transaction.ACTIVE, Transaction.UNKNOWN):
            self._transaction = state

    def tick(self) -> None:
        """Look whether all is well."""
        connection = self._opened.connection
        slept = self._slept()
        self.look()
        if connection.alive:
            if not self._trying:
                self.state = ""
                self._given_up = False
                if slept and not self._busy():
                    self._tell(f"The clock jumped by {slept:,.0f} s: is the server there?", False)
                    self._start(self._ask())
        elif not self._trying and not self._given_up:
            self._trying = True
            self._start(self._revive())

    def _slept(self) -> float:
        """By how many seconds the clock has jumped since the last tick; 0 when it hasn't.

        A sleeping machine's monotonic clock stands still on Linux and macOS; where it goes on,
        the ticks are far apart instead.
        """
        before, self._clocks = self._clocks, (time.time(), time.monotonic())
        wall, passed = self._clocks[0] - before[0], self._clocks[1] - before[1]
        jump = max(abs(wall - passed), passed)
        return jump if jump > JUMP else 0.0

    async def _ask(self) -> None:
        """Ask the server whether it is there, and don't wait for long."""
        answer = self._opened.connection.query("SELECT 1")
        try:
            await asyncio.wait_for(asyncio.wrap_future(answer), ANSWER)
        except TimeoutError:
            self._trying = True
            await self._revive()
        except RolebrowserError:
            # The next tick sees to it.
            return

    async def _revive(self) -> None:
        """Try until it works, or a person is needed."""
        try:
            self._tell(await self._why(), True)
            for pause in PAUSES:
                self.state = "not connected · trying again"
                await asyncio.sleep(pause)
                if await self._attempt(NobodyToAsk()):
                    return
                if self._given_up:
                    return
            self._give_up("The database can't be reached.")
        finally:
            self._trying = False

    async def _why(self) -> str:
        """What ended it, as far as the server said, and what was lost."""
        lines = ["The connection was lost."]
        if not self._opened.connection.alive:
            try:
                await asyncio.wrap_future(self._opened.connection.query("SELECT 1"))
            except RolebrowserError as error:
                lines.append(error.why)
        if self._transaction in _BROKEN:
            lines.append("The open transaction was rolled back by the server.")
        return "\n".join(line for line in lines if line)

    async def _attempt(self, prompts: Prompts) -> bool:
        def job(cancel: Cancel) -> object:
            return self._opened.log_in_again(prompts, cancel)

        try:
            await in_thread(job, name="reconnect")
        except _PASSES:
            return False
        except RolebrowserError as error:
            self._give_up("\n".join(filter(None, (error.what, error.why))))
            return False
        self._done()
        return True

    def _done(self) -> None:
        self.state = ""
        self._transaction = Transaction.IDLE
        told = "Connected again with a fresh token. Nothing was run again."
        if self._altered():
            told += "\nWhat SET, SET ROLE or USE had changed is as it is after a login."
        self._tell(told, False)
        self._back()

    def _give_up(self, reason: str) -> None:
        self._given_up = True
        self.state = "not connected · F3"
        self._tell(f"{reason}\nF3 logs in anew, and asks what it must.", True)

    async def by_hand(self, prompts: Callable[[Cancel], Prompts]) -> None:
        """Log in anew because a person said so; they may be asked."""

        def job(cancel: Cancel) -> object:
            return self._opened.log_in_again(prompts(cancel), cancel)

        self._trying = True
        self.state = "logging in"
        try:
            await in_thread(job, name="reconnect")
        except Cancelled:
            self._given_up = True
            self.state = "not connected · F3"
        except RolebrowserError as error:
            self._give_up(str(error))
        else:
            self._done()
        finally:
            self._trying = False
