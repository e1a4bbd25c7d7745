"""Plans as the server gives them, and changes that leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from rolebrowser.connection.explain import explain, runs_for_real, undone
from rolebrowser.connection.plan import PlanNode
from rolebrowser.connection.plan_mysql import parse_mysql
from rolebrowser.connection.plan_postgres import parse_postgres
from rolebrowser.connection.plan_text import branches, plan_text
from rolebrowser.connection.postgres import PostgresConnection
from rolebrowser.connection.protocol import Transaction
from rolebrowser.errors import ReadOnlyRefused, StatementError

Connect = Callable[..., PostgresConnection]
Admin = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def table(admin: Admin) -> Iterator[str]:
    admin.execute("DROP TABLE IF EXISTS explained")
    admin.execute(
        "CREATE TABLE explained AS SELECT g AS id, g % 7 AS k FROM generate_series(1, 5000) g"
    )
    admin.execute("CREATE INDEX explained_id ON explained (id)")
    admin.execute("ANALYZE explained")
    yield "explained"
    # Not for ever behind a transaction that a failed test left open.
    admin.execute("SET lock_timeout = '2s'")
    admin.execute("DROP TABLE explained")


def find(plan_root: PlanNode, word: str) -> PlanNode:
    stack = [plan_root]
    while stack:
        node = stack.pop()
        if word in node.title:
            return node
        stack += node.children
    raise AssertionError(word)


def test_titles_are_those_of_the_text_format(connect: Connect, table: str) -> None:
    connection = connect()
    for statement in (
        f"SELECT k, count(*) FROM {table} GROUP BY k ORDER BY k",
        f"SELECT * FROM {table} e JOIN {table} f USING (id) WHERE e.id < 20",
        f"SELECT * FROM {table} e LEFT JOIN {table} f ON e.id = f.k",
        f"SELECT max(id), (SELECT 1) FROM {table} WHERE id = ANY (SELECT k FROM {table})",
        f"WITH c AS MATERIALIZED (SELECT * FROM {table}) SELECT * FROM c, generate_series(1, 2) g",
        f"DELETE FROM {table} WHERE id = 5",
    ):
        plan = explain(connection, statement, analyze=False).plan
        rows = connection.query(f"EXPLAIN (COSTS OFF) {statement}").result()
        text = "\n".join(row[0] or "" for row in rows)
        for _, node in plan.walk():
            assert node.title.rpartition(": ")[2] in text
        assert not plan.analyzed
        assert all(node.cost is not None for _, node in plan.walk())


def test_analyze_tells_times_rows_and_misestimates(connect: Connect, table: str) -> None:
    statement = f"SELECT * FROM {table} WHERE id % 2 = 0 AND k * 2 = k + k"
    plan = explain(connect(), statement, analyze=True).plan
    scan = find(plan.root, "Seq Scan on explained")
    assert (scan.actual, scan.loops) == (2500, 1)
    assert scan.misestimate is not None
    assert scan.misestimate > 100
    assert ("Filter", "(((id % 2) = 0) AND ((k * 2) = (k + k)))") in scan.details
    assert plan.analyzed
    assert (plan.execution or 0) > 0
    assert "rows 2,500" in plan_text(plan)


def test_what_is_never_executed_has_no_rows_and_own_time_is_never_negative(
    connect: Connect, table: str
) -> None:
    statement = f"SELECT * FROM {table} a JOIN {table} b USING (id) WHERE a.k = 99"
    plan = explain(connect(), statement, analyze=True).plan
    assert all((node.own_milliseconds or 0) >= 0 for _, node in plan.walk())
    idle = [node for _, node in plan.walk() if node.loops == 0]
    assert all(node.actual is None and node.misestimate is None for node in idle)


def test_an_analyzed_change_leaves_nothing_behind(
    connect: Connect, table: str, admin: Admin
) -> None:
    connection = connect(read_only=False)
    done = explain(connection, f"DELETE FROM {table} WHERE id < 100", analyze=True)
    assert done.undone
    assert find(done.plan.root, "Delete on explained").loops == 1
    assert connection.transaction is Transaction.IDLE
    assert admin.execute(f"SELECT count(*) FROM {table}").fetchone() == (5000,)  # type: ignore[arg-type]


def test_inside_a_transaction_only_the_explained_change_is_undone(
    connect: Connect, table: str
) -> None:
    connection = connect(read_only=False)
    connection.run("BEGIN").result()
    connection.run(f"DELETE FROM {table} WHERE id = 1").result()
    assert explain(connection, f"UPDATE {table} SET k = 8", analyze=True).undone
    with pytest.raises(StatementError, match="nowhere"):
        explain(connection, "DELETE FROM nowhere", analyze=True)
    assert connection.transaction is Transaction.OPEN
    counts = f"SELECT count(*), count(*) FILTER (WHERE k = 8) FROM {table}"
    assert connection.query(counts).result() == (("4999", "0"),)
    connection.run("ROLLBACK").result()


@pytest.mark.parametrize(
    "statement",
    [
        "EXPLAIN ANALYZE DELETE FROM {t}",
        "EXPLAIN (ANALYZE, COSTS OFF) INSERT INTO {t} VALUES (0, 0)",
        "EXPLAIN ANALYZE WITH d AS (DELETE FROM {t} RETURNING 1) SELECT * FROM d",
        "EXPLAIN ANALYZE SELECT pg_temp.gone()",
        "EXPLAIN ANALYZE CREATE TABLE explained_too AS SELECT 1",
    ],
)
def test_a_typed_explain_analyze_leaves_nothing_behind_and_says_so(
    connect: Connect, admin: Admin, table: str, statement: str
) -> None:
    connection = connect(read_only=False)
    body = f"$$BEGIN DELETE FROM {table}; RETURN 1; END$$"
    connection.run(
        f"CREATE FUNCTION pg_temp.gone() RETURNS int LANGUAGE plpgsql AS {body}"
    ).result()
    statement = statement.format(t=table)
    assert runs_for_real(connection, statement)
    for begin, after in (("", Transaction.IDLE), ("BEGIN", Transaction.OPEN)):
        if begin:
            connection.run(begin).result()
            connection.run(f"DELETE FROM {table} WHERE id = 1").result()
        outcome = undone(connection, statement)
        assert outcome.notices[-1].text == "The statement was executed and rolled back."
        assert "Time" in "".join(row[0] or "" for row in outcome.page.rows)
        assert connection.transaction is after
    # What the person had done before it stays theirs.
    (left,) = connection.run(f"SELECT count(*) FROM {table}").result().page.rows
    assert left == ("4999",)
    connection.run("ROLLBACK").result()
    assert admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (5000,)
    assert admin.execute("SELECT to_regclass('explained_too')").fetchone() == (None,)


def test_in_read_only_mode_and_without_analyze_there_is_nothing_to_undo(connect: Connect) -> None:
    assert not runs_for_real(connect(), "EXPLAIN ANALYZE SELECT 1")
    assert not runs_for_real(connect(read_only=False), "EXPLAIN DELETE FROM explained")


def test_a_refused_change_leaves_no_transaction_open(connect: Connect) -> None:
    connection = connect(read_only=False)
    with pytest.raises(StatementError, match="nowhere"):
        explain(connection, "DELETE FROM nowhere", analyze=True)
    assert connection.transaction is Transaction.IDLE


def test_in_read_only_mode_a_change_is_explained_but_not_executed(
    connect: Connect, table: str
) -> None:
    connection = connect()
    statement = f"DELETE FROM {table}"
    assert explain(connection, statement, analyze=False).plan.root.title == "Delete on explained"
    for each in (statement, f"WITH d AS (DELETE FROM {table} RETURNING *) SELECT * FROM d"):
        with pytest.raises(ReadOnlyRefused, match="read-only"):
            explain(connection, each, analyze=True)


@pytest.mark.parametrize("statement", ["EXPLAIN SELECT 1", "BEGIN", "SET x = 1"])
def test_what_has_no_plan_is_said(statement: str, connect: Connect) -> None:
    with pytest.raises(StatementError):
        explain(connect(), statement, analyze=True)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[{}]", "5", '[{"Plan": {}}]', "null"])
def test_what_is_no_plan_is_a_value_error(text: str) -> None:
    for parse in (parse_postgres, parse_mysql):
        with pytest.raises(ValueError, match="no plan"):
            parse(text)


def test_a_tree_is_drawn_with_its_branches() -> None:
    assert [branches(path) for path in ((), (False,), (True,), (False, True), (True, False))] == [
        *("", "├─ ", "└─ ", "│  └─ ", "   ├─ ")
    ]
