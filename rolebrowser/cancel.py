"""Cancel: how a person's "stop" reaches blocking code in another thread; and time limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from rolebrowser.errors import Cancelled, TimedOut

T = TypeVar("T")


class Cancel:
    """A stop signal that can be asked, waited on, and hooked.

    Thread-safe. Code that blocks in a call it can interrupt (a socket, a server-side statement)
    registers a hook; code in a loop asks `is_set`.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._hooks: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Say stop; runs each hook once, in this thread. Safe to call again."""
        with self._lock:
            self._event.set()
            hooks, self._hooks = self._hooks, []
        for hook in hooks:
            hook()

    def on_cancel(self, hook: Callable[[], None]) -> Callable[[], None]:
        """Run `hook` when cancelled; at once if that already happened.

        Returns a function that takes the hook back. A hook must not block and must not raise.
        """
        with self._lock:
            if not self._event.is_set():
                self._hooks.append(hook)
                return lambda: self._forget(hook)
        hook()
        return lambda: None

    def _forget(self, hook: Callable[[], None]) -> None:
        with self._lock:
            if hook in self._hooks:
                self._hooks.remove(hook)

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`; True when cancelled."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise `Cancelled` when cancelled."""
        if self._event.is_set():
            raise Cancelled


class Limit:
    """Seconds a step may take, not counting those in which a person is being asked."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._pauses = 0
        self._paused_at = 0.0
        self.begin()

    def begin(self) -> None:
        """All of them are left again."""
        with self._lock:
            self._ends = time.monotonic() + self.seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The clock stands still inside this block, and inside those within it."""
        with self._lock:
            self._pauses += 1
            if self._pauses == 1:
                self._paused_at = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if not self._pauses:
                    self._ends += time.monotonic() - self._paused_at

    def left(self) -> float:
        """Seconds left; zero or less when it is over."""
        # The end of before a pause, and the time after it, would make a pause look like work.
        with self._lock:
            return self._ends - (self._paused_at if self._pauses else time.monotonic())


def bounded(
    call: Callable[[], T],
    *,
    cancel: Cancel | None,
    limit: Limit | float,
    what: str,
    fix: str = "",
) -> T:
    """`call()` in a daemon thread, for calls that can't be interrupted (DNS, an HTTP request).

    A call given up on runs to its own end in the background, and its outcome is dropped: it must
    not own anything that has to be closed.

    Args:
        limit: seconds, or a `Limit` that the call may pause.
        what: the sentence's subject when it takes too long: "Looking up db.example.com".

    Raises:
        Cancelled, TimedOut, and whatever `call` raises.
    """
    limit = limit if isinstance(limit, Limit) else Limit(limit)
    cancel = cancel or Cancel()
    cancel.check()
    outcome = _Outcome(call)
    forget = cancel.on_cancel(outcome.changed.set)
    try:
        threading.Thread(target=outcome.run, name=f"bounded: {what}", daemon=True).start()
        while not outcome.done:
            cancel.check()
            left = limit.left()
            if left <= 0:
                raise TimedOut(f"{what} took longer than {limit.seconds:g} seconds.", fix=fix)
            outcome.changed.wait(left)
        return outcome.result()
    except (KeyboardInterrupt, SystemExit):
        # Nobody else tells what the call has started (a program, say) that it is to stop.
        cancel.cancel()
        raise
    finally:
        forget()


class _Outcome(Generic[T]):
    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.changed = threading.Event()
        self.done = False

    def run(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:
            self._error = error
        self.done = True
        self.changed.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]
