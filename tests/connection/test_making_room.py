"""The statement after a large result: it never waits unsaid, and nothing is lost for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import psycopg
import pytest

from rolebrowser.connection import mysql, url
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.connection.protocol import Connection, Outcome, Settings, Transaction
from rolebrowser.errors import Cancelled, FailedBefore, StatementError
from rolebrowser.sandbox.mariadb import MariadbServer
from tests.mysql_server import is_mysql

from .conftest import Connect

Open = Callable[..., Connection]
SOON = 10
"""Seconds: far less than reading either result to its end would take."""
LARGE = "SELECT generate_series(1, 2000000000) AS g"
LARGE_MYSQL = f"SELECT a.n FROM {', '.join(f'ten {name}' for name in 'abcdefghi')}"


def waits(connection: Connection, given: Future[Outcome]) -> bool:
    """Whether it says that it waits, before the statement has ended."""
    while not given.done():
        if connection.waiting:
            return True
        time.sleep(0.01)
    return False


def gives_up(connection: Connection, outcome: Outcome) -> None:
    """Its rows end in a sentence, and not as if that were all."""
    pages = (connection.more(outcome.cursor).result(SOON) for _ in range(1_000_000))
    with pytest.raises(StatementError, match="given up"):
        list(pages)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def noted(admin: psycopg.Connection[tuple[object, ...]]) -> Iterator[Callable[[], int]]:
    """How many rows a table has, into which `note(n)` writes one."""
    admin.execute("CREATE TABLE noted (n int)")
    admin.execute(
        "CREATE FUNCTION note(n int) RETURNS int LANGUAGE sql AS "
        "'INSERT INTO noted VALUES (n) RETURNING n'"
    )

    def count() -> int:
        found = admin.execute("SELECT count(*) FROM noted").fetchone()
        assert found is not None
        return int(str(found[0]))

    yield count
    admin.execute("DROP TABLE noted")
    admin.execute("DROP FUNCTION note")


@pytest.mark.parametrize("read_only", [True, False])
def test_a_statement_that_only_reads_is_stopped_for_the_next(
    connect: Connect, read_only: bool
) -> None:
    connection = connect(read_only=read_only)
    first = connection.run(LARGE).result(SOON)
    assert connection.run("SELECT 1").result(SOON).page.rows == (("1",),)
    assert connection.transaction is Transaction.IDLE
    gives_up(connection, first)


@pytest.mark.parametrize("read_only", [True, False])
def test_inside_a_transaction_that_only_read_too_which_goes_on(
    connect: Connect, read_only: bool
) -> None:
    connection = connect(read_only=read_only)
    connection.run("BEGIN").result()
    connection.run(LARGE).result(SOON)
    assert connection.transaction is Transaction.OPEN
    assert connection.run("SELECT 1").result(SOON).page.rows == (("1",),)
    assert connection.transaction is Transaction.OPEN
    assert connection.run("COMMIT").result(SOON).status == "COMMIT"


def test_behind_a_change_it_says_that_it_waits_and_a_cancel_ends_only_that(
    connect: Connect, noted: Callable[[], int]
) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result()
    connection.run("INSERT INTO noted VALUES (1)").result()
    connection.run(LARGE).result(SOON)
    after = connection.run("INSERT INTO noted VALUES (2)")
    assert waits(connection, after)
    connection.cancel()
    with pytest.raises(Cancelled, match="before it was sent"):
        after.result(SOON)
    assert (connection.waiting, connection.transaction) == ("", Transaction.OPEN)
    connection.run("COMMIT").result(SOON)
    assert noted() == 1


def test_a_rollback_waits_for_nothing(connect: Connect, noted: Callable[[], int]) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result()
    connection.run("INSERT INTO noted VALUES (1)").result()
    connection.run(LARGE).result(SOON)
    assert connection.run("ROLLBACK").result(SOON).status == "ROLLBACK"
    assert (connection.transaction, noted()) == (Transaction.IDLE, 0)


def test_what_its_functions_changed_is_not_undone_for_the_next(
    connect: Connect, noted: Callable[[], int]
) -> None:
    connection = connect(read_only=False)
    first = connection.run("SELECT note(g) FROM generate_series(1, 150000) g").result(SOON)
    after = connection.run("SELECT 1")
    assert waits(connection, after)
    assert after.result(60).page.rows == (("1",),)
    assert noted() == 150_000
    gives_up(connection, first)


FAILS = "SELECT note(g), 1 / (150000 - g) FROM generate_series(1, 200000) g"
"""Behind the rows that are read ahead."""


def test_one_that_fails_where_nobody_looks_fails_its_transaction(
    connect: Connect, noted: Callable[[], int]
) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result()
    connection.run(FAILS).result(SOON)
    with pytest.raises(FailedBefore) as told:
        connection.run("INSERT INTO noted VALUES (1)").result(60)
    assert "division by zero (22012)" in told.value.why
    assert connection.transaction is Transaction.FAILED
    assert connection.run("COMMIT").result(SOON).status == "ROLLBACK"
    assert noted() == 0


def test_one_that_fails_where_nobody_looks_is_told_once_instead_of_the_next(
    connect: Connect, noted: Callable[[], int]
) -> None:
    connection = connect(read_only=False)
    first = connection.run(FAILS).result(SOON)
    with pytest.raises(FailedBefore, match="this one was not sent"):
        connection.run("INSERT INTO noted VALUES (1)").result(60)
    assert noted() == 0
    connection.run("INSERT INTO noted VALUES (1)").result(SOON)
    assert noted() == 1
    pages = (connection.more(first.cursor).result(SOON) for _ in range(1_000_000))
    with pytest.raises(StatementError, match="division by zero"):
        list(pages)


def test_in_read_only_mode_it_is_told_to_whoever_reads_on_alone(connect: Connect) -> None:
    connection = connect()
    connection.run("SELECT 1 / (90000 - g) FROM generate_series(1, 200000) g").result(SOON)
    assert connection.run("SELECT 1").result(SOON).page.rows == (("1",),)


def test_a_rollback_outside_a_transaction_undoes_nothing(
    connect: Connect, noted: Callable[[], int]
) -> None:
    connection = connect(read_only=False)
    connection.run("SELECT note(g) FROM generate_series(1, 150000) g").result(SOON)
    connection.run("ROLLBACK").result(60)
    assert noted() == 150_000


def test_what_was_left_open_for_long_lets_the_next_say_that_it_waits(
    connect: Connect, noted: Callable[[], int]
) -> None:
    connection = connect(read_only=False, idle_in_transaction_timeout=1)
    first = connection.run(f"SELECT note(g::int) FROM ({LARGE}) AS l").result(SOON)
    assert isinstance(connection, PostgresConnection)
    until = time.monotonic() + 60
    while not connection._held._results[first.cursor].given_up and time.monotonic() < until:
        time.sleep(0.1)
    gives_up(connection, first)
    assert connection.waiting == ""
    after = connection.run("SELECT 1")
    assert waits(connection, after)
    connection.cancel()
    with pytest.raises(Cancelled, match="before it was sent"):
        after.result(SOON)


def test_a_failure_inside_a_transaction_fails_it_as_anywhere(connect: Connect) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result()
    with pytest.raises(StatementError, match="division by zero"):
        connection.run("SELECT 1/0").result()
    assert connection.transaction is Transaction.FAILED
    assert connection.run("ROLLBACK").result().status == "ROLLBACK"


# ── MariaDB and MySQL ────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def world(either_server: MariadbServer) -> Iterator[MariadbServer]:
    either_server.execute(
        "CREATE DATABASE roomy",
        "CREATE TABLE roomy.ten (n INT)",
        f"INSERT INTO roomy.ten VALUES {', '.join(f'({n})' for n in range(10))}",
        "CREATE TABLE roomy.noted (n INT) ENGINE=InnoDB",
        "CREATE FUNCTION roomy.note(n INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA "
        "BEGIN INSERT INTO noted VALUES (n); RETURN n; END",
    )
    yield either_server
    either_server.execute("DROP DATABASE roomy")


@pytest.fixture
def log_in(world: MariadbServer) -> Iterator[Open]:
    """Opens connections; the table is empty again behind them."""
    opened: list[Connection] = []

    def go(**settings: object) -> Connection:
        address = url.parse(world.dsn("roomy"), {})
        opened.append(mysql.open_connection(address, Settings(**settings)))  # type: ignore[arg-type]
        return opened[-1]

    yield go
    for connection in opened:
        connection.close()
    world.execute("TRUNCATE roomy.noted")


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("cells", ["a.n", "a.n, SLEEP(0.01), REPEAT('x', 1000)"])
def test_of_mysql_too_rows_are_not_waited_for_however_slowly_they_come(
    log_in: Open, read_only: bool, cells: str
) -> None:
    connection = log_in(read_only=read_only, page_rows=10)
    first = connection.run(LARGE_MYSQL.replace("a.n", cells)).result(SOON)
    assert connection.run("SELECT 1").result(SOON).page.rows == (("1",),)
    assert connection.transaction is Transaction.IDLE
    gives_up(connection, first)


def test_a_result_that_is_read_hides_no_transaction_of_mysqls(log_in: Open) -> None:
    connection = log_in(read_only=False)
    connection.run("BEGIN").result()
    connection.run("INSERT INTO noted VALUES (1)").result()
    connection.run(LARGE_MYSQL).result(SOON)
    assert connection.transaction is Transaction.OPEN
    with pytest.raises(StatementError, match="open transaction"):
        connection.set_read_only(True).result(SOON)
    assert connection.run("SELECT count(*) FROM noted").result(SOON).page.rows == (("1",),)
    connection.run("ROLLBACK").result(SOON)
    assert connection.query("SELECT count(*) FROM noted").result(SOON) == (("0",),)


def test_what_stored_functions_changed_is_not_undone_for_the_next(log_in: Open) -> None:
    connection = log_in(read_only=False)
    five = ", ".join(f"ten {name}" for name in "abcde")
    connection.run(f"SELECT note(a.n) FROM {five}").result(SOON)
    after = connection.run("SELECT 1")
    assert waits(connection, after)
    assert after.result(60).page.rows == (("1",),)
    assert connection.query("SELECT count(*) FROM noted").result(SOON) == (("100000",),)


@pytest.mark.parametrize("begin", ["", "BEGIN"])
def test_one_of_mysqls_that_fails_where_nobody_looks_is_told_instead_of_the_next(
    log_in: Open, begin: str
) -> None:
    connection = log_in(read_only=False)
    if begin:
        connection.run(begin).result(SOON)
    five = ", ".join(f"ten {name}" for name in "abcde")
    last = "IF(a.n + b.n + c.n + d.n + e.n = 45, (SELECT n FROM ten), 1)"
    connection.run(f"SELECT note(a.n), {last} FROM {five}").result(SOON)
    with pytest.raises(FailedBefore) as told:
        connection.run("INSERT INTO noted VALUES (77)").result(60)
    assert "(1242)" in told.value.why
    assert connection.query("SELECT count(*) FROM noted").result(SOON) == (("0",),)
    assert connection.transaction is (Transaction.OPEN if begin else Transaction.IDLE)


def test_a_wait_of_mysqls_ends_by_a_cancel_and_nothing_is_sent(log_in: Open) -> None:
    connection = log_in(read_only=False)
    connection.run("BEGIN").result()
    connection.run(LARGE_MYSQL.replace("a.n", "note(a.n)")).result(SOON)
    after = connection.run("INSERT INTO noted VALUES (77)")
    assert waits(connection, after)
    connection.cancel()
    with pytest.raises(Cancelled):
        after.result(SOON)
    assert (connection.waiting, connection.transaction) == ("", Transaction.OPEN)
    assert connection.query("SELECT count(*) FROM noted WHERE n = 77").result(SOON) == (("0",),)


def test_rows_of_a_change_are_all_there_before_anything_else(
    log_in: Open, world: MariadbServer
) -> None:
    if is_mysql(world):
        pytest.skip("MySQL has no INSERT … RETURNING")
    connection = log_in(read_only=False, page_rows=10)
    five = ", ".join(f"ten {name}" for name in "abcde")
    outcome = connection.run(f"INSERT INTO noted SELECT a.n FROM {five} RETURNING n").result(60)
    assert (outcome.rowcount, len(outcome.page.rows)) == (100_000, 10)
    assert connection.query("SELECT count(*) FROM noted").result(SOON) == (("100000",),)
    assert len(connection.more(outcome.cursor).result(SOON).rows) == 10


def test_a_deadlocks_victim_is_in_no_transaction_any_more(log_in: Open) -> None:
    one, other = log_in(read_only=False), log_in(read_only=False)
    one.run("INSERT INTO noted VALUES (1), (2)").result(SOON)
    one.run("CREATE INDEX by_n ON noted (n)").result(SOON)
    for connection, mine in ((one, 1), (other, 2)):
        connection.run("BEGIN").result(SOON)
        connection.run(f"UPDATE noted SET n = n WHERE n = {mine}").result(SOON)
    first = one.run("UPDATE noted SET n = n WHERE n = 2")
    second = other.run("UPDATE noted SET n = n WHERE n = 1")
    errors = [future.exception(SOON) for future in (first, second)]
    victim = one if errors[0] is not None else other
    assert isinstance(errors[0] or errors[1], StatementError)
    assert victim.transaction is Transaction.IDLE
    one.run("DROP INDEX by_n ON noted").result(SOON)
