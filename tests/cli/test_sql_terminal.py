"""Names that would turn a terminal upside down: made visible there, psql's bytes in a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rolebrowser.connection.psql import char_width
from rolebrowser.sandbox.postgres import PostgresServer, find_binaries

HOSTILE = "zz\u202eevil\u200b\x1b[31m\x9b\u2066r\u00ad"
QUERY = "SELECT rolname, 1 AS one FROM pg_catalog.pg_roles WHERE rolname LIKE 'zz%' ORDER BY 1"


@pytest.fixture
def url(postgres_server: PostgresServer, clean_env: Path) -> Iterator[str]:
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as admin:
        names = (HOSTILE, "zz plain")
        for name in names:
            admin.execute(f'CREATE ROLE "{name}"'.encode())
        yield f"postgresql://rdsadmin@/postgres?host={postgres_server.socket_dir}" + (
            f"&port={postgres_server.port}"
        )
        for name in names:
            admin.execute(f'DROP ROLE "{name}"'.encode())


def run(url: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "rolebrowser", "sql", url, *arguments]


def on_a_terminal(command: list[str]) -> str:
    """What a command writes to its terminal."""
    primary, secondary = pty.openpty()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=secondary, stderr=subprocess.STDOUT
    ) as program:
        os.close(secondary)
        seen = b""
        while True:
            try:
                more = os.read(primary, 65536)
            except OSError:
                break
            if not more:
                break
            seen += more
    os.close(primary)
    assert program.returncode == 0, seen
    return seen.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]], ids=["table", "csv", "json"])
@pytest.mark.parametrize("command", [r"\du zz*", QUERY])
def test_on_a_terminal_nothing_moves_it(url: str, command: str, form: list[str]) -> None:
    seen = on_a_terminal(run(url, *form, "-c", command))
    assert "evil" in seen
    assert [hex(ord(char)) for char in seen if not char.isprintable() and char != "\n"] == []


@pytest.mark.parametrize("command", [r"\du+ zz*", QUERY])
def test_on_a_terminal_tables_are_straight(url: str, command: str) -> None:
    lines = on_a_terminal(run(url, "-c", command)).split("\n")
    bars = {
        tuple(width(line[:place]) for place, char in enumerate(line) if char == "|")
        for line in lines
        if "|" in line
    }
    assert len(bars) == 1, lines


def width(text: str) -> int:
    return sum(char_width(char) for char in text)


@pytest.mark.parametrize("command", [r"\du zz*", r"\du+ zz*", QUERY])
def test_a_pipe_gets_psqls_bytes(url: str, command: str) -> None:
    stock = subprocess.run(
        [str(find_binaries() / "psql"), "-X", url, "-c", command],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"},
    )
    ours = subprocess.run(run(url, "-c", command), capture_output=True, check=True)
    assert ours.stdout == stock.stdout
    assert "\u202e".encode() in ours.stdout
