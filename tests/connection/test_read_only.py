"""Every way out of read-only mode we know of, tried for real on a superuser's connection."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import psycopg
import pytest

from rolebrowser.connection import read_only
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.connection.protocol import Transaction
from rolebrowser.errors import ReadOnlyRefused, RolebrowserError, StatementError

Connect = Callable[..., PostgresConnection]
Admin = psycopg.Connection[tuple[object, ...]]

WORLD = """
CREATE TABLE kept (a int PRIMARY KEY);
INSERT INTO kept VALUES (1);
CREATE SEQUENCE counter;
CREATE ROLE somebody;
GRANT ALL ON kept TO somebody;
CREATE FUNCTION undo() RETURNS text LANGUAGE sql AS
  $$ SELECT set_config('default_transaction_read_only', 'off', false) $$;
CREATE FUNCTION undo_here() RETURNS text LANGUAGE sql AS
  $$ SELECT set_config('transaction_read_only', 'off', true) $$;
CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO kept VALUES (2); RETURN 1; END $$;
CREATE PROCEDURE proceed() LANGUAGE plpgsql AS
  $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO kept VALUES (2); END $$;
"""
TIDY = """
DROP TABLE IF EXISTS kept, never;
DROP SEQUENCE IF EXISTS counter;
DROP FUNCTION IF EXISTS undo(), undo_here(), sneak();
DROP PROCEDURE IF EXISTS proceed();
DROP ROLE IF EXISTS somebody;
"""
WRITE = "INSERT INTO kept VALUES (2)"
HIDDEN = 'U&"\\0073et_config"'

ESCAPES = {
    "plain": [WRITE],
    "two statements": [f"SELECT 1; {WRITE}"],
    "function undoes the default": ["SELECT undo()", WRITE],
    "function undoes and writes": ["SELECT undo(), sneak()"],
    "function undoes here": ["SELECT undo_here(), sneak()"],
    "inside a transaction": ["BEGIN", "SELECT undo_here()", WRITE],
    "inside, both": ["BEGIN", "SELECT undo()", "SELECT undo_here()", WRITE, "COMMIT"],
    "after the default was undone": ["SELECT undo()", "BEGIN", WRITE, "COMMIT"],
    "hidden name": [f"SELECT {HIDDEN}('default_transaction_read_only', 'off', false)", WRITE],
    "hidden name inside": [
        "BEGIN",
        f"SELECT {HIDDEN}('transaction_read_only', 'off', false)",
        WRITE,
    ],
    "set default": ["SET default_transaction_read_only = off", WRITE],
    "set quoted": ['SET "default_transaction_read_only" = off', WRITE],
    "set characteristics": ["SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", WRITE],
    "set transaction": ["BEGIN", "SET TRANSACTION READ WRITE", WRITE, "COMMIT"],
    "set local": ["BEGIN", "SET LOCAL transaction_read_only = off", WRITE, "COMMIT"],
    "begin": ["BEGIN READ WRITE", WRITE, "COMMIT"],
    "begin with more": ["BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE", WRITE, "COMMIT"],
    "start": ["START TRANSACTION READ WRITE", WRITE, "COMMIT"],
    "comments": ["/* a */ BEGIN -- b\n /* c */ READ /* d */ WRITE", WRITE, "COMMIT"],
    "chain": ["SELECT undo()", "BEGIN", "COMMIT AND CHAIN", WRITE, "COMMIT"],
    "savepoint": ["BEGIN", "SAVEPOINT a", "ROLLBACK TO a", WRITE, "COMMIT"],
    "prepared": [f"PREPARE p AS {WRITE}", "EXECUTE p"],
    "prepared undo": ["PREPARE p AS SELECT undo()", "EXECUTE p", WRITE],
    "cursor": ["BEGIN", "DECLARE c CURSOR FOR SELECT undo_here()", "FETCH c", WRITE, "COMMIT"],
    "do": [f"DO $$ BEGIN {WRITE}; END $$"],
    "do in a transaction": [
        "BEGIN",
        f"DO $$ BEGIN SET TRANSACTION READ WRITE; {WRITE}; END $$",
        "COMMIT",
    ],
    "call": ["CALL proceed()"],
    "reset": ["RESET default_transaction_read_only", WRITE],
    "reset all": ["RESET ALL", WRITE],
    "discard": ["DISCARD ALL", WRITE],
    "role": ["SET ROLE somebody", WRITE],
    "authorization": ["SET SESSION AUTHORIZATION somebody", WRITE],
    "with": ["WITH x AS (DELETE FROM kept RETURNING a) SELECT * FROM x"],
    "explain analyze": [f"EXPLAIN ANALYZE {WRITE}"],
    "explain analyze delete": ["EXPLAIN (ANALYZE, COSTS off) DELETE FROM kept"],
    "explain analyze create": ["EXPLAIN ANALYZE CREATE TABLE never AS SELECT 1 AS a"],
    "explain analyze create, options": ["EXPLAIN (ANALYZE) CREATE TABLE never AS SELECT 1 AS a"],
    "explain analyze into": ["EXPLAIN ANALYZE SELECT 1 AS a INTO never"],
    "select into": ["SELECT * INTO never FROM kept"],
    "create": ["CREATE TABLE never (a int)"],
    "truncate": ["TRUNCATE kept"],
    "copy from program": ["COPY kept FROM PROGRAM 'echo 2'"],
    "for update": ["SELECT * FROM kept FOR UPDATE"],
    "nextval": ["SELECT nextval('counter')"],
    "large object": ["SELECT lo_create(4711)"],
    "setval": ["SELECT setval('counter', 5)"],
    "query to xml": ["SELECT query_to_xml('INSERT INTO kept VALUES (2)', true, true, '')"],
    "drop": ["DROP TABLE kept"],
    "alter": ["ALTER TABLE kept ADD b int"],
}
NOT_SENT = [
    "ALTER SYSTEM SET work_mem = '5MB'",
    "VACUUM FULL kept",
    "ANALYZE kept",
    "CLUSTER kept USING kept_pkey",
    "REINDEX TABLE kept",
    "CHECKPOINT",
    "LOAD 'plpgsql'",
    "LOCK TABLE kept",
    "NOTIFY channel",
    "COPY kept TO '/tmp/never'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COMMIT PREPARED 'x'",
    "PREPARE TRANSACTION 'x'",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_catalog.pg_reload_conf ()",
    "SELECT * FROM dblink('', 'DROP TABLE kept') AS t(a int)",
    "SELECT set_config('search_path', '', false)",
    "COPY kept FROM STDIN",
    "SELECT lo_create(4712)",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_catalog.lo_from_bytea(0, 'x')",
    "SELECT lowrite(lo_open(1, 131072), 'z')",
    "SELECT pg_import_system_collations('public')",
    "SELECT pg_replication_origin_create('never')",
    "SELECT gin_clean_pending_list('kept')",
    "SELECT brin_summarize_new_values('kept')",
    "SELECT pg_clear_relation_stats('public', 'kept')",
    "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', 'kept')",
    "SELECT pg_stat_reset_single_table_counters('kept'::regclass)",
    'SELECT U&"\\006co_create"(4712)',
    "SELECT pg_catalog . U&\"!006co_create\" UESCAPE '!' (4712)",
]


@pytest.fixture
def world(admin: Admin) -> Iterator[Admin]:
    """A table that must stay as it is."""
    admin.execute(TIDY)
    admin.execute(WORLD)
    yield admin
    admin.execute(TIDY)


@pytest.mark.parametrize("script", ESCAPES.values(), ids=ESCAPES.keys())
def test_no_way_out_of_read_only_mode(world: Admin, connect: Connect, script: list[str]) -> None:
    connection = connect()
    for statement in script:
        with contextlib.suppress(RolebrowserError):
            connection.run(statement).result(60)
    if connection.transaction is not Transaction.IDLE:
        connection.run("ROLLBACK").result(60)
    assert world.execute("SELECT a FROM kept").fetchall() == [(1,)]
    assert world.execute("SELECT to_regclass('never')").fetchall() == [(None,)]
    assert world.execute("SELECT is_called FROM counter").fetchall() == [(False,)]
    assert connection.run("SHOW transaction_read_only").result().page.rows == (("on",),)


@pytest.mark.parametrize("statement", NOT_SENT)
def test_what_a_read_only_transaction_does_not_hold_is_not_sent(
    world: Admin, connect: Connect, statement: str
) -> None:
    with pytest.raises(ReadOnlyRefused) as caught:
        connect().run(statement).result(60)
    assert caught.value.why
    assert "read-write" in caught.value.fix


def test_reading_goes_on_as_ever(world: Admin, connect: Connect) -> None:
    connection = connect()
    for statement in (
        "SELECT a FROM kept",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "TABLE kept",
        "VALUES (1), (2)",
        "SHOW work_mem",
        "SET work_mem = '5MB'",
        "EXPLAIN DELETE FROM kept",
        "EXPLAIN ANALYZE SELECT 1",
        "PREPARE q AS SELECT 1",
        "EXECUTE q",
        "BEGIN",
        "SELECT 1",
        "SAVEPOINT a",
        "ROLLBACK TO a",
        "COMMIT",
    ):
        connection.run(statement).result(60)
    # What is set stays set, though each statement has a transaction of its own.
    assert connection.run("SHOW work_mem").result().page.rows == (("5MB",),)


def test_a_failed_statement_leaves_no_transaction_behind(world: Admin, connect: Connect) -> None:
    connection = connect()
    with pytest.raises(StatementError):
        connection.run("SELECT 1/0").result(60)
    assert connection.transaction is Transaction.IDLE
    state = world.execute(
        "SELECT state FROM pg_stat_activity WHERE pid = %s", (connection.info.backend_pid,)
    ).fetchall()
    assert state == [("idle",)]


def test_a_catalog_query_that_fails_spares_the_persons_transaction(
    world: Admin, connect: Connect
) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result(60)
    connection.run(WRITE).result(60)
    with pytest.raises(StatementError):
        connection.query("SELECT * FROM pg_catalog.no_such_catalog").result(60)
    assert connection.transaction is Transaction.OPEN
    connection.run("COMMIT").result(60)
    assert world.execute("SELECT a FROM kept ORDER BY 1").fetchall() == [(1,), (2,)]


def test_a_write_with_many_rows_is_done_before_its_first_page_is_given(
    world: Admin, connect: Connect
) -> None:
    connection = connect(read_only=False)
    sql = "INSERT INTO kept SELECT g FROM generate_series(10, 5000) g RETURNING a"
    outcome = connection.run(sql, page_rows=10).result(60)
    assert (len(outcome.page.rows), outcome.page.more, outcome.rowcount) == (10, True, 4991)
    assert world.execute("SELECT count(*) FROM kept").fetchall() == [(4992,)]
    assert connection.more(outcome.cursor).result().first == 10


def test_moving_on_inside_a_transaction_does_not_break_it(world: Admin, connect: Connect) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result(60)
    connection.run(WRITE).result(60)
    connection.run("SELECT g FROM generate_series(1, 400000) g").result(60)
    connection.run("COMMIT").result(60)
    assert world.execute("SELECT count(*) FROM kept").fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("ours", "reader", "says"),
    [
        (True, False, "switch to read-write"),
        (True, True, "connect to the writer"),
        (False, True, "connect to the writer"),
        (False, False, "The server itself only reads"),
    ],
)
def test_what_refuses_to_write_says_whose_doing_it_is(ours: bool, reader: bool, says: str) -> None:
    assert says in read_only.advice(ours, reader)
