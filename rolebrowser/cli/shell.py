"""`rolebrowser shell`: the stock client, everything in its environment and nothing in argv."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, foreground, having, shell_mysql
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user
from rolebrowser.cli.production import Production
from rolebrowser.config import Config
from rolebrowser.connection import url
from rolebrowser.connection.protocol import Address, Passage
from rolebrowser.database.model import Database, DatabaseKind
from rolebrowser.errors import ConfigError, LoginRefused, RolebrowserError
from rolebrowser.safetext import clean
from rolebrowser.target import Engine, Target

if TYPE_CHECKING:
    from rolebrowser.reaching import Prepared

_CLIENTS = ("psql", "pgcli")
_USUAL = "postgres"
"""The database one is in where none was named."""
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
_READING = "-c default_transaction_read_only=on"
"""An option of the server's for the session: each of its transactions begins read-only."""


@click.command()
@asking.target_argument()
@asking.target_options
@click.option("--print", "only_print", is_flag=True, help="Print the export lines instead.")
@click.option(
    "--client",
    type=click.Choice((*_CLIENTS, *shell_mysql.CLIENTS)),
    help="Which client; default: psql, or mysql (mariadb).",
)
@click.option(
    "--read-write", is_flag=True, help="Allow writing to production, where the default is not to."
)
@asking.confirm_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(
    target: str,
    only_print: bool,
    client: str | None,
    read_write: bool,
    confirm: str | None,
    arguments: tuple[str, ...],
    **choices: str,
) -> int:
    """Run the stock client on TARGET; ARGUMENTS after -- go to it.

    psql (or pgcli) has the token in its environment (PGPASSWORD), under PGSSLMODE=verify-full, and
    never in argv. It lives 15 minutes at most: psql stays connected, but can't log in again after
    that. mysql, mariadb and mycli are given a private socket on which they are logged in already,
    with a token of its own for each connection.

    On production the session begins read-only, unless --read-write is given; the client itself may
    switch that off. Elsewhere a stock client is not kept read-only.
    """
    config = configuration.load()
    chosen = need_user(config, choose(config, target, **choices))
    production = Production(config, target, chosen, confirm)
    if read_write and chosen.dbname:
        production.confirm(chosen.dbname)
    database: Database | None = None
    if chosen.url:
        address, reached = url.parse(chosen.url, os.environ, asking.ask_password), ""
        refused = None
    else:
        ready = _prepared(config, chosen)
        database = ready.database
        address, reached, refused = ready.address, ready.reached, ready.advised
    with _held(address.passage):
        if only_print and address.passage is not None:
            raise ConfigError(
                "A tunnel ends with rolebrowser: there would be nothing left to export.",
                fix="Run rolebrowser shell without --print: it holds the tunnel for the client.",
            )
        mysql = address.engine is Engine.MYSQL
        clients, engine = (shell_mysql.CLIENTS, "MySQL") if mysql else (_CLIENTS, "PostgreSQL")
        _is_one_of(client, clients, engine)
        reads = _reads(production, address, database, read_write=read_write)
        if not mysql:
            variables = _of_target(address, reached) if reached else _of_url(address)
            variables = _reading(variables) if reads else variables
            return _postgres(config, address, variables, only_print, client, arguments)
        try:
            return _mysql(config, address, only_print, client, arguments, reads=reads)
        except LoginRefused as error:
            raise (refused(error) if refused else error) from None


def _reads(
    production: Production, address: Address, database: Database | None, *, read_write: bool
) -> bool:
    """Whether the client is to be read-only, which is said.

    Raises:
        ConfigError: it can't be made so, or --read-write wasn't confirmed.
    """
    account, dbname = database.account if database else "", _name_to_type(address, database)
    if read_write:
        production.confirm(dbname, account)
    if read_write or not production.counts(account):
        return False
    to_write = production.to_write(dbname)
    proxied = database is not None and database.kind is DatabaseKind.PROXY
    if proxied and address.engine is not Engine.MYSQL:
        # "RDS Proxy currently doesn't support command-line options."
        raise ConfigError(
            f"{production.title} is production, and an RDS Proxy takes no option at the login that "
            "would make a stock client read-only.",
            fix=f"rolebrowser sql reads there. To write: {to_write}",
        )
    said = f"{production.title} is production: the session is read-only. To write: {to_write}"
    click.echo(clean(said), err=True)
    return True


def _name_to_type(address: Address, database: Database | None) -> str:
    """Before there is a connection: a server of PostgreSQL's has one in use in any case."""
    from rolebrowser.opened import name_to_type

    usual = address.user if address.plain else _USUAL
    dbname = address.dbname or ("" if address.engine is Engine.MYSQL else usual)
    return name_to_type(dbname, database, address.host)


def _reading(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, with the option behind the person's own: the last one holds."""
    own = variables.get("PGOPTIONS", os.environ.get("PGOPTIONS", ""))
    return {**variables, "PGOPTIONS": f"{own} {_READING}".lstrip()}


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
    *,
    reads: bool,
) -> int:
    if not only_print:
        return shell_mysql.run(address, config, client, arguments, read_only=reads)
    _export(shell_mysql.exports(address))
    click.echo(shell_mysql.hint(address, read_only=reads), err=True)
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


def _prepared(config: Config, target: Target) -> Prepared:
    from rolebrowser.connect import prepare

    ready = prepare(target, config=config, prompts=TerminalPrompts())
    having.warn(ready.current_session())
    return ready


def _of_target(address: Address, reached: str) -> dict[str, str]:
    password = address.password()
    return {
        "PGHOST": address.host,
        "PGHOSTADDR": reached,
        "PGPORT": str(address.dial_port or address.port),
        "PGUSER": address.user,
        "PGDATABASE": address.dbname or _USUAL,
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
