"""What is asked before and after a statement, held to what the real servers roll back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from rolebrowser.connection.caution import caution, stands_alone
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.errors import StatementError
from rolebrowser.target import Engine

Connect = Callable[..., PostgresConnection]
Admin = psycopg.Connection[tuple[object, ...]]
POSTGRES, MYSQL = Engine.POSTGRES, Engine.MYSQL

ALONE = [
    "CREATE DATABASE cautious_new",
    "DROP DATABASE IF EXISTS cautious_none",
    "VACUUM cautious",
    "VACUUM (FULL) cautious",
    "/* c */ create index concurrently on cautious (a)",
    "DROP INDEX CONCURRENTLY cautious_pkey",
    "REINDEX TABLE CONCURRENTLY cautious",
    "REINDEX SCHEMA public",
    "REINDEX (CONCURRENTLY) TABLE cautious",
    "CLUSTER",
    "ALTER SYSTEM SET work_mem = '5MB'",
    "ALTER DATABASE postgres SET TABLESPACE pg_default",
    "CREATE TABLESPACE cautious LOCATION '/nowhere'",
    "DISCARD ALL",
    "COMMIT PREPARED 'x'",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p",
]
HELD = [
    "INSERT INTO cautious VALUES (2)",
    "DELETE FROM cautious WHERE a = 1",
    "WITH gone AS (DELETE FROM cautious RETURNING a) SELECT * FROM gone",
    "CREATE TABLE cautious_too (a int)",
    "CREATE INDEX ON cautious (a)",
    "DROP TABLE cautious",
    "TRUNCATE cautious",
    "GRANT SELECT ON cautious TO PUBLIC",
    "ALTER DATABASE postgres SET work_mem = '5MB'",
    "CLUSTER cautious USING cautious_pkey",
    "REINDEX TABLE cautious",
    "DO $$ BEGIN INSERT INTO cautious VALUES (3); END $$",
    "SELECT * INTO cautious_too FROM cautious",
    "COMMENT ON TABLE cautious IS 'concurrently'",
]


@pytest.fixture
def world(admin: Admin) -> Iterator[Admin]:
    """A table with a row."""
    admin.execute("CREATE TABLE cautious (a int PRIMARY KEY); INSERT INTO cautious VALUES (1)")
    yield admin
    admin.execute("DROP TABLE cautious")


@pytest.mark.parametrize("statement", ALONE)
def test_what_stands_alone_is_what_the_server_refuses_inside_a_transaction(
    world: Admin, connect: Connect, statement: str
) -> None:
    assert "can't be rolled back" in stands_alone(statement, POSTGRES)
    assert not caution(statement, POSTGRES).held
    connection = connect(read_only=False)
    connection.run("BEGIN").result(60)
    with pytest.raises(StatementError) as caught:
        connection.run(statement).result(60)
    assert caught.value.code == "25001"
    connection.run("ROLLBACK").result(60)


@pytest.mark.parametrize("statement", HELD)
def test_what_is_held_is_undone_by_the_server(
    world: Admin, connect: Connect, statement: str
) -> None:
    asked = caution(statement, POSTGRES)
    assert (asked.changes, asked.held) == (True, True)
    connection = connect(read_only=False)
    connection.run("BEGIN").result(60)
    connection.run(statement).result(60)
    connection.run("ROLLBACK").result(60)
    assert world.execute("SELECT a FROM cautious").fetchall() == [(1,)]
    assert world.execute("SELECT to_regclass('cautious_too')").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("statement", "warned"),
    [
        ("DELETE FROM t", True),
        ("UPDATE t SET a = 1", True),
        ("UPDATE t SET a = (SELECT b FROM u WHERE c) ", True),
        ("WITH x AS (DELETE FROM t RETURNING 1) SELECT 1 FROM x WHERE true", True),
        ("TRUNCATE t", True),
        ("DELETE FROM t WHERE a = 1", False),
        ("UPDATE t SET a = 1 WHERE true", False),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 2", False),
        ("SELECT 1", False),
        ("SET search_path = x", False),
    ],
)
def test_every_row_is_asked_about_before(statement: str, warned: bool) -> None:
    assert ("every row" in caution(statement, POSTGRES).warning) is warned


@pytest.mark.parametrize("statement", ["SELECT 1", "SHOW x", "BEGIN", "COMMIT", "SET a = 1", ""])
def test_what_changes_nothing_is_let_through(statement: str) -> None:
    for engine in (POSTGRES, MYSQL):
        asked = caution(statement, engine)
        assert (asked.changes, asked.warning) == (False, "")


@pytest.mark.parametrize(
    ("statement", "held"),
    [
        ("DELETE FROM t WHERE a", True),
        ("REPLACE INTO t VALUES (1)", True),
        ("CREATE TEMPORARY TABLE t (a int)", True),
        ("CREATE TABLE t (a int)", False),
        ("GRANT SELECT ON t TO u", False),
        ("TRUNCATE t", False),
        ("ALTER TABLE t ADD b int", False),
    ],
)
def test_mysql_commits_some_by_itself(statement: str, held: bool) -> None:
    asked = caution(statement, MYSQL)
    assert (asked.changes, asked.held) == (True, held)
    assert ("committed by the server at once" in asked.warning) is not held


def test_of_a_word_nobody_knows_it_is_not_said_what_the_server_does_with_it() -> None:
    asked = caution("SELECTT 1", MYSQL)
    assert asked.warning.startswith("SELECTT is not known here: if the server commits it")
    assert not asked.held
