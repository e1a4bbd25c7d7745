"""What an open database connection is to the rest of the program; PostgreSQL and MySQL alike.

Pure: names and shapes only. `postgres.py` and `mysql.py` implement `Connection`; the terminal UI,
the command line and `grants/` know nothing else of a driver.

Threads: each open connection has one daemon *owner thread*, the only one that touches the
driver. Every method below that talks to the server puts a job on its queue and returns a
`concurrent.futures.Future` at once: the command line calls `.result()`, the UI awaits
`asyncio.wrap_future`. `cancel` and `close` may be called from any thread at any time.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import field
from enum import StrEnum
from typing import Protocol

from rolebrowser.errors import RolebrowserError
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine

Value = str | None
"""A cell as the server writes it in text form (`t`, `2026-11-23 20:00:00+00`, `infinity`), or None
for NULL. Never converted: nothing is lost and nothing can fail to load."""
Row = tuple[Value, ...]


class Transaction(StrEnum):
    """State of the connection's transaction, as the server last reported it."""

    IDLE = "idle"
    ACTIVE = "active"
    """A statement is running."""
    OPEN = "in transaction"
    FAILED = "failed transaction"
    UNKNOWN = "unknown"
    """The connection is gone."""


class Passage(Protocol):
    """A route that has to be held open while a connection lives: a tunnel.

    Its port stays the same for its whole life. `open` and `close` may be called from any thread.
    """

    def open(self) -> None:
        """Return when it can be dialled, starting it anew where it has ended; blocks.

        Raises:
            RouteError, TimedOut and others of the tree: it can't be opened.
        """
        ...

    def close(self) -> None:
        """End it, without waiting; idempotent."""
        ...

    @property
    def means(self) -> str:
        """What it is, in a few words: "ssh bastion"."""
        ...

    def stay(self) -> None:
        """Start it again whenever it ends, until it is closed; returns at once."""
        ...

    def explain(self, error: RolebrowserError) -> RolebrowserError:
        """An error of a connection through it, with what it knows of the cause."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where and as whom to log in: all a connection needs to know of the two roads.

    Attributes:
        host: the endpoint's real name: checked against the certificate and sent as SNI.
        port: the endpoint's real port (the one a token is signed for).
        user, dbname: the login; an empty dbname means the engine's usual one.
        password: called for every attempt to connect, so that each mints a fresh token.
        tls: the context to verify the server with; None only for a plain URL that asks for it.
        ca_file: path of the PEM bundle the context trusts (libpq reads files, not contexts).
        dial_host, dial_port: where TCP really goes (a route); empty/0 = host/port.
        passage: what leads from there to the endpoint, opened before each login and closed with
            the connection; None = nothing of ours.
        sslmode: libpq's word for a plain URL; "verify-full" for everything else.
        options: further libpq parameters of a plain URL.
        plain: a plain URL: libpq's environment variables and password file apply. Never True where
            `password` gives a token.
        ask: asks a person when the server wants a password and `password` gave none; None = nobody
            is there.
    """

    engine: Engine
    host: str
    port: int
    user: str
    dbname: str
    password: Callable[[], Secret | None]
    tls: ssl.SSLContext | None = None
    ca_file: str = ""
    dial_host: str = ""
    dial_port: int = 0
    passage: Passage | None = None
    sslmode: str = "verify-full"
    options: tuple[tuple[str, str], ...] = ()
    plain: bool = False
    ask: Callable[[], Secret | None] | None = None

    @property
    def where(self) -> str:
        """The endpoint, and where TCP goes for it, for sentences."""
        where = f"{self.host}:{self.dial_port or self.port}"
        return where + (f" (dialled at {self.dial_host})" if self.dial_host else "")

    def told(self, error: RolebrowserError) -> RolebrowserError:
        """An error of a connection there, with what the passage knows of the cause."""
        return error if self.passage is None else self.passage.explain(error)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a connection behaves; from config.toml.

    Attributes:
        read_only: open read-only on the server, and re-assert before each statement.
        connect_timeout, statement_timeout, idle_in_transaction_timeout: seconds; 0 = none.
        page_rows: rows of one page.
        row_limit: rows of one result that are read before somebody asks for them; 0 = no limit.
    """

    read_only: bool = True
    connect_timeout: float = 10.0
    statement_timeout: float = 60.0
    idle_in_transaction_timeout: float = 300.0
    page_rows: int = 500
    row_limit: int = 0
    application_name: str = "rolebrowser"


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What the server said of itself after login.

    Attributes:
        flavor: "PostgreSQL", "Aurora PostgreSQL", "MariaDB", "MySQL" …
        version: its own version string, e.g. "18.1" or "10.11.19-MariaDB".
        version_number: PostgreSQL 180001, MySQL/MariaDB 101119.
        in_recovery: True on a reader (pg_is_in_recovery, innodb_read_only).
        tls: e.g. "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty without TLS.
        facts: the client's own knowledge of the connection, as `\\conninfo` lists it.
    """

    engine: Engine
    flavor: str
    version: str
    version_number: int
    user: str
    dbname: str
    host: str
    port: int
    backend_pid: int
    in_recovery: bool = False
    tls: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result.

    Attributes:
        type_name: the server's word for it ("int4", "jsonb", "VARCHAR"); "" when unknown.
        numeric: to be aligned right, as psql does.
    """

    name: str
    type_name: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive rows of a result.

    Attributes:
        first: index of the first row in the whole result, from 0.
        more: the server may have more; `Connection.more(cursor)` gives them.
    """

    rows: tuple[Row, ...] = ()
    first: int = 0
    more: bool = False


WAITING = (
    "The statement before it still runs: its rows are read to the end, as stopping it could undo "
    "what its functions changed."
)
"""What `Connection.waiting` says."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A NOTICE, WARNING … the server sent along."""

    severity: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one statement gave: its first page and how it ended.

    Attributes:
        statement: the statement as sent.
        status: the command tag ("SELECT 5", "GRANT"); empty while rows are still to come.
        columns: empty for a statement without a result.
        page: the first rows.
        cursor: hand it to `Connection.more` while `page.more`; 0 when there is nothing more.
        rowcount: rows affected or returned as the server counted; None while unknown.
        seconds: from sending to the first page.
        text: ready-made text instead of rows (a backslash command's byte-exact table).
        shown: the same laid out for a screen, where foreign characters in it have to be made
            visible first; empty = `text` can be shown as it is.
        title: heading of a backslash command's result.
        described: `text` says more than the columns do: what stands below them.
    """

    statement: str
    status: str = ""
    columns: tuple[Column, ...] = ()
    page: Page = field(default_factory=Page)
    cursor: int = 0
    rowcount: int | None = None
    seconds: float = 0.0
    notices: tuple[Notice, ...] = ()
    text: str = ""
    shown: str = ""
    title: str = ""
    described: bool = False


class Connection(Protocol):
    """An open database connection.

    Errors of every Future: `StatementError` (the server refused; the connection lives on),
    `ReadOnlyRefused` (not sent), `ConnectionLost` (it is gone; see `alive`), `Cancelled`.
    """

    @property
    def info(self) -> ServerInfo:
        """What the server said at login."""
        ...

    @property
    def alive(self) -> bool:
        """False once the connection is closed or lost."""
        ...

    @property
    def read_only(self) -> bool:
        """The mode: True means each statement is sent under a re-asserted read-only setting."""
        ...

    @property
    def transaction(self) -> Transaction:
        """The transaction's state; never blocks."""
        ...

    @property
    def inside(self) -> bool:
        """Whether the person's transaction is open, also while a statement runs; never blocks."""
        ...

    @property
    def waiting(self) -> str:
        """Why what was given last isn't sent yet, as a sentence; empty when it is. Never blocks."""
        ...

    def run(self, statement: str, *, page_rows: int | None = None) -> Future[Outcome]:
        """Run one statement (no backslash commands, see `psql.py`) and fetch its first page.

        Rows of an earlier result that were read already stay to be had by `more`; where the server
        still has more of them, those are given up, and `more` says so once it comes to them. That
        takes no longer than a second or two, unless stopping that statement would undo what it
        did: then it is read to its end, `waiting` says so, and `cancel` stops it.
        """
        ...

    def copy_out(self, statement: str, write: Callable[[bytes], object]) -> Future[Outcome]:
        """Run a COPY … TO STDOUT; `write` gets what the server sends, in the owner thread.

        StatementError where the engine has no such thing, or `write` raised an OSError, which is
        then its cause; outside a transaction the server is told to stop.
        """
        ...

    def copy_in(self, statement: str, data: Iterable[bytes]) -> Future[Outcome]:
        """Run a COPY … FROM STDIN with its data, which is asked for in the owner thread.

        StatementError where the engine has no such thing; in read-only mode ReadOnlyRefused.
        """
        ...

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """Run a catalog query of ours and fetch all of it; an earlier result fares as with `run`.

        Args:
            sql: with `%s` placeholders when there are parameters (then `%` is written `%%`).
        """
        ...

    def background(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        """As `query`, but only when nothing else waits, no result is open and no transaction.

        Nobody's statement is held up by more than one such query, so let each be small. `cancel`
        stops it too.
        """
        ...

    def more(self, cursor: int, *, rows: int | None = None) -> Future[Page]:
        """The next page of a result; an empty one, without more, of a result that has ended.

        Args:
            rows: at most so many, if that is less than a page.

        A page may be shorter than asked for while `more` is True. StatementError when the rest was
        given up, or the server failed midway: the rows that came before stay true.
        """
        ...

    def read_up(self, cursor: int) -> bool:
        """Whether the server has no more of a result: what `more` will give was read already."""
        ...

    def set_read_only(self, read_only: bool) -> Future[None]:
        """Switch the mode, on the server too; refused inside an open transaction."""
        ...

    def cancel(self) -> None:
        """Ask the server to stop what runs; what waits behind it isn't sent.

        Returns at once, from any thread. The Futures then give `Cancelled`.
        """
        ...

    def reconnect(self) -> Future[ServerInfo]:
        """Log in anew with a fresh password from `Address.password`; nothing is run again.

        A statement that still runs is cancelled and cut off. Settings and temporary tables of the
        old connection are gone.
        """
        ...

    def close(self) -> None:
        """End it: cancels what runs, closes the socket, ends the owner thread. Idempotent."""
        ...
