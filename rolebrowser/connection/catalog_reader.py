"""CatalogReader: reads a connection's names in the background, a small question at a time."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from rolebrowser.connection import catalog_questions
from rolebrowser.connection.catalog import Catalog
from rolebrowser.connection.catalog_questions import Question, Steps
from rolebrowser.connection.protocol import Connection, Row
from rolebrowser.errors import Cancelled, RolebrowserError, StatementError


class CatalogReader:
    """Asks as `Connection.background` does: never in the way of a statement.

    What the user may not ask is left out; a person's Esc, which stops what runs, is not meant for
    it: the question is asked again. A lost connection ends the reading; `read` begins anew.

    Attributes:
        catalog: what is known by now.
    """

    def __init__(self, connection: Connection) -> None:
        self.catalog = Catalog(connection.info.engine)
        self._connection = connection
        self._reading: _Reading | None = None
        self._lock = threading.Lock()

    def read(self) -> None:
        """Begin (again); the catalog there is serves until the new one is whole."""
        self._begin(catalog_questions.steps(self._connection.info), publish=not self.whole)

    def read_path(self) -> None:
        """Ask anew where names without a schema are looked up."""
        if self.whole:
            self._begin(
                catalog_questions.path_steps(self._connection.info, self.catalog), publish=False
            )
        else:
            self.read()

    @property
    def whole(self) -> bool:
        """Whether a catalog has been read to its end."""
        return not self.reading and bool(self.catalog.path or self.catalog.schemas)

    @property
    def reading(self) -> bool:
        """Whether there is more to come."""
        return self._reading is not None

    def stop(self) -> None:
        """Ask nothing more."""
        with self._lock:
            self._reading = None

    def _begin(self, steps: Steps, *, publish: bool) -> None:
        reading = _Reading(steps, publish=publish)
        with self._lock:
            self._reading = reading
        self._go(reading, None)

    def _go(self, reading: _Reading, rows: tuple[Row, ...] | None) -> None:
        """One step on; called by the owner thread with each answer."""
        with self._lock:
            if self._reading is not reading:
                return
            try:
                question = next(reading.steps) if rows is None else reading.steps.send(rows)
            except StopIteration as end:
                self.catalog, self._reading = end.value, None
                return
            if reading.publish:
                self.catalog = question.so_far
        self._ask(reading, question)

    def _ask(self, reading: _Reading, question: Question) -> None:
        def answered(future: Future[tuple[Row, ...]]) -> None:
            try:
                rows = future.result()
            except StatementError:
                rows = ()
            except Cancelled:
                self._ask(reading, question)
                return
            except RolebrowserError:
                self.stop()
                return
            self._go(reading, rows)

        self._connection.background(question.sql, question.parameters).add_done_callback(answered)


class _Reading:
    """One time through the questions."""

    def __init__(self, steps: Steps, *, publish: bool) -> None:
        self.steps = steps
        self.publish = publish
