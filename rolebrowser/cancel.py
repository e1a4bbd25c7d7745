"""Cancel: how a person's "stop" reaches blocking code in another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rolebrowser.errors import Cancelled


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
