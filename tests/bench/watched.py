"""A program in a pty, timed by what it writes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

BIN = Path(sys.executable).parent
"""Where the installed programs are."""


class Watched:
    """A program in a pty, timed by what it writes."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**environ, "COLUMNS": "120", "LINES": "40"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.seen = b""

    def until(self, text: bytes, seconds: float = 60) -> float:
        """Seconds since the start (or the last key) until `text` was written."""
        ends = time.perf_counter() + seconds
        while text not in self.seen:
            if time.perf_counter() > ends:
                raise TimeoutError(f"{text!r} never came")
            if select.select([self.fd], [], [], 0.5)[0]:
                self.seen += os.read(self.fd, 65536)
        return time.perf_counter() - self.started

    def written(self, count: int, quiet: float = 0.1) -> float:
        """Seconds from the last key until that many bytes were written, or all there are."""
        last = 0.0
        while len(self.seen) < count and (not last or select.select([self.fd], [], [], quiet)[0]):
            self.seen += os.read(self.fd, 65536)
            last = time.perf_counter()
        return last - self.started

    def drain(self, seconds: float) -> None:
        """Take in what it writes for a while."""
        ends = time.perf_counter() + seconds
        while (left := ends - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                self.seen += os.read(self.fd, 65536)

    def press(self, key: bytes) -> None:
        """Type, and start the clock again."""
        self.seen = b""
        self.started = time.perf_counter()
        os.write(self.fd, key)

    def end(self) -> None:
        """Kill it."""
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
