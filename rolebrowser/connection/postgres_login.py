"""Logging in to PostgreSQL: libpq's parameters said outright, and the connection set up.

A token must never go anywhere but to the endpoint it was made for, over verified TLS. So except for
a plain URL nothing is left to the environment (PGHOSTADDR, PGSSLMODE …), a service file or a
password file: every parameter that has an environment variable is given.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.connection import postgres_errors
from rolebrowser.connection.protocol import Address, Row, Settings
from rolebrowser.errors import RolebrowserError, RouteError, TimedOut

if TYPE_CHECKING:
    import psycopg

_NO_FILE = os.path.join(os.devnull, "none")
"""A path that can't exist: libpq takes an empty one for its default, and complains of a device."""

_INFO = """
SELECT pg_catalog.current_setting('server_version'),
  pg_catalog.current_setting('server_version_num'),
  CURRENT_USER, pg_catalog.current_database(), pg_catalog.pg_is_in_recovery(),
  pg_catalog.pg_backend_pid(), pg_catalog.to_regproc('pg_catalog.aurora_version') IS NOT NULL
"""


class Plug:
    """A second hold on a connection's socket, so that any thread can cut it safely.

    libpq's own descriptor may be closed, and its number given to another file, at any time.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._socket = socket.socket(fileno=os.dup(connection.pgconn.socket))
        self._lock = threading.Lock()

    def pull(self) -> None:
        """Cut the connection: whoever waits for the server wakes with an error."""
        with self._lock, contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket."""
        with self._lock:
            self._socket.close()


def connect(address: Address, settings: Settings) -> psycopg.Connection[Any]:
    """A logged-in connection, not yet set up.

    Raises:
        LoginRefused, RouteError, TlsError, TimedOut, ConnectionLost: as libpq's words tell.
        Whatever `address.password` and `address.passage` raise.
    """
    if address.passage is not None:
        address.passage.open()
    try:
        return _log_in(address, settings)
    except RolebrowserError as error:
        raise address.told(error) from None


def _log_in(address: Address, settings: Settings) -> psycopg.Connection[Any]:
    import psycopg

    password = address.password()
    known = parameters(address, settings, password.reveal() if password is not None else "")
    try:
        return psycopg.connect(**known, autocommit=True)
    except psycopg.Error as error:
        wanted = error.pgconn is not None and error.pgconn.needs_password
        if not wanted or address.ask is None or (asked := address.ask()) is None:
            raise postgres_errors.login_error(error, address) from None
    try:
        return psycopg.connect(**{**known, "password": asked.reveal()}, autocommit=True)
    except psycopg.Error as error:
        raise postgres_errors.login_error(error, address) from None


def set_up(
    connection: psycopg.Connection[Any], address: Address, settings: Settings, *, read_only: bool
) -> Row:
    """Set the mode and the time limits, and ask what the server is; one round trip.

    After login rather than in the startup packet: RDS Proxy takes no options there.

    Returns the row of `_INFO`.
    """
    import psycopg

    mode = "ONLY" if read_only else "WRITE"
    limits = {
        "statement_timeout": settings.statement_timeout,
        "idle_in_transaction_session_timeout": settings.idle_in_transaction_timeout,
    }
    text = f"SET SESSION CHARACTERISTICS AS TRANSACTION READ {mode};"
    for name, seconds in limits.items():
        text += f"SET {name} = {int(seconds * 1000)};"
    if connection.pgconn.parameter_status(b"server_encoding") == b"SQL_ASCII":
        # Its bytes may be of any encoding, and the server would refuse to pass them on as UTF-8.
        text += "SET client_encoding = SQL_ASCII;"
    try:
        with _time_limit(connection, address, settings.connect_timeout):
            results = connection.execute((text + _INFO).encode())
            while results.nextset():
                pass
            row = results.fetchone()
    except psycopg.Error as error:
        connection.close()
        raise postgres_errors.login_error(error, address) from None
    assert row is not None
    # Without an encoding psycopg gives text as bytes.
    return tuple(
        value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
        for value in row
    )


@contextmanager
def _time_limit(
    connection: psycopg.Connection[Any], address: Address, seconds: float
) -> Iterator[None]:
    """Cut the connection when the block takes longer; 0 = no limit."""
    plug = Plug(connection)
    struck = threading.Event()

    def strike() -> None:
        struck.set()
        plug.pull()

    timer = threading.Timer(seconds or threading.TIMEOUT_MAX, strike)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if struck.is_set():
            connection.close()
            raise TimedOut(
                f"{address.host} took the login but did not answer within {seconds:g} seconds.",
                fix="The server may be overloaded or starting; try again.",
            ) from None
        raise
    finally:
        timer.cancel()
        plug.close()


def parameters(address: Address, settings: Settings, password: str) -> dict[str, Any]:
    """libpq's parameters for an address.

    Raises:
        RouteError, TimedOut: the name of the host, or of the route, can't be looked up.
    """
    found: dict[str, Any] = {} if address.plain else _defaults()
    found |= {
        "host": address.host,
        "port": address.dial_port or address.port,
        "user": address.user,
        "dbname": address.dbname or "postgres",
        "sslmode": address.sslmode,
        "connect_timeout": max(2, int(settings.connect_timeout)) if settings.connect_timeout else 0,
        "application_name": settings.application_name,
        "client_encoding": "UTF8",
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    found |= dict(address.options)
    if password or not address.plain:
        found["password"] = password
    if address.ca_file:
        found["sslrootcert"] = address.ca_file
    dial = address.dial_host or address.host
    if dial and not dial.startswith(("/", "@")) and "hostaddr" not in found:
        numbers = _look_up(dial, settings.connect_timeout)
        # One host for each address: libpq pairs the two lists.
        found["hostaddr"] = ",".join(numbers)
        found["host"] = ",".join([address.host] * len(numbers))
    return found


def _defaults() -> dict[str, Any]:
    """A value for every parameter that the environment could set otherwise."""
    from psycopg.pq import Conninfo

    found = {
        option.keyword.decode(): (option.compiled or b"").decode()
        for option in Conninfo.get_defaults()
        if option.envvar
    }
    # An empty value means "the usual" to libpq, except of these.
    for keyword in ("service", "servicefile", "hostaddr"):
        found.pop(keyword, None)
    said = {
        "min_protocol_version": "3.0",
        "max_protocol_version": "3.0",
        "require_auth": "password,md5,scram-sha-256,none",
        "sslcertmode": "disable",
        "gssencmode": "disable",
        "passfile": _NO_FILE,
    }
    return found | {keyword: value for keyword, value in said.items() if keyword in found}


def _look_up(host: str, seconds: float) -> list[str]:
    """The addresses of a name, as numbers. libpq would look it up too, but without a time limit."""
    fix = "Check the name, the VPN, and whether the database still exists."
    try:
        found = bounded(
            lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM),
            cancel=Cancel(),
            limit=seconds or threading.TIMEOUT_MAX,
            what=f"Looking up {host}",
            fix=fix,
        )
    except (OSError, UnicodeError) as error:
        raise RouteError(f"The name {host} can't be looked up.", why=str(error), fix=fix) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
