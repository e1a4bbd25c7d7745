"""Runs scripts of statements and backslash commands, as psql does, and prints what they give."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rolebrowser.cli import results, script_commands
from rolebrowser.cli.results import Sink
from rolebrowser.cli.script_commands import Stopped
from rolebrowser.connection import client_command as client
from rolebrowser.connection import explain
from rolebrowser.connection.client_command import ClientCommand, Step
from rolebrowser.connection.effects import classify
from rolebrowser.connection.export import pages
from rolebrowser.connection.protocol import Connection, Outcome, Transaction
from rolebrowser.connection.statements import Statement, split
from rolebrowser.errors import ConnectionLost, NothingFound, RolebrowserError, StatementError
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine

if TYPE_CHECKING:
    from rolebrowser.opened import Opened

FAILED, LOST, SCRIPT_STOPPED = 1, 2, 3
"""psql's exit codes: EXIT_FAILURE, EXIT_BADCONN, EXIT_USER (psql's settings.h)."""
_DEEPEST = 16
"""Files within files."""
_TRANSACTION_WORDS = frozenset(
    ("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE")
)


@dataclass(frozen=True, slots=True)
class Script:
    """Statements to run.

    Attributes:
        together: of one -c: they stop at the first error and, as psql sends them, are one
            transaction unless they begin one themselves.
    """

    text: str
    together: bool


class Run:
    """A run of scripts over one connection, with what psql's commands change on the way.

    Args:
        opened: the connection to begin with.
        again: connects to another database, or as another user; empty = as before.
        sink: where results go.
        stop: ON_ERROR_STOP at first.

    Attributes:
        stop: ON_ERROR_STOP.
        timing: `\\timing` is on.
        together: what runs is a -c's.
        key: of the `\\restrict` that holds; empty = none does.
    """

    def __init__(
        self, opened: Opened, again: Callable[[str, str], Opened], sink: Sink, *, stop: bool
    ) -> None:
        self._opened = opened
        self._again = again
        self.stop = stop
        self._last = ""
        self._depth = 0
        self.sink = sink
        self.timing = self.together = False
        self.key = ""

    @property
    def connection(self) -> Connection:
        """The connection in use."""
        return self._opened.audited

    def close(self) -> None:
        """Let go of the connection and of what `\\o` opened."""
        self._opened.audited.close()
        if self.sink.file is not None:
            self.sink.file.close()

    def connect(self, dbname: str, user: str) -> None:
        """`\\c`. A script ends where it can't be done: what follows was meant for elsewhere.

        Raises:
            script_commands.Stopped: the new connection can't be made.
        """
        try:
            opened = self._again(dbname, user)
        except RolebrowserError as error:
            results.complain(error, "")
            raise Stopped(SCRIPT_STOPPED if self.stop else LOST) from None
        self._opened.audited.close()
        self._opened = opened
        info = opened.connection.info
        self.sink.text(
            f'You are now connected to database "{info.dbname}" as user "{info.user}".\n'
        )

    def all(self, scripts: Sequence[Script]) -> int:
        """Run them in order; the exit code."""
        code = 0
        for script in scripts:
            try:
                code = self._script(script)
            except Stopped as stopped:
                # psql tells a -c that failed from a script that lost its connection.
                return FAILED if script.together and stopped.code else stopped.code
            except ConnectionLost as error:
                results.complain(error, "")
                return LOST
            if code and self.stop:
                return code
        return code

    def include(self, text: str, name: str) -> None:
        """`\\i`: run a file's statements here.

        Raises:
            StatementError: files within files go too deep.
        """
        if self._depth >= _DEEPEST:
            raise StatementError(f"{name}: files include each other too deeply.")
        self._depth += 1
        try:
            if code := self._script(Script(text, together=False)):
                raise Stopped(code)
        finally:
            self._depth -= 1

    def _script(self, script: Script) -> int:
        self.together = script.together
        statements = split(script.text, self.connection.info.engine)
        wrapped = script.together and self._is_one_transaction(statements)
        if wrapped:
            self.connection.run("BEGIN").result()
        for step in client.steps(statements):
            try:
                self._step(step)
            except ConnectionLost:
                raise
            except NothingFound as error:
                results.complain(error, step.statement.text)
            except RolebrowserError as error:
                results.complain(error, step.statement.text)
                if wrapped:
                    self.connection.run("ROLLBACK").result()
                if script.together:
                    return FAILED
                if self.stop:
                    return SCRIPT_STOPPED
        if wrapped:
            self.connection.run("COMMIT").result()
        return 0

    def _is_one_transaction(self, statements: list[Statement]) -> bool:
        """Whether a -c must be wrapped for all of it to happen or nothing, as in psql."""
        if self.connection.info.engine is not Engine.POSTGRES:
            return False
        if self.connection.read_only or self.connection.transaction is not Transaction.IDLE:
            return False
        if len(statements) < 2 or any(each.backslash for each in statements):
            return False
        return not any(_first_word(each.text) in _TRANSACTION_WORDS for each in statements)

    def _step(self, step: Step) -> None:
        if not step.statement.backslash:
            self._last = step.statement.text
            if classify(step.statement.text, self.connection.info.engine).copies_in:
                script_commands.copy_from_script(self, step.statement)
            else:
                self._ended(step.statement.text, step.ending)
            return
        script_commands.check_restriction(self, step.statement.text)
        command = client.client_command(step.statement.text)
        if (stop := client.on_error_stop(step.statement.text)) is not None:
            self.stop = stop
        elif name := client.steering(step.statement.text):
            self._refuse(name)
        elif command is None:
            self._describe(step.statement.text)
        elif command.name in client.ENDINGS:
            # Behind a semicolon they mean the statement before it.
            if self._last:
                self._ended(self._last, command)
            elif command.name == "watch":
                client.watch(command)
                raise StatementError("\\watch cannot be used with an empty query")
        else:
            script_commands.carry_out(self, command)

    def _refuse(self, name: str) -> None:
        """What is behind a command that steers a script must not be run as if it weren't there.

        Raises:
            script_commands.Stopped: always.
        """
        what = f"\\{name} isn't done here, and it decides what is run behind it."
        fix = "Nothing behind it was run. Use psql: rolebrowser shell."
        results.complain(StatementError(what, fix=fix), "")
        raise Stopped(SCRIPT_STOPPED)

    def _ended(self, statement: str, ending: ClientCommand | None) -> None:
        if ending is None:
            self.run(statement, self.sink)
        elif ending.name == "watch":
            self._watch(statement, client.watch(ending))
        else:
            with script_commands.results_file(ending, self.sink) as file:
                records = ending.name == "gx" or self.sink.records
                self.run(statement, replace(self.sink, file=file, records=records))

    def run(self, statement: str, sink: Sink, title: str = "") -> int:
        """Run a statement and print what it gives; how many rows."""
        started = time.monotonic()
        if classify(statement, self.connection.info.engine).client_copy:
            script_commands.copy_to_output(self, statement, sink)
            count = 0
        elif (copied := script_commands.query_as_csv(self, statement, sink)) is not None:
            count = copied
        else:
            outcome = self._outcome(statement)
            outcome = replace(outcome, title=title)
            count = results.show(outcome, pages(self.connection, outcome), sink)
        if self.timing:
            self.sink.text(client.timing(time.monotonic() - started) + "\n")
        return count

    def _outcome(self, statement: str) -> Outcome:
        if explain.runs_for_real(self.connection, statement):
            return explain.undone(self.connection, statement)
        return self.connection.run(statement).result()

    def _describe(self, text: str) -> None:
        from rolebrowser.connection import backslash

        outcome = backslash.run(text, self._opened.connection, wide=self.sink.records).result()
        results.show(outcome, [outcome.page.rows], self.sink)

    def _watch(self, statement: str, watch: client.Watch) -> None:
        """Again and again, until told to stop, often enough, or too few rows."""
        done = 0
        with suppress(KeyboardInterrupt):
            while True:
                # psql writes the time as strftime's %c does.
                now = time.strftime("%c")
                rows = self.run(statement, self.sink, f"{now} (every {watch.seconds:g}s)\n")
                done += 1
                if done == watch.times or rows < watch.rows:
                    return
                time.sleep(watch.seconds)


def _first_word(text: str) -> str:
    from rolebrowser.connection.lexer import tokens

    return next((each.keyword for each in tokens(text) if each.keyword), "")
