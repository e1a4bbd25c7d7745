"""`rolebrowser shell`: the stock client, everything in its environment and nothing in argv."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, foreground, having, shell_mysql
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user
from rolebrowser.config import Config
from rolebrowser.connection import url
from rolebrowser.connection.protocol import Address, Passage
from rolebrowser.errors import ConfigError, LoginRefused, RolebrowserError
from rolebrowser.target import Engine, Target

_CLIENTS = ("psql", "pgcli")
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
@click.option(
    "--client",
    type=click.Choice((*_CLIENTS, *shell_mysql.CLIENTS)),
    help="Which client; default: psql, or mysql (mariadb).",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(
    target: str, only_print: bool, client: str | None, arguments: tuple[str, ...], **choices: str
) -> int:
    """Run the stock client on TARGET; ARGUMENTS after -- go to it.

    psql (or pgcli) has the token in its environment (PGPASSWORD), under PGSSLMODE=verify-full, and
    never in argv. It lives 15 minutes at most: psql stays connected, but can't log in again after
    that. mysql, mariadb and mycli are given a private socket on which they are logged in already,
    with a token of its own for each connection.
    """
    config = configuration.load()
    chosen = need_user(config, choose(config, target, **choices))
    if chosen.url:
        address, reached = url.parse(chosen.url, os.environ, asking.ask_password), ""
        refused = None
    else:
        address, reached, refused = _prepared(config, chosen)
    with _held(address.passage):
        if only_print and address.passage is not None:
            raise ConfigError(
                "A tunnel ends with rolebrowser: there would be nothing left to export.",
                fix="Run rolebrowser shell without --print: it holds the tunnel for the client.",
            )
        if address.engine is not Engine.MYSQL:
            _is_one_of(client, _CLIENTS, "PostgreSQL")
            variables = _of_target(address, reached) if reached else _of_url(address)
            return _postgres(config, address, variables, only_print, client, arguments)
        try:
            return _mysql(config, address, only_print, client, arguments)
        except LoginRefused as error:
            raise (refused(error) if refused else error) from None


@contextlib.contextmanager
def _held(passage: Passage | None) -> Iterator[None]:
    """A tunnel stands as long as the client runs, whatever happens to it meanwhile."""
    if passage is None:
        yield
        return
    passage.stay()
    try:
        yield
    finally:
        passage.close()


def _mysql(
    config: Config,
    address: Address,
    only_print: bool,
    client: str | None,
    arguments: Sequence[str],
) -> int:
    _is_one_of(client, shell_mysql.CLIENTS, "MySQL")
    if not only_print:
        return shell_mysql.run(address, config, client, arguments)
    _export(shell_mysql.exports(address))
    click.echo(shell_mysql.hint(address), err=True)
    return 0


def _postgres(
    config: Config,
    address: Address,
    variables: Mapping[str, str],
    only_print: bool,
    client: str | None,
    arguments: Sequence[str],
) -> int:
    if only_print:
        _export(variables)
        return 0
    program = shutil.which(client or "psql")
    if program is None:
        raise RolebrowserError(
            f"{client or 'psql'} is not installed.",
            fix="Install your system's PostgreSQL client, or use rolebrowser sql, or --print.",
        )
    kept = os.environ if address.plain else environment(os.environ, config)
    command, environ = [program, *arguments], {**kept, **variables}
    if not address.plain:
        environ |= foreground.NO_KEYRING
    if address.passage is not None:
        return foreground.run(command, environ)
    os.execve(program, command, environ)


def _is_one_of(client: str | None, clients: tuple[str, ...], engine: str) -> None:
    if client and client not in clients:
        raise ConfigError(
            f"{client} doesn't speak {engine}, which this database does.",
            fix=f"Give --client {' or '.join(clients)}, or leave it out.",
        )


def _export(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def environment(environ: Mapping[str, str], config: Config) -> dict[str, str]:
    """`environ` without what could lead libpq astray; with a time limit for connecting."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("PG") or name in _HARMLESS
    }
    return {**kept, "PGCONNECT_TIMEOUT": str(max(2, int(config.timeouts.connect)))}


def _prepared(
    config: Config, target: Target
) -> tuple[Address, str, Callable[[LoginRefused], LoginRefused]]:
    """Where to log in, the address that answered, and how to tell a refusal's cause."""
    from rolebrowser.connect import prepare

    ready = prepare(target, config=config, prompts=TerminalPrompts())
    having.warn(ready.current_session())
    return ready.address, ready.reached, ready.advised


def _of_target(address: Address, reached: str) -> dict[str, str]:
    password = address.password()
    return {
        "PGHOST": address.host,
        "PGHOSTADDR": reached,
        "PGPORT": str(address.dial_port or address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.dbname or "postgres",
        "PGSSLMODE": address.sslmode,
        "PGSSLROOTCERT": address.ca_file,
        "PGPASSWORD": password.reveal() if password is not None else "",
    }


def _of_url(address: Address) -> dict[str, str]:
    """A plain URL taken apart, so that its password stays out of argv too."""
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
