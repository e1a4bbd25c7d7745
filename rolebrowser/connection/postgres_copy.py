"""COPY … TO STDOUT over libpq: what the server sends is handed on as it is, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rolebrowser.connection.postgres_results import Flight, wait
from rolebrowser.errors import StatementError

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGresult


class CopyOut:
    """A COPY that was sent; has what a `Link` asks of whatever flies.

    Attributes:
        status: "COPY 5" at the end.
        done: the end was read.
        failed: the server refused it.
        flight: as given.
    """

    def __init__(self, connection: psycopg.Connection[Any], flight: Flight) -> None:
        self.flight = flight
        self.status = ""
        self.done = self.failed = False
        self._pgconn = connection.pgconn
        # The extended protocol takes exactly one statement.
        self._pgconn.send_query_params(flight.statement.encode(), None)
        while self._pgconn.flush():
            wait(self._pgconn.socket, writing=True)

    def read(self, write: Callable[[bytes], object]) -> None:
        """Hand on every chunk.

        Raises:
            psycopg.Error: as the server said.
            StatementError: `write` raised an OSError, its cause; the rest was read and dropped.
        """
        from psycopg.pq import ExecStatus

        failure: Exception | None = None
        while (result := self._next()) is not None:
            if result.status == ExecStatus.COPY_OUT:
                failure = self._pass_on(write)
            elif result.status == ExecStatus.FATAL_ERROR:
                from psycopg.errors import error_from_result

                self.failed = True
                failure = failure or error_from_result(result, encoding="utf-8")
            else:
                self.status = (result.command_status or b"").decode(errors="replace")
        self.done = True
        if failure is not None:
            raise failure

    def _pass_on(self, write: Callable[[bytes], object]) -> Exception | None:
        failure: Exception | None = None
        # Waiting inside libpq: a look at the socket between two rows takes longer than the rows.
        while (chunk := self._pgconn.get_copy_data(0))[0] > 0:
            if failure is None:
                try:
                    write(bytes(chunk[1]))
                except OSError as error:
                    why = error.strerror or str(error)
                    failure = StatementError("What COPY sends can't be written.", why=why)
                    failure.__cause__ = error
        return failure

    def _next(self) -> PGresult | None:
        while self._pgconn.is_busy():
            wait(self._pgconn.socket)
            self._pgconn.consume_input()
        return self._pgconn.get_result()
