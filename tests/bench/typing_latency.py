"""`python tests/bench/typing_latency.py`: from a key to its letter on the screen, per keystroke.

The installed program in a pty, on a PostgreSQL with 50,000 columns, completion on: while the names
are still being read, once they are known, and behind a script of 5,000 lines. Beside it a bare
Textual app with a TextArea, which is what the terminal and Textual alone take.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

import psycopg
import pyte

from rolebrowser.sandbox.postgres import PostgresServer

TABLES, COLUMNS = 2_500, 20
BIN = Path(sys.executable).parent
BARE = (
    "from textual.app import App\nfrom textual.widgets import TextArea\n"
    "class Bare(App):\n    def compose(self):\n        yield TextArea('')\n"
    "    def on_mount(self):\n        self.query_one(TextArea).focus()\nBare().run()\n"
)
STATEMENT = "SELECT t.column_7, t.column_12 FROM shop_3.table_1203_orders t WHERE t.column_1"
PAUSE = 0.08
"""Seconds between keys, after the letter has shown: a fast typist's."""


class Seen:
    """A program in a pty of 120×40, read through pyte."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self.screen = pyte.Screen(120, 40)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environ)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def until(self, text: str, seconds: float = 60) -> float:
        """Wait until a text stands on the screen; seconds it took."""
        started = time.perf_counter()
        while not any(text in line for line in self.screen.display):
            if time.perf_counter() - started > seconds:
                raise TimeoutError(f"{text!r} never came:\n" + "\n".join(self.screen.display))
            self._read(0.5)
        return time.perf_counter() - started

    def _read(self, seconds: float) -> None:
        if select.select([self.fd], [], [], seconds)[0]:
            data = os.read(self.fd, 65536)
            try:
                self._stream.feed(data)
            except Exception:  # pyte doesn't know every mode query; they draw nothing
                return

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def rest(self, seconds: float) -> None:
        """Read what comes for a while."""
        ends = time.perf_counter() + seconds
        while (left := ends - time.perf_counter()) > 0:
            self._read(left)

    def typed(self, text: str, frame: str = "│") -> list[float]:
        """Type a text key by key; for each the seconds until it stood there.

        Args:
            frame: what stands before it: the same text may stand elsewhere, in a tab's name.
        """
        taken: list[float] = []
        for count, char in enumerate(text, 1):
            started = time.perf_counter()
            self.press(char)
            # A blank at the end shows only with the letter after it.
            if char != " ":
                self.until(frame + text[:count])
                taken.append(time.perf_counter() - started)
            self.rest(PAUSE)
        return taken

    def end(self) -> None:
        """Kill it."""
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def report(name: str, taken: list[float]) -> None:
    """A row: how many keys, median, p99 and the worst, in ms."""
    ordered = sorted(each * 1000 for each in taken)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    row = f"{name:<44} {len(ordered):>5} {statistics.median(ordered):8.1f} {p99:8.1f}"
    print(f"{row} {ordered[-1]:8.1f}", flush=True)


def fill(dsn: str) -> None:
    """50,000 columns in 25 schemas."""
    columns = ", ".join(f"column_{n} text" for n in range(COLUMNS))
    with psycopg.connect(dsn, autocommit=True) as admin:
        for schema in range(25):
            admin.execute(f"CREATE SCHEMA shop_{schema}")  # type: ignore[arg-type]
        for number in range(TABLES):
            name = f"shop_{number % 25 if number != 1203 else 3}.table_{number}_orders"
            admin.execute(f"CREATE TABLE {name} ({columns})")  # type: ignore[arg-type]


def ours(environ: dict[str, str], rounds: int) -> None:
    """The program: names unknown, known, and in a long script."""
    reading: list[float] = []
    known: list[float] = []
    for _ in range(rounds):
        seen = Seen([str(BIN / "rolebrowser")], environ)
        seen.until("BOOKMARKS")
        seen.press("1")
        seen.until("Role name")
        reading += seen.typed(STATEMENT[:24])
        seen.rest(5)
        for number in (2, 3):
            seen.press("\x14")
            seen.until(f"[{number} empty]")
            known += seen.typed(STATEMENT)
        seen.end()
    report("names being read", reading)
    report(f"{TABLES * COLUMNS:,} columns known", known)


def long_script(environ: dict[str, str]) -> None:
    """A statement at the end of 5,000 lines pasted in."""
    seen = Seen([str(BIN / "rolebrowser")], environ)
    seen.until("BOOKMARKS")
    seen.press("1")
    seen.until("Role name")
    script = "SELECT a, 'b' FROM sales.orders WHERE c = 1;\n" * 5_000
    seen.press("\x1b[200~" + "-- begin\n")
    for start in range(0, len(script), 4096):
        seen.press(script[start : start + 4096])
        seen.rest(0.001)
    seen.press("-- end\n\x1b[201~")
    seen.until("-- end")
    seen.rest(3)
    report("behind 5,000 lines of script", seen.typed(STATEMENT))
    seen.end()


def main() -> None:
    """All of it."""
    home = Path(tempfile.mkdtemp(prefix="rolebrowser-bench-"))
    plain = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    print(f"{'ms per keystroke':<44} {'keys':>5} {'median':>8} {'p99':>8} {'worst':>8}")
    seen = Seen([sys.executable, "-c", BARE], plain)
    seen.until("▔")
    report("a bare Textual TextArea", seen.typed(STATEMENT, frame=""))
    seen.end()
    with PostgresServer.start() as server:
        fill(server.dsn())
        config = home / "config.toml"
        config.write_text(
            f'[[bookmarks]]\nname = "bench"\nurl = "{server.dsn()}?sslmode=disable"\n'
        )
        environ = {**plain, "ROLEBROWSER_CONFIG": str(config)}
        ours(environ, rounds=2)
        long_script(environ)


if __name__ == "__main__":
    main()
