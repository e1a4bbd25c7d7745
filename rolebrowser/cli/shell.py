"""`rolebrowser shell`: the stock client, everything in its environment and nothing in argv."""

from __future__ import annotations

import os
import shlex
import shutil

import click

from rolebrowser import config as configuration
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user, target_options
from rolebrowser.errors import RolebrowserError


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("target")
@target_options
@click.option("--print", "only_print", is_flag=True, help="Print the export lines instead.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(target: str, only_print: bool, arguments: tuple[str, ...], **choices: str) -> None:
    """Run the stock psql on TARGET; ARGUMENTS after -- go to it.

    The token is in its environment (PGPASSWORD), under PGSSLMODE=verify-full, and never in argv.
    """
    from rolebrowser.connect import prepare

    config = configuration.load()
    chosen = need_user(choose(config, target, **choices))
    address = prepare(chosen, config=config, prompts=TerminalPrompts()).address
    password = address.password()
    environment = {
        "PGHOST": address.host,
        "PGHOSTADDR": address.dial_host,
        "PGPORT": str(address.dial_port or address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.dbname or "postgres",
        "PGSSLMODE": address.sslmode,
        "PGSSLROOTCERT": address.ca_file,
        "PGPASSWORD": password.reveal() if password is not None else "",
    }
    if only_print:
        for name, value in environment.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        return
    program = shutil.which("psql")
    if program is None:
        raise RolebrowserError(
            "psql is not installed.",
            fix="Install your system's PostgreSQL client, or use rolebrowser sql, or --print.",
        )
    os.execve(program, [program, *arguments], {**os.environ, **environment})
