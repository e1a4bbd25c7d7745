r"""`\d NAME` against the real psql 18, byte for byte, on relations of every kind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from rolebrowser.connection import backslash
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.errors import StatementError
from rolebrowser.sandbox.postgres import PostgresServer, find_binaries

Connect = Callable[..., PostgresConnection]

WORLD = Path(__file__).with_name("describe_world.sql")
NAMES = """
SELECT quote_ident(nspname) || '.' || quote_ident(relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname IN ('w', 'pg_toast')
   OR relname IN ('pg_class', 'pg_authid', 'pg_settings', 'pg_shdescription_o_c_index')
ORDER BY 1
"""


@pytest.fixture(scope="module")
def world(postgres_server: PostgresServer) -> Iterator[list[str]]:
    """A database of them; gives their names."""
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE relations")
    _psql(postgres_server, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(WORLD))
    with psycopg.connect(postgres_server.dsn("relations")) as reader:
        yield [row[0] for row in reader.execute(NAMES).fetchall()]
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as admin:
        admin.execute("DROP DATABASE relations WITH (FORCE)")


def _psql(server: PostgresServer, *options: str) -> str:
    where = ["-h", str(server.socket_dir), "-p", str(server.port), "-U", "rdsadmin"]
    done = subprocess.run(
        [str(find_binaries() / "psql"), "-X", *where, "-d", "relations", *options],
        check=False,
        capture_output=True,
        env={"LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("form", [r"\d", r"\d+", r"\dS+x"])
def test_every_relation_is_described_as_psql_18_does(
    world: list[str], postgres_server: PostgresServer, connect: Connect, form: str
) -> None:
    connection = connect(dbname="relations")
    commands = [f"{form} {name}" for name in world]
    ours = "".join(backslash.run(command, connection).result(60).text for command in commands)
    assert ours == _psql(postgres_server, *(part for each in commands for part in ("-c", each)))


@pytest.mark.parametrize("command", [r"\d w.part*", r"\d pg_catalog.pg_am*", r"\d+ w.*"])
def test_a_pattern_describes_each_it_matches(
    world: list[str], postgres_server: PostgresServer, connect: Connect, command: str
) -> None:
    ours = backslash.run(command, connect(dbname="relations")).result(60).text
    assert ours == _psql(postgres_server, "-c", command)


def test_no_match_is_said_in_psqls_words(connect: Connect) -> None:
    with pytest.raises(StatementError, match='Did not find any relation named "nowhere"'):
        backslash.run(r"\d nowhere", connect()).result(60)


def test_scripts_get_the_columns(world: list[str], connect: Connect) -> None:
    outcome = backslash.run(r"\d w.fk", connect(dbname="relations")).result(60)
    assert [column.name for column in outcome.columns][:2] == ["Column", "Type"]
    assert [row[:2] for row in outcome.page.rows] == [("a", "integer"), ("b", "text")]
    assert outcome.described
