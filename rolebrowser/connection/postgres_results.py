"""Running one statement over libpq and reading its rows as text, chunk by chunk.

The extended protocol (PQsendQueryParams) takes exactly one statement, so that none can hide
behind a semicolon; rows come in chunks (libpq 17: PQsetChunkedRowsMode, else row by row), so that
memory stays flat however large the result. The server holds the rest back until it is read:
`statement_timeout` goes on counting meanwhile, and the connection does nothing else.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rolebrowser.connection.protocol import Column, Row, Value
from rolebrowser.errors import StatementError

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn, PGresult

NUMERIC_OIDS = frozenset({20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069})
"""int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8: psql aligns them right."""


class OpenResult:
    """A statement on its way: columns and rows as they come, then its command tag.

    Args:
        sql: exactly one statement.
        parameters: text values for `$1` … .
        chunk: rows fetched from libpq at a time.

    Attributes:
        status: the command tag ("SELECT 5"), once the end was read.
        done: the end was read; the connection is free again.
    """

    def __init__(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        sql: str,
        parameters: Sequence[Value] = (),
        *,
        chunk: int,
    ) -> None:
        self.columns: tuple[Column, ...] = ()
        self.status = ""
        self.done = False
        self._connection = connection
        self._pgconn: PGconn = connection.pgconn
        values = [None if value is None else value.encode() for value in parameters]
        self._pgconn.send_query_params(sql.encode(), values or None)
        self._chunked(chunk)
        self._flush()
        self._rows = self._read()
        self._ahead: list[Row] = []

    def _chunked(self, rows: int) -> None:
        from psycopg import NotSupportedError

        try:
            self._pgconn.set_chunked_rows_mode(rows)
        except (AttributeError, NotSupportedError):
            self._pgconn.set_single_row_mode()

    def _flush(self) -> None:
        while self._pgconn.flush():
            readable, _, _ = select.select([self._pgconn.socket], [self._pgconn.socket], [])
            if readable:
                self._pgconn.consume_input()

    def take(self, count: int) -> tuple[tuple[Row, ...], bool]:
        """Up to `count` further rows, and whether there may be more.

        Raises psycopg.Error as the server or libpq gives it.
        """
        rows = self._ahead
        for row in self._rows:
            rows.append(row)
            # One more than asked for tells whether there is more without guessing.
            if len(rows) > count:
                break
        self._ahead = rows[count:]
        return tuple(rows[:count]), bool(self._ahead)

    def _next_result(self) -> PGresult | None:
        while self._pgconn.is_busy():
            select.select([self._pgconn.socket], [], [])
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _read(self) -> Iterator[Row]:
        from psycopg.errors import error_from_result
        from psycopg.pq import ExecStatus

        failure: Exception | None = None
        while (result := self._next_result()) is not None:
            status = result.status
            if status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH):
                self._leave_copy(status == ExecStatus.COPY_IN)
                failure = StatementError(
                    "COPY to or from the client doesn't go through here.",
                    fix="Run the SELECT, or use psql: rolebrowser shell.",
                )
            elif status == ExecStatus.FATAL_ERROR:
                failure = failure or error_from_result(result, encoding="utf-8")
            elif status != ExecStatus.EMPTY_QUERY:
                self._describe(result)
                yield from _rows(result)
                if result.command_status:
                    self.status = result.command_status.decode()
        self.done = True
        if failure is not None:
            raise failure

    def _leave_copy(self, incoming: bool) -> None:
        if incoming:
            self._pgconn.put_copy_end(b"not supported here")
            self._flush()
            return
        self._connection.cancel_safe(timeout=5)
        while self._pgconn.get_copy_data(0)[0] > 0:
            pass

    def _describe(self, result: PGresult) -> None:
        if self.columns or not result.nfields:
            return
        self.columns = tuple(
            Column(
                (result.fname(place) or b"").decode(errors="replace"),
                self._type_name(result.ftype(place)),
                result.ftype(place) in NUMERIC_OIDS,
            )
            for place in range(result.nfields)
        )

    def _type_name(self, oid: int) -> str:
        known = self._connection.adapters.types.get(oid)
        if known is None:
            return ""
        return f"{known.name}[]" if known.array_oid == oid else known.name

    def close(self) -> None:
        """Give up the rest: ask the server to stop, read what was on its way."""
        if self.done:
            return
        import psycopg

        try:
            self._connection.cancel_safe(timeout=5)
            for _ in self._rows:
                pass
        except psycopg.Error:
            # The cancellation itself arrives as an error, and a lost connection shows at the
            # next statement.
            pass
        self.done = True


def _rows(result: PGresult) -> Iterator[Row]:
    width = result.nfields
    get = result.get_value
    for number in range(result.ntuples):
        yield tuple(
            None if (value := get(number, place)) is None else value.decode(errors="replace")
            for place in range(width)
        )
