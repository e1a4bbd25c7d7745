"""A query's rows as CSV, written by the server itself: COPY (…) TO STDOUT.

What comes is `encode.Form.CSV` byte for byte, without a row ever being taken apart: 1 million rows
of 6 columns take about as long as psql's `\\copy`, a third of the time that rows as values take.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rolebrowser import private_file
from rolebrowser.cancel import Cancel
from rolebrowser.connection.effects import Effect, classify
from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.connection.protocol import Connection, Outcome, Transaction
from rolebrowser.errors import Cancelled, ConfigError, StatementError
from rolebrowser.target import Engine

_BEFORE = "COPY ("
# On a line of its own: the query may end in a comment.
_BEHIND = "\n) TO STDOUT (FORMAT csv, HEADER)"
_QUERIES = frozenset(("SELECT", "WITH", "VALUES", "TABLE"))
_REPORTED = 5_000
"""Rows between two reports."""
_NOT_COPIED = frozenset(("42601", "0A000"))
"""syntax_error, feature_not_supported (PostgreSQL's manual, appendix A): nothing was run yet."""


def copy_statement(statement: str, engine: Engine) -> str:
    """The COPY that gives a statement's rows; empty where it has to be run as it is. Pure.

    Only a single query without locks that stands by itself is copied. A parenthesis too many would
    end the COPY's early, so that all of them have to be matched.
    """
    if engine is not Engine.POSTGRES:
        return ""
    effects = classify(statement, engine)
    if effects.effect is not Effect.READ or effects.locks or effects.command not in _QUERIES:
        return ""
    depth = 0
    for token in tokens(statement, engine):
        if token.kind in (Kind.SEMICOLON, Kind.BACKSLASH):
            return ""
        if token.kind is Kind.OTHER:
            depth += (token.text == "(") - (token.text == ")")
            if depth < 0:
                return ""
    return "" if depth else f"{_BEFORE}{statement}{_BEHIND}"


def copyable(connection: Connection, statement: str) -> str:
    """As `copy_statement`, on a connection: inside a transaction a refusal would spoil it."""
    if connection.transaction is not Transaction.IDLE:
        return ""
    return copy_statement(statement, connection.info.engine)


def refused_unrun(error: StatementError) -> bool:
    """Whether the server only said that this is nothing to COPY: the statement can be run then."""
    return error.code in _NOT_COPIED


def copy_csv(
    connection: Connection,
    copy: str,
    write: Callable[[bytes], object],
    *,
    report: Callable[[int, int], None] = lambda rows, size: None,
) -> Outcome:
    """Run what `copy_statement` gave; blocks.

    Args:
        write: gets the heading and the rows. Nothing of a query that fails before its first row.
        report: called now and then with the rows and bytes written.

    Raises as `Connection.copy_out`; positions are those in the statement.
    """
    passage = _Passage(write, report)
    try:
        outcome = connection.copy_out(copy, passage.take).result()
    except StatementError as error:
        if error.position is not None:
            error.position -= len(_BEFORE)
        raise
    passage.finish()
    return outcome


class _Passage:
    """Rows on their way, one in each chunk; the heading waits for the first of them."""

    def __init__(
        self, write: Callable[[bytes], object], report: Callable[[int, int], None]
    ) -> None:
        self._write = write
        self._report = report
        self._heading: bytes | None = None
        self._chunks = self._size = 0

    def take(self, chunk: bytes) -> None:
        self._chunks += 1
        self._size += len(chunk)
        if self._chunks == 1:
            self._heading = chunk
            return
        if self._heading is not None:
            self._write(self._heading)
            self._heading = None
        self._write(chunk)
        if self._chunks % _REPORTED == 0:
            self._report(self._chunks - 1, self._size)

    def finish(self) -> None:
        if self._heading is not None:
            self._write(self._heading)
        self._report(self._chunks - 1, self._size)


def export_csv(
    path: Path,
    connection: Connection,
    copy: str,
    *,
    report: Callable[[int, int], None] = lambda rows, size: None,
    cancel: Cancel | None = None,
) -> int:
    """Write a query's rows to a file, which is replaced once everything is written; how many.

    Args:
        copy: as `copyable` gave it.

    Raises:
        ConfigError: the file can't be written.
        Cancelled: `cancel` was set; the server was told to stop.
        As `Connection.copy_out`.
    """
    forget = cancel.on_cancel(connection.cancel) if cancel is not None else None
    try:
        with private_file.replaced(path) as file:
            outcome = copy_csv(connection, copy, file.write, report=report)
    except OSError as error:
        raise ConfigError(f"{path} can't be written.", why=error.strerror or str(error)) from None
    except Cancelled:
        raise Cancelled("The export was cancelled; nothing was written.") from None
    finally:
        if forget is not None:
            forget()
    return outcome.rowcount or 0
