"""`rolebrowser shell`: the stock client, everything in its environment and nothing in argv."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, having
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user
from rolebrowser.config import Config
from rolebrowser.connection.protocol import Address
from rolebrowser.errors import ConfigError, RolebrowserError
from rolebrowser.target import Engine, Target

_HARMLESS = frozenset(
    ("PGAPPNAME", "PGCLIENTENCODING", "PGDATESTYLE", "PGLOCALEDIR", "PGOPTIONS", "PGTZ")
)
"""libpq's variables the person may keep; any other could send the token elsewhere (a service's
settings win over PGHOST) or over something less than verified TLS."""

_OF_A_URL = {
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "client_encoding": "PGCLIENTENCODING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "require_auth": "PGREQUIREAUTH",
    "service": "PGSERVICE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""A URL's parameters and libpq's variables for them (PostgreSQL manual, 32.15)."""


@click.command()
@asking.target_argument()
@asking.target_options
@click.option("--print", "only_print", is_flag=True, help="Print the export lines instead.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(target: str, only_print: bool, arguments: tuple[str, ...], **choices: str) -> None:
    """Run the stock psql on TARGET; ARGUMENTS after -- go to it.

    The token is in its environment (PGPASSWORD), under PGSSLMODE=verify-full, and never in argv.
    It lives 15 minutes at most: psql stays connected, but can't log in again after that.
    """
    config = configuration.load()
    chosen = need_user(config, choose(config, target, **choices))
    variables = _of_url(chosen.url) if chosen.url else _of_target(config, chosen)
    if only_print:
        for name, value in variables.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        return
    program = shutil.which("psql")
    if program is None:
        raise RolebrowserError(
            "psql is not installed.",
            fix="Install your system's PostgreSQL client, or use rolebrowser sql, or --print.",
        )
    kept = os.environ if chosen.url else environment(os.environ, config)
    os.execve(program, [program, *arguments], {**kept, **variables})


def environment(environ: Mapping[str, str], config: Config) -> dict[str, str]:
    """`environ` without what could lead libpq astray; with a time limit for connecting."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("PG") or name in _HARMLESS
    }
    return {**kept, "PGCONNECT_TIMEOUT": str(max(2, int(config.timeouts.connect)))}


def _of_target(config: Config, target: Target) -> dict[str, str]:
    from rolebrowser.connect import prepare

    ready = prepare(target, config=config, prompts=TerminalPrompts())
    having.warn(ready.current_session())
    address = ready.address
    _postgres_only(address)
    password = address.password()
    return {
        "PGHOST": address.host,
        "PGHOSTADDR": ready.reached,
        "PGPORT": str(address.dial_port or address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.dbname or "postgres",
        "PGSSLMODE": address.sslmode,
        "PGSSLROOTCERT": address.ca_file,
        "PGPASSWORD": password.reveal() if password is not None else "",
    }


def _of_url(text: str) -> dict[str, str]:
    """A plain URL taken apart, so that its password stays out of argv too."""
    from rolebrowser.connection import url

    address = url.parse(text, os.environ)
    _postgres_only(address)
    unknown = [name for name, _ in address.options if name not in _OF_A_URL]
    if unknown:
        raise ConfigError(
            f"The URL's parameter {unknown[0]} has no environment variable.",
            fix="Leave it out, or use rolebrowser sql.",
        )
    password = address.password()
    return {
        "PGHOST": address.host,
        **({"PGHOSTADDR": address.dial_host} if address.dial_host else {}),
        "PGPORT": str(address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.dbname,
        "PGSSLMODE": address.sslmode,
        **{_OF_A_URL[name]: value for name, value in address.options},
        **({"PGPASSWORD": password.reveal()} if password is not None else {}),
    }


def _postgres_only(address: Address) -> None:
    if address.engine is not Engine.POSTGRES:
        raise RolebrowserError(
            "rolebrowser shell runs psql; this database speaks MySQL.",
            fix="rolebrowser token prints a token for the mysql client.",
        )
