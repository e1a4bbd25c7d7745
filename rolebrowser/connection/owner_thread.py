"""OwnerThread: the one daemon thread that touches a driver's connection, fed by a queue.

Daemon, so that quitting never waits for a server (shared/design.md, "Threads").
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[Future[Any], Callable[[], Any]]

IDLE_SECONDS = 1.0
"""How often `idle` is called while there is nothing to do."""


class OwnerThread:
    """Runs jobs one after the other; each gives a Future.

    Args:
        name: the thread's name; no secrets.
        idle: called every `IDLE_SECONDS` while no job waits; must not raise.
        ended: the exception of jobs that come after `end`.
        quiet: whether a job `submit_later` gave may begin, asked when no other waits; looked at
            again after each job and every `IDLE_SECONDS`. Must not raise.
    """

    def __init__(
        self,
        name: str,
        *,
        idle: Callable[[], None],
        ended: Callable[[], BaseException],
        quiet: Callable[[], bool],
    ) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._later: deque[_Job] = deque()
        self._idle = idle
        self._ended = ended
        self._quiet = quiet
        self._lock = threading.Lock()
        self._open = True
        self._lull: tuple[float, Callable[[], object]] | None = None
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Queue a job. Its exceptions are the Future's."""
        future: Future[T] = Future()
        with self._lock:
            if self._open:
                self._jobs.put((future, job))
                return future
        future.set_exception(self._ended())
        return future

    def submit_later(self, job: Callable[[], T]) -> Future[T]:
        """Queue a job that begins only while no other waits, and it is `quiet`."""
        future: Future[T] = Future()
        with self._lock:
            if self._open:
                self._later.append((future, job))
                # Wakes the thread; what it does then is look whether it is quiet.
                self._jobs.put((Future(), lambda: None))
                return future
        future.set_exception(self._ended())
        return future

    def in_a_lull(self, seconds: float, job: Callable[[], object]) -> None:
        """Have a job begin once no other has come for so long; for jobs to call.

        There is one such at most: the last one given.
        """
        self._lull = (seconds, job)

    def end(self) -> None:
        """No more jobs after those queued; doesn't wait. Those for later come to nothing."""
        with self._lock:
            self._open = False
            self._jobs.put(None)

    def _run(self) -> None:
        while (entry := self._next()) is not None:
            _work(*entry)
            # The result may be large, and the next job a long time away.
            del entry
        while self._later:
            self._later.popleft()[0].set_exception(self._ended())

    def _next(self) -> _Job | None:
        while True:
            if self._later and self._jobs.empty() and self._quiet():
                return self._later.popleft()
            try:
                return self._jobs.get(timeout=self._lull[0] if self._lull else IDLE_SECONDS)
            except queue.Empty:
                if self._lull is None:
                    self._idle()
                    continue
            (_, job), self._lull = self._lull, None
            return Future(), job


def _work(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
