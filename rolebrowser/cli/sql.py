"""`rolebrowser sql`: statements and backslash commands from the command line, as psql does."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rolebrowser import config as configuration
from rolebrowser.cli import output
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user, target_options
from rolebrowser.connection import psql
from rolebrowser.connection.protocol import Connection, Outcome, Row, Value
from rolebrowser.connection.statements import Statement, split
from rolebrowser.errors import ConfigError, ConnectionLost, RolebrowserError, StatementError
from rolebrowser.safetext import clean, redact

if TYPE_CHECKING:
    from rolebrowser.connection.protocol import Column

_FAILED_SCRIPT, _LOST = 3, 2
"""psql's exit codes: a script stopped by ON_ERROR_STOP, a connection gone bad."""


@click.command()
@click.argument("target")
@target_options
@click.option("-c", "--command", "commands", multiple=True, help="SQL or a backslash command.")
@click.option("-f", "--file", "file", help="Read statements from a file; - is standard input.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--json", "form", flag_value="json", help="Print JSON: an array of objects.")
@click.option("-v", "--set", "variables", multiple=True, help="ON_ERROR_STOP=1 stops at an error.")
@click.option("--read-write", is_flag=True, help="Allow writing; the default is read-only.")
def sql(
    target: str,
    commands: tuple[str, ...],
    file: str | None,
    form: str | None,
    variables: tuple[str, ...],
    read_write: bool,
    **choices: str,
) -> int:
    """Run statements on TARGET: a bookmark, a database id with -p, or a postgresql:// URL.

    Without -c and -f, statements are read from standard input. Exit codes are psql's.
    """
    from rolebrowser.connect import open_target

    config = configuration.load()
    chosen = need_user(choose(config, target, **choices))
    scripts = list(commands) or [_read(file)]
    opened = open_target(chosen, config=config, prompts=TerminalPrompts(), read_only=not read_write)
    try:
        return _run(opened.connection, scripts, form, stop=_stops(variables), single=bool(commands))
    finally:
        opened.connection.close()


def _read(file: str | None) -> str:
    if file in (None, "-"):
        if file is None and sys.stdin.isatty():
            raise ConfigError("There is nothing to run.", fix="Give -c, -f FILE, or pipe SQL in.")
        return sys.stdin.read()
    try:
        return Path(str(file)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} can't be read.", why=str(error)) from None


def _stops(variables: tuple[str, ...]) -> bool:
    given = {name: value for name, _, value in (each.partition("=") for each in variables)}
    return given.get("ON_ERROR_STOP", "off").lower() in ("1", "on", "true", "yes", "")


def _run(
    connection: Connection, scripts: list[str], form: str | None, *, stop: bool, single: bool
) -> int:
    failed = False
    for script in scripts:
        for statement in split(script):
            try:
                _one(connection, statement, form)
            except ConnectionLost:
                raise
            except RolebrowserError as error:
                _complain(error)
                failed = True
                if stop:
                    return 1 if single else _FAILED_SCRIPT
                if single:
                    break
    return 1 if failed and single else 0


def _complain(error: RolebrowserError) -> None:
    severity = error.severity if isinstance(error, StatementError) else "ERROR"
    rest = [part for part in (error.why, error.fix) if part]
    text = "\n".join([f"{severity}:  {error.what}", *rest])
    click.echo(clean(redact(text), keep="\n"), err=True)


def _one(connection: Connection, statement: Statement, form: str | None) -> None:
    if statement.backslash:
        from rolebrowser.connection import backslash

        outcome = backslash.run(statement.text, connection).result()
    else:
        outcome = connection.run(statement.text).result()
    for notice in outcome.notices:
        click.echo(clean(f"{notice.severity}:  {notice.text}"), err=True)
    if form == "csv":
        _print_csv(connection, outcome)
    elif form == "json":
        _print_json(connection, outcome)
    elif outcome.text:
        output.text(outcome.text)
    elif outcome.columns:
        rows = [row for page in _pages(connection, outcome) for row in page]
        output.text(psql.aligned(outcome.columns, rows))
    else:
        click.echo(outcome.status)


def _pages(connection: Connection, outcome: Outcome) -> Iterator[tuple[Row, ...]]:
    page = outcome.page
    yield page.rows
    while page.more:
        page = connection.more(outcome.cursor).result()
        yield page.rows


def _print_csv(connection: Connection, outcome: Outcome) -> None:
    if not outcome.columns:
        click.echo(outcome.status, err=True)
        return
    click.echo(psql.csv_text([[column.name for column in outcome.columns]]), nl=False)
    for rows in _pages(connection, outcome):
        click.echo(psql.csv_text(rows), nl=False)


def _print_json(connection: Connection, outcome: Outcome) -> None:
    names = [column.name for column in outcome.columns]
    click.echo("[", nl=False)
    separator = "\n"
    for rows in _pages(connection, outcome):
        for row in rows:
            values = {
                name: _plain(column, value)
                for name, column, value in zip(names, outcome.columns, row, strict=True)
            }
            click.echo(separator + json.dumps(values, ensure_ascii=False), nl=False)
            separator = ",\n"
    click.echo("\n]")


def _plain(column: Column, value: Value) -> object:
    """A value as JSON has it: numbers that JSON can hold, booleans, json as it is; else text."""
    if value is None:
        return None
    kind = column.type_name
    if kind == "bool":
        return value == "t"
    if kind in ("int2", "int4", "int8", "oid"):
        return int(value)
    if kind in ("float4", "float8", "numeric", "json", "jsonb"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
