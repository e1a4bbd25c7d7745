"""Backslash commands: taken apart, dispatched, run. What they ask and show is in `describe.py`."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import replace

from rolebrowser.connection import mysql_backslash, psql
from rolebrowser.connection.describe import COMMANDS
from rolebrowser.connection.described import Command, Table
from rolebrowser.connection.protocol import Connection, Notice, Outcome, Page, Row
from rolebrowser.errors import StatementError
from rolebrowser.target import Engine

_ARGUMENT = re.compile(r"""(?:"(?:[^"]|"")*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|[^\s"'])+""")
_HELP = "Try \\? for help."


def parse(text: str) -> Command:
    """The command in a line: `\\dnS+ x*` → name "dn", system, plus, pattern "x*".

    Raises:
        StatementError: there is no such command; in psql's words.
    """
    word, *arguments = _ARGUMENT.findall(text.strip().removeprefix("\\").rstrip(";"))[:120] or [""]
    for name in sorted(COMMANDS, key=len, reverse=True):
        spec, rest = COMMANDS[name], word.removeprefix(name)
        if word.startswith(name) and set(rest) <= set(spec.suffixes + spec.kinds):
            break
    else:
        raise StatementError(f"invalid command \\{word}", fix=_HELP)
    return Command(
        name,
        word=word,
        arguments=tuple(_unquoted(argument) for argument in arguments[: spec.arguments]),
        extra=tuple(arguments[spec.arguments :]),
        plus="+" in rest,
        system="S" in rest,
        wide="x" in rest,
        kinds="".join(letter for letter in rest if letter in spec.kinds),
    )


def _unquoted(argument: str) -> str:
    """Single quotes are psql's, double quotes belong to the pattern."""
    pieces = re.split(r"""("(?:[^"]|"")*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$))""", argument)
    return "".join(
        piece[1:].removesuffix("'").replace("\\'", "'") if piece.startswith("'") else piece
        for piece in pieces
    )


def commands(engine: Engine) -> tuple[tuple[str, str], ...]:
    r"""The commands an engine has and what each does: ("\\du", "list roles")."""
    if engine is Engine.MYSQL:
        return mysql_backslash.commands()
    return tuple((f"\\{name}", spec.summary) for name, spec in COMMANDS.items())


def run(text: str, connection: Connection, *, wide: bool = False) -> Future[Outcome]:
    """Run a backslash command; MySQL and MariaDB have some of their own.

    The Outcome's `text` is what psql 18 prints, byte for byte, its columns and page the same data
    for a grid. Laid out in the connection's owner thread, off the caller's.

    Args:
        wide: as records, whether or not the command ends in `x`.

    Errors of the Future: StatementError (unknown command, bad pattern, nothing found, the server's
    refusal), ConnectionLost.
    """
    if connection.info.engine is Engine.MYSQL:
        return mysql_backslash.run(text, connection)
    future: Future[Outcome] = Future()
    future.set_running_or_notify_cancel()
    try:
        command = parse(text)
        if wide:
            command = replace(command, wide=True)
        steps = COMMANDS[command.name].ask(command, connection.info)
    except Exception as error:
        future.set_exception(error)
        return future
    _Walk(text.strip(), command, steps, connection, future).go(None)
    return future


class _Walk:
    """Feeds a command's questions to the connection, each answer to the command."""

    def __init__(
        self,
        text: str,
        command: Command,
        steps: Generator[str, tuple[Row, ...], Table],
        connection: Connection,
        future: Future[Outcome],
    ) -> None:
        self._text = text
        self._command = command
        self._steps = steps
        self._connection = connection
        self._future = future
        self._started = time.monotonic()

    def go(self, answer: Future[tuple[Row, ...]] | None) -> None:
        """One step on; called by the owner thread with each answer."""
        try:
            sql = self._steps.send(answer.result()) if answer else next(self._steps)
        except StopIteration as end:
            self._future.set_result(self._outcome(end.value))
        except BaseException as error:
            self._future.set_exception(error)
        else:
            self._connection.query(sql).add_done_callback(self.go)

    def _outcome(self, table: Table) -> Outcome:
        command = self._command
        tables = (table, *table.also)
        text = "".join(_text(each, wide=command.wide) for each in tables)
        shown = "".join(_text(_visible(each), wide=command.wide) for each in tables)
        return Outcome(
            statement=self._text,
            columns=table.columns,
            page=Page(table.rows),
            rowcount=len(table.rows),
            seconds=time.monotonic() - self._started,
            notices=tuple(
                Notice("WARNING", f'\\{command.word}: extra argument "{extra}" ignored')
                for extra in command.extra
            ),
            text=text,
            shown=shown if shown != text else "",
            title=table.title,
            described=bool(table.footer or table.also),
        )


def _visible(table: Table) -> Table:
    return replace(
        table,
        columns=psql.visible_columns(table.columns),
        rows=psql.visible_rows(table.rows),
        title=psql.visible(table.title),
        footer=table.footer and psql.visible(table.footer),
    )


def _text(table: Table, *, wide: bool) -> str:
    show = psql.expanded if wide and not table.flat else psql.aligned
    return show(table.columns, table.rows, title=table.title, footer=table.footer)
