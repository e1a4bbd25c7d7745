"""Link: one login at the server; statements fly over it one at a time and can be stopped.

Belongs to a connection's owner thread; `stop`, `cut` and `farewell` may be called from any thread.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from rolebrowser.connection.postgres_copy import CopyIn, CopyOut
from rolebrowser.connection.postgres_login import Plug
from rolebrowser.connection.postgres_results import Flight, OpenResult, wait
from rolebrowser.connection.protocol import Notice, Transaction
from rolebrowser.errors import Cancelled

if TYPE_CHECKING:
    import psycopg

_STOP_AGAIN_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
"""A request to cancel that comes before the statement is lost on the server: it is repeated."""
_STOP_TIMEOUT = 5.0
_FAREWELL_SECONDS = 0.25

_STATES = (Transaction.IDLE, Transaction.ACTIVE, Transaction.OPEN, Transaction.FAILED)


Sent = TypeVar("Sent", OpenResult, CopyOut, CopyIn)


class Link:
    """A logged-in libpq connection.

    Attributes:
        transaction: its state before what flies now.
        notices: what the server sent along since they were last cleared.
        last_words: of a server that ended the connection by itself.
    """

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self.driver = driver
        self.transaction = Transaction.IDLE
        self.notices: list[Notice] = []
        self.last_words = ""
        self._plug = Plug(driver)
        self._lock = threading.Lock()
        self._flying: OpenResult | CopyOut | CopyIn | None = None
        self._order = 0
        self._stopped = 0
        driver.add_notice_handler(self._notice)

    @property
    def alive(self) -> bool:
        """False once the connection is closed or known to be lost."""
        return not self.driver.closed

    @property
    def inside(self) -> bool:
        """Whether what flies now, or is sent next, is in a transaction of the person's."""
        return self.transaction in (Transaction.OPEN, Transaction.FAILED)

    @property
    def flying(self) -> OpenResult | CopyOut | CopyIn | None:
        """The statement whose end has not been read."""
        return self._flying

    def fly(self, flight: Flight, order: int) -> OpenResult:
        """Send a statement.

        Args:
            order: its number; numbers grow.

        Raises:
            Cancelled: it was stopped before it was sent.
            psycopg.Error: the connection is lost.
        """
        return self._send(OpenResult, flight, order)

    def copy_out(
        self,
        flight: Flight,
        order: int,
        write: Callable[[bytes], object],
        *,
        begin: Flight | None = None,
    ) -> str:
        """Run a COPY … TO STDOUT to its end.

        Args:
            begin: goes before it. Where that begins a transaction, it ends with the COPY.

        Returns:
            The command tag. Raises as `fly` and `CopyOut.read`.
        """
        outside = self.transaction is Transaction.IDLE
        if begin is not None:
            self.fly(begin, order).take(0, whole=True)
            self.landed()
        copy = self._send(CopyOut, flight, order)

        def passed_on(chunk: bytes) -> None:
            try:
                write(chunk)
            except OSError:
                # Nobody wants the rest; inside a transaction a cancel would spoil that.
                if outside:
                    self.stop_now()
                raise

        try:
            copy.read(passed_on)
        finally:
            self.landed()
            if begin is not None and outside and self.alive:
                OpenResult(self.driver, Flight("ROLLBACK" if copy.failed else "COMMIT")).give_up()
                self._note_state()
        return copy.status

    def copy_in(self, flight: Flight, order: int, data: Iterable[bytes]) -> str:
        """Run a COPY … FROM STDIN to its end.

        Returns:
            The command tag. Raises as `fly` and `CopyIn.feed`.
        """
        copy = self._send(CopyIn, flight, order)
        try:
            copy.feed(data)
        finally:
            self.landed()
        return copy.status

    def _send(self, kind: type[Sent], flight: Flight, order: int) -> Sent:
        with self._lock:
            if order <= self._stopped:
                raise Cancelled("The statement was cancelled before it was sent.")
            self._order = order
            self._flying = result = kind(self.driver, flight)
        return result

    def was_stopped(self) -> bool:
        """Whether the last statement sent was asked to stop."""
        return self._order <= self._stopped

    def landed(self) -> None:
        """To be called when a result may have come to its end: cleans up behind it."""
        result = self._flying
        if result is None or not result.done:
            return
        with self._lock:
            # From here on a late request to cancel goes nowhere.
            self._flying = None
        if not self.alive:
            return
        for sql in result.undo if isinstance(result, OpenResult) else ():
            OpenResult(self.driver, Flight(sql)).give_up()
        self._note_state()

    def _note_state(self) -> None:
        state = int(self.driver.pgconn.transaction_status)
        self.transaction = _STATES[state] if state < len(_STATES) else Transaction.UNKNOWN

    def stop(self, order: int) -> None:
        """Ask the server to stop what flies, and let nothing up to number `order` be sent."""
        self._stopped = order
        if self._flying is not None:
            threading.Thread(target=self._ask_to_stop, name="cancel", daemon=True).start()

    def stop_now(self) -> None:
        """Ask the server to stop what flies; returns when it has been told."""
        if isinstance(self._flying, OpenResult):
            self._flying.stopped = True
        with contextlib.suppress(Exception):
            self.driver.cancel_safe(timeout=_STOP_TIMEOUT)

    def cut(self) -> None:
        """Cut the connection; a thread that waits for the server wakes with an error."""
        self._plug.pull()

    def farewell(self) -> None:
        """Stop what flies and cut, without waiting; bounded, and finished even at exit."""

        def part() -> None:
            with contextlib.suppress(Exception):
                self.driver.cancel_safe(timeout=_FAREWELL_SECONDS)
            self.cut()

        threading.Thread(target=part, name="farewell").start()

    def close(self) -> None:
        """End it politely, from the owner thread."""
        self._flying = None
        with contextlib.suppress(Exception):
            self.driver.close()
        self._plug.close()

    def listen(self) -> None:
        """Take what the server sends unasked: notices, or the connection's end."""
        socket = self.driver.pgconn.socket
        try:
            # Each turn reads what is there; the end of the connection shows as an error.
            while wait(socket, seconds=0):
                self.driver.pgconn.consume_input()
                self.driver.pgconn.is_busy()
        except Exception:
            self.driver.close()

    def _ask_to_stop(self) -> None:
        wanted = self._flying
        for pause in _STOP_AGAIN_SECONDS:
            with self._lock:
                # While the lock is held no other statement is sent, so none is hit by mistake.
                if wanted is None or self._flying is not wanted:
                    return
                self.stop_now()
            time.sleep(pause)

    def _notice(self, diagnostic: Any) -> None:
        severity = diagnostic.severity_nonlocalized or diagnostic.severity or "NOTICE"
        parts = [diagnostic.message_primary or ""]
        for label, text in (
            ("DETAIL", diagnostic.message_detail),
            ("HINT", diagnostic.message_hint),
        ):
            if text:
                parts.append(f"{label}:  {text}")
        if severity in ("FATAL", "PANIC"):
            self.last_words = parts[0]
        else:
            self.notices.append(Notice(severity, "\n".join(parts), diagnostic.sqlstate or ""))
