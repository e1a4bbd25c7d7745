"""Tunnel: a program that listens on a local port and leads to an endpoint, ours from start to end.

The port stays the same however often the program has to be started anew, so that whoever was told
it (psql, a driver that reconnects) finds the way again. `keeper.py` sees to it that the program
never outlives us.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol

from rolebrowser.cancel import Cancel
from rolebrowser.database import tunnel_words
from rolebrowser.errors import ConnectionLost, RolebrowserError, RouteError, TimedOut
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import clean, redact

HERE = "127.0.0.1"
_KEEPER = str(Path(__file__).with_name("keeper.py"))
_POLL = 0.05
_LINES = 40
_LAST_WORDS = 0.5
_OVERTAKEN = 0.15
_TRIES = 3
"""Ports tried: between our choosing one and the program's taking it somebody else may."""
_TAKEN = ("address already in use", "cannot listen to port")


@dataclass(frozen=True, slots=True)
class Launch:
    """A program to run.

    Attributes:
        environ: its whole environment; may hold secrets, argv never does.
        signal: what asks it to end.
        started: called once its tunnel stands, or it has ended: what it needed to start may go.
    """

    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    signal: int = signal.SIGTERM
    started: Callable[[], None] = field(default=lambda: None, repr=False)


class Launcher(Protocol):
    """Knows how to start one kind of tunnel."""

    @property
    def means(self) -> str:
        """What it is, for sentences: "ssh bastion"."""
        ...

    def launch(self, port: int, cancel: Cancel) -> Launch:
        """What to run so that 127.0.0.1:`port` leads to the endpoint; asked at each start.

        Raises:
            RouteError, AwsError, CredentialsError: it can't be run. Cancelled.
        """
        ...

    def explain(self, code: int, words: str) -> RouteError:
        """Why the program ended by itself.

        Args:
            code: its exit code.
            words: the last lines it wrote; cleaned.
        """
        ...


class Tunnel:
    """An implementation of `connection.protocol.Passage`; thread-safe.

    Args:
        seconds: a start may take; 0 = a day.
    """

    def __init__(self, launcher: Launcher, *, seconds: float) -> None:
        self.port = 0
        self._launcher = launcher
        self._seconds = seconds or 86_400.0
        self._program: _Program | None = None
        self._lock = threading.Lock()
        self._closed = Cancel()

    @property
    def means(self) -> str:
        """What it is, for sentences."""
        return self._launcher.means

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self._program is not None and not self._program.ended.is_set()

    def explain(self, error: RolebrowserError) -> RolebrowserError:
        """An error of a connection through it, with what the program said of the cause.

        What was said is used once: it explains nothing that comes after.
        """
        program = self._program
        if program is None or not isinstance(error, (ConnectionLost, RouteError, TimedOut)):
            return error
        # The connection's end overtakes the words about it.
        program.ended.wait(_OVERTAKEN)
        words = program.take_words()
        if program.ended.is_set():
            why = f"{self.means} ended (exit code {program.code}). {words}".strip()
            return ConnectionLost(error.what, why=why, fix=error.fix or "Connect again.")
        code, sentence = tunnel_words.far_end(words)
        if not sentence:
            return error
        fix = "Its security group must let the other end of the tunnel in; is it running?"
        return RouteError(f"{self.means}: {sentence}", why=words, fix=fix, code=code)

    def open(self, cancel: Cancel | None = None) -> None:
        """Return when 127.0.0.1:`port` takes connections; starts the program where it doesn't run.

        Raises:
            RouteError: it couldn't be started, or ended at once; `code` says why.
            TimedOut: it wasn't ready in time, and was ended.
            AwsError, CredentialsError: of an AWS call that the start needs.
            Cancelled: `cancel` was set, or the tunnel was closed meanwhile.
        """
        with self._lock, _either(cancel, self._closed) as stop:
            stop.check()
            if self.running:
                return
            if self.port:
                self._claim()
                self._start(self.port, stop)
                return
            for tries_left in reversed(range(_TRIES)):
                port = _free_port()
                try:
                    self._start(port, stop)
                except RouteError as error:
                    if tries_left and any(each in error.why.lower() for each in _TAKEN):
                        continue
                    raise
                self.port = port
                return

    def close(self) -> None:
        """End the program, without waiting for it; idempotent."""
        self._closed.cancel()
        if self._program is not None:
            self._program.end()

    def stay(self) -> None:
        """Start the program again whenever it ends, until `close`; returns at once."""
        threading.Thread(target=self._stay, name="tunnel", daemon=True).start()

    def _stay(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            pause = 1.0
            if self.running:
                continue
            try:
                self.open()
            except Exception:
                # Tried again, less and less often: the network may come back.
                pause = 10.0

    def _claim(self) -> None:
        """Nobody else may have taken the port while the program was away."""
        if _listens(self.port):
            raise RouteError(
                f"Port {self.port} of {self.means} was taken by another program.",
                fix="Connect anew: another port is chosen.",
                code="port-taken",
            )

    def _start(self, port: int, stop: Cancel) -> None:
        launch = self._launcher.launch(port, stop)
        ready = False
        program: _Program | None = None
        try:
            self._program = program = _Program(launch)
            ready = self._await(program, port, stop)
        finally:
            launch.started()
            if not ready and program is not None:
                program.end()

    def _await(self, program: _Program, port: int, stop: Cancel) -> bool:
        ends = time.monotonic() + self._seconds
        while not program.ended.wait(_POLL):
            stop.check()
            if _listens(port):
                return True
            if time.monotonic() > ends:
                raise TimedOut(
                    f"{self.means} was not ready within {self._seconds:g} seconds.",
                    why=program.words,
                    fix="Try it by hand; timeouts.route in config.toml gives it longer.",
                )
        stop.check()
        raise self._launcher.explain(program.code, program.words)


class _Program:
    """A program under its keeper, with its last words."""

    def __init__(self, launch: Launch) -> None:
        order = json.dumps({"command": list(launch.command), "signal": int(launch.signal)})
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _KEEPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(launch.environ),
            start_new_session=True,
        )
        self.ended = threading.Event()
        self.code = 0
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.write(order.encode() + b"\n")
            self._process.stdin.flush()
        self._reader = threading.Thread(target=self._listen, name="tunnel output", daemon=True)
        self._reader.start()
        threading.Thread(target=self._watch, name="tunnel end", daemon=True).start()

    @property
    def words(self) -> str:
        """Its last lines, cleaned."""
        return clean(redact("\n".join(self._lines)), keep="\n").strip()

    def take_words(self) -> str:
        """Its last lines, which are then forgotten."""
        words = self.words
        self._lines.clear()
        return words

    def end(self) -> None:
        """Let the keeper end it."""
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.append(line.decode(errors="replace").rstrip())

    def _watch(self) -> None:
        self.code = self._process.wait()
        # What it started may live on elsewhere and hold the pipe: its words are not waited for.
        self._reader.join(_LAST_WORDS)
        self.end()
        self.ended.set()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((HERE, port), timeout=1.0):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def _either(*cancels: Cancel | None) -> Iterator[Cancel]:
    """A Cancel that is set as soon as one of these is."""
    both = Cancel()
    forget = [each.on_cancel(both.cancel) for each in cancels if each is not None]
    try:
        yield both
    finally:
        for each in forget:
            each()
