"""CSV from the server itself: the same bytes as ours, of queries only, and nothing half."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolebrowser.cancel import Cancel
from rolebrowser.connection.copy_csv import (
    copy_csv,
    copy_statement,
    copyable,
    export_csv,
    refused_unrun,
)
from rolebrowser.connection.encode import Form, encoded
from rolebrowser.connection.export import pages
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.errors import Cancelled, ConfigError, ReadOnlyRefused, StatementError
from rolebrowser.target import Engine

Connect = Callable[..., PostgresConnection]
ENDLESS = "SELECT generate_series(1, 1000000000)"
"""A set in the SELECT list is sent as it is made; one in FROM is made first."""
QUERIES = (
    "SELECT 1 AS a, 'x' AS \"b,\", NULL AS c, '' AS d",
    "SELECT ''",
    "SELECT NULL",
    "SELECT '\\.'",
    "SELECT '\\.', '\\.'",
    "SELECT",
    "SELECT FROM generate_series(1, 3)",
    "SELECT 1 WHERE false",
    "VALUES (1, E'a\\nb'), (2, E'a\\rb'), (3, 'say \"x\"')",
    "TABLE pg_catalog.pg_am ORDER BY 1",
    "WITH a AS (SELECT 1.50 AS n) SELECT * FROM a -- and a comment",
    "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1",
    "SELECT '{1,NULL,\"\"}'::text[], '\\xdead'::bytea, 'infinity'::timestamptz, true, 1e300",
    "SELECT '広い', ' ', E'\\t', '{\"a\": \"b\"}'::jsonb, ROW(1, NULL, '')",
)


def copied(connection: PostgresConnection, query: str) -> bytes:
    """What COPY gives for a query."""
    copy = copyable(connection, query)
    assert copy
    chunks: list[bytes] = []
    copy_csv(connection, copy, chunks.append)
    return b"".join(chunks)


def taken_apart(connection: PostgresConnection, query: str) -> bytes:
    """What our own encoder makes of the rows."""
    outcome = connection.run(query).result()
    rows = [row for page in pages(connection, outcome) for row in page]
    return encoded(Form.CSV, outcome.columns, rows).encode()


def test_every_other_thread_runs_while_the_server_takes_its_time(connect: Connect) -> None:
    # The server sends nothing before it has filled a buffer.
    slow = "SELECT repeat('x', 100000) UNION ALL SELECT pg_sleep(1)::text"
    copying = connect().copy_out(f"COPY ({slow}) TO STDOUT", lambda data: None)
    turns = 0
    while not copying.done():
        time.sleep(0.01)
        turns += 1
    assert turns > 10


@pytest.mark.parametrize("query", QUERIES)
def test_the_servers_csv_is_ours_byte_for_byte(connect: Connect, query: str) -> None:
    connection = connect()
    assert copied(connection, query) == taken_apart(connection, query)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.none() | st.text(st.sampled_from("ab\\.,\" \n\r\t字'x"), max_size=4), min_size=1)
)
def test_whatever_a_row_holds(connect: Connect, values: list[str | None]) -> None:
    connection = _one(connect)
    literals = (
        "NULL" if value is None else "'" + value.replace("'", "''") + "'" for value in values
    )
    query = f"SELECT {', '.join(literals)}"
    assert copied(connection, query) == taken_apart(connection, query)


_ONES: dict[int, PostgresConnection] = {}


def _one(connect: Connect) -> PostgresConnection:
    """One connection for all examples of a test."""
    return _ONES.setdefault(id(connect), connect())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1) TO PROGRAM 'touch /tmp/x' --",
        "SELECT 1; SELECT 2",
        "SELECT (1",
        "SELECT * FROM t FOR UPDATE",
        "SELECT 1 INTO t",
        "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
        "INSERT INTO t VALUES (1) RETURNING *",
        "SHOW work_mem",
        "EXPLAIN SELECT 1",
        "CALL f()",
        "",
        r"\du",
    ],
)
def test_what_is_no_plain_query_is_not_copied(statement: str) -> None:
    assert copy_statement(statement, Engine.POSTGRES) == ""


def test_mysql_has_no_copy() -> None:
    assert copy_statement("SELECT 1", Engine.MYSQL) == ""


def test_inside_a_transaction_nothing_is_risked(connect: Connect) -> None:
    connection = connect()
    connection.run("BEGIN").result()
    assert copyable(connection, "SELECT 1") == ""


def test_a_query_that_fails_gives_no_heading_and_its_own_positions(connect: Connect) -> None:
    connection = connect()
    chunks: list[bytes] = []
    with pytest.raises(StatementError, match="division by zero"):
        copy_csv(connection, copyable(connection, "SELECT 1/0"), chunks.append)
    assert chunks == []
    query = "SELECT *\nFROM nowhere"
    with pytest.raises(StatementError) as mine:
        copy_csv(connection, copyable(connection, query), chunks.append)
    with pytest.raises(StatementError) as plain:
        connection.run(query).result()
    assert (mine.value.position, mine.value.what) == (plain.value.position, plain.value.what)
    with pytest.raises(StatementError) as broken:
        copy_csv(connection, copyable(connection, "SELECT 1 +"), chunks.append)
    assert refused_unrun(broken.value)
    assert not refused_unrun(mine.value)


def test_read_only_mode_holds_a_copy_too(connect: Connect) -> None:
    connection = connect()
    connection.set_read_only(False).result()
    body = "BEGIN CREATE TABLE public.copy_made (a int); RETURN 1; END"
    connection.run(
        f"CREATE OR REPLACE FUNCTION made() RETURNS int LANGUAGE plpgsql AS $${body}$$"
    ).result()
    connection.set_read_only(True).result()
    with pytest.raises(StatementError, match="read-only transaction"):
        copied(connection, "SELECT made()")
    with pytest.raises(ReadOnlyRefused):
        copied(connection, "SELECT pg_terminate_backend(1)")
    assert connection.query("SELECT to_regclass('public.copy_made')").result() == ((None,),)


def test_a_file_is_written_whole_or_not_at_all(connect: Connect, tmp_path: Path) -> None:
    connection, path, seen = connect(), tmp_path / "rows.csv", []
    copy = copyable(connection, "SELECT g, 'x' || g AS t FROM generate_series(1, 12345) g")
    count = export_csv(path, connection, copy, report=lambda *said: seen.append(said))
    assert count == 12345
    assert len(path.read_text().splitlines()) == 12346
    assert seen[-1] == (12345, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    failing = copyable(connection, "SELECT 1 / (9000 - g) FROM generate_series(1, 9999) g")
    before = path.read_bytes()
    with pytest.raises(StatementError, match="division by zero"):
        export_csv(path, connection, failing)
    assert path.read_bytes() == before
    with pytest.raises(ConfigError, match="can't be written"):
        export_csv(tmp_path / "no" / "rows.csv", connection, copy)
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_an_export_is_stopped_at_the_server(connect: Connect, tmp_path: Path) -> None:
    connection, cancel, begun = connect(), Cancel(), threading.Event()
    nap = "pg_sleep(CASE WHEN g > 6000 THEN 0.01 ELSE 0 END)"
    copy = copyable(connection, f"SELECT g, {nap} FROM generate_series(1, 9999) g")

    def stop() -> None:
        begun.wait(20)
        cancel.cancel()

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(Cancelled, match="nothing was written"):
        export_csv(
            tmp_path / "x.csv", connection, copy, report=lambda *_: begun.set(), cancel=cancel
        )
    assert os.listdir(tmp_path) == []
    assert connection.query("SELECT 1").result() == (("1",),)


def test_a_reader_that_goes_away_stops_the_server(connect: Connect) -> None:
    connection = connect()

    def gone(chunk: bytes) -> None:
        raise BrokenPipeError

    copy = copyable(connection, ENDLESS)
    with pytest.raises(StatementError) as caught:
        copy_csv(connection, copy, gone)
    assert isinstance(caught.value.__cause__, BrokenPipeError)
    assert connection.query("SELECT 1").result() == (("1",),)


def test_a_result_is_read_up_once_the_server_has_no_more(connect: Connect) -> None:
    connection = connect(page_rows=10)
    endless = connection.run(ENDLESS).result()
    assert not connection.read_up(endless.cursor)
    short = connection.run("SELECT * FROM generate_series(1, 1000)").result()
    # Given up for the one after it: not all of it will come.
    assert not connection.read_up(endless.cursor)
    while connection.more(short.cursor).result().more:
        pass
    assert connection.read_up(short.cursor)
