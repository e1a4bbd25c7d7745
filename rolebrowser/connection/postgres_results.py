"""One statement on its way over libpq, and its rows as text, chunk by chunk.

*One statement*: the extended protocol (PQsendQueryParams) takes exactly one, so that none can hide
behind a semicolon: the server refuses `SELECT 1; DELETE …` as a whole.

*Pipeline*: what must go before it (BEGIN READ ONLY) and after it (COMMIT) travels with it, so that
it costs no round trip; the server skips the rest when one of them fails.

*Streaming*: rows come in chunks (libpq 17: PQsetChunkedRowsMode, else row by row) and the server
holds back what isn't read, so memory stays flat however large the result. Not a server-side
cursor: PostgreSQL runs no parallel plan under one, it works for SELECT alone, and its transaction
would stay open while a person looks at rows. The price: until the last row is read the connection
does nothing else, and `statement_timeout` goes on counting. So rows are read ahead into a `Spool`
(postgres_held.py says how far), which ends all but very large results at once.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from rolebrowser.connection.protocol import Row, Value
from rolebrowser.connection.spool import Spool
from rolebrowser.frozen import dataclass

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn, PGresult

NUMERIC_OIDS = frozenset({20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069})
"""int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8: psql aligns them right."""

_CHUNK_ROWS = 20
"""Measured: 200,000 rows of 10 columns take 0.42 s so, 0.38 s in chunks of 500, 0.50 s row by row;
few, so that a statement that finds rows slowly shows the first ones soon."""

_PATIENCE = 0.3
"""Seconds after which a page is handed out with fewer rows than asked for."""


@dataclass(frozen=True, slots=True)
class Flight:
    """What goes over the wire together.

    Attributes:
        statement: the person's, or a query of ours; exactly one.
        prelude: sent as a transaction of its own before everything else.
        before, after: in the statement's own transaction.
        undo: what to run when it failed, to leave the transaction as it was.
        unwind: the same when it was given up midway.
    """

    statement: str
    parameters: tuple[Value, ...] = ()
    prelude: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    unwind: tuple[str, ...] = ()


class OpenResult:
    """A statement sent; its rows, then its command tag.

    Attributes:
        fields: name and type (an oid) of each column; known once `take` was called.
        status: the command tag ("SELECT 5"), once the end was read.
        done: the end was read; the connection is free again.
        dropped: rows that come from now on are of no interest to anybody.
        stopped: the server was asked to end it early.
        flight: as given.
    """

    def __init__(self, connection: psycopg.Connection[Any], flight: Flight) -> None:
        self.fields: tuple[tuple[str, int], ...] = ()
        self.status = ""
        self.done = self.dropped = self.stopped = False
        self.flight = flight
        self._pgconn: PGconn = connection.pgconn
        self._connection = connection
        self._transformer = _text_only(connection)
        self._spool = Spool()
        self._failure: Exception | None = None
        self._send(flight)
        self._chunks = self._receive(flight)

    def take(self, count: int, *, whole: bool = False) -> tuple[tuple[Row, ...], bool]:
        """Up to `count` further rows, and whether there may be more.

        Waits for the first row; after that a slow statement's page may be short.

        Args:
            whole: read to the statement's end first, and keep the rest.

        Raises:
            psycopg.Error: as the server or libpq said, once the rows that came before it have been
                handed out.
            OSError: the rows read ahead have no room on the disk.
        """
        patience = time.monotonic() + _PATIENCE
        # One row more than asked for tells whether there is more, without guessing.
        while not (self.done or self.dropped) and (whole or self._spool.rows <= count):
            if not whole and self._spool.rows and not self._arrived(patience):
                break
            self._step()
        rows = self._spool.take(count)
        failure = self.failure
        if failure is not None and not self._spool.rows and not rows:
            raise failure
        return rows, bool(self._spool.rows) or not self.done or failure is not None

    def read_ahead(self, seconds: float, enough: Callable[[OpenResult], bool]) -> None:
        """Read what arrives within `seconds`, until it is `enough`."""
        until = time.monotonic() + seconds
        while not self.done and not enough(self) and self._arrived(until):
            if time.monotonic() >= until:
                return
            self._step()

    @property
    def failed(self) -> bool:
        """It didn't come to its end by itself: refused at its start or midway, or stopped."""
        return self._failure is not None

    @property
    def failure(self) -> Exception | None:
        """Why not; None also where that is because it was given up, as it was asked to."""
        return None if self._unwound else self._failure

    @property
    def undo(self) -> tuple[str, ...]:
        """What is to be run behind it, to leave the transaction as it was."""
        if not self.failed:
            return ()
        return self.flight.undo or (self.flight.unwind if self._unwound else ())

    @property
    def _unwound(self) -> bool:
        """It was given up and ended for that; what failed by itself fails the transaction."""
        from psycopg.errors import QueryCanceled

        return self.dropped and self.stopped and isinstance(self._failure, QueryCanceled)

    @property
    def ahead(self) -> tuple[int, int]:
        """Rows read and not handed out, and their size in bytes."""
        return self._spool.rows, self._spool.size

    def give_up(self) -> None:
        """Read to the end and drop those rows; those read before stay."""
        self.dropped = True
        while not self.done:
            self._step()

    def forget(self) -> None:
        """Let go of the rows that were read ahead."""
        self._spool.close()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def _step(self) -> None:
        """One chunk further; a failure is kept for after the rows."""
        import psycopg

        try:
            rows = next(self._chunks, None)
            if rows is None:
                self.done = True
            elif not self.dropped and self._failure is None:
                self._spool.put(rows)
        except OSError as error:
            # No room: the statement still runs to its end, its further rows are dropped.
            self._failure = error
        except psycopg.Error as error:
            self._failure = error
            self.done = True

    def _send(self, flight: Flight) -> None:
        pgconn = self._pgconn
        pgconn.enter_pipeline_mode()
        for sql in flight.prelude:
            pgconn.send_query_params(sql.encode(), None)
            pgconn.pipeline_sync()
        for sql in flight.before:
            pgconn.send_query_params(sql.encode(), None)
        values = [None if value is None else value.encode() for value in flight.parameters]
        pgconn.send_query_params(flight.statement.encode(), values or None)
        for sql in flight.after:
            pgconn.send_query_params(sql.encode(), None)
        pgconn.pipeline_sync()
        while pgconn.flush():
            if selectors.EVENT_READ & wait(pgconn.socket, writing=True):
                pgconn.consume_input()

    def _receive(self, flight: Flight) -> Iterator[list[Row]]:
        import psycopg

        refusal: Exception | None = None
        parts = ["aside", "sync"] * len(flight.prelude) + ["aside"] * len(flight.before)
        parts += ["statement", *(["aside"] * len(flight.after)), "sync"]
        try:
            for part in parts:
                if part == "statement" and refusal is None:
                    self._stream()
                for result in self._results(part):
                    if (error := self._refusal(result)) is not None:
                        refusal = refusal or error
                    elif part == "statement":
                        yield from self._rows(result)
            self._pgconn.exit_pipeline_mode()
        except psycopg.Error as error:
            # A FATAL's own words say more than that the connection is gone.
            raise refusal or error from None
        if refusal is not None:
            raise refusal

    def _stream(self) -> None:
        from psycopg import NotSupportedError

        try:
            self._pgconn.set_chunked_rows_mode(_CHUNK_ROWS)
        except NotSupportedError:
            self._pgconn.set_single_row_mode()

    def _results(self, part: str) -> Iterator[PGresult]:
        """The results of one part of the pipeline."""
        if part == "sync":
            self._next_result()
            return
        while (result := self._next_result()) is not None:
            yield result

    def _next_result(self) -> PGresult | None:
        while self._pgconn.is_busy():
            wait(self._pgconn.socket)
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _arrived(self, until: float) -> bool:
        """Whether the next step needs no waiting, at the latest at that time (monotonic)."""
        import psycopg

        try:
            while self._pgconn.is_busy():
                if not wait(self._pgconn.socket, seconds=max(0, until - time.monotonic())):
                    return False
                self._pgconn.consume_input()
        except psycopg.Error:
            # The step meets it again, and tells.
            return True
        return True

    def _refusal(self, result: PGresult) -> Exception | None:
        import psycopg
        from psycopg.errors import error_from_result
        from psycopg.pq import ExecStatus

        if result.status == ExecStatus.FATAL_ERROR:
            return error_from_result(result, encoding="utf-8")
        if result.status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH):
            # libpq has no way out of COPY in a pipeline; postgres.py doesn't let it come to this.
            self._connection.close()
            return psycopg.OperationalError("COPY to or from the client can't be read here")
        return None

    def _rows(self, result: PGresult) -> Iterator[list[Row]]:
        from psycopg.pq import ExecStatus

        if result.status not in (
            ExecStatus.COMMAND_OK,
            ExecStatus.TUPLES_OK,
            ExecStatus.TUPLES_CHUNK,
        ):
            return
        if not self.fields:
            self.fields = tuple(
                ((result.fname(place) or b"").decode(errors="replace"), result.ftype(place))
                for place in range(result.nfields)
            )
        if result.ntuples:
            self._transformer.set_pgresult(result)
            yield self._transformer.load_rows(0, result.ntuples, tuple)
        # On the last chunk or on the empty result behind it, as libpq happened to read them.
        if result.command_status:
            self.status = result.command_status.decode(errors="replace")


def wait(socket: int, *, writing: bool = False, seconds: float | None = None) -> int:
    """Wait until the socket can be read (or written).

    Returns selectors.EVENT_READ and EVENT_WRITE, combined; 0 when time is up.
    """
    events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
    with selectors.DefaultSelector() as selector:
        selector.register(socket, events)
        ready = selector.select(seconds)
    return ready[0][1] if ready else 0


@dataclass(frozen=True, slots=True)
class _Context:
    """What a psycopg Transformer asks for."""

    connection: Any
    adapters: Any


def _text_only(connection: psycopg.Connection[Any]) -> Any:
    """A Transformer that loads every type as the server's text: nothing is lost, nothing fails."""
    from psycopg.adapt import Transformer

    ascii_server = connection.pgconn.parameter_status(b"server_encoding") == b"SQL_ASCII"
    return Transformer(_Context(connection, _adapters(ascii_server)))


@cache
def _adapters(ascii_server: bool) -> Any:
    import psycopg
    from psycopg.adapt import AdaptersMap, Buffer, Loader
    from psycopg.types.string import TextLoader

    class AnyBytesLoader(Loader):
        """SQL_ASCII databases hold bytes of no known encoding."""

        def load(self, data: Buffer) -> str:
            return bytes(data).decode(errors="backslashreplace")

    adapters = AdaptersMap(types=psycopg.adapters.types)
    # 0 stands for "no other loader known", and there is no other.
    adapters.register_loader(0, AnyBytesLoader if ascii_server else TextLoader)
    return adapters


def numbered(sql: str) -> str:
    """`%s` → `$1`, `$2` …; `%%` → `%`."""
    pieces = sql.replace("%%", "\0").split("%s")
    text = "".join(f"{piece}${n}" for n, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
    return text.replace("\0", "%")
