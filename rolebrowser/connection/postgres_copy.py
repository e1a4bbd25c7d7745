"""COPY to and from the client over libpq: the data pass as they are, byte for byte."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from rolebrowser.connection.postgres_results import Flight, wait
from rolebrowser.errors import StatementError

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq import ExecStatus
    from psycopg.pq.abc import PGresult


class Copy:
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

    def _through(self, kind: ExecStatus, pass_on: Callable[[], Exception | None]) -> None:
        """Read to the end; where the server is ready for data of that kind, pass them on."""
        failure: Exception | None = None
        while (result := self._next()) is not None:
            said = pass_on() if result.status == kind else self._ended(result)
            failure = failure or said
        self.done = True
        if failure is not None:
            raise failure

    def _ended(self, result: PGresult) -> Exception | None:
        """What a result that brings no data tells."""
        from psycopg.errors import error_from_result
        from psycopg.pq import ExecStatus

        if result.status == ExecStatus.FATAL_ERROR:
            self.failed = True
            return error_from_result(result, encoding="utf-8")
        self.status = (result.command_status or b"").decode(errors="replace")
        return None

    def _next(self) -> PGresult | None:
        while self._pgconn.is_busy():
            wait(self._pgconn.socket)
            self._pgconn.consume_input()
        return self._pgconn.get_result()


class CopyOut(Copy):
    """COPY … TO STDOUT."""

    def read(self, write: Callable[[bytes], object]) -> None:
        """Hand on every chunk.

        Raises:
            psycopg.Error: as the server said.
            StatementError: `write` raised an OSError, its cause; the rest was read and dropped.
        """
        from psycopg.pq import ExecStatus

        self._through(ExecStatus.COPY_OUT, lambda: self._pass_on(write))

    def _pass_on(self, write: Callable[[bytes], object]) -> Exception | None:
        failure: Exception | None = None
        arrival = select.poll()
        arrival.register(self._pgconn.socket, select.POLLIN)
        while (chunk := self._pgconn.get_copy_data(1))[0] >= 0:
            if not chunk[0]:
                # No whole row is here. Never waited for inside libpq, which would keep every other
                # thread from running, the UI's and the one that cancels.
                arrival.poll()
                self._pgconn.consume_input()
            elif failure is None:
                try:
                    write(bytes(chunk[1]))
                except OSError as error:
                    why = error.strerror or str(error)
                    failure = StatementError("What COPY sends can't be written.", why=why)
                    failure.__cause__ = error
        return failure


class CopyIn(Copy):
    """COPY … FROM STDIN."""

    def feed(self, data: Iterable[bytes]) -> None:
        """Send the data, and the end of it.

        Raises:
            psycopg.Error: as the server said.
            Exception: what `data` raised; the server was told to keep nothing of it.
        """
        from psycopg.pq import ExecStatus

        self._through(ExecStatus.COPY_IN, lambda: self._send(data))

    def _send(self, data: Iterable[bytes]) -> Exception | None:
        failure: Exception | None = None
        try:
            for chunk in data:
                self._until_taken(lambda chunk=chunk: self._pgconn.put_copy_data(chunk))
        except Exception as error:
            failure = error
        word = b"the data could not be read" if failure is not None else None
        self._until_taken(lambda: self._pgconn.put_copy_end(word))
        while self._pgconn.flush():
            wait(self._pgconn.socket, writing=True)
        return failure

    def _until_taken(self, put: Callable[[], int]) -> None:
        """libpq says 0 while the server has not taken enough of what came before."""
        while put() == 0:
            wait(self._pgconn.socket, writing=True)
