"""How the app ends when nobody pressed a key for it: signals, a terminal that goes, our faults.

The terminal is given back as it was, connections and routes are closed as on any other way out, and
what hangs is not waited for: what this process started ends when it does.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import TextIO, TypeVar

from textual.app import App

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds the app has for its own way out once it was told to end."""

_TRIES = 500
"""Looks for room in the terminal, 20 ms apart: on a busy machine who draws is slow to go on."""

_WRITER = "textual-output"
"""The thread that draws, by Textual's name for it (`WriterThread`)."""

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_STDIN = 0
# As Textual's driver does: no mouse, paste marks or resize reports; lines wrap; the normal screen
# and the cursor are back; no kitty keys, no focus reports.
_RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?2048l\x1b[?7h"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


class LeavingApp(App[T]):
    """An app that gives the terminal back, whatever ends it."""

    _told = 0
    """The signal that ended it; 0 = none did."""

    def run_until_left(self) -> T | None:
        """Run until the person leaves; what the app returns.

        Raises:
            SystemExit: a signal or the end of the terminal ended it; 128 + the signal's number, as
                shells count.
            Exception: a fault of ours ended it.
        """
        self._left = threading.Event()
        self._last_word = threading.Lock()
        self._terminal_modes = _terminal_modes()
        # Asked now: a terminal that has gone is none.
        self._drawn_to = [each.fileno() for each in _streams() if each.isatty()]
        with _ends_with(self._left) as over, self._heeding():
            threading.Thread(
                target=self._watch_terminal, args=(over,), name="terminal", daemon=True
            ).start()
            try:
                result = self.run()
            except Exception:
                if not self._gone():
                    raise
                result = None
            finally:
                self._stop_reading()
                # Woken by `_insist`, the app may be quicker than it with giving the terminal back.
                self._last_word.acquire()
        if self._told or self._gone():
            raise SystemExit(128 + (self._told or signal.SIGHUP))
        if self._exception is not None:
            raise self._exception
        return result

    def _fatal_error(self) -> None:
        """Textual's own shows every local variable, passwords and tokens among them.

        `run_until_left` raises the error for whoever runs the app to say it in a sentence.
        """
        self.bell()
        self._close_messages_no_wait()

    def _stop_reading(self) -> None:
        """Once more: Textual passes over what goes wrong when it ends the thread that reads keys
        (`LinuxDriver.disable_input`), and of a terminal that has gone that one would read for ever.
        """
        over = getattr(self._driver, "exit_event", None)
        if isinstance(over, threading.Event):
            over.set()

    @contextlib.contextmanager
    def _heeding(self) -> Iterator[None]:
        # Who started us under nohup wants no end from a hangup.
        heeded = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._heed) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _heed(self, number: int, frame: FrameType | None) -> None:
        if self._loop is None:
            raise SystemExit(128 + number)  # the terminal is still as it was
        self._tell(number)

    def _tell(self, number: int) -> None:
        """End for a signal's sake. Any thread."""
        self._told = self._told or number
        threading.Thread(target=self._insist, name="leaving", daemon=True).start()
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        self.exit(return_code=128 + self._told)

    def _insist(self) -> None:
        if self._left.wait(PATIENCE):
            return
        with self._last_word:
            self._write_nowhere()
            _wake()
            _restore(self._terminal_modes)
            os._exit(128 + self._told)

    def _watch_terminal(self, over: int) -> None:
        """Wait for the terminal to go; a hangup that is ignored, or of another group, is no signal.

        Args:
            over: readable when there is nothing to wait for any more.
        """
        watched = select.poll()
        watched.register(_STDIN, 0)
        watched.register(over, select.POLLIN)
        ready = dict(watched.poll())
        os.close(over)
        # macOS can't poll terminals and says POLLNVAL: there the signal must do.
        if ready.get(_STDIN, 0) & select.POLLHUP:
            self._write_nowhere()
            self._tell(signal.SIGHUP)

    def _gone(self) -> bool:
        """Whether the terminal is no more."""
        poll = select.poll()
        poll.register(_STDIN, 0)
        gone = any(event & select.POLLHUP for _, event in poll.poll(0))
        if gone:
            self._write_nowhere()
        return gone

    def _write_nowhere(self) -> None:
        """What is still written to a terminal that has gone must not fail."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in self._drawn_to:
            os.dup2(nowhere, descriptor)
        os.close(nowhere)


@contextlib.contextmanager
def _ends_with(left: threading.Event) -> Iterator[int]:
    """A descriptor that can be read once the block has ended; its reader closes it."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        left.set()
        os.close(writing)


def _terminal_modes() -> list[int | list[bytes | int]] | None:
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(_STDIN)
    return None


def _streams() -> list[TextIO]:
    return [each for each in (sys.__stdout__, sys.__stderr__) if each is not None]


def _wake() -> None:
    """Have who draws, if it waits for room in the terminal, try again, which goes nowhere by now.

    While one waits in write(2) nobody else can write to the terminal (Linux: EAGAIN), and what is
    flushed wakes nobody. A signal does, and Python repeats the call; `_heed` hears it once more.
    No other thread is signalled: one may end just then, and what pthread_kill does with the name
    of a thread that has ended is anybody's guess.
    """
    for each in threading.enumerate():
        draws = each is threading.main_thread() or each.name == _WRITER
        # One that is only being started has no ident yet, and waits for nothing.
        if draws and each.ident is not None:
            with contextlib.suppress(OSError):
                signal.pthread_kill(each.ident, signal.SIGTERM)


def _restore(modes: list[int | list[bytes | int]] | None) -> None:
    """Give the terminal back without waiting for it: it may not be reading."""
    with contextlib.suppress(OSError, termios.error):
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        if modes is not None:
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
        for _ in range(_TRIES):
            # What it hasn't read leaves no room for more, and is of no use to the shell. A thread
            # that was waiting to draw takes the room first; the rest of what it draws goes nowhere.
            termios.tcflush(terminal, termios.TCOFLUSH)
            time.sleep(0.02)
            with contextlib.suppress(BlockingIOError):
                if os.write(terminal, _RESTORE) == len(_RESTORE):
                    return
