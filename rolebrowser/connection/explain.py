"""Explaining a statement: its plan, and with ANALYZE how it went; a change is always undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rolebrowser.connection.effects import Effect, classify
from rolebrowser.connection.export import pages
from rolebrowser.connection.plan import Plan
from rolebrowser.connection.plan_mysql import parse_mysql
from rolebrowser.connection.plan_postgres import parse_postgres
from rolebrowser.connection.protocol import Connection, Transaction
from rolebrowser.errors import ConnectionLost, ReadOnlyRefused, RolebrowserError, StatementError
from rolebrowser.target import Engine

_SAVEPOINT = "rolebrowser_explain"
_ANALYZE = "ANALYZE, BUFFERS, "


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
            fix="Explain it without ANALYZE, or switch to read-write: it is rolled back there.",
        )
    return Explained(_parsed(parse_postgres, _undone(connection, sql)), undone=True)


def _text(connection: Connection, sql: str) -> str:
    outcome = connection.run(sql).result()
    return "\n".join(row[0] or "" for page in pages(connection, outcome) for row in page)


def _parsed(parse: Callable[[str], Plan], text: str) -> Plan:
    try:
        return parse(text)
    except ValueError as error:
        raise StatementError("The server's plan can't be read.", why=str(error)) from None


def _undone(connection: Connection, sql: str) -> str:
    if connection.transaction is Transaction.IDLE:
        begin, end = "BEGIN", ("ROLLBACK",)
    else:
        begin = f"SAVEPOINT {_SAVEPOINT}"
        end = (f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}")
    connection.run(begin).result()
    try:
        return _text(connection, sql)
    finally:
        for each in end:
            _undo(connection, each)


def _undo(connection: Connection, sql: str) -> None:
    try:
        connection.run(sql).result()
    except ConnectionLost:
        # The server has undone it by itself; what came before it is what is to be told.
        return
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
                why="MariaDB's ANALYZE of a change makes it, and not every table can undo it.",
                fix="Explain it without ANALYZE.",
            )
        # MySQL's tells times as a tree in text, whatever `explain_format` says (its manual).
        how = "ANALYZE FORMAT=JSON" if connection.info.flavor == "MariaDB" else "EXPLAIN ANALYZE"
    return Explained(_parsed(parse_mysql, _text(connection, f"{how} {statement}")))
