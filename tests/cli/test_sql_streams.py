"""`rolebrowser sql` streams: memory stays flat whatever the form, and a closed pipe is no fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolebrowser.sandbox.postgres import PostgresServer

_QUERY = "SELECT g, repeat('x', 100) AS t FROM generate_series(1, {rows}) g"
_MOST_GROWTH = 24 << 20
"""Bytes. 400,000 of these rows take 45 MB as text, and 100 MB as Python's objects."""


def _url(server: PostgresServer) -> str:
    return f"postgresql://rdsadmin@/postgres?host={server.socket_dir}&port={server.port}"


def _peak(server: PostgresServer, form: list[str], rows: int) -> tuple[int, int]:
    """Peak resident bytes of a run, and the lines it printed."""
    command = [sys.executable, "-m", "rolebrowser", "sql", _url(server), *form]
    program = subprocess.Popen([*command, "-c", _QUERY.format(rows=rows)], stdout=subprocess.PIPE)
    assert program.stdout is not None
    with program.stdout:
        lines = sum(1 for _ in program.stdout)
    _, status, usage = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode == 0
    # Linux counts kilobytes, macOS bytes.
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), lines


@pytest.mark.parametrize(
    ("form", "extra"), [([], 4), (["--csv"], 1), (["--json"], 2)], ids=["table", "csv", "json"]
)
def test_memory_is_flat_however_many_rows(
    form: list[str], extra: int, postgres_server: PostgresServer, clean_env: Path
) -> None:
    few, _ = _peak(postgres_server, form, 1000)
    many, lines = _peak(postgres_server, form, 400_000)
    assert lines == 400_000 + extra
    assert many - few < _MOST_GROWTH


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]], ids=["table", "csv", "json"])
def test_a_reader_that_goes_away_is_no_fault_of_anybodys(
    form: list[str], postgres_server: PostgresServer, clean_env: Path
) -> None:
    command = [sys.executable, "-m", "rolebrowser", "sql", _url(postgres_server), *form]
    program = subprocess.Popen(
        [*command, "-c", _QUERY.format(rows=200_000)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    program.stdout.readline()
    program.stdout.close()
    assert program.stderr is not None
    with program.stderr:
        assert program.stderr.read() == b""
    assert program.wait(60) in (1, 141, -13)


@pytest.mark.parametrize(
    ("arguments", "script", "code", "out"),
    [
        (["-c", "SELECT 1/0"], "", 1, ""),
        (["-c", "SELECT 1/0", "-c", "SELECT 2 AS n"], "", 0, "n\n2\n"),
        (["-v", "ON_ERROR_STOP=1", "-c", "SELECT 1/0", "-c", "SELECT 2 AS n"], "", 1, ""),
        ([], "SELECT 1/0; SELECT 2 AS n;", 0, "n\n2\n"),
        (["-v", "ON_ERROR_STOP=1"], "SELECT 1/0; SELECT 2 AS n;", 3, ""),
        (["-v", "ON_ERROR_STOP=1", "-f", "-"], "SELECT 1/0; SELECT 2 AS n;", 3, ""),
        ([], "SELECT 1 AS m, pg_backend_pid() > 0 AS n; nonsense", 0, "m,n\n1,t\n"),
    ],
)
def test_exit_codes_are_psqls(
    arguments: list[str],
    script: str,
    code: int,
    out: str,
    postgres_server: PostgresServer,
    clean_env: Path,
) -> None:
    programs = (
        [sys.executable, "-m", "rolebrowser", "sql", _url(postgres_server)],
        ["psql", "-X", "-q", "-d", _url(postgres_server)],
    )
    for program in programs:
        try:
            done = subprocess.run(
                [*program, "--csv", *arguments],
                input=script,
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "PGUSER": "rdsadmin"},
            )
        except FileNotFoundError:
            continue
        assert (done.returncode, done.stdout) == (code, out), done.stderr


def test_a_connection_that_ends_is_told_by_its_own_code(
    postgres_server: PostgresServer, clean_env: Path
) -> None:
    suicide = "SELECT pg_terminate_backend(pg_backend_pid())"
    command = [sys.executable, "-m", "rolebrowser", "sql", _url(postgres_server), "--read-write"]
    done = subprocess.run([*command, "-c", suicide], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
