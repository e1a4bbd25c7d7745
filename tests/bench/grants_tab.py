"""`python tests/bench/grants_tab.py`: the Grants tab at 5,000 tables × 500 roles in a terminal.

How long from the key to the first letters, and from each key to the screen's answer. The time of a
key is that to the first byte written after it; keys that scroll into rows not made yet included.
Esc is left out: a terminal program waits to see whether it begins a longer key (Textual: 100 ms).
"""

from __future__ import annotations

import os
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from grants_speed import median, row, world
from watched import BIN, Watched

from rolebrowser.connection.postgres import open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import parse
from rolebrowser.grants import postgres
from rolebrowser.grants.postgres_picture import PostgresPicture
from rolebrowser.sandbox.postgres import PostgresServer

AIM = 0.05
KEYS = {
    "down, 60 times": [b"\x1b[B"] * 60,
    "page down into rows not made yet, 10 times": [b"\x1b[6~"] * 10,
    "right, 60 times": [b"\x1b[C"] * 60,
    "next schema, 20 times": [b"]"] * 20,
    "last column, first column, 10 times": [b"\x1b[F", b"\x1b[H"] * 10,
    "a filter of six letters": [b"/", *(bytes([c]) for c in b"r1"), b"\t",
                                         *(bytes([c]) for c in b"s7.t"), b"\r"],
    "zoom through all levels": [b"z"] * 6,
}  # fmt: skip


def main() -> None:
    """Build the world, open the tab, press keys."""
    with PostgresServer.start() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as driver:
            for step in world().split(";\n"):
                driver.execute(step.encode())
            driver.execute("ANALYZE")
        print(f"{'ms':<58} {'ours':>9} {'aim':>8}")
        of_the_picture(server)
        watched = open_program(server)
        try:
            of_the_tab(watched)
        finally:
            watched.end()


def of_the_picture(server: PostgresServer) -> None:
    """What the threads do."""
    connection = open_connection(parse(server.dsn(), {}, None), Settings())
    facts = postgres.load(connection)
    connection.close()
    row("picture from facts", median(lambda: PostgresPicture(facts))[0])
    picture = PostgresPicture(facts)
    tables = picture.levels[0]
    row("heads of 5,000 columns", median(lambda: PostgresPicture(facts).objects(tables), 3)[0])
    numbers = iter([head.number for head in picture.roles if head.number >= 0][:60])
    row("one row, the first time", median(lambda: picture.row(next(numbers), tables), 50)[0], 0.02)
    role = picture.listing.find_role("r250")
    row("a role by path", median(lambda: PostgresPicture(facts).portrait(role), 3)[0])
    table = picture.listing.find_table("s7.t7")
    row("who reaches a table", median(lambda: PostgresPicture(facts).audience(table), 3)[0])


def open_program(server: PostgresServer) -> Watched:
    """The installed program, with one bookmark."""
    home = Path(tempfile.mkdtemp(prefix="rolebrowser-bench-"))
    config = home / "config.toml"
    config.write_text(f'[[bookmarks]]\nname = "big"\nurl = "{server.dsn()}"\n')
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "ROLEBROWSER_CONFIG": str(config),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    watched = Watched([str(BIN / "rolebrowser")], environ)
    watched.until(b"BOOKMARKS")
    watched.press(b"1")
    watched.until(b"Role name")
    settle(watched)
    return watched


def of_the_tab(watched: Watched) -> None:
    """From F7 to letters; then key by key."""
    watched.press(b"\x1b[18~")
    watched.until(b"List of role")
    settle(watched)
    watched.press(b"\x1b[18~")
    row("F7 to the first letters: asked, read, drawn", watched.until(b"arwdDxtm"))
    settle(watched)
    for title, keys in KEYS.items():
        taken = [answer(watched, key) for key in keys]
        row(f"{title}: median", statistics.median(taken))
        row(f"{title}: longest", max(taken), AIM)


def answer(watched: Watched, key: bytes) -> float:
    """Seconds to the first byte after a key; then waits until all is drawn."""
    watched.press(key)
    if not select.select([watched.fd], [], [], 2)[0]:
        raise TimeoutError(f"no answer to {key!r}")
    taken = time.perf_counter() - watched.started
    settle(watched)
    return taken


def settle(watched: Watched, quiet: float = 0.15) -> None:
    """Read until nothing has come for a while."""
    while select.select([watched.fd], [], [], quiet)[0]:
        os.read(watched.fd, 65536)


if __name__ == "__main__":
    sys.exit(main())
