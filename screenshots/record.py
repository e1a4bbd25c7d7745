"""Makes the README's recording from the demo: `python screenshots/record.py`.

Writes tour.cast (`asciinema play screenshots/tour.cast`) and tour.svg; `--frames DIRECTORY` writes
every frame as PNG too, to be reviewed. The installed program runs in a pty of its own, in a home of
its own, and real keys are pressed; nothing is drawn by hand. Needs the dev extra.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import cairosvg

sys.path.insert(0, str(Path(__file__).parents[1]))

from screenshots.film import Said, animated, cast, frames, shortened, still
from tests.terminal.conftest import PROGRAM, Terminal

COLUMNS, LINES = 104, 30
LONGEST = 2.8
"""Seconds: what is waited for takes no longer in the recording."""
LAST = 4.0
KEYSTROKE = 0.07
SQL = "SELECT status, count(*) FROM sales.orders GROUP BY 1;"


class Recorder(Terminal):
    """A terminal that remembers when what was written."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        super().__init__(command, environ, COLUMNS, LINES)
        self.said: list[Said] = []
        self._began = time.monotonic()

    def read(self, seconds: float = 0.05) -> None:
        """Take in what comes, in short pieces."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            before = len(self.raw)
            super().read(0.01)
            if len(self.raw) > before:
                at = time.monotonic() - self._began
                self.said.append(Said(at, bytes(self.raw[before:])))

    def type(self, text: str) -> None:
        """As a person types."""
        for char in text:
            self.send(char)
            self.read(KEYSTROKE)

    def then(self, key: str, *texts: str, look: float = 2.5) -> None:
        """Press a key, wait for what it brings, and look at it."""
        self.press(key)
        self.wait_for(*texts)
        self.read(look)


def tour(terminal: Recorder) -> None:
    """From nothing to why somebody can't, and to why a login was refused."""
    terminal.wait_for("BOOKMARKS", "engineer")
    terminal.read(2.8)
    terminal.then("1", "Role name", "role_table_grants", look=2.6)
    terminal.type(SQL)
    terminal.read(0.4)
    terminal.then("f5", "paid", "rows")
    terminal.press("f7")
    terminal.wait_for("List of role grants")
    terminal.then("f7", "roles ×")
    for key in ("down", "down", "right", "right"):
        terminal.press(key)
        terminal.read(0.35)
    terminal.then("w", "Why", look=3.5)
    terminal.press("esc")
    terminal.read(0.8)
    terminal.then("f10", "BOOKMARKS", look=1)
    terminal.then("4", "GRANT rds_iam")
    terminal.then("d", "is not an IAM user", look=3)


def record() -> list[Said]:
    """What the demo wrote on the tour."""
    with tempfile.TemporaryDirectory() as home:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "TMPDIR": home,
        }
        Path(home).chmod(0o711)
        terminal = Recorder([PROGRAM, "demo"], environ)
        try:
            tour(terminal)
            said = terminal.said[:]
            terminal.press("esc")
            terminal.wait_gone("Doctor: ")
            terminal.press("ctrl+q")
            terminal.wait_exit()
        finally:
            terminal.close()
    return shortened(said, LONGEST)


def main() -> None:
    """The recording, in both forms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, metavar="DIRECTORY")
    asked = parser.parse_args()
    said = record()
    shown = frames(said, COLUMNS, LINES, first="BOOKMARKS", last=LAST)
    here = Path(__file__).parent
    title = "rolebrowser demo"
    (here / "tour.cast").write_text(cast(shown, title), encoding="utf-8")
    (here / "tour.svg").write_text(animated(shown, len(shown) - 1), encoding="utf-8")
    if asked.frames:
        asked.frames.mkdir(parents=True, exist_ok=True)
        for number, frame in enumerate(shown):
            path = asked.frames / f"{number:03}-{frame.seconds:.1f}s.png"
            cairosvg.svg2png(bytestring=still(frame).encode(), write_to=str(path))


if __name__ == "__main__":
    main()
