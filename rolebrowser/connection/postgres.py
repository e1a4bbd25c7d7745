"""PostgreSQL on psycopg: an implementation of `protocol.Connection`.

Read-only mode has three locks: each statement travels inside a transaction of its own that begins
READ ONLY (postgres_results.py: no round trip), the connection's own default is read-only, and
statements that work around a read-only transaction aren't sent (statements.py). It prevents
accidents, not attackers: a function may reach outside (dblink), and the database's owner decides.

A statement that only reads gives its first page at once and is read on in the background
(postgres_held.py). Any other is read to its end first, since it isn't committed before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from rolebrowser.cancel import Cancel
from rolebrowser.connection import (
    postgres_errors,
    postgres_facts,
    postgres_login,
    postgres_types,
    read_only,
)
from rolebrowser.connection.effects import Effect, classify
from rolebrowser.connection.opening import opened_in_time
from rolebrowser.connection.owner_thread import OwnerThread
from rolebrowser.connection.postgres_held import Held, HeldResults
from rolebrowser.connection.postgres_link import Link
from rolebrowser.connection.postgres_results import Flight, numbered
from rolebrowser.connection.postgres_written import wrote_nothing
from rolebrowser.connection.protocol import (
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
    ConfigError,
    ConnectionLost,
    RolebrowserError,
    StatementError,
)
from rolebrowser.target import Engine

T = TypeVar("T")

_QUERY_ROWS = 100_000


def open_connection(
    address: Address, settings: Settings, cancel: Cancel | None = None
) -> Connection:
    """Log in and set the connection up; blocks until it is ready.

    Raises:
        LoginRefused, RouteError, TlsError, TimedOut, ConnectionLost: as libpq's words tell.
        Cancelled: `cancel` was set; the attempt ends in the background and is closed.
        Whatever `address.password` raises.
    """
    cancel = cancel or Cancel()
    cancel.check()
    if address.engine is not Engine.POSTGRES:
        raise ConfigError(f"{address.host} speaks another protocol than PostgreSQL's.")
    return opened_in_time(PostgresConnection(address, settings), cancel)


class PostgresConnection:
    """See `protocol.Connection`."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._read_only = settings.read_only
        self._link: Link | None = None
        self._info: ServerInfo | None = None
        self._types = postgres_types.TypeNames()
        self._orders = 0
        self._ordering = threading.Lock()
        self._busy = self._closed = False
        self._owner = OwnerThread(
            f"postgres {address.host}",
            idle=self._idle,
            ended=postgres_errors.closed,
            quiet=self._quiet,
        )
        self._held = HeldResults(self._read_ahead_soon, self._unwritten, settings.row_limit)

    @property
    def info(self) -> ServerInfo:
        """What the server said at login."""
        if self._info is None:
            raise ConnectionLost("The connection was never opened.")
        return self._info

    @property
    def alive(self) -> bool:
        """False once the connection is closed or lost."""
        return not self._closed and self._link is not None and self._link.alive

    @property
    def read_only(self) -> bool:
        """The mode."""
        return self._read_only

    @property
    def transaction(self) -> Transaction:
        """The person's transaction: those around single statements don't show."""
        link = self._link
        if link is None or not self.alive:
            return Transaction.UNKNOWN
        return Transaction.ACTIVE if self._busy else link.transaction

    @property
    def inside(self) -> bool:
        """Whether the person's transaction is open, also while a statement runs."""
        return self.alive and self._link is not None and self._link.inside

    @property
    def waiting(self) -> str:
        """Why what was given last isn't sent yet."""
        return self._held.waiting

    def run(self, statement: str, *, page_rows: int | None = None) -> Future[Outcome]:
        """Run one statement and give its first page."""
        rows = page_rows or self._settings.page_rows
        return self._submit(lambda link, order: self._run(link, order, statement, rows))

    def copy_out(self, statement: str, write: Callable[[bytes], object]) -> Future[Outcome]:
        """COPY … TO STDOUT."""
        return self._submit(
            lambda link, order: self._copy(
                link,
                statement,
                lambda flight, begin: link.copy_out(flight, order, write, begin=begin),
            )
        )

    def copy_in(self, statement: str, data: Iterable[bytes]) -> Future[Outcome]:
        """COPY … FROM STDIN."""
        return self._submit(
            lambda link, order: self._copy(
                link, statement, lambda flight, _: link.copy_in(flight, order, data)
            )
        )

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """Run a catalog query of ours and fetch all of it."""
        values = tuple(parameters)
        return self._submit(lambda link, order: self._query(link, order, sql, values))

    def background(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """A catalog query of ours for when nothing else is to be done."""
        values = tuple(parameters)
        return self._submit(
            lambda link, order: self._query(link, order, sql, values), self._owner.submit_later
        )

    def more(self, cursor: int, *, rows: int | None = None) -> Future[Page]:
        """The next page of a result."""
        return self._submit(lambda link, order: self._held.page(cursor, rows))

    def read_up(self, cursor: int) -> bool:
        """Whether the server has no more of a result."""
        return self._held.read_up(cursor)

    def set_read_only(self, read_only: bool) -> Future[None]:
        """Switch the mode."""
        return self._submit(lambda link, order: self._switch(link, order, read_only))

    def reconnect(self) -> Future[ServerInfo]:
        """Log in (anew) with a fresh password; what still runs is cut off."""
        link = self._link
        if link is not None and self._busy:
            link.farewell()
        return self._owner.submit(self._connect)

    def cancel(self) -> None:
        """Ask the server to stop what runs; what waits behind it isn't sent."""
        link = self._link
        if link is not None and link.alive:
            link.stop(self._orders)

    def close(self) -> None:
        """End it; what runs at the server is cancelled."""
        if self._closed:
            return
        self._closed = True
        link = self._link
        if link is not None and link.flying is not None:
            link.farewell()
        if self._address.passage is not None and (link is None or not link.alive):
            # Whoever waits for it to open needn't any longer.
            self._address.passage.close()
        self._owner.submit(self._finish)
        self._owner.end()

    # ── in the owner thread ──────────────────────────────────────────────────────────────────

    def _submit(
        self,
        job: Callable[[Link, int], T],
        submit: Callable[[Callable[[], T]], Future[T]] | None = None,
    ) -> Future[T]:
        # In one go: a number that is given and queued later than the next would be taken for older.
        with self._ordering:
            self._orders += 1
            order = self._orders
            return (submit or self._owner.submit)(lambda: self._guarded(job, order))

    def _guarded(self, job: Callable[[Link, int], T], order: int) -> T:
        """A job with the driver's errors told as ours."""
        import psycopg

        link = self._link
        if link is None or not self.alive:
            raise postgres_errors.closed() if self._closed else self._lost(link, "")
        self._busy = True
        try:
            return job(link, order)
        except RolebrowserError:
            raise
        except psycopg.Error as error:
            if not link.alive or postgres_errors.is_fatal(error):
                link.close()
                raise self._lost(link, str(error)) from None
            if link.was_stopped() and error.sqlstate == "57014":
                raise Cancelled("The statement was cancelled.") from None
            advice = read_only.advice(self._read_only, self.info.in_recovery)
            raise postgres_errors.statement_error(error, self._settings, advice) from None
        except OSError as error:
            raise StatementError(
                "The rows read ahead could not be kept.",
                why=str(error),
                fix="Make room in the temporary directory, or ask for fewer rows.",
            ) from None
        finally:
            link.landed()
            self._busy = False

    def _lost(self, link: Link | None, text: str) -> RolebrowserError:
        said = text or (link.last_words if link else "")
        return self._address.told(postgres_errors.lost(said))

    def _connect(self) -> ServerInfo:
        self._held.forget()
        if self._link is not None:
            self._link.close()
        driver = postgres_login.connect(self._address, self._settings)
        try:
            if self._closed:
                raise Cancelled
            row = postgres_login.set_up(
                driver, self._address, self._settings, read_only=self._read_only
            )
            link = Link(driver)
        except BaseException:
            driver.close()
            raise
        self._info = postgres_facts.server_info(driver, self._address, row)
        self._link = link
        return self._info

    def _finish(self) -> None:
        self._held.forget()
        if self._link is not None:
            self._link.close()
        if self._address.passage is not None:
            self._address.passage.close()

    def _idle(self) -> None:
        """Now and then: notice that the server went away; don't hold its snapshot for ever."""
        link = self._link
        if link is None or not self.alive:
            return
        if link.flying is None:
            link.listen()
            return
        self._held.rest(link, self._settings.idle_in_transaction_timeout, self._read_only)

    def _quiet(self) -> bool:
        """Whether a background query would disturb nothing; of a lost connection, it fails."""
        link = self._link
        if link is None or not self.alive:
            return True
        return link.flying is None and link.transaction is Transaction.IDLE

    def _read_ahead_soon(self, pause: float) -> None:
        self._owner.in_a_lull(pause, self._read_ahead)

    def _read_ahead(self) -> None:
        link = self._link
        if link is not None and self.alive:
            self._held.read_ahead(link)

    def _run(self, link: Link, order: int, statement: str, page_rows: int) -> Outcome:
        effects = classify(statement)
        if self._read_only:
            read_only.refuse(effects)
        postgres_errors.refuse_unsendable(statement, effects)
        self._held.make_room(link, self._read_only, effects)
        link.notices = []
        flight = Flight(statement)
        whole = effects.effect is not Effect.READ or effects.locks
        if self._read_only:
            flight = read_only.wrapped(flight, effects, link.transaction, asserted=self._asserted())
        if not whole and link.transaction is Transaction.OPEN:
            flight = read_only.behind_savepoint(flight)
        started = time.monotonic()
        result = link.fly(flight, order)
        rows, more = result.take(page_rows, whole=whole)
        seconds = time.monotonic() - started
        link.landed()
        if self._types.missing(result.fields) and link.flying is None:
            self._types.learn(self._query(link, order, *self._types.question(result.fields)))
        if more:
            self._held.hold(order, Held(result, page_rows, len(rows)))
        return Outcome(
            statement=statement,
            status=result.status if result.done else "",
            columns=self._types.columns(result.fields),
            page=Page(rows, 0, more),
            cursor=order if more else 0,
            rowcount=_count(result.status) if result.done else None,
            seconds=seconds,
            notices=tuple(link.notices),
        )

    def _copy(
        self, link: Link, statement: str, copy: Callable[[Flight, Flight | None], str]
    ) -> Outcome:
        postgres_errors.refuse_text(statement)
        begin, effects = None, classify(statement)
        if self._read_only:
            read_only.refuse(effects)
            begin = read_only.beginning(link.transaction, asserted=self._asserted())
        self._held.make_room(link, self._read_only, effects)
        link.notices = []
        started = time.monotonic()
        status = copy(Flight(statement), begin)
        seconds = time.monotonic() - started
        notices = tuple(link.notices)
        return Outcome(
            statement, status=status, rowcount=_count(status), seconds=seconds, notices=notices
        )

    def _query(
        self, link: Link, order: int, sql: str, parameters: tuple[Value, ...] = ()
    ) -> tuple[Row, ...]:
        self._held.make_room(link, self._read_only)
        flight = Flight(numbered(sql) if parameters else sql, parameters)
        if link.transaction is Transaction.OPEN:
            # A failure of ours must not take the person's transaction with it.
            flight = read_only.in_savepoint(flight)
        elif self._read_only:
            flight = read_only.in_own_transaction(flight, asserted=self._asserted())
        result = link.fly(flight, order)
        rows, more = result.take(_QUERY_ROWS, whole=True)
        while more:
            page, more = result.take(_QUERY_ROWS)
            rows += page
        link.landed()
        return rows

    def _switch(self, link: Link, order: int, wanted: bool) -> None:
        if link.inside:
            raise StatementError(
                "The mode can't change inside an open transaction.",
                fix="COMMIT or ROLLBACK first.",
            )
        self._held.make_room(link, self._read_only)
        sql = read_only.ASSERT if wanted else read_only.LIFT
        link.fly(Flight(sql), order).take(0, whole=True)
        self._read_only = wanted

    def _unwritten(self, statement: str) -> bool:
        return wrote_nothing(self._address, self._settings, self.info.backend_pid, statement)

    def _asserted(self) -> bool:
        """Whether the connection's default is known to be read-only, without asking.

        PostgreSQL 14 and later report each change of it with the answer that brought it.
        """
        assert self._link is not None
        pgconn = self._link.driver.pgconn
        return pgconn.parameter_status(b"default_transaction_read_only") == b"on"


def _count(status: str) -> int | None:
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else None
