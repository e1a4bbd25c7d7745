"""`rolebrowser shell` for MySQL and MariaDB: the stock client on a private, logged-in socket."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

import click

from rolebrowser.cli import foreground
from rolebrowser.config import Config
from rolebrowser.connection import mysql_login, mysql_relay
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.errors import RolebrowserError

CLIENTS = ("mysql", "mariadb", "mycli")

_ASTRAY = ("MYSQL_HOST", "MYSQL_PWD", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT", "MYSQL_GROUP_SUFFIX")
"""Variables that would send the client, or something secret, elsewhere."""
_SSL_MODES = {
    "disable": "DISABLED",
    "prefer": "PREFERRED",
    "require": "REQUIRED",
    "verify-ca": "VERIFY_CA",
}


def exports(address: Address) -> dict[str, str]:
    """What a stock client takes from its environment.

    Raises:
        RolebrowserError: with a route, no stock client can check the endpoint's name.
    """
    if address.dial_host and not address.plain:
        raise RolebrowserError(
            "Through a route, MySQL's stock clients can't check the endpoint's certificate.",
            fix="Run rolebrowser shell without --print: it checks it for them.",
        )
    password = address.password()
    return {
        "MYSQL_HOST": address.dial_host or address.host,
        "MYSQL_TCP_PORT": str(address.dial_port or address.port),
        # A token is asked for in clear; a plain URL's password never is.
        **({} if address.plain else {"LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN": "1"}),
        **({"MYSQL_PWD": password.reveal()} if password is not None else {}),
    }


def hint(address: Address, *, read_only: bool) -> str:
    """What the environment can't say, as options of `mysql`."""
    given = ["mysql", "-u", address.user]
    given += [f"--init-command={mysql_login.READING}"] if read_only else []
    given += [f"--ssl-ca={address.ca_file}"] if address.ca_file else []
    given += [f"--ssl-mode={_SSL_MODES.get(address.sslmode, 'VERIFY_IDENTITY')}"]
    given += [address.dbname] if address.dbname else []
    said = f"Then: {shlex.join(given)}"
    if address.sslmode == "verify-full":
        said += "\n(MariaDB's client: --ssl-verify-server-cert for --ssl-mode=VERIFY_IDENTITY.)"
    return said


def run(
    address: Address,
    config: Config,
    client: str | None,
    arguments: Sequence[str],
    *,
    read_only: bool,
) -> int:
    """Run a stock client in the foreground until it ends.

    Each of its connections is logged in here, with a token of its own.

    Args:
        read_only: each of them begins so.

    Returns:
        The client's exit code, 128 + N when signal N ended it.

    Raises:
        RolebrowserError: no such client, or the login failed.
    """
    program = find(client, os.environ)
    settings = Settings(read_only=read_only, connect_timeout=config.timeouts.connect)
    relay = mysql_relay.Relay(address, settings)
    try:
        encrypted = relay.start()
    except OSError as error:
        raise RolebrowserError("There is no place for a socket.", why=str(error)) from None
    with contextlib.closing(relay):
        if sys.stderr.isatty():
            where, how = f"{address.host}:{address.port}", encrypted or "no TLS"
            name = os.path.basename(program)
            click.echo(f"Logged in to {where} ({how}); {name} has a private socket.", err=True)
        sys.stdout.flush()
        command = [program, *options(program, address, str(relay.socket)), *arguments]
        return foreground.run(command, environment(os.environ))


def find(client: str | None, environ: Mapping[str, str]) -> str:
    """The path of `client`, or of the first stock client there is.

    Raises:
        RolebrowserError: it isn't installed.
    """
    names = (client,) if client else CLIENTS[:2]
    for name in names:
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            return found
    raise RolebrowserError(
        f"{' or '.join(names)} is not installed.",
        fix="Install your system's MySQL or MariaDB client, or use rolebrowser sql, or --print.",
    )


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without what could lead a client astray, or keep anything."""
    kept = {name: value for name, value in environ.items() if name not in _ASTRAY}
    return kept | foreground.NO_KEYRING


def options(program: str, address: Address, path: str) -> list[str]:
    """The client's options: nothing secret, and nothing of its option files wins over them."""
    given = [f"--socket={path}", f"--user={address.user}"]
    given += [f"--database={address.dbname}"] if address.dbname else []
    if os.path.basename(program) == "mycli":
        return given
    # Inside the private socket there is no TLS to ask for, whatever the option files say.
    plain = "--skip-ssl" if _is_mariadbs(program) else "--ssl-mode=DISABLED"
    return [*given, "--protocol=SOCKET", "--skip-password", plain]


def _is_mariadbs(program: str) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RolebrowserError(f"{program} can't be run.", why=str(error)) from None
    return "MariaDB" in done.stdout
