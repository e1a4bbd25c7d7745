r"""`python tests/bench/peers_speed.py [MILLIONS]`: a large result in pgcli's and harlequin's hands.

Each runs in its own Python with its own code for running a statement (pgcli's PGExecute,
harlequin's adapter), so that neither's screen counts: seconds to the first rows one could be shown,
and by how much the peak of resident memory grows until then. Ours goes on to read every row. A peer
that isn't on PATH is left out with a line: `pip install pgcli harlequin harlequin-postgres`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from results_speed import FILL, OURS, peak

from rolebrowser.sandbox.postgres import PostgresServer

OURS_FIRST = OURS.partition("for page in")[0] + 'print("done", flush=True)\ninput()\n'
PGCLI = """
import sys
from pgcli.pgexecute import PGExecute
runner = PGExecute(dsn=sys.argv[1])
list(runner.run("SELECT 1"))
print("ready", flush=True)
input()
for title, rows, headers, status, *_ in runner.run("SELECT * FROM big"):
    next(iter(rows))
print("done", flush=True)
input()
"""
HARLEQUIN = """
import sys
from harlequin_postgres.adapter import HarlequinPostgresAdapter
connection = HarlequinPostgresAdapter(conn_str=(sys.argv[1],)).connect()
connection.execute("SELECT 1").fetchall()
print("ready", flush=True)
input()
rows = connection.execute("SELECT * FROM big").fetchall()
print("done", flush=True)
input()
"""


def main() -> None:
    """Fill a table, and let each read it."""
    rows = int(float(sys.argv[1] if len(sys.argv) > 1 else 2) * 1_000_000)
    with PostgresServer.start() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as driver:
            driver.execute(FILL.format(rows=rows).encode())
        print(f"{rows:,} rows {'first rows, ms':>46} {'memory, MiB':>12}")
        for name, program, script in (
            ("ours", sys.executable, OURS_FIRST),
            ("ours, every row read", sys.executable, OURS),
            ("pgcli", python_of("pgcli"), PGCLI),
            ("harlequin", python_of("harlequin"), HARLEQUIN),
        ):
            if not program:
                print(f"  {name} is not installed: left out")
                continue
            taken, grown = measured([program, "-c", script, server.dsn()])
            print(f"  {name:<40} {taken * 1000:12.0f} {grown / 1024:12.1f}", flush=True)


def python_of(program: str) -> str:
    """The Python that a program on PATH runs in; empty when there is none."""
    found = shutil.which(program)
    python = Path(found).parent / "python" if found else None
    return str(python) if python is not None and python.exists() else ""


def measured(command: list[str]) -> tuple[float, int]:
    """Seconds between "ready" and "done", and KiB by which the peak grows."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, bufsize=1, stdin=pipe, stdout=pipe) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        if program.stdout.readline().strip() != "ready":
            raise SystemExit(f"{command[0]} failed")
        before, started = peak(program.pid), time.perf_counter()
        program.stdin.write("\n")
        if program.stdout.readline().strip() != "done":
            raise SystemExit(f"{command[0]} failed")
        taken, after = time.perf_counter() - started, peak(program.pid)
        program.kill()
    return taken, after - before


if __name__ == "__main__":
    main()
