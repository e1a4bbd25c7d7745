"""A plain `postgresql://` or `mysql://` URL → Address. No token is ever sent to one.

PostgreSQL by libpq's own rules: what the URL leaves out comes from libpq's environment variables
and password file. MySQL by the shape `mysql://user:password@host:port/dbname?ssl-mode=…`.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from rolebrowser.connection.protocol import Address
from rolebrowser.errors import ConfigError
from rolebrowser.safetext import Secret, redact
from rolebrowser.target import Engine, Target

_POSTGRES = ("postgresql://", "postgres://")
_MYSQL = ("mysql://", "mariadb://")
SCHEMES = _POSTGRES + _MYSQL

_MYSQL_SSL_MODES = {
    "DISABLED": "disable",
    "PREFERRED": "prefer",
    "REQUIRED": "require",
    "VERIFY_CA": "verify-ca",
    "VERIFY_IDENTITY": "verify-full",
}
"""The mysql client's words for what libpq calls sslmode."""


def is_url(text: str) -> bool:
    """Whether a TARGET is a plain URL."""
    return text.startswith(SCHEMES)


def parse(
    text: str,
    environ: Mapping[str, str],
    ask: Callable[[], Secret | None] | None = None,
) -> Address:
    """The address of a URL.

    Args:
        environ: the environment: PGHOST, PGPASSWORD …, MYSQL_PWD.
        ask: asks a person for the password if the server wants one and there is none; what was
            given is remembered for the next connect.

    Raises:
        ConfigError: not a URL; the text never shows its password.
    """
    asking = _remembering(ask) if ask is not None else None
    if text.startswith(_POSTGRES):
        return _postgres(text, environ, asking)
    if text.startswith(_MYSQL):
        return _mysql(text, environ, asking)
    raise ConfigError(
        "Not a database URL.", fix="It begins with postgresql:// or mysql://, or name a bookmark."
    )


def _postgres(
    text: str, environ: Mapping[str, str], ask: Callable[[], Secret | None] | None
) -> Address:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        # What only the environment says is left to libpq, except where we must know it.
        found = {key: str(value) for key, value in conninfo_to_dict(text).items()}
    except (psycopg.Error, UnicodeError) as error:
        # libpq quotes what it didn't understand, which may be a password with a stray @ in it.
        raise _not_a_url(text, str(error)) from None
    password = found.pop("password", "") or environ.get("PGPASSWORD", "")
    user = found.pop("user", "") or environ.get("PGUSER", "") or _login_name()
    dbname = found.pop("dbname", "") or environ.get("PGDATABASE", "") or user
    hostaddr = found.pop("hostaddr", "") or environ.get("PGHOSTADDR", "")
    host = found.pop("host", "") or environ.get("PGHOST", "") or hostaddr or "localhost"
    port = found.pop("port", "") or environ.get("PGPORT", "") or "5432"
    if "@" in host:
        # libpq ends the password at the first @; what it takes for a host would be shown.
        raise _not_a_url(text, "")
    if "," in host or not (port.isascii() and port.isdigit()):
        raise ConfigError("Several hosts in one URL can't be opened here.", fix="Name one.")
    if not 0 < int(port) < 65_536:
        raise ConfigError(f"There is no port {port}.", fix="Ports go from 1 to 65535.")
    return Address(
        engine=Engine.POSTGRES,
        host=host,
        port=int(port),
        user=user,
        dbname=dbname,
        password=lambda: Secret(password) if password else None,
        sslmode=found.pop("sslmode", "") or environ.get("PGSSLMODE", "") or "prefer",
        dial_host=hostaddr,
        options=tuple(found.items()),
        plain=True,
        ask=ask,
    )


def _mysql(
    text: str, environ: Mapping[str, str], ask: Callable[[], Secret | None] | None
) -> Address:
    try:
        url = urlsplit(text)
        port = url.port or 3306
        if "\0" in unquote(text):
            # The protocol ends a name there: another user's would be sent.
            raise ValueError("A zero byte, %00, is part of no name.")
    except ValueError as error:
        raise _not_a_url(text, str(error)) from None
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    mode = options.pop("ssl-mode", "") or options.pop("ssl_mode", "") or "PREFERRED"
    if mode.upper() not in _MYSQL_SSL_MODES:
        known = ", ".join(_MYSQL_SSL_MODES)
        raise ConfigError(f"ssl-mode {mode!r} isn't known.", fix=f"One of {known}.")
    password = unquote(url.password or "") or environ.get("MYSQL_PWD", "")
    return Address(
        engine=Engine.MYSQL,
        host=unquote(url.hostname or "") or environ.get("MYSQL_HOST", "") or "127.0.0.1",
        port=port,
        user=unquote(url.username or "") or _login_name(),
        dbname=unquote(url.path.removeprefix("/")),
        password=lambda: Secret(password) if password else None,
        ca_file=options.pop("ssl-ca", ""),
        sslmode=_MYSQL_SSL_MODES[mode.upper()],
        options=tuple(options.items()),
        plain=True,
        ask=ask,
    )


def _not_a_url(text: str, why: str) -> ConfigError:
    authority = text.partition("://")[2].partition("/")[0]
    secret = authority.rpartition("@")[0].partition(":")[2]
    for piece in (secret, *secret.split("@"), *secret.split(":")):
        if len(piece) > 1:
            why = why.replace(piece, "***")
    return ConfigError(
        "The URL can't be understood.",
        why=redact(why).strip(),
        fix="Write special characters in user and password as %XX: @ is %40, : is %3A, / is %2F.",
    )


def _login_name() -> str:
    """Who runs this, as psql and mysql take it; empty when the system doesn't know."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _remembering(ask: Callable[[], Secret | None]) -> Callable[[], Secret | None]:
    answers: list[Secret] = []

    def once() -> Secret | None:
        if not answers and (answer := ask()) is not None:
            answers.append(answer)
        return answers[0] if answers else None

    return once


def elsewhere(target: Target, dbname: str, user: str) -> Target:
    """Another database on a target's server, or another user there; empty = as before.

    A URL's password goes with the user it is for.
    """
    if not target.url:
        return target.with_changes(dbname=dbname, user=user)
    parts = urlsplit(target.url)
    if dbname:
        parts = parts._replace(path="/" + quote(dbname, safe=""))
    login, _, host = parts.netloc.rpartition("@")
    if user and unquote(login.partition(":")[0]) != user:
        parts = parts._replace(netloc=f"{quote(user, safe='')}@{host}")
    return replace(target, url=urlunsplit(parts))
