"""Audited: a connection that tells of each statement it was given, once it is known how it ended.

A result that is still being read is told of when its end is reached, or when something else
happens to the connection: only then is the number of rows known. What changes something has a
known count from the start, and is told of at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime

from rolebrowser.connection.protocol import (
    Connection,
    Notice,
    Outcome,
    Page,
    Row,
    ServerInfo,
    Transaction,
    Value,
)
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Ran:
    """A statement and how it ended.

    Attributes:
        started: aware UTC.
        read_only: the mode it was given in.
        rows: affected or returned so far; None when it failed.
        complete: False when reading stopped before the end.
        error: why it failed; None when it didn't.
    """

    statement: str
    started: datetime
    read_only: bool
    rows: int | None = None
    complete: bool = True
    seconds: float = 0.0
    error: BaseException | None = None


class Audited:
    """See `protocol.Connection`.

    Args:
        record: called with each statement, from whichever thread learns of its end. Gives a
            sentence for the person, or an empty string; must not raise.
        begun: called as a statement is given; must neither wait nor raise.
    """

    def __init__(
        self,
        connection: Connection,
        record: Callable[[Ran], str],
        begun: Callable[[], object] = lambda: None,
    ) -> None:
        self._connection = connection
        self._begun = begun
        self._record = record
        self._lock = threading.Lock()
        self._reading: dict[int, Ran] = {}
        self._warning = ""

    @property
    def info(self) -> ServerInfo:
        """What the server said at login."""
        return self._connection.info

    @property
    def alive(self) -> bool:
        """False once the connection is closed or lost."""
        return self._connection.alive

    @property
    def read_only(self) -> bool:
        """The mode."""
        return self._connection.read_only

    @property
    def transaction(self) -> Transaction:
        """The transaction's state."""
        return self._connection.transaction

    @property
    def inside(self) -> bool:
        """Whether the person's transaction is open."""
        return self._connection.inside

    @property
    def waiting(self) -> str:
        """Why what was given last isn't sent yet."""
        return self._connection.waiting

    def run(self, statement: str, *, page_rows: int | None = None) -> Future[Outcome]:
        """Run one statement, and tell of it."""
        return self._watched(
            statement, lambda: self._connection.run(statement, page_rows=page_rows)
        )

    def copy_out(self, statement: str, write: Callable[[bytes], object]) -> Future[Outcome]:
        """Run a COPY … TO STDOUT, and tell of it."""
        return self._watched(statement, lambda: self._connection.copy_out(statement, write))

    def copy_in(self, statement: str, data: Iterable[bytes]) -> Future[Outcome]:
        """Run a COPY … FROM STDIN, and tell of it."""
        return self._watched(statement, lambda: self._connection.copy_in(statement, data))

    def _watched(self, statement: str, send: Callable[[], Future[Outcome]]) -> Future[Outcome]:
        self._settle()
        self._begun()
        ran = Ran(statement, datetime.now(UTC), self.read_only)
        given: Future[Outcome] = Future()
        inner = send()

        def withdraw(future: Future[Outcome]) -> None:
            if future.cancelled():
                inner.cancel()

        def ended(future: Future[Outcome]) -> None:
            if future.cancelled():
                given.cancel()
                return
            error = future.exception()
            outcome = None if error else self._told(ran, future.result())
            if error is not None:
                self._tell(replace(ran, error=error))
            if not given.set_running_or_notify_cancel():
                return
            if outcome is None:
                given.set_exception(error)
            else:
                given.set_result(outcome)

        given.add_done_callback(withdraw)
        inner.add_done_callback(ended)
        return given

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """A query of ours; nobody is told."""
        return self._connection.query(sql, parameters)

    def background(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """A query of ours for when nothing else is to be done; nobody is told."""
        return self._connection.background(sql, parameters)

    def more(self, cursor: int, *, rows: int | None = None) -> Future[Page]:
        """The next page of a result."""
        future = self._connection.more(cursor, rows=rows)
        future.add_done_callback(lambda done: self._read_on(cursor, done))
        return future

    def read_up(self, cursor: int) -> bool:
        """Whether the server has no more of a result."""
        return self._connection.read_up(cursor)

    def set_read_only(self, read_only: bool) -> Future[None]:
        """Switch the mode."""
        return self._connection.set_read_only(read_only)

    def cancel(self) -> None:
        """Ask the server to stop what runs."""
        self._connection.cancel()

    def reconnect(self) -> Future[ServerInfo]:
        """Log in anew."""
        self._settle()
        return self._connection.reconnect()

    def close(self) -> None:
        """End it."""
        self._settle()
        self._connection.close()

    def _told(self, ran: Ran, outcome: Outcome) -> Outcome:
        rows = outcome.rowcount
        if rows is None and outcome.columns:
            rows = len(outcome.page.rows)
        ran = replace(ran, rows=rows, seconds=outcome.seconds)
        if outcome.rowcount is None and outcome.page.more:
            with self._lock:
                self._reading[outcome.cursor] = ran
        else:
            self._tell(ran)
        warning, self._warning = self._warning, ""
        if not warning:
            return outcome
        return replace(outcome, notices=(*outcome.notices, Notice("WARNING", warning)))

    def _read_on(self, cursor: int, done: Future[Page]) -> None:
        failed = done.cancelled() or done.exception() is not None
        with self._lock:
            ran = self._reading.pop(cursor, None)
            if ran is None:
                return
            page = Page() if failed else done.result()
            ran = replace(ran, rows=(ran.rows or 0) + len(page.rows), complete=not failed)
            if page.more:
                self._reading[cursor] = ran
                return
        self._tell(ran)

    def _settle(self) -> None:
        """Tell of results whose reading has stopped."""
        with self._lock:
            stopped = list(self._reading.values())
            self._reading.clear()
        for ran in stopped:
            self._tell(replace(ran, complete=False))

    def _tell(self, ran: Ran) -> None:
        self._warning = self._record(ran) or self._warning
