"""PostgreSQL on psycopg: an implementation of `protocol.Connection`.

Read-only is the server's own `default_transaction_read_only`. PostgreSQL 14 and later report
every change of it on the wire (GUC_REPORT), so it is checked before each statement without a
round trip and set again when anything undid it; before 14 it is set each time. It prevents
accidents, not attackers.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from rolebrowser.cancel import Cancel
from rolebrowser.connection import postgres_errors, postgres_facts
from rolebrowser.connection.owner_thread import OwnerThread
from rolebrowser.connection.postgres_results import OpenResult
from rolebrowser.connection.protocol import (
    Address,
    Connection,
    Notice,
    Outcome,
    Page,
    Row,
    ServerInfo,
    Settings,
    Transaction,
    Value,
)
from rolebrowser.connection.statements import classify
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    ReadOnlyRefused,
    RolebrowserError,
    RouteError,
    StatementError,
)
from rolebrowser.target import Engine

if TYPE_CHECKING:
    import psycopg

_INFO = """
SELECT version(), current_setting('server_version'), current_setting('server_version_num'),
       current_user, current_database(), pg_is_in_recovery()::text, pg_backend_pid()::text
"""
_LOST = {"57P01", "57P02", "57P03", "08000", "08003", "08006"}


def open_connection(
    address: Address, settings: Settings, cancel: Cancel | None = None
) -> Connection:
    """Log in and set the connection up; blocks until it is ready.

    Raises:
        LoginRefused, RouteError, TlsError, TimedOut, ConnectionLost: as libpq's words tell.
        Cancelled: `cancel` was set; the attempt ends in the background and is closed.
    """
    cancel = cancel or Cancel()
    cancel.check()
    opened = PostgresConnection(address, settings)
    ready = opened.reconnect()
    settled = threading.Event()
    ready.add_done_callback(lambda _: settled.set())
    forget = cancel.on_cancel(settled.set)
    settled.wait()
    forget()
    if not ready.done():
        opened.close()
        raise Cancelled
    try:
        ready.result()
    except BaseException:
        opened.close()
        raise
    return opened


class PostgresConnection:
    """See `protocol.Connection`."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._owner = OwnerThread(f"postgres {address.host}")
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._info: ServerInfo | None = None
        self._read_only = settings.read_only
        self._open: OpenResult | None = None
        self._cursor = 0
        self._fetched = 0
        self._notices: list[Notice] = []
        self._closed = False

    @property
    def info(self) -> ServerInfo:
        """What the server said at login."""
        if self._info is None:
            raise ConnectionLost("The connection was never opened.")
        return self._info

    @property
    def alive(self) -> bool:
        """False once the connection is closed or lost."""
        return not self._closed and self._connection is not None and not self._connection.closed

    @property
    def read_only(self) -> bool:
        """The mode."""
        return self._read_only

    @property
    def transaction(self) -> Transaction:
        """As libpq last knew it."""
        if self._connection is None or not self.alive:
            return Transaction.UNKNOWN
        states = (
            Transaction.IDLE,
            Transaction.ACTIVE,
            Transaction.OPEN,
            Transaction.FAILED,
            Transaction.UNKNOWN,
        )
        return states[min(int(self._connection.pgconn.transaction_status), 4)]

    def run(self, statement: str, *, page_rows: int | None = None) -> Future[Outcome]:
        """Run one statement and fetch its first page."""
        rows = page_rows or self._settings.page_rows
        return self._owner.submit(lambda: self._guarded(lambda: self._run(statement, rows)))

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """Run a catalog query of ours and fetch all of it."""
        return self._owner.submit(lambda: self._guarded(lambda: self._query(sql, parameters)))

    def more(self, cursor: int) -> Future[Page]:
        """The next page of an open result."""
        return self._owner.submit(lambda: self._guarded(lambda: self._more(cursor)))

    def set_read_only(self, read_only: bool) -> Future[None]:
        """Switch the mode."""
        return self._owner.submit(lambda: self._guarded(lambda: self._switch(read_only)))

    def reconnect(self) -> Future[ServerInfo]:
        """Log in (anew) with a fresh password."""
        return self._owner.submit(self._connect)

    def cancel(self) -> None:
        """Ask the server to stop; the request goes out in a thread of its own."""
        connection = self._connection
        if connection is None or connection.closed:
            return

        def ask() -> None:
            with contextlib.suppress(Exception):
                connection.cancel_safe(timeout=5)

        threading.Thread(target=ask, name="cancel", daemon=True).start()

    def close(self) -> None:
        """End it, from any thread; what runs at the server is cancelled."""
        if self._closed:
            return
        self._closed = True
        if self.transaction is not Transaction.IDLE:
            self.cancel()
        connection = self._connection

        def finish() -> None:
            self._open = None
            if self._connection is not None:
                self._connection.close()

        self._owner.submit(finish)
        self._owner.end()
        if connection is not None:
            # The owner may sit in a read: a shut socket wakes it whatever the server does.
            with contextlib.suppress(OSError, ValueError), self._socket(connection) as held:
                threading.Timer(0.2, _shut, [held.dup()]).start()

    @staticmethod
    def _socket(connection: Any) -> socket.socket:
        return socket.socket(fileno=socket.dup(connection.pgconn.socket))

    # ── in the owner thread ──────────────────────────────────────────────────────────────────

    def _guarded(self, job: Any) -> Any:
        import psycopg

        connection = self._connection
        if self._closed or connection is None or connection.closed:
            raise postgres_errors.lost("")
        try:
            return job()
        except RolebrowserError:
            raise
        except psycopg.Error as error:
            if connection.closed or error.sqlstate in _LOST or error.sqlstate is None:
                with contextlib.suppress(Exception):
                    connection.close()
                raise postgres_errors.lost(str(error)) from None
            raise postgres_errors.statement_error(error) from None

    def _connect(self) -> ServerInfo:
        import psycopg

        if self._connection is not None:
            self._connection.close()
        self._open = None
        try:
            connection = psycopg.connect(
                **_parameters(self._address, self._settings), autocommit=True
            )
        except psycopg.Error as error:
            raise postgres_errors.login_error(error, self._address) from None
        if self._closed:
            connection.close()
            raise Cancelled
        self._connection = connection
        connection.add_notice_handler(self._notice)
        try:
            row = self._set_up(connection)
        except psycopg.Error as error:
            connection.close()
            raise postgres_errors.login_error(error, self._address) from None
        self._info = self._describe(connection, row)
        return self._info

    def _set_up(self, connection: psycopg.Connection[tuple[object, ...]]) -> Row:
        # One round trip, after login rather than in the startup packet: RDS Proxy takes no options.
        settings = self._settings
        mode = "ONLY" if self._read_only else "WRITE"
        setup = (
            f"SET SESSION CHARACTERISTICS AS TRANSACTION READ {mode};"
            f"SET statement_timeout = {int(settings.statement_timeout * 1000)};"
            "SET idle_in_transaction_session_timeout = "
            f"{int(settings.idle_in_transaction_timeout * 1000)};"
        )
        results = connection.execute((setup + _INFO).encode())
        while results.nextset():
            pass
        row = results.fetchone()
        assert row is not None
        return tuple(None if value is None else str(value) for value in row)

    def _describe(self, connection: psycopg.Connection[Any], row: Row) -> ServerInfo:
        banner, version, number, user, dbname, recovery, pid = (value or "" for value in row)
        return ServerInfo(
            engine=Engine.POSTGRES,
            flavor=banner.split()[0],
            version=version.split()[0],
            version_number=int(number),
            user=user,
            dbname=dbname,
            host=self._address.host,
            port=self._address.port,
            backend_pid=int(pid),
            in_recovery=recovery == "true",
            tls=postgres_facts.tls(connection),
            facts=postgres_facts.facts(connection),
        )

    def _notice(self, diagnostic: Any) -> None:
        severity = diagnostic.severity_nonlocalized or "NOTICE"
        text = diagnostic.message_primary or ""
        self._notices.append(Notice(severity, text, diagnostic.sqlstate or ""))

    @property
    def _driver(self) -> psycopg.Connection[tuple[object, ...]]:
        assert self._connection is not None
        return self._connection

    def _close_result(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _assert_mode(self) -> None:
        if self.transaction is not Transaction.IDLE:
            return
        wanted = b"on" if self._read_only else b"off"
        reported = self._driver.pgconn.parameter_status(b"default_transaction_read_only")
        if reported != wanted:
            mode = "ONLY" if self._read_only else "WRITE"
            self._driver.execute(f"SET SESSION CHARACTERISTICS AS TRANSACTION READ {mode}".encode())

    def _refuse_undoing(self, statement: str) -> None:
        if not self._read_only:
            return
        reason = classify(statement).undoes_read_only
        if reason:
            raise ReadOnlyRefused(
                "The statement was not sent: the connection is read-only.",
                why=f"{reason[0].upper()}{reason[1:]}.",
                fix="Switch to read-write first, if that is what you mean.",
            )

    def _run(self, statement: str, page_rows: int) -> Outcome:
        self._close_result()
        self._refuse_undoing(statement)
        self._assert_mode()
        self._notices = []
        started = time.monotonic()
        result = OpenResult(self._driver, statement, chunk=page_rows)
        self._open = result
        rows, more = result.take(page_rows)
        self._cursor += 1
        self._fetched = len(rows)
        if not more:
            self._open = None
        return Outcome(
            statement=statement,
            status=result.status,
            columns=result.columns,
            page=Page(rows, 0, more),
            cursor=self._cursor if more else 0,
            rowcount=_count(result.status),
            seconds=time.monotonic() - started,
            notices=tuple(self._notices),
        )

    def _more(self, cursor: int) -> Page:
        if self._open is None or cursor != self._cursor:
            return Page()
        rows, more = self._open.take(self._settings.page_rows)
        page = Page(rows, self._fetched, more)
        self._fetched += len(rows)
        if not more:
            self._open = None
        return page

    def _query(self, sql: str, parameters: Sequence[Value]) -> tuple[Row, ...]:
        self._close_result()
        self._assert_mode()
        if parameters:
            pieces = sql.replace("%%", "\0").split("%s")
            numbered = "".join(f"{piece}${n}" for n, piece in enumerate(pieces[:-1], 1))
            sql = (numbered + pieces[-1]).replace("\0", "%")
        result = OpenResult(self._driver, sql, parameters, chunk=5000)
        rows: list[Row] = []
        more = True
        while more:
            page, more = result.take(50_000)
            rows += page
        return tuple(rows)

    def _switch(self, read_only: bool) -> None:
        if self.transaction in (Transaction.OPEN, Transaction.FAILED):
            raise StatementError(
                "The mode can't change inside an open transaction.",
                fix="COMMIT or ROLLBACK first.",
            )
        self._close_result()
        self._read_only = read_only
        self._assert_mode()


def _shut(held: socket.socket) -> None:
    with contextlib.suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)
    held.close()


def _count(status: str) -> int | None:
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else None


def _parameters(address: Address, settings: Settings) -> dict[str, Any]:
    """libpq's parameters; every one that the environment could weaken is said outright."""
    password = address.password()
    found: dict[str, Any] = {
        **dict(address.options),
        "host": address.host,
        "port": address.dial_port or address.port,
        "user": address.user,
        "dbname": address.dbname or "postgres",
        **({"password": password.reveal()} if password is not None else {}),
        "sslmode": address.sslmode,
        "gssencmode": "disable",
        "channel_binding": "disable" if address.tls is not None else "prefer",
        "connect_timeout": max(2, int(settings.connect_timeout)),
        "application_name": settings.application_name,
        "client_encoding": "UTF8",
        "options": "",
        "target_session_attrs": "any",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    if address.ca_file:
        found["sslrootcert"] = address.ca_file
    if address.dial_host:
        found["hostaddr"] = _numeric(address.dial_host)
    return found


def _numeric(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise RouteError(
            f"The name {host}, where the route goes, can't be looked up.", why=str(error)
        ) from None
