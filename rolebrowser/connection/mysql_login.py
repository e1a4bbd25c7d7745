"""Logging in to MySQL or MariaDB over PyMySQL, to where the address says, as it says.

TCP may go to a route's address; the certificate is checked against the endpoint's real name. The
password in clear (what an IAM token is) is answered inside verified TLS only, whoever asks for it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from rolebrowser.connection import mysql_errors
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.connection.unanswered import unanswered
from rolebrowser.errors import RolebrowserError, TlsError
from rolebrowser.safetext import Secret

if TYPE_CHECKING:
    import pymysql

READING = "SET SESSION TRANSACTION READ ONLY"
"""From then on each transaction of the session begins so."""
_KEEPALIVE = {
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPALIVE": 30,
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 30_000,
}
"""Seconds, and milliseconds for the last; macOS calls the first TCP_KEEPALIVE."""
_BESIDES_SECONDS = 5
"""For an answer on another connection, once it is logged in."""
_CLEAR = (b"mysql_clear_password", b"dialog")
"""Plugins that send the password as it is."""
_HASHED = {"caching_sha2_password": b"\x02", "sha256_password": b"\x01"}
"""MySQL's plugins that want the whole password now and then, inside TLS or encrypted for a key; and
how they ask the server for that key (MySQL's manual, "Caching SHA-2 Pluggable Authentication")."""


def connect(address: Address, settings: Settings, *, flags: int = 0) -> pymysql.Connection[Any]:
    """A logged-in connection in autocommit mode, not yet set up.

    Args:
        flags: capabilities to ask the server for, beyond PyMySQL's usual ones.

    Raises:
        LoginRefused, RouteError, TlsError, TimedOut, ConnectionLost: as the driver's words tell.
        Whatever `address.password` and `address.passage` raise.
    """
    if address.passage is not None:
        address.passage.open()
    try:
        return _connect(address, settings, flags)
    except RolebrowserError as error:
        raise address.told(error) from None


def besides(address: Address, settings: Settings, act: Callable[[Any], object]) -> None:
    """Do something on another connection; what fails there, its login too, is left undone."""
    with contextlib.suppress(Exception):
        second: Any = connect(address, settings)
        with contextlib.closing(second):
            # Whoever asks may hold what the next statement needs.
            second._read_timeout = _BESIDES_SECONDS
            act(second)


def _connect(address: Address, settings: Settings, flags: int) -> pymysql.Connection[Any]:
    import pymysql

    password = address.password()
    try:
        return _log_in(address, settings, password, flags)
    except pymysql.MySQLError as error:
        denied = bool(error.args) and error.args[0] == mysql_errors.ACCESS_DENIED
        if password is not None or not denied or address.ask is None:
            raise mysql_errors.login_error(error, address) from None
        asked = address.ask()
        if asked is None:
            raise mysql_errors.login_error(error, address) from None
    try:
        return _log_in(address, settings, asked, flags)
    except pymysql.MySQLError as error:
        raise mysql_errors.login_error(error, address) from None


def _log_in(
    address: Address, settings: Settings, password: Secret | None, flags: int
) -> pymysql.Connection[Any]:
    import pymysql

    dialled = (address.dial_host or address.host, address.dial_port or address.port)
    try:
        plug = socket.create_connection(dialled, settings.connect_timeout or None)
    except OSError as error:
        raise mysql_errors.unreached(error, address) from None
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _notice_silence(plug)
    try:
        driver = _careful()(
            host=address.host,
            port=address.port,
            user=address.user,
            password=password.reveal() if password is not None else "",
            database=address.dbname or None,
            charset="utf8mb4",
            conv=_encoders(),
            autocommit=True,
            read_timeout=settings.connect_timeout or None,
            program_name=settings.application_name,
            client_flag=flags,
            defer_connect=True,
            **_tls(address),
        )
        driver.verified = _verified(address)
        with _time_limit(plug, settings.connect_timeout) as over:
            try:
                driver.connect(plug)
            except BaseException as error:
                # PyMySQL closes the plug, out of which TLS has taken the descriptor.
                driver._force_close()
                if over.is_set() and isinstance(error, (pymysql.MySQLError, OSError)):
                    raise unanswered(address, silent=True) from None
                if _stumbled(error):
                    raise mysql_errors.garbage(address) from None
                raise
    except BaseException:
        with contextlib.suppress(OSError):
            plug.close()
        raise
    # From here on a statement may take its time: the server has its own limits.
    driver._read_timeout = None
    return driver


def _stumbled(error: BaseException) -> bool:
    """Whether PyMySQL fell over bytes that are no packet of MySQL's: IndexError, NameError …"""
    import pymysql

    known = (pymysql.MySQLError, OSError, RolebrowserError)
    return isinstance(error, Exception) and not isinstance(error, known)


def _notice_silence(plug: socket.socket) -> None:
    """Have the kernel notice within a minute when nobody is there any more, as libpq is told to.

    Its own idea of it is two hours (tcp(7), tcp_keepalive_time).
    """
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


@contextlib.contextmanager
def _time_limit(plug: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Cut a socket on which a login takes longer than that, however lively the other side is.

    PyMySQL's own limit is for each read.

    Yields:
        What is set when it was cut.
    """
    over = threading.Event()
    if not seconds:
        yield over
        return
    # A handle of its own: TLS takes the descriptor out of the socket it wraps.
    handle = plug.dup()

    def cut() -> None:
        over.set()
        with contextlib.suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def _verified(address: Address) -> bool:
    return address.tls is not None or address.sslmode in ("verify-ca", "verify-full")


def _tls(address: Address) -> dict[str, Any]:
    """PyMySQL's arguments for the address's TLS; none = it prefers TLS, as the mysql client."""
    if address.tls is not None:
        return {"ssl": address.tls}
    match address.sslmode:
        case "disable":
            return {"ssl_disabled": True}
        case "prefer":
            return {}
        case "require":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return {"ssl": context}
    try:
        context = ssl.create_default_context(cafile=address.ca_file or None)
    except OSError as error:
        raise TlsError(
            f"The CA bundle {address.ca_file} can't be read.", why=str(error), fix="Check ssl-ca."
        ) from None
    context.check_hostname = address.sslmode == "verify-full"
    return {"ssl": context}


@cache
def _careful() -> Any:
    """PyMySQL's connection, which tells nobody a password outside verified TLS."""
    import pymysql.connections

    Connection: Any = pymysql.connections.Connection

    class Careful(Connection):
        verified = False

        def _process_auth(self, plugin_name: bytes, *rest: Any, **more: Any) -> Any:
            safe = self.verified and isinstance(self._sock, ssl.SSLSocket)
            if plugin_name in _CLEAR and not safe:
                raise TlsError(
                    "The server asked for the password in clear outside verified TLS; "
                    "nothing secret was sent.",
                    fix="Use ssl-mode=VERIFY_IDENTITY with the server's CA.",
                    code="cleartext",
                )
            return super()._process_auth(plugin_name, *rest, **more)

        def write_packet(self, payload: Any) -> None:
            key = _HASHED.get(str(self._auth_plugin_name))
            if payload == key and not isinstance(self._sock, ssl.SSLSocket):
                raise TlsError(
                    "The server wants the whole password, which it gets inside TLS only; "
                    "nothing secret was sent.",
                    why=f"{self._auth_plugin_name} asks for it when it hasn't seen the account"
                    " for a while; without TLS anybody on the way could have named the key.",
                    fix="Leave out ssl-mode=DISABLED.",
                )
            super().write_packet(payload)

    return Careful


@cache
def _encoders() -> dict[Any, Any]:
    """PyMySQL's conversions of parameters, and none of results: values stay text."""
    from pymysql.converters import conversions

    return {key: value for key, value in conversions.items() if not isinstance(key, int)}


class Plug:
    """A second handle on a connection's socket, for cutting it from another thread."""

    def __init__(self, driver: Any) -> None:
        self._socket = socket.socket(fileno=socket.dup(driver._sock.fileno()))

    def pull(self) -> None:
        """Cut the connection: a thread that waits for the server wakes with an error."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the handle."""
        with contextlib.suppress(OSError):
            self._socket.close()
