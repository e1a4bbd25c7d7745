"""An open PostgreSQL connection: pages, read-only mode, cancelling, losing it, reconnecting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from rolebrowser.connection.postgres import PostgresConnection, open_connection
from rolebrowser.connection.protocol import Address, Settings, Transaction
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    LoginRefused,
    ReadOnlyRefused,
    StatementError,
)
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.target import Engine

Connect = Callable[..., PostgresConnection]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it does; the test's own time limit is pytest's."""
    for _ in range(500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never held")


def test_values_come_as_the_server_writes_them(connect: Connect) -> None:
    outcome = (
        connect()
        .run("SELECT 1 AS n, true, NULL, '', 'infinity'::date, '\\x00ff'::bytea, ARRAY[1,2]")
        .result()
    )
    assert outcome.page.rows == (("1", "t", None, "", "infinity", "\\x00ff", "{1,2}"),)
    assert outcome.columns[0].name == "n"
    assert outcome.columns[0].type_name == "int4"
    assert outcome.columns[0].numeric
    assert outcome.status == "SELECT 1"
    assert outcome.rowcount == 1


def test_a_large_result_comes_page_by_page(connect: Connect) -> None:
    connection = connect()
    outcome = connection.run("SELECT g FROM generate_series(1, 1201) g", page_rows=500).result()
    assert len(outcome.page.rows) == 500
    assert outcome.page.more
    assert outcome.rowcount is None
    second = connection.more(outcome.cursor).result()
    assert (second.first, len(second.rows), second.more) == (500, 500, True)
    third = connection.more(outcome.cursor).result()
    assert (third.first, len(third.rows), third.more) == (1000, 201, False)
    assert third.rows[-1] == ("1201",)


def test_a_result_of_exactly_one_page_has_no_more(connect: Connect) -> None:
    outcome = connect().run("SELECT g FROM generate_series(1, 500) g", page_rows=500).result()
    assert not outcome.page.more
    assert outcome.status == "SELECT 500"


def test_an_empty_result_still_has_its_columns(connect: Connect) -> None:
    outcome = connect().run("SELECT 1 AS a WHERE false").result()
    assert [column.name for column in outcome.columns] == ["a"]
    assert outcome.page.rows == ()


def test_a_new_statement_gives_up_what_is_still_at_the_server(connect: Connect) -> None:
    connection = connect()
    first = connection.run("SELECT g FROM generate_series(1, 10000000) g", page_rows=10).result()
    assert connection.run("SELECT 1").result().page.rows == (("1",),)
    pages = (connection.more(first.cursor).result() for _ in range(1_000_000))
    with pytest.raises(StatementError, match="given up"):
        list(pages)
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_rows_already_read_outlive_the_next_statement(connect: Connect) -> None:
    connection = connect()
    first = connection.run("SELECT g FROM generate_series(1, 1500) g", page_rows=500).result()
    connection.query("SELECT 1").result()
    connection.run("SELECT 1").result()
    assert len(connection.more(first.cursor).result().rows) == 500
    last = connection.more(first.cursor).result()
    assert (last.rows[-1], last.more) == (("1500",), False)
    assert not connection.more(first.cursor).result().more


def test_two_statements_in_one_are_refused_by_the_server(connect: Connect) -> None:
    with pytest.raises(StatementError, match="multiple commands"):
        connect().run("SELECT 1; SELECT 2").result()


def test_a_refusal_names_code_and_position_and_the_connection_lives_on(connect: Connect) -> None:
    connection = connect()
    with pytest.raises(StatementError) as caught:
        connection.run("SELECT nothing_here").result()
    assert caught.value.code == "42703"
    assert caught.value.position == 8
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_notices_come_with_the_outcome(connect: Connect) -> None:
    connection = connect(read_only=False)
    outcome = connection.run("DO $$ BEGIN RAISE NOTICE 'hello'; END $$").result()
    assert [(notice.severity, notice.text) for notice in outcome.notices] == [("NOTICE", "hello")]


def test_parameters_of_a_catalog_query_are_values_not_text(connect: Connect) -> None:
    rows = connect().query("SELECT %s::text, 5 %% 3", ["'; DROP TABLE x; --"]).result()
    assert rows == (("'; DROP TABLE x; --", "2"),)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE never (a int)",
        "WITH x AS (INSERT INTO pg_temp.t VALUES (1) RETURNING 1) SELECT * FROM x",
        "EXPLAIN ANALYZE INSERT INTO pg_temp.t VALUES (1)",
        "SELECT lo_create(0)",
        "CREATE ROLE never",
    ],
)
def test_the_server_refuses_writes_in_read_only_mode(connect: Connect, statement: str) -> None:
    with pytest.raises(StatementError) as caught:
        connect().run(statement).result()
    assert caught.value.code in ("25006", "42P01")


@pytest.mark.parametrize(
    "statement",
    [
        "SET default_transaction_read_only = off",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "set  transaction\nread write",
        "BEGIN READ WRITE",
        "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "SELECT \"set_config\"('transaction_read_only', 'off', false)",
        "RESET ALL",
        "RESET default_transaction_read_only",
        "DISCARD ALL",
        "/* hi */ SET /* there */ transaction_read_only TO off",
        "DO $$ BEGIN PERFORM 1; END $$",
        "CALL something()",
        "EXPLAIN ANALYZE CREATE TABLE never AS SELECT 1",
        "EXPLAIN (ANALYZE, BUFFERS) CREATE TABLE never AS SELECT 1",
    ],
)
def test_what_would_undo_read_only_is_not_sent(connect: Connect, statement: str) -> None:
    connection = connect()
    with pytest.raises(ReadOnlyRefused):
        connection.run(statement).result()
    assert connection.run("SHOW default_transaction_read_only").result().page.rows == (("on",),)


def test_read_only_is_set_again_when_a_function_undid_it(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    admin.execute(
        "CREATE OR REPLACE FUNCTION undo() RETURNS text LANGUAGE sql AS "
        "$$ SELECT set_config('default_transaction_read_only', 'off', false) $$"
    )
    connection = connect()
    connection.run("SELECT undo()").result()
    with pytest.raises(StatementError) as caught:
        connection.run("CREATE TABLE never (a int)").result()
    assert caught.value.code == "25006"
    admin.execute("DROP FUNCTION undo()")


def test_read_write_mode_writes_and_can_be_left_again(connect: Connect) -> None:
    connection = connect()
    connection.set_read_only(False).result()
    connection.run("CREATE TEMP TABLE t (a int)").result()
    assert connection.run("INSERT INTO t VALUES (1), (2)").result().rowcount == 2
    connection.set_read_only(True).result()
    with pytest.raises(StatementError):
        connection.run("CREATE TABLE never (a int)").result()


def test_the_transactions_state_is_known(connect: Connect) -> None:
    connection = connect()
    assert connection.transaction is Transaction.IDLE
    connection.run("BEGIN").result()
    assert connection.transaction is Transaction.OPEN
    with pytest.raises(StatementError):
        connection.run("SELECT 1/0").result()
    assert connection.transaction is Transaction.FAILED
    with pytest.raises(StatementError, match="open transaction"):
        connection.set_read_only(False).result()
    connection.run("ROLLBACK").result()
    assert connection.transaction is Transaction.IDLE


def test_a_running_statement_is_cancelled_at_the_server(connect: Connect) -> None:
    connection = connect()
    future = connection.run("SELECT pg_sleep(60)")
    while connection.transaction is not Transaction.ACTIVE:
        time.sleep(0.01)
    connection.cancel()
    with pytest.raises(Cancelled):
        future.result(10)
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_what_waits_behind_a_cancelled_statement_is_not_sent(connect: Connect) -> None:
    connection = connect(read_only=False)
    first = connection.run("SELECT pg_sleep(60)")
    second = connection.run("CREATE TABLE never_made (a int)")
    connection.cancel()
    for future in (first, second):
        with pytest.raises(Cancelled):
            future.result(10)
    assert connection.query("SELECT to_regclass('never_made')").result() == ((None,),)


def test_the_statement_timeout_of_the_settings_holds(connect: Connect) -> None:
    with pytest.raises(StatementError) as caught:
        connect(statement_timeout=0.2).run("SELECT pg_sleep(10)").result()
    assert caught.value.code == "57014"


def test_a_lost_connection_is_said_and_reconnects(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    connection = connect()
    admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(ConnectionLost):
        connection.run("SELECT 1").result()
    assert not connection.alive
    with pytest.raises(ConnectionLost):
        connection.run("SELECT 1").result()
    connection.reconnect().result()
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_closing_behind_a_running_statement_ends_it(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    connection = connect()
    future = connection.run("SELECT pg_sleep(60)")
    while connection.transaction is not Transaction.ACTIVE:
        time.sleep(0.01)
    connection.close()
    with pytest.raises((ConnectionLost, StatementError)):
        future.result(5)
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'"
    eventually(lambda: admin.execute(asked).fetchone() == (0,))


def test_no_thread_is_left_after_closing(connect: Connect) -> None:
    before = threading.active_count()
    connection = connect()
    connection.close()
    eventually(lambda: threading.active_count() <= before)


def test_a_login_refusal_keeps_the_servers_words(postgres_server: PostgresServer) -> None:
    address = Address(
        Engine.POSTGRES,
        str(postgres_server.socket_dir),
        5432,
        "nobody_there",
        "postgres",
        lambda: None,
        sslmode="disable",
    )
    with pytest.raises(LoginRefused, match='role "nobody_there" does not exist') as caught:
        open_connection(address, Settings())
    assert caught.value.code == "28000"
