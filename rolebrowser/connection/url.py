"""A plain `postgresql://` URL → Address, by libpq's rules. No token is ever sent to one."""

from __future__ import annotations

from collections.abc import Mapping

from rolebrowser.connection.protocol import Address
from rolebrowser.errors import ConfigError
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine

SCHEMES = ("postgresql://", "postgres://", "mysql://", "mariadb://")


def is_url(text: str) -> bool:
    """Whether a TARGET is a plain URL."""
    return text.startswith(SCHEMES)


def parse(text: str, environ: Mapping[str, str]) -> Address:
    """The address of a URL.

    The password is the URL's, else PGPASSWORD, else libpq's password file. `sslmode` is the URL's,
    else PGSSLMODE, else libpq's "prefer".

    Raises:
        ConfigError: not a URL libpq understands.
    """
    if not text.startswith(("postgresql://", "postgres://")):
        raise ConfigError("Only postgresql:// URLs can be opened by this version.")
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = {key: str(value) for key, value in conninfo_to_dict(text).items()}
    except psycopg.Error as error:
        raise ConfigError("The URL isn't one libpq understands.", why=str(error).strip()) from None
    password = found.pop("password", "") or environ.get("PGPASSWORD", "")
    user = found.pop("user", "") or environ.get("PGUSER", "") or environ.get("USER", "")
    port = found.pop("port", "") or environ.get("PGPORT", "") or "5432"
    host = found.pop("host", "") or environ.get("PGHOST", "") or "localhost"
    if not port.isdigit():
        raise ConfigError("Several hosts in one URL can't be opened here.", fix="Name one.")
    return Address(
        engine=Engine.POSTGRES,
        host=host,
        port=int(port),
        user=user,
        dbname=found.pop("dbname", "") or user,
        password=lambda: Secret(password) if password else None,
        sslmode=found.pop("sslmode", "") or environ.get("PGSSLMODE", "") or "prefer",
        dial_host=found.pop("hostaddr", ""),
        options=tuple(found.items()),
    )
