"""`python tests/bench/mysql_speed.py [MILLIONS]`: a large result of MariaDB, ours and the client's.

From a statement to a finished CSV file, as the pane exports it, against `mariadb --batch --quick`
writing the same rows with tabs: there is no client of MariaDB's that writes CSV from a distance.
Memory: by how much the peak grows until every row was read.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results_speed import grown
from side_by_side import compare

from rolebrowser.connection.export import export, pages
from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Connection, Settings
from rolebrowser.connection.url import parse
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.mariadb import MariadbServer

ROUNDS = 3
SELECT = "SELECT * FROM big"
FILL = (
    "CREATE TABLE bench.big ENGINE=MyISAM AS SELECT seq AS id, CONCAT('customer ', seq) AS name,"
    " seq * 1.25 AS amount, NOW() AS created, MD5(seq) AS token,"
    " IF(seq % 3 = 0, NULL, CONCAT('note, ', seq)) AS note FROM bench.seq_1_to_{rows}"
)
OURS = """
import sys
from rolebrowser.connection.export import pages
from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import parse
connection = open_connection(parse(sys.argv[1], {}, None), Settings())
connection.run("SELECT 1").result()
print("ready", flush=True)
input()
for page in pages(connection, connection.run("SELECT * FROM big").result()):
    pass
print("done", flush=True)
input()
"""


def main() -> None:
    """Fill a table, measure, compare."""
    if not mariadb.available():
        print("mariadbd is not installed: left out")
        return
    rows = int(float(sys.argv[1] if len(sys.argv) > 1 else 1) * 1_000_000)
    with MariadbServer.start() as server:
        server.execute("CREATE DATABASE bench", FILL.format(rows=rows))
        connection = open_connection(parse(server.dsn("bench"), {}, None), Settings())
        print(f"{'median ms':<46} {'ours':>8} {'theirs':>8} {'ratio':>7} {'aim':>6}")
        to_csv(connection, server, rows)
        first_page(connection, server)
        connection.close()
        taken = grown([sys.executable, "-c", OURS, server.dsn("bench")], "", "\n")
        print(f"memory grows by {taken / 1024:.1f} MiB, reading {rows:,} rows")


def to_csv(connection: Connection, server: MariadbServer, rows: int) -> None:
    """A statement to a finished file; both must have every row."""
    with tempfile.TemporaryDirectory(prefix="rolebrowser-bench-") as directory:
        mine, other = Path(directory, "ours.csv"), Path(directory, "theirs.tsv")

        def ours() -> float:
            started = time.perf_counter()
            outcome = connection.run(SELECT).result()
            export(mine, outcome.columns, pages(connection, outcome))
            return time.perf_counter() - started

        def theirs() -> float:
            started = time.perf_counter()
            with other.open("wb") as file:
                subprocess.run([*client(server), "-e", SELECT], stdout=file, check=True)
            return time.perf_counter() - started

        compare(f"{rows:,} rows to CSV / mariadb --batch --quick", ours, theirs, 5, ROUNDS)
        for path in (mine, other):
            with path.open("rb") as file:
                if sum(1 for _ in file) != rows + 1:
                    raise SystemExit(f"WRONG: {path.name} hasn't every row")


def first_page(connection: Connection, server: MariadbServer) -> None:
    """From sending to the first 500 rows, logged in already, and to the client's first lines."""

    def ours() -> float:
        started = time.perf_counter()
        connection.run(SELECT).result()
        taken = time.perf_counter() - started
        connection.run("SELECT 1").result()
        return taken

    def theirs() -> float:
        pipe = subprocess.PIPE
        with subprocess.Popen([*client(server), "-n", "-N"], stdin=pipe, stdout=pipe) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write(b"SELECT 'ready';\n")
            program.stdin.flush()
            program.stdout.readline()
            started = time.perf_counter()
            program.stdin.write(f"{SELECT};\n".encode())
            program.stdin.flush()
            for _ in range(500):
                program.stdout.readline()
            taken = time.perf_counter() - started
            program.kill()
        return taken

    compare("the first 500 of them / the same", ours, theirs, 1.5)


def client(server: MariadbServer) -> list[str]:
    """MariaDB's own, over the socket."""
    program = mariadb.find_binary("mariadb")
    return [program, "-u", "root", "-S", str(server.socket), "--batch", "--quick", "bench"]


if __name__ == "__main__":
    main()
