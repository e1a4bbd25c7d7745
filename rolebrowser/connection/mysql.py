"""MySQL and MariaDB on PyMySQL: an implementation of `protocol.Connection`.

Read-only mode has two locks: `SET SESSION TRANSACTION READ ONLY` is sent again before each
statement, and statements that work around a read-only transaction aren't sent (effects.py). It
prevents accidents, not attackers.

Rows come from the server as they are asked for (mysql_held.py).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from rolebrowser.cancel import Cancel
from rolebrowser.connection import mysql_errors, mysql_facts, mysql_login, read_only
from rolebrowser.connection.effects import Effect, Effects, classify
from rolebrowser.connection.mysql_held import HeldResults
from rolebrowser.connection.mysql_results import OpenResult
from rolebrowser.connection.opening import opened_in_time
from rolebrowser.connection.owner_thread import OwnerThread
from rolebrowser.connection.protocol import (
    WAITING,
    Address,
    Connection,
    Outcome,
    Page,
    Row,
    ServerInfo,
    Settings,
    Transaction,
    Value,
)
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    FailedBefore,
    RolebrowserError,
    StatementError,
)
from rolebrowser.target import Engine

T = TypeVar("T")

_IN_TRANSACTION = 0x0001
"""SERVER_STATUS_IN_TRANS (MySQL's client/server protocol, status flags)."""


def open_connection(
    address: Address, settings: Settings, cancel: Cancel | None = None
) -> Connection:
    """Log in and set the connection up; blocks until it is ready.

    Raises:
        LoginRefused, RouteError, TlsError, TimedOut, ConnectionLost: as the driver's words tell.
        Cancelled: `cancel` was set; the attempt ends in the background and is closed.
        Whatever `address.password` raises.
    """
    cancel = cancel or Cancel()
    cancel.check()
    return opened_in_time(MysqlConnection(address, settings), cancel)


class MysqlConnection:
    """See `protocol.Connection`."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._read_only = settings.read_only
        self._driver: Any = None
        self._plug: mysql_login.Plug | None = None
        self._info: ServerInfo | None = None
        self._orders = self._stopped = self._order = 0
        self._closed = self._busy = self._inside = False
        self._killing = threading.Lock()
        self._held = HeldResults(self._stop, self._killing, settings.row_limit)
        self._waiting = ""
        self._owner = OwnerThread(
            f"mysql {address.host}",
            idle=self._idle,
            ended=mysql_errors.closed,
            quiet=self._quiet,
        )

    @property
    def info(self) -> ServerInfo:
        """What the server said at login."""
        if self._info is None:
            raise ConnectionLost("The connection was never opened.")
        return self._info

    @property
    def alive(self) -> bool:
        """False once the connection is closed or lost."""
        return not self._closed and self._driver is not None and self._driver.open

    @property
    def read_only(self) -> bool:
        """The mode."""
        return self._read_only

    @property
    def transaction(self) -> Transaction:
        """The transaction's state, as the server last told."""
        if not self.alive:
            return Transaction.UNKNOWN
        if self._busy:
            return Transaction.ACTIVE
        return Transaction.OPEN if self.inside else Transaction.IDLE

    @property
    def inside(self) -> bool:
        """Whether the person's is open; that of a statement that isn't over doesn't count."""
        if self._busy or self._held.open is not None:
            return self.alive and self._inside
        return self.alive and bool(self._driver.server_status & _IN_TRANSACTION)

    @property
    def waiting(self) -> str:
        """Why what was given last isn't sent yet."""
        return self._waiting

    def run(self, statement: str, *, page_rows: int | None = None) -> Future[Outcome]:
        """Run one statement and give its first page."""
        rows = page_rows or self._settings.page_rows
        return self._submit(lambda order: self._run(order, statement, rows))

    def copy_out(self, statement: str, write: Callable[[bytes], object]) -> Future[Outcome]:
        """There is no such thing here."""
        return _no_copy("Run the SELECT and export it.")

    def copy_in(self, statement: str, data: Iterable[bytes]) -> Future[Outcome]:
        """Nor this."""
        return _no_copy("Use INSERT.")

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """Run a catalog query of ours and fetch all of it."""
        values = tuple(parameters)
        return self._submit(lambda order: self._query(sql, values))

    def background(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """A catalog query of ours for when nothing else is to be done."""
        values = tuple(parameters)
        return self._submit(lambda order: self._query(sql, values), self._owner.submit_later)

    def more(self, cursor: int, *, rows: int | None = None) -> Future[Page]:
        """The next page of a result."""
        count = min(rows or self._settings.page_rows, self._settings.page_rows)
        return self._submit(lambda order: self._held.page(cursor, count))

    def read_up(self, cursor: int) -> bool:
        """Whether the server has no more of a result."""
        return self._held.read_up(cursor)

    def set_read_only(self, read_only: bool) -> Future[None]:
        """Switch the mode."""
        return self._submit(lambda order: self._switch(read_only))

    def reconnect(self) -> Future[ServerInfo]:
        """Log in (anew) with a fresh password; what still runs is cut off."""
        if self._busy and self._plug is not None:
            self._plug.pull()
        return self._owner.submit(self._connect)

    def cancel(self) -> None:
        """Ask the server to stop what runs; what waits behind it isn't sent."""
        self._stopped = self._orders
        if self._busy and self._info is not None:
            wanted = self._order
            threading.Thread(
                target=self._kill, args=(wanted, self._info.backend_pid), daemon=True
            ).start()

    def close(self) -> None:
        """End it; what runs at the server is cancelled."""
        if self._closed:
            return
        self._closed = True
        if self._busy and self._plug is not None:
            self._plug.pull()
        if self._address.passage is not None and self._driver is None:
            # Whoever waits for it to open needn't any longer.
            self._address.passage.close()
        self._owner.submit(self._end)
        self._owner.end()

    # ── from another thread ──────────────────────────────────────────────────────────────────

    def _kill(self, order: int, thread: int) -> None:
        """KILL QUERY over a second connection, unless something else runs by then."""

        def kill(second: Any) -> None:
            # While the lock is held no other statement is sent: none is hit by mistake.
            with self._killing:
                if self._busy and self._order == order:
                    if (result := self._held.open) is not None:
                        result.stopped = True
                    second.query(f"KILL QUERY {thread:d}")

        mysql_login.besides(self._address, self._settings, kill)

    def _stop(self, result: OpenResult) -> None:
        """The same of a result whose rows nobody waits for, unless that undoes what it did."""

        def kill(second: Any) -> None:
            if not self._read_only and mysql_facts.calls_stored(second, result.statement):
                return
            with self._killing:
                if self._held.open is result and not result.stopped:
                    result.stopped = True
                    second.query(f"KILL QUERY {self.info.backend_pid:d}")

        mysql_login.besides(self._address, self._settings, kill)

    # ── in the owner thread ──────────────────────────────────────────────────────────────────

    def _submit(
        self,
        job: Callable[[int], T],
        submit: Callable[[Callable[[], T]], Future[T]] | None = None,
    ) -> Future[T]:
        self._orders += 1
        order = self._orders
        return (submit or self._owner.submit)(lambda: self._guarded(job, order))

    def _guarded(self, job: Callable[[int], T], order: int) -> T:
        """A job with the driver's errors told as ours."""
        import pymysql

        if not self.alive:
            raise mysql_errors.closed() if self._closed else self._lost("")
        with self._killing:
            if order <= self._stopped:
                raise Cancelled("The statement was cancelled before it was sent.")
            self._inside = self.inside
            self._order, self._busy = order, True
        try:
            return job(order)
        except pymysql.MySQLError as error:
            if not self._driver.open or mysql_errors.is_lost(error):
                self._drop()
                raise self._lost(mysql_errors.parts(error)[1]) from None
            self._held.broke()
            self._ask_state()
            if order <= self._stopped and mysql_errors.was_killed(error):
                raise Cancelled("The statement was cancelled.") from None
            advice = read_only.advice(self._read_only, self.info.in_recovery)
            raise mysql_errors.statement_error(error, self._settings, advice) from None
        except (OSError, ValueError) as error:
            # The socket was cut, or what came over it was no protocol.
            self._drop()
            raise self._lost(str(error)) from None
        finally:
            with self._killing:
                self._busy = False

    def _ask_state(self) -> None:
        """An error tells nothing of the transaction: a deadlock ends it, another doesn't."""
        import pymysql

        with contextlib.suppress(pymysql.MySQLError):
            self._driver.ping(reconnect=False)

    def _lost(self, text: str) -> RolebrowserError:
        return self._address.told(mysql_errors.lost(text))

    def _drop(self) -> None:
        with contextlib.suppress(Exception):
            self._driver._force_close()
        self._held.broke()

    def _connect(self) -> ServerInfo:
        self._finish()
        driver: Any = mysql_login.connect(self._address, self._settings)
        try:
            if self._closed:
                raise Cancelled
            self._info = mysql_facts.set_up(
                driver, self._address, self._settings, read_only=self._read_only
            )
            self._plug = mysql_login.Plug(driver)
        except BaseException:
            driver._force_close()
            raise
        self._driver = driver
        return self._info

    def _end(self) -> None:
        self._finish()
        if self._address.passage is not None:
            self._address.passage.close()

    def _finish(self) -> None:
        self._held.forget()
        if self._driver is not None:
            with contextlib.suppress(Exception):
                self._driver._force_close()
        if self._plug is not None:
            self._plug.close()
            self._plug = None

    def _idle(self) -> None:
        """Now and then: notice that the server went away."""
        if self.alive and self._held.open is None and mysql_facts.hung_up(self._driver):
            self._drop()

    def _quiet(self) -> bool:
        """Whether a background query would disturb nothing; of a lost connection, it fails."""
        return not self.alive or (self.transaction is Transaction.IDLE and self._held.open is None)

    def _run(self, order: int, statement: str, page_rows: int) -> Outcome:
        effects = classify(statement, Engine.MYSQL)
        if self._read_only:
            read_only.refuse(effects)
        self._make_room(effects)
        if self._read_only:
            self._assert_read_only()
        started = time.monotonic()
        result = self._send(statement)
        rows = result.take(page_rows)
        more = not result.done
        if more:
            # What changes something isn't done, and may be undone, before its last row was read.
            self._held.hold(order, result, len(rows), whole=effects.effect is not Effect.READ)
        seconds = time.monotonic() - started
        return Outcome(
            statement=statement,
            status=result.status if result.done else "",
            columns=result.columns,
            page=Page(rows, 0, more),
            cursor=order if more else 0,
            rowcount=result.rowcount if result.done else None,
            seconds=seconds,
            notices=mysql_facts.warnings(self._driver) if result.done else (),
        )

    def _make_room(self, effects: Effects | None = None) -> None:
        """Free the connection for the job under way.

        Args:
            effects: its own, when it is a person's statement.
        """
        if self._held.open is not None:
            self._waiting = WAITING
        try:
            self._held.make_room()
        except FailedBefore:
            self._ask_state()
            # As with PostgreSQL (postgres_held.py).
            theirs = effects is not None and effects.effect is not Effect.TRANSACTION
            if theirs and not self._read_only:
                raise
        finally:
            self._waiting = ""
        if self._order <= self._stopped:
            raise Cancelled("The statement was cancelled before it was sent.")

    def _send(self, sql: str, parameters: tuple[Value, ...] = ()) -> OpenResult:
        from pymysql.cursors import SSCursor

        cursor = self._driver.cursor(SSCursor)
        cursor.execute(sql, parameters or None)
        return OpenResult(cursor, sql)

    def _query(self, sql: str, parameters: tuple[Value, ...]) -> tuple[Row, ...]:
        self._make_room()
        if self._read_only:
            self._assert_read_only()
        if not parameters:
            sql = sql.replace("%%", "%") if "%s" in sql else sql
        result = self._send(sql, parameters)
        rows: list[Row] = []
        while not result.done:
            rows += result.take(1000)
        return tuple(rows)

    def _assert_read_only(self) -> None:
        self._driver.query(mysql_login.READING)

    def _switch(self, wanted: bool) -> None:
        if self.inside:
            raise StatementError(
                "The mode can't change inside an open transaction.",
                fix="COMMIT or ROLLBACK first.",
            )
        self._make_room()
        self._driver.query(f"SET SESSION TRANSACTION READ {'ONLY' if wanted else 'WRITE'}")
        self._read_only = wanted


def _no_copy(fix: str) -> Future[Outcome]:
    refused: Future[Outcome] = Future()
    refused.set_exception(StatementError("MySQL has no COPY.", fix=fix))
    return refused
