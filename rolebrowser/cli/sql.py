"""`rolebrowser sql`: statements and backslash commands from the command line, as psql does."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, having, results
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user
from rolebrowser.config import Config
from rolebrowser.connection.export import pages
from rolebrowser.connection.protocol import Connection, Transaction
from rolebrowser.connection.statements import Statement, split
from rolebrowser.errors import ConfigError, ConnectionLost, RolebrowserError
from rolebrowser.target import Bookmark, Engine, Target

_FAILED, _LOST, _SCRIPT_STOPPED = 1, 2, 3
"""psql's exit codes: EXIT_FAILURE, EXIT_BADCONN, EXIT_USER (psql's settings.h)."""


@dataclass(frozen=True, slots=True)
class _Script:
    """Statements to run.

    Attributes:
        together: of one -c: they stop at the first error and, as psql sends them, are one
            transaction unless they begin one themselves.
    """

    text: str
    together: bool


@click.command()
@asking.target_argument()
@asking.target_options
@click.option("-c", "--command", "commands", multiple=True, help="SQL or a backslash command.")
@click.option("-f", "--file", "files", multiple=True, help="A file of statements; - is stdin.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--json", "form", flag_value="json", help="Print JSON: an array of objects.")
@click.option("-v", "--set", "variables", multiple=True, help="ON_ERROR_STOP=1 stops at an error.")
@click.option("--read-write", is_flag=True, help="Allow writing; the default is read-only.")
@click.option("--confirm", metavar="NAME", help="Its name, to write to production unasked.")
def sql(
    target: str,
    commands: tuple[str, ...],
    files: tuple[str, ...],
    form: str | None,
    variables: tuple[str, ...],
    read_write: bool,
    confirm: str | None,
    **choices: str,
) -> int:
    """Run statements on TARGET: a bookmark, a database id with -p, or a postgresql:// URL.

    First each -c, then each -f; without either, standard input. The connection is read-only
    unless --read-write is given. Exit codes are psql's: 0, 1 for a failed -c, 2 for a lost
    connection, 3 for a script stopped by ON_ERROR_STOP.
    """
    from rolebrowser.connect import open_target

    config = configuration.load()
    chosen = need_user(config, choose(config, target, **choices))
    stop = _stops(variables)
    scripts = [_Script(text, together=True) for text in commands]
    scripts += [_Script(_read(file), together=False) for file in files]
    scripts = scripts or [_Script(_read(None), together=False)]
    bookmark = config.bookmark(target)
    name = bookmark.name if bookmark else chosen.database
    confirmed = read_write and _guarded(config, bookmark, chosen)
    if confirmed:
        asking.confirm_writing(name, confirm)
    opened = open_target(
        chosen,
        config=config,
        prompts=TerminalPrompts(),
        read_only=not read_write,
        ask_password=asking.ask_password,
    )
    having.warn(opened.current_session())
    try:
        account = opened.database.account if opened.database is not None else ""
        if read_write and not confirmed and _guarded(config, bookmark, chosen, account):
            # Only the database has told whose account it is in.
            asking.confirm_writing(name, confirm)
        return _Run(opened.audited, form, stop=stop).all(scripts)
    finally:
        opened.audited.close()


def _guarded(config: Config, bookmark: Bookmark | None, target: Target, account: str = "") -> bool:
    from rolebrowser.identity import production, profile_files

    profile = profile_files.load().get(target.profile) if target.profile else None
    return production.guarded(config, target, profile, bookmark=bookmark, account=account)


def _read(file: str | None) -> str:
    if file in (None, "-"):
        if file is None and sys.stdin.isatty():
            raise ConfigError("There is nothing to run.", fix="Give -c, -f FILE, or pipe SQL in.")
        try:
            return sys.stdin.read()
        except UnicodeDecodeError as error:
            raise ConfigError("Standard input is not text.", why=str(error)) from None
    try:
        return Path(str(file)).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} can't be read.", why=str(error)) from None


def _stops(variables: tuple[str, ...]) -> bool:
    stop = False
    for each in variables:
        name, _, value = each.partition("=")
        if name != "ON_ERROR_STOP":
            raise click.BadParameter(
                f"{name}: variables are not substituted here; only ON_ERROR_STOP is known.",
                param_hint="-v",
            )
        stop = value.lower() in ("1", "on", "true", "yes", "")
    return stop


@dataclass(frozen=True, slots=True)
class _Run:
    connection: Connection
    form: str | None
    stop: bool

    def all(self, scripts: list[_Script]) -> int:
        """Run them in order; the exit code."""
        code = 0
        for script in scripts:
            try:
                code = self._script(script)
            except ConnectionLost as error:
                results.complain(error, "")
                return _LOST
            if code and self.stop:
                return code
        return code

    def _script(self, script: _Script) -> int:
        statements = split(script.text, self.connection.info.engine)
        wrapped = script.together and self._is_one_transaction(statements)
        if wrapped:
            self.connection.run("BEGIN").result()
        for statement in statements:
            try:
                self._one(statement)
            except ConnectionLost:
                raise
            except RolebrowserError as error:
                results.complain(error, statement.text)
                if wrapped:
                    self.connection.run("ROLLBACK").result()
                if script.together:
                    return _FAILED
                if self.stop:
                    return _SCRIPT_STOPPED
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

    def _one(self, statement: Statement) -> None:
        if statement.backslash:
            from rolebrowser.connection import backslash

            outcome = backslash.run(statement.text, self.connection).result()
        else:
            outcome = self.connection.run(statement.text).result()
        results.show(outcome, pages(self.connection, outcome), self.form)


_TRANSACTION_WORDS = frozenset(
    ("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE")
)


def _first_word(text: str) -> str:
    from rolebrowser.connection.lexer import tokens

    return next((each.keyword for each in tokens(text) if each.keyword), "")
