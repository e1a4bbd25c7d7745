r"""`python tests/bench/results_speed.py`: large results, ours and what people use otherwise.

The first page of 2 million rows and the memory that reading all of them takes, against psycopg's
`stream` and psql with FETCH_COUNT; 1 million rows to CSV, against psql's `\copy`; a page down in a
grid of 50 columns, against Textual's DataTable. Another number of millions may be given: 0.1.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import psycopg
from side_by_side import compare, timed
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from rolebrowser.connection.copy_csv import copyable, export_csv
from rolebrowser.connection.loaded import Loaded
from rolebrowser.connection.postgres import open_connection
from rolebrowser.connection.protocol import Column, Connection, Page, Settings
from rolebrowser.connection.url import parse
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.tui.widgets.result_grid import ResultGrid

PAGE = 500
ROUNDS = 5
KEYS = 40
SETTLED = 0.2
"""Seconds between measurements of a first page: the server ends what was cut off."""
GRID_ROWS, GRID_COLUMNS = 100_000, 50
TABLE_ROWS = 2_000
"""Of the DataTable: it measures every cell it is given, which takes minutes for 100,000 rows."""
FILL = (
    "CREATE UNLOGGED TABLE big AS SELECT g AS id, 'customer ' || g AS name, g * 1.25 AS amount,"
    " now() AS created, md5(g::text) AS token,"
    " CASE WHEN g % 3 = 0 THEN NULL ELSE 'note, ' || g END AS note"
    " FROM generate_series(1, {rows}) g"
)
OURS = """
import sys
from rolebrowser.connection.export import pages
from rolebrowser.connection.postgres import open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import parse
connection = open_connection(parse(sys.argv[1], {}, None), Settings())
outcome = connection.run("SELECT 1").result()
print("ready", flush=True)
input()
outcome = connection.run("SELECT * FROM big").result()
for page in pages(connection, outcome):
    pass
print("done", flush=True)
input()
"""
STREAM = """
import sys, psycopg
connection = psycopg.connect(sys.argv[1])
connection.execute("SELECT 1").fetchall()
print("ready", flush=True)
input()
for row in connection.cursor().stream("SELECT * FROM big"):
    pass
print("done", flush=True)
input()
"""


def main() -> None:
    """Fill a table, measure, compare."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 2
    rows = int(millions * 1_000_000)
    with PostgresServer.start() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as driver:
            driver.execute(FILL.format(rows=rows).encode())
            driver.execute("VACUUM ANALYZE big")
            # Else every scan begins where another one is, and no two files hold the same.
            driver.execute("ALTER SYSTEM SET synchronize_seqscans = off")
            driver.execute("SELECT pg_reload_conf()")
        connection = open_connection(parse(server.dsn(), {}, None), Settings(page_rows=PAGE))
        print(f"{'median ms':<46} {'ours':>8} {'theirs':>8} {'ratio':>7} {'aim':>6}")
        first_page(connection, server.dsn(), rows)
        to_csv(connection, server.dsn(), rows // 2)
        connection.close()
        asyncio.run(page_down())
        memory(server.dsn(), rows)


def first_page(connection: Connection, dsn: str, rows: int) -> None:
    """From sending to the first 500 rows, logged in already."""

    def ours() -> float:
        started = time.perf_counter()
        connection.run("SELECT * FROM big").result()
        taken = time.perf_counter() - started
        connection.run("SELECT 1").result()
        time.sleep(SETTLED)
        return taken

    compare(f"first page of {rows:,} rows / psycopg stream", ours, lambda: streamed(dsn), 1.5)
    compare("the same / psql with FETCH_COUNT", ours, lambda: by_psql(dsn), 1.5)


def streamed(dsn: str) -> float:
    """Seconds to the first rows of psycopg's stream."""
    with psycopg.connect(dsn) as driver:
        driver.execute("SELECT 1")
        started = time.perf_counter()
        stream = driver.cursor().stream("SELECT * FROM big")
        list(islice(stream, PAGE))
        taken = time.perf_counter() - started
        # It is cancelled, after the clock was stopped.
        del stream
    return taken


def by_psql(dsn: str) -> float:
    """Seconds to psql's first lines; it is logged in before the clock starts."""
    command = ["psql", "-X", "-q", "-A", "-t", "-v", f"FETCH_COUNT={PAGE}", dsn]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, bufsize=1, stdin=pipe, stdout=pipe) as psql:
        assert psql.stdin is not None
        assert psql.stdout is not None
        psql.stdin.write("SELECT 'ready';\n")
        psql.stdout.readline()
        started = time.perf_counter()
        psql.stdin.write("SELECT * FROM big;\n")
        for _ in range(PAGE):
            psql.stdout.readline()
        taken = time.perf_counter() - started
        psql.kill()
    # Its server process notices a little later.
    time.sleep(SETTLED)
    return taken


def to_csv(connection: Connection, dsn: str, rows: int) -> None:
    r"""A statement to a finished file; both must hold the same."""
    directory = Path(tempfile.mkdtemp(prefix="rolebrowser-bench-"))
    mine, other = directory / "ours.csv", directory / "theirs.csv"
    statement = f"SELECT * FROM big LIMIT {rows}"

    def ours() -> float:
        started = time.perf_counter()
        export_csv(mine, connection, copyable(connection, statement))
        return time.perf_counter() - started

    copy = rf"\copy ({statement}) TO '{other}' CSV HEADER"
    command = ["psql", "-X", "-q", dsn, "-c", copy]
    name = rf"{rows:,} rows to CSV / psql \copy"
    compare(name, ours, lambda: timed(command, dict(os.environ)), 1.5, ROUNDS)
    same = mine.read_bytes() == other.read_bytes()
    mine.unlink()
    other.unlink()
    directory.rmdir()
    if not same:
        raise SystemExit("WRONG: the two files differ")


class Alone(App[None]):
    """One widget on a screen."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._alone = widget

    def compose(self) -> ComposeResult:
        """It."""
        yield self._alone


async def page_down() -> None:
    """Processor time of the whole app from the key to the frame, without a terminal."""
    columns = tuple(Column(f"column_{place}", "text") for place in range(GRID_COLUMNS))
    grid = ResultGrid()
    loaded = Loaded(columns)
    for start in range(0, GRID_ROWS, PAGE):
        rows = tuple(cells(number) for number in range(start, start + PAGE))
        loaded.append(Page(rows, start))
    mine = await pressed(grid, lambda: grid.load(loaded))

    table: DataTable[str] = DataTable()

    def fill() -> None:
        table.add_columns(*(column.name for column in columns))
        table.add_rows(cells(number) for number in range(TABLE_ROWS))

    other = await pressed(table, fill)
    name = f"page down, {GRID_COLUMNS} columns / DataTable (CPU)"
    row = f"{name:<46} {mine * 1000:8.1f} {other * 1000:8.1f} {mine / other:7.2f} {1:6.1f}"
    print(row, flush=True)
    print(f"  ours holds {GRID_ROWS:,} rows, the DataTable {TABLE_ROWS:,}")


def cells(number: int) -> tuple[str, ...]:
    """A row of the grid."""
    return tuple(f"{number}-{place}" for place in range(GRID_COLUMNS))


async def pressed(widget: Widget, fill: Callable[[], None]) -> float:
    """Median processor seconds of a page down."""
    async with Alone(widget).run_test(size=(140, 45)) as pilot:
        fill()
        widget.focus()
        await pilot.pause(0.5)
        taken: list[float] = []
        for _ in range(KEYS):
            started = time.process_time()
            await pilot.press("pagedown")
            taken.append(time.process_time() - started)
    return statistics.median(taken)


def memory(dsn: str, rows: int) -> None:
    """How far the peak of resident memory grows while every row is read and dropped."""
    print(f"\nmemory grows by, MiB, reading {rows:,} rows")
    select = "\\o /dev/null\nSELECT * FROM big;\n\\o\n\\echo done\n"
    psql = ["psql", "-X", "-q", "-A", "-t", "-v", f"FETCH_COUNT={PAGE}", dsn]
    for name, command, first, then in (
        ("ours", [sys.executable, "-c", OURS, dsn], "", "\n"),
        ("psycopg stream", [sys.executable, "-c", STREAM, dsn], "", "\n"),
        ("psql with FETCH_COUNT", psql, "SELECT 'ready';\n", select),
    ):
        print(f"  {name:<44} {grown(command, first, then) / 1024:8.1f}", flush=True)


def grown(command: list[str], first: str, then: str) -> int:
    """KiB by which a program's peak grows between its lines "ready" and "done".

    Args:
        first, then: what it is told to come to either.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, bufsize=1, stdin=pipe, stdout=pipe) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        peaks: list[int] = []
        for words, answer in ((first, "ready"), (then, "done")):
            program.stdin.write(words)
            program.stdin.flush()
            if program.stdout.readline().strip() != answer:
                raise SystemExit(f"{command[0]} failed")
            peaks.append(peak(program.pid))
        program.kill()
    return peaks[1] - peaks[0]


def peak(process: int) -> int:
    """The most resident memory a process had, KiB; ru_maxrss would count its parent's too."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
