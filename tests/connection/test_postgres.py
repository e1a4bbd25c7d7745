"""An open PostgreSQL connection: pages, read-only mode, cancelling, losing it, reconnecting."""

from __future__ import annotations

import threading
import time
import tracemalloc
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
    RouteError,
    StatementError,
)
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.target import Engine

Connect = Callable[..., PostgresConnection]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it does; the test's own time limit is pytest's."""
    for _ in range(3000):
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


def test_a_background_query_waits_for_an_open_result_and_takes_nothing_from_it(
    connect: Connect,
) -> None:
    connection = connect(page_rows=100)
    cursor = connection.run("SELECT g FROM generate_series(1, 400000) g").result().cursor
    waiting = connection.background("SELECT 'later'")
    assert connection.more(cursor).result().first == 100
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.3)
    assert connection.run("SELECT 'now'").result().page.rows == (("now",),)
    assert waiting.result(timeout=60) == (("later",),)


def test_a_background_query_keeps_out_of_a_transaction(connect: Connect) -> None:
    connection = connect()
    connection.run("BEGIN").result()
    waiting = connection.background("SELECT %s::int + 1", ("1",))
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.3)
    connection.run("ROLLBACK").result()
    assert waiting.result(timeout=60) == (("2",),)


def test_a_background_query_that_waits_fails_with_the_connection(connect: Connect) -> None:
    connection = connect()
    connection.run("BEGIN").result()
    waiting = connection.background("SELECT 1")
    connection.close()
    with pytest.raises(ConnectionLost):
        waiting.result(timeout=60)


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


def test_a_result_that_made_room_for_others_never_seems_to_have_ended(connect: Connect) -> None:
    connection = connect(page_rows=5)
    first = connection.run("SELECT generate_series(1, 20)").result()
    for _ in range(8):
        connection.run("SELECT generate_series(1, 20)").result()
    with pytest.raises(StatementError, match="8 results after it"):
        connection.more(first.cursor).result()
    last = connection.run("SELECT generate_series(1, 20)").result()
    connection.reconnect().result()
    with pytest.raises(StatementError, match="is gone"):
        connection.more(last.cursor).result()


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
    first = connection.run("SELECT generate_series(1, 10000000) AS g", page_rows=10).result()
    assert connection.run("SELECT 1").result().page.rows == (("1",),)
    pages = (connection.more(first.cursor).result() for _ in range(1_000_000))
    with pytest.raises(StatementError, match="given up"):
        list(pages)
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_no_row_beyond_the_limit_is_read_ahead(connect: Connect) -> None:
    connection = connect(row_limit=600)
    first = connection.run("SELECT generate_series(1, 10000000) AS g", page_rows=500).result()
    connection.run("SELECT 1").result()
    pages = (connection.more(first.cursor, rows=100).result() for _ in range(1000))
    sizes = [500]
    with pytest.raises(StatementError, match="given up"):
        sizes.extend(len(page.rows) for page in pages)
    assert max(sizes[1:]) <= 100
    # What the driver got in one go with the last row wanted is kept; unlimited it were 100,000.
    assert 600 <= sum(sizes) < 50_000


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
        future.result(60)
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_what_waits_behind_a_cancelled_statement_is_not_sent(connect: Connect) -> None:
    connection = connect(read_only=False)
    first = connection.run("SELECT pg_sleep(60)")
    second = connection.run("CREATE TABLE never_made (a int)")
    connection.cancel()
    for future in (first, second):
        with pytest.raises(Cancelled):
            future.result(60)
    assert connection.query("SELECT to_regclass('never_made')").result() == ((None,),)


def test_the_statement_timeout_of_the_settings_holds(connect: Connect) -> None:
    with pytest.raises(StatementError) as caught:
        connect(statement_timeout=1).run("SELECT pg_sleep(600)").result()
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
        future.result(60)
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


def test_types_of_extensions_and_ones_own_are_named(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    admin.execute("DROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('sad', 'ok')")
    connection = connect()
    outcome = connection.run("SELECT 'ok'::mood, ARRAY['sad'::mood], 1::numeric(5,2)").result()
    assert [column.type_name for column in outcome.columns] == ["mood", "_mood", "numeric"]
    assert outcome.page.rows == (("ok", "{sad}", "1.00"),)
    admin.execute("DROP TYPE mood")


def test_a_database_of_no_encoding_can_be_read(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    admin.execute("CREATE DATABASE bytes ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0")
    outcome = connect(dbname="bytes").run("SELECT E'caf\\xe9', 'é'").result()
    assert outcome.page.rows == (("caf\\xe9", "é"),)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT 1\0; DROP TABLE x", "NUL"),
        ("SELECT '\ud800'", "aren't text"),
        ("COPY pg_class TO STDOUT", "COPY"),
        ("", ""),
    ],
)
def test_what_cannot_be_sent_is_said(connect: Connect, statement: str, words: str) -> None:
    connection = connect()
    if not words:
        assert connection.run(statement).result().page.rows == ()
    else:
        with pytest.raises(StatementError, match=words):
            connection.run(statement).result()
    assert connection.run("SELECT 1").result().page.rows == (("1",),)


def test_memory_stays_flat_however_many_rows_there_are(connect: Connect) -> None:
    connection = connect()
    sql = "SELECT g, md5(g::text), 'some text' FROM generate_series(1, 300000) g"
    outcome = connection.run(sql).result()
    tracemalloc.start()
    try:
        count, more = len(outcome.page.rows), outcome.page.more
        while more:
            page = connection.more(outcome.cursor).result()
            count, more = count + len(page.rows), page.more
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 300_000
    # All of them would take well over 60 MB.
    assert peak < 12_000_000


def test_slow_rows_are_shown_before_there_is_a_page_of_them(connect: Connect) -> None:
    # PostgreSQL itself holds back what is less than 8 kB.
    sql = (
        "SELECT repeat('x', 1000), pg_sleep(CASE WHEN g > 90 THEN 60 ELSE 0 END) "
        "FROM generate_series(1, 100) g"
    )
    connection = connect()
    outcome = connection.run(sql).result(60)
    assert outcome.page.more
    assert 0 < len(outcome.page.rows) <= 90
    connection.cancel()


def test_a_result_cut_short_by_a_failure_keeps_the_rows_before_it(connect: Connect) -> None:
    connection = connect()
    sql = "SELECT 1 / (1001 - g) FROM generate_series(1, 2000) g"
    outcome = connection.run(sql, page_rows=600).result(60)
    assert len(outcome.page.rows) == 600
    second = connection.more(outcome.cursor).result(60)
    assert (len(second.rows), second.more) == (400, True)
    with pytest.raises(StatementError, match="division by zero"):
        connection.more(outcome.cursor).result(60)
    assert connection.run("SELECT 1").result(60).page.rows == (("1",),)


def test_a_result_left_open_is_given_up_in_time(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    connection = connect(idle_in_transaction_timeout=0.2)
    connection.run("SELECT generate_series(1, 50000000) AS g").result(60)
    asked = "SELECT state FROM pg_stat_activity WHERE pid = %s"
    pid = (connection.info.backend_pid,)
    eventually(lambda: admin.execute(asked, pid).fetchone() == ("idle",))


def test_a_connection_lost_while_idle_is_noticed(
    connect: Connect, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    connection = connect()
    admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    eventually(lambda: not connection.alive)
    assert connection.transaction is Transaction.UNKNOWN
    with pytest.raises(ConnectionLost, match="administrator"):
        connection.run("SELECT 1").result()


def test_a_server_killed_behind_a_statement_is_said_once_and_nothing_is_repeated() -> None:
    with PostgresServer.start() as server:
        address = Address(
            Engine.POSTGRES,
            str(server.socket_dir),
            server.port,
            "rdsadmin",
            "postgres",
            lambda: None,
            sslmode="disable",
        )
        connection = open_connection(address, Settings(read_only=False))
        future = connection.run("SELECT pg_sleep(60)")
        while connection.transaction is not Transaction.ACTIVE:
            time.sleep(0.01)
        server.kill()
        with pytest.raises(ConnectionLost) as caught:
            future.result(60)
        assert "may or may not" in caught.value.fix
        assert not connection.alive
        connection.close()


def test_reconnecting_cuts_off_what_hangs(connect: Connect) -> None:
    connection = connect()
    future = connection.run("SELECT pg_sleep(60)")
    while connection.transaction is not Transaction.ACTIVE:
        time.sleep(0.01)
    info = connection.reconnect().result(60)
    with pytest.raises((ConnectionLost, Cancelled, StatementError)):
        future.result(60)
    assert connection.run("SELECT pg_backend_pid()").result(60).page.rows == (
        (str(info.backend_pid),),
    )


def test_a_closed_connection_says_so(connect: Connect) -> None:
    connection = connect()
    connection.close()
    connection.close()
    for future in (connection.run("SELECT 1"), connection.query("SELECT 1"), connection.more(1)):
        with pytest.raises(ConnectionLost, match="closed"):
            future.result(60)
    connection.cancel()


def test_a_server_gone_for_good_refuses_the_reconnect(postgres_server: PostgresServer) -> None:
    with PostgresServer.start() as server:
        address = Address(
            Engine.POSTGRES,
            str(server.socket_dir),
            server.port,
            "rdsadmin",
            "postgres",
            lambda: None,
            sslmode="disable",
        )
        connection = open_connection(address, Settings())
    with pytest.raises(RouteError):
        connection.reconnect().result(60)
    assert not connection.alive
    with pytest.raises(ConnectionLost):
        connection.run("SELECT 1").result(60)
    connection.close()
