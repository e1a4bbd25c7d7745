"""HeldResults: results of which a person has seen the first rows, and how far they are read ahead.

Rows are read in the background up to `_AHEAD_ROWS` or `_AHEAD_BYTES`; further ones stay at the
server until they are asked for, or another statement needs the connection. Then the rest is given
up. It is cancelled where nothing is lost by that: in read-only mode, and where the server says that
nothing was changed yet (a transaction of the person's goes on behind a savepoint). Elsewhere it is
read to its end and dropped: cancelling would undo what functions of the statement did. One that
fails on the way, where nobody looks any more, is told instead of sending the next statement.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from rolebrowser.connection import postgres_errors
from rolebrowser.connection.effects import Effect, Effects
from rolebrowser.connection.postgres_link import Link
from rolebrowser.connection.postgres_results import OpenResult
from rolebrowser.connection.protocol import WAITING, Page, Transaction
from rolebrowser.errors import FailedBefore, StatementError
from rolebrowser.safetext import redact

_AHEAD_ROWS = 100_000
_AHEAD_BYTES = 64 << 20
_AHEAD_SECONDS = 0.05
"""Of reading in the background at a time, so that another job waits no longer than that."""
_FIRST_PAGE_SECONDS = 0.02
"""Before reading ahead: whoever waits for the first page needs the processor to show it."""
_MAKE_ROOM_SECONDS = 0.5
"""Of reading ahead before the rest of a result is given up for the next statement."""
_KEPT = 8


class Held:
    """A result with rows to come.

    Attributes:
        fetched: rows handed out.
        touched: when that last happened, monotonic seconds.
        given_up: why the server's further rows won't come; empty while they may.
        told: that it failed was told instead of the statement after it.
    """

    def __init__(self, result: OpenResult, page_rows: int, fetched: int) -> None:
        self.result = result
        self.page_rows = page_rows
        self.fetched = fetched
        self.touched = time.monotonic()
        self.given_up = ""
        self.told = False


class HeldResults:
    """The held results of a connection, by cursor; used by its owner thread.

    Args:
        read_ahead_soon: has `read_ahead` called once the owner thread has had nothing else to do
            for so many seconds.
        unwritten: asks the server whether a statement that runs has changed nothing so far.
        limit: rows of a result beyond which none is read ahead; 0 = none.

    Attributes:
        waiting: as `Connection.waiting`.
    """

    def __init__(
        self,
        read_ahead_soon: Callable[[float], None],
        unwritten: Callable[[str], bool],
        limit: int = 0,
    ) -> None:
        self.waiting = ""
        self._unwritten = unwritten
        self._results: OrderedDict[int, Held] = OrderedDict()
        self._dropped: dict[int, str] = {}
        self._leaving: list[OpenResult] = []
        self._soon = read_ahead_soon
        self._limit = limit

    def hold(self, cursor: int, held: Held) -> None:
        """Keep a result; the oldest make room."""
        self._results[cursor] = held
        while len(self._results) > _KEPT:
            cursor, oldest = self._results.popitem(last=False)
            self._dropped[cursor] = f"{_KEPT} results after it have unread rows"
            self._leaving.append(oldest.result)
        self._soon(_FIRST_PAGE_SECONDS)

    def page(self, cursor: int, most: int | None = None) -> Page:
        """The next page, of `most` rows at most; an empty one of a result that has ended.

        Raises:
            StatementError: the rest was given up.
            psycopg.Error, OSError: as `OpenResult.take`.
        """
        held = self._results.get(cursor)
        if held is None:
            if cursor in self._dropped:
                raise _given_up(self._dropped[cursor])
            return Page()
        held.touched = time.monotonic()
        try:
            rows, more = held.result.take(min(most or held.page_rows, held.page_rows))
        except BaseException:
            del self._results[cursor]
            raise
        if not rows and held.given_up:
            raise _given_up(held.given_up)
        page = Page(rows, held.fetched, more or bool(held.given_up))
        held.fetched += len(rows)
        if page.more:
            self._soon(0)
        else:
            del self._results[cursor]
        return page

    def read_up(self, cursor: int) -> bool:
        """Whether the server has no more of a result; from any thread."""
        held = self._results.get(cursor)
        if held is None:
            return cursor not in self._dropped
        return held.result.done and not held.given_up

    def read_ahead(self, link: Link) -> None:
        """A little of it; then other jobs come between, if there are any."""
        self._let_go()
        result = link.flying
        if not isinstance(result, OpenResult) or self._far_enough(result):
            return
        result.read_ahead(_AHEAD_SECONDS, self._far_enough)
        link.landed()
        if link.flying is not None:
            self._soon(0)

    def make_room(self, link: Link, read_only: bool, effects: Effects | None = None) -> None:
        """Free the connection for the next statement.

        Args:
            effects: that one's, when it is a person's.

        Raises:
            FailedBefore: it isn't to be sent.
            psycopg.Error: the connection was lost.
        """
        self._free(link, read_only or (effects is not None and effects.undoes and link.inside))
        # In read-only mode nothing is lost by it; what ends a transaction must get through.
        if not read_only and effects is not None and effects.effect is not Effect.TRANSACTION:
            self._tell_failure()

    def _free(self, link: Link, harmless: bool) -> None:
        result = link.flying
        if not isinstance(result, OpenResult):
            return
        if not self._far_enough(result):
            result.read_ahead(_MAKE_ROOM_SECONDS, self._far_enough)
            link.landed()
        if link.flying is None:
            return
        self.waiting = WAITING
        try:
            self._give_up(link, result, harmless, "another statement was run")
            result.give_up()
        finally:
            self.waiting = ""
        link.landed()

    def _tell_failure(self) -> None:
        """Of a result that failed behind the rows that were handed out; once."""
        import psycopg

        for held in self._results.values():
            failure = held.result.failure
            if held.told or held.result.stopped or not isinstance(failure, psycopg.Error):
                continue
            held.told = True
            if postgres_errors.is_fatal(failure):
                raise failure
            raise FailedBefore(f"{redact(str(failure.diag.message_primary))} ({failure.sqlstate})")

    def rest(self, link: Link, limit: float, read_only: bool) -> None:
        """Give up what nobody looked at for `limit` seconds: the server holds a snapshot for it."""
        held = self._of(link.flying)
        if not limit or held is None or held.given_up:
            return
        if time.monotonic() - held.touched > limit:
            reason = f"it was left open for {limit:g} seconds"
            self._give_up(link, held.result, read_only, reason)
            # Dropped little by little: a statement that comes meanwhile must be able to say so.
            self._soon(0)

    def forget(self) -> None:
        """Let go of all of them."""
        self._dropped |= dict.fromkeys(self._results, "the connection it came over is gone")
        while self._results:
            self._leaving.append(self._results.popitem()[1].result)
        self._let_go()

    def _let_go(self) -> None:
        """Behind the page somebody waits for: it takes as long as that page."""
        while self._leaving:
            self._leaving.pop().forget()

    def _give_up(self, link: Link, result: OpenResult, harmless: bool, reason: str) -> None:
        """Want no more of what flies, and have it stopped where nothing is lost by that.

        Args:
            harmless: nothing is, for certain.
        """
        held = self._of(result)
        if held is not None:
            held.given_up = held.given_up or reason
        result.dropped = True
        alone = link.transaction is Transaction.IDLE or bool(result.flight.unwind)
        if alone and (harmless or self._unwritten(result.flight.statement)):
            link.stop_now()

    def _far_enough(self, result: OpenResult) -> bool:
        if result.dropped:
            return False
        rows, size = result.ahead
        held = self._of(result)
        limited = self._limit and held is not None and held.fetched + rows >= self._limit
        return bool(limited) or rows >= _AHEAD_ROWS or size >= _AHEAD_BYTES

    def _of(self, result: object) -> Held | None:
        return next((held for held in self._results.values() if held.result is result), None)


def _given_up(reason: str) -> StatementError:
    return StatementError(
        f"The rest of the result was given up: {reason}.",
        fix="The rows that were read stay; run the statement again for the others.",
    )
