"""HeldResults: results of MySQL's of which a person has seen the first rows.

Rows come from the server as they are asked for. When something else is to be sent meanwhile, some
more are kept and the rest is given up, as the protocol cannot do two things at once.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import field

from rolebrowser.connection import mysql_errors
from rolebrowser.connection.mysql_results import OpenResult
from rolebrowser.connection.protocol import Page
from rolebrowser.connection.spool import Spool
from rolebrowser.errors import FailedBefore, StatementError
from rolebrowser.frozen import dataclass

_KEPT_ROWS = 20_000
"""Rows of an open result that are read and kept when something else is to be sent."""
_KEPT_RESULTS = 8
_MAKE_ROOM_SECONDS = 0.5
"""Of keeping rows before the server is asked to end the result: it may find them slowly."""


@dataclass(slots=True)
class _Kept:
    """Rows of a result that were read and not asked for yet.

    Attributes:
        first: index of the first of them in the whole result.
        ended: the server has no more.
    """

    first: int
    rows: Spool = field(default_factory=Spool)
    ended: bool = False


class HeldResults:
    """The held results of a connection, by cursor; used by its owner thread.

    Args:
        stop: asks the server to end a result early; from any thread, and without raising.
        sending: held while `open` is let go of, and by `stop` while it asks.
        limit: rows of a result that are kept unasked; 0 = `_KEPT_ROWS` of those to come.

    Attributes:
        open: the result whose rows still come over the connection.
    """

    def __init__(
        self, stop: Callable[[OpenResult], None], sending: threading.Lock, limit: int = 0
    ) -> None:
        self.open: OpenResult | None = None
        self._stop = stop
        self._sending = sending
        self._limit = limit
        self._cursor = 0
        self._kept: dict[int, _Kept] = {}
        self._dropped: set[int] = set()

    def hold(self, cursor: int, result: OpenResult, fetched: int, *, whole: bool = False) -> None:
        """Keep a result of which some rows were handed out; the oldest make room.

        Args:
            whole: read it to its end first.
        """
        self.open, self._cursor = result, cursor
        self._kept[cursor] = kept = _Kept(fetched)
        while len(self._kept) > _KEPT_RESULTS:
            self._drop(next(iter(self._kept)))
        while whole and not kept.ended:
            self._read(kept, result, 1000)

    def page(self, cursor: int, count: int) -> Page:
        """The next page; an empty one of a result that has ended.

        Raises:
            StatementError: the rest was given up.
            The driver's errors.
        """
        kept = self._kept.get(cursor)
        if kept is None:
            if cursor in self._dropped:
                raise _given_up()
            return Page()
        if not kept.rows.rows and not kept.ended:
            if self.open is None or cursor != self._cursor:
                raise _given_up()
            self._read(kept, self.open, count)
        rows = kept.rows.take(count)
        page = Page(rows, kept.first, bool(kept.rows.rows) or not kept.ended)
        kept.first += len(rows)
        if not page.more:
            del self._kept[cursor]
        return page

    def read_up(self, cursor: int) -> bool:
        """Whether the server has no more of a result; from any thread."""
        kept = self._kept.get(cursor)
        return cursor not in self._dropped if kept is None else kept.ended

    def make_room(self) -> None:
        """Free the connection: keep some more rows of the open result and give up the rest.

        Raises:
            FailedBefore: the result failed by itself.
            The driver's errors, where the connection is lost, and only then.
        """
        result, kept = self.open, self._kept.get(self._cursor)
        if result is None:
            return
        with self._freed(result), self._stopped_in_time(result):
            while kept is not None and not kept.ended and (room := self._room(kept)) > 0:
                self._read(kept, result, min(100, room))
            if not result.done:
                self._stop(result)
            while not result.done:
                result.take(1000)

    @contextlib.contextmanager
    def _freed(self, result: OpenResult) -> Iterator[None]:
        """Takes what the server says of having ended the result early, as it was asked to."""
        import pymysql

        try:
            yield
        except pymysql.MySQLError as error:
            if mysql_errors.is_lost(error):
                raise
            if not (result.stopped and mysql_errors.was_killed(error)):
                number, text = mysql_errors.parts(error)
                raise FailedBefore(f"{text} ({number})") from None
        finally:
            self.broke()

    @contextlib.contextmanager
    def _stopped_in_time(self, result: OpenResult) -> Iterator[None]:
        timer = threading.Timer(_MAKE_ROOM_SECONDS, self._stop, (result,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def broke(self) -> None:
        """No further row comes over the connection; those that were read stay."""
        with self._sending:
            self.open = None

    def forget(self) -> None:
        """Let go of all of them."""
        self.broke()
        while self._kept:
            self._drop(next(iter(self._kept)))

    def _room(self, kept: _Kept) -> int:
        room = _KEPT_ROWS - kept.rows.rows
        return min(room, self._limit - kept.first - kept.rows.rows) if self._limit else room

    def _drop(self, cursor: int) -> None:
        self._dropped.add(cursor)
        self._kept.pop(cursor).rows.close()

    def _read(self, kept: _Kept, result: OpenResult, count: int) -> None:
        if rows := result.take(count):
            kept.rows.put(rows)
        if result.done:
            kept.ended = True
            self.broke()


def _given_up() -> StatementError:
    return StatementError(
        "The rest of the rows was given up for a statement after it.",
        fix="The rows that were read stay; run the statement again for the others.",
    )
