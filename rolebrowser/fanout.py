"""Many blocking calls at once, few threads, results as they come."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Generic, TypeVar

from rolebrowser.cancel import Cancel

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def fan_out(
    jobs: Mapping[K, Callable[[], T]], *, workers: int, cancel: Cancel | None = None
) -> Iterator[tuple[K, T | Exception]]:
    """Run each job and yield (key, what it gave or raised) as they end, in any order.

    At most `workers` daemon threads: a call that hangs never keeps the program from ending.

    Raises:
        Cancelled: at the next result after `cancel`, at once when none is coming; calls that run
            go on to their own end unheard, those that wait are never made.
    """
    cancel = cancel or Cancel()
    work = _Work(jobs)
    forget = cancel.on_cancel(work.stop)
    try:
        for _ in range(min(workers, len(jobs))):
            threading.Thread(target=work.run, name="fan out", daemon=True).start()
        for _ in jobs:
            ended = work.ended.get()
            cancel.check()
            if ended is not None:
                yield ended
    finally:
        forget()
        work.stop()


class _Work(Generic[K, T]):
    def __init__(self, jobs: Mapping[K, Callable[[], T]]) -> None:
        self._waiting: list[tuple[K, Callable[[], T]]] = list(jobs.items())[::-1]
        self.ended: queue.SimpleQueue[tuple[K, T | Exception] | None] = queue.SimpleQueue()

    def stop(self) -> None:
        self._waiting.clear()
        self.ended.put(None)

    def run(self) -> None:
        while True:
            try:
                key, job = self._waiting.pop()
            except IndexError:
                return
            try:
                self.ended.put((key, job()))
            except Exception as error:
                self.ended.put((key, error))
