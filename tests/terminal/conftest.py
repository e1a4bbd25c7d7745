"""A person at a terminal: the installed program in a real pty, read through pyte."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest

from rolebrowser.sandbox.process import SandboxProcess

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f10": "\x1b[21~",
    "ctrl+j": "\n",
    "ctrl+q": "\x11",
}

PATIENCE = 240.0
"""Seconds until a wait is in vain: three such suites may be at work on two cores, each of whose
programs starts a sandbox of its own."""


class Terminal:
    """A program in a pty of `columns` × `lines`.

    Attributes:
        raw: every byte the program wrote.
        fd: the terminal's own side of the pty.
        environ: what the program was started with.
        tmp: the program's TMPDIR, its own.
    """

    def __init__(
        self, command: list[str], environ: dict[str, str], columns: int, lines: int
    ) -> None:
        self.raw = bytearray()
        self.environ = environ
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environ)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.exit_code: int | None = None
        self.tmp = Path(environ["TMPDIR"])

    @property
    def leftovers(self) -> list[Path]:
        """Directories of sandboxes that its programs have made and not removed."""
        return list(self.tmp.glob("rolebrowser-*"))

    def wait_clean(self, seconds: float = PATIENCE) -> None:
        """Wait until no sandbox's directory is left; fails with what is."""
        ends = time.monotonic() + seconds
        while self.leftovers:
            if time.monotonic() > ends:
                pytest.fail(f"left behind: {self.leftovers}")
            time.sleep(0.1)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def read(self, seconds: float = 0.05) -> None:
        """Take in what the program writes for a while."""
        if self.fd < 0:
            time.sleep(seconds)
            return
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and self._take(left):
            pass

    def _take(self, seconds: float) -> bool:
        """Take in a piece, if one comes in time; False when none did."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        try:
            data = os.read(self.fd, 65536) if ready else b""
        except OSError:
            return False
        self.raw += data
        # pyte 0.8 doesn't know the kitty keyboard and mode queries; they draw nothing.
        with contextlib.suppress(Exception):
            self._stream.feed(data)
        return bool(data)

    def press(self, *keys: str) -> None:
        """Type keys by name, anything else as text."""
        for key in keys:
            os.write(self.fd, KEYS.get(key, key).encode())
            self.read(0.1)

    def send(self, text: str) -> None:
        """Type without reading what comes of it."""
        os.write(self.fd, text.encode())

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self.fd)
        self.fd = -1

    def wait_for(self, *texts: str, seconds: float = PATIENCE) -> str:
        """Read until all texts stand on the screen; fails with the screen otherwise."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.read(0.1)
            if all(text in self.text for text in texts):
                return self.text
        pytest.fail(f"{texts!r} did not appear on:\n{self.text}")

    def wait_gone(self, text: str, seconds: float = PATIENCE) -> None:
        """Read until a text has left the screen."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.read(0.1)
            if text not in self.text:
                return
        pytest.fail(f"{text!r} is still on:\n{self.text}")

    def wait_exit(self, seconds: float = PATIENCE) -> int:
        """The exit code; fails when the program stays."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.fd >= 0 and self._take(0.2):
                    pass  # its last words, however long pyte takes to draw them
                self.exit_code = os.waitstatus_to_exitcode(status)
                return self.exit_code
        pytest.fail(f"The program did not end:\n{self.text}")

    def close(self) -> None:
        """End it whatever it does."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)


PROGRAM = str(Path(sys.executable).parent / "rolebrowser")

Run = Callable[..., Terminal]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Starts the installed program in a terminal of its own, with an empty home."""
    started: list[Terminal] = []
    # Short, for sockets lie in it; open to all, for as root the server runs as somebody else.
    own_tmp = Path(tempfile.mkdtemp(prefix="rb-"))
    own_tmp.chmod(0o1777)

    def go(
        *arguments: str,
        columns: int = 120,
        lines: int = 40,
        program: str = PROGRAM,
        **environ: str,
    ) -> Terminal:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        clean = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "TMPDIR": str(own_tmp),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            **environ,
        }
        terminal = Terminal([program, *arguments], clean, columns, lines)
        started.append(terminal)
        return terminal

    yield go
    for terminal in started:
        terminal.close()
    for terminal in started:
        terminal.wait_clean()
    shutil.rmtree(own_tmp, ignore_errors=True)


@pytest.fixture
def visit(run: Run, sandbox: SandboxProcess) -> Run:
    """As `run`, in the sandbox that all tests share: `rolebrowser demo` would start its own."""

    def go(*arguments: str, **more: Any) -> Terminal:
        return run(*arguments, **sandbox.wait_ready(), **more)

    return go
