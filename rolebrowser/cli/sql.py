"""`rolebrowser sql`: statements and backslash commands from the command line, as psql does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, having
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user
from rolebrowser.cli.production import Production
from rolebrowser.cli.results import Sink
from rolebrowser.cli.script import Run, Script
from rolebrowser.errors import ConfigError
from rolebrowser.target import Target

if TYPE_CHECKING:
    from rolebrowser.opened import Opened


@click.command()
@asking.target_argument()
@asking.target_options
@click.option(
    "-c", "--command", "commands", multiple=True, metavar="SQL", help="SQL or a backslash command."
)
@click.option(
    "-f", "--file", "files", multiple=True, metavar="FILE", help="A file of statements; - is stdin."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: NULL is empty, '' is \"\".")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: an array of objects.")
@click.option(
    "-v",
    "--set",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="A variable; ON_ERROR_STOP=1 stops at an error.",
)
@click.option("--read-write", is_flag=True, help="Allow writing; the default is read-only.")
@asking.confirm_option
def sql(
    target: str,
    commands: tuple[str, ...],
    files: tuple[str, ...],
    as_csv: bool,
    as_json: bool,
    variables: tuple[str, ...],
    read_write: bool,
    confirm: str | None,
    **choices: str,
) -> int:
    """Run statements on TARGET: a bookmark, a database id with -p, or a URL.

    First each -c, then each -f; without either, standard input. The connection is read-only
    unless --read-write is given. Exit codes are psql's: 0, 1 for a failed -c, 2 for a lost
    connection, 3 for a script stopped by ON_ERROR_STOP.
    """
    from rolebrowser.connect import open_target
    from rolebrowser.connection.url import elsewhere

    if as_csv and as_json:
        raise click.UsageError("--csv and --json: one at a time.")
    form = "csv" if as_csv else "json" if as_json else None
    config = configuration.load()
    chosen = need_user(config, choose(config, target, **choices))
    stop = _stops(variables)
    scripts = [Script(text, together=True) for text in commands]
    scripts += [Script(_read(file), together=False) for file in files]
    scripts = scripts or [Script(_read(None), together=False)]
    production = Production(config, target, chosen, confirm)
    if read_write and chosen.dbname:
        production.confirm(chosen.dbname)

    def reach(wanted: Target) -> Opened:
        return open_target(
            wanted,
            config=config,
            prompts=TerminalPrompts(),
            read_only=not read_write,
            ask_password=asking.ask_password,
        )

    opened = reach(chosen)
    having.warn(opened.current_session())

    def again(dbname: str, user: str) -> Opened:
        return reach(elsewhere(chosen, dbname, user))

    run = Run(opened, again, Sink(form), stop=stop)
    try:
        account = opened.database.account if opened.database is not None else ""
        if read_write:
            # Only the database has told whose account it is in, or its name.
            production.confirm(opened.name_to_type, account)
        return run.all(scripts)
    finally:
        run.close()


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
    from rolebrowser.connection.client_command import boolean

    stop = False
    for each in variables:
        name, equals, value = each.partition("=")
        if name != "ON_ERROR_STOP":
            raise click.BadParameter(
                f"{name}: variables are not substituted here; only ON_ERROR_STOP is known.",
                param_hint="-v",
            )
        # Without a sign of equality psql takes the variable away.
        stop = bool(equals) and boolean(value, name)
    return stop
