"""Explaining a statement: its plan, and with ANALYZE how it went; a change is always undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from rolebrowser.connection.effects import Effect, classify
from rolebrowser.connection.export import pages
from rolebrowser.connection.plan import Plan
from rolebrowser.connection.plan_mysql import parse_mysql
from rolebrowser.connection.plan_postgres import parse_postgres
from rolebrowser.connection.protocol import Connection, Notice, Outcome, Transaction
from rolebrowser.errors import ConnectionLost, ReadOnlyRefused, RolebrowserError, StatementError
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine

T = TypeVar("T")

_PLAN_ROWS = 100_000
"""Lines of a plan: all of it comes before the transaction ends."""
_SAVEPOINT = "rolebrowser_explain"
_ANALYZE = "ANALYZE, BUFFERS, "
_UNPLANNED = "<not executable by iterator executor>"
"""All that MySQL's second JSON format says of an UPDATE or DELETE of one table (9.7)."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A plan and how it came about.

    Attributes:
        undone: the statement was executed inside a transaction that was rolled back.
    """

    plan: Plan
    undone: bool = False


def explain(connection: Connection, statement: str, *, analyze: bool) -> Explained:
    """Ask for a statement's plan; blocks.

    Args:
        analyze: execute it. One that may change something is executed in a transaction (inside an
            open one: behind a savepoint) that is rolled back; sequences and what functions do
            outside the database stay as they then are.

    Raises:
        StatementError: it can't be explained, or the server refused.
        ReadOnlyRefused: `analyze` of a statement that changes something, in read-only mode.
        ConnectionLost, Cancelled: as `Connection.run`.
    """
    engine = connection.info.engine
    effects = classify(statement, engine)
    if effects.command in ("EXPLAIN", "ANALYZE", "DESCRIBE", "DESC"):
        raise StatementError("It is an EXPLAIN already.", fix="F5 runs it as it is written.")
    if effects.effect in (Effect.TRANSACTION, Effect.SETTING):
        raise StatementError(f"{effects.command} has no plan.", fix="Explain a query or a change.")
    if engine is Engine.MYSQL:
        return _mysql(connection, statement, analyze=analyze)
    sql = f"EXPLAIN ({_ANALYZE if analyze else ''}FORMAT JSON) {statement}"
    if not analyze or (effects.effect is Effect.READ and not effects.locks):
        return Explained(_parsed(parse_postgres, _text(connection, sql)))
    if connection.read_only:
        raise ReadOnlyRefused(
            "The statement was not executed: the connection is read-only.",
            why="EXPLAIN ANALYZE executes it; it may change something.",
            fix="Explain it without ANALYZE, or switch to read-write (F4): it is rolled back then.",
        )
    text, _ = _rolled_back(connection, lambda: _text(connection, sql))
    return Explained(_parsed(parse_postgres, text), undone=True)


def _text(connection: Connection, sql: str) -> str:
    outcome = connection.run(sql).result()
    return "\n".join(row[0] or "" for page in pages(connection, outcome) for row in page)


def _parsed(parse: Callable[[str], Plan], text: str) -> Plan:
    try:
        return parse(text)
    except ValueError as error:
        raise StatementError("The server's plan can't be read.", why=str(error)) from None


def runs_for_real(connection: Connection, statement: str) -> bool:
    """Whether it is an EXPLAIN ANALYZE that could change something: `undone` runs it then."""
    return not connection.read_only and classify(statement, connection.info.engine).analyzes


def undone(connection: Connection, statement: str) -> Outcome:
    """Run an EXPLAIN ANALYZE as it was typed, in a transaction that is rolled back; blocks.

    Inside an open transaction: behind a savepoint. Its notices say so, and whatever the server
    says of what can't be undone. Raises as `Connection.run`.
    """
    outcome, told = _rolled_back(
        connection, lambda: connection.run(statement, page_rows=_PLAN_ROWS).result()
    )
    said = Notice("NOTE", "The statement was executed and rolled back.")
    return replace(outcome, notices=(*outcome.notices, said, *told))


def _rolled_back(connection: Connection, work: Callable[[], T]) -> tuple[T, tuple[Notice, ...]]:
    """What `work` gives, done in a transaction that is undone; what the server said of undoing."""
    if connection.transaction is Transaction.IDLE:
        begin, end = "BEGIN", ("ROLLBACK",)
    else:
        begin = f"SAVEPOINT {_SAVEPOINT}"
        end = (f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}")
    connection.run(begin).result()
    told: tuple[Notice, ...] = ()
    try:
        given = work()
    finally:
        for each in end:
            told += _undo(connection, each)
    return given, told


def _undo(connection: Connection, sql: str) -> tuple[Notice, ...]:
    try:
        return connection.run(sql).result().notices
    except ConnectionLost:
        # The server has undone it by itself; what came before it is what is to be told.
        return ()
    except RolebrowserError:
        # It must not stay: without the connection it can't.
        connection.close()
        raise


def _mysql(connection: Connection, statement: str, *, analyze: bool) -> Explained:
    how = "EXPLAIN FORMAT=JSON"
    if analyze:
        if classify(statement, Engine.MYSQL).effect is not Effect.READ:
            raise StatementError(
                "Only a statement that reads is executed to see how it goes.",
                why="Executing a change makes it, and not every table can undo it.",
                fix="Explain it without ANALYZE.",
            )
        # MySQL's tells times as a tree in text, whatever `explain_format` says (its manual).
        how = "ANALYZE FORMAT=JSON" if connection.info.flavor == "MariaDB" else "EXPLAIN ANALYZE"
    text = _text(connection, f"{how} {statement}")
    if _UNPLANNED in text and not analyze:
        text = _first_format(connection, f"{how} {statement}")
    return Explained(_parsed(parse_mysql, text))


def _first_format(connection: Connection, sql: str) -> str:
    """The plan in MySQL's first JSON format, which tells all changes."""
    connection.query("SET SESSION explain_json_format_version = 1").result()
    try:
        return _text(connection, sql)
    finally:
        connection.query("SET SESSION explain_json_format_version = DEFAULT").result()
