"""A private socket for stock MySQL clients: whoever may open it is already logged in.

Stock clients can't dial one address and check another's name in the certificate, cut long tokens,
and can't make a new one after 15 minutes. So the login is ours: for each client that connects, a
connection of our own is opened (verified TLS, a fresh token), and what follows is passed on both
ways. The socket is in a 0700 directory: only this user's programs reach it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from rolebrowser.connection import mysql_errors, mysql_facts, mysql_login, mysql_wire
from rolebrowser.connection.mysql_wire import Greeting, Response
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.connection.pump import pump
from rolebrowser.errors import LoginRefused, RolebrowserError
from rolebrowser.safetext import clean

_ASKED_FOR = (
    mysql_wire.LOCAL_FILES
    | mysql_wire.INTERACTIVE
    | mysql_wire.MULTI_STATEMENTS
    | mysql_wire.PS_MULTI_RESULTS
)
"""What stock clients ask the server for, beside what PyMySQL does."""
_UNREACHED = 2003
_NO_DATABASE = 1049
_LOGIN_SECONDS = 10.0
_SOCKET = "mysql.sock"
_PATH_LIMIT = 103
"""Bytes in a unix socket's path: 107 on Linux, 103 on macOS."""


class Relay:
    """Listens from `start` to `close`; a context manager.

    Args:
        settings: with `read_only` each connection begins so; the client may switch it off.

    Attributes:
        socket: path of the unix socket.
    """

    def __init__(self, address: Address, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._directory = Path()
        self._listener: socket.socket | None = None
        self._first: Any = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    @property
    def socket(self) -> Path:
        """Path of the unix socket."""
        return self._directory / _SOCKET

    def start(self) -> str:
        """Log in once, to know that it works, and listen.

        Returns:
            The server's TLS, e.g. "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty without.

        Raises:
            As `mysql_login.connect`; OSError when there is no place for a socket.
        """
        self._first = self._log_in()
        encrypted = mysql_facts.tls(self._first)
        self._directory = _directory()
        self._listener = listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        listener.listen(16)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return encrypted

    def close(self) -> None:
        """Listen no more, end every connection, remove the socket; idempotent."""
        with self._lock:
            listener, self._listener = self._listener, None
            first, self._first = self._first, None
            for plug in self._open:
                _cut(plug)
        if first is not None:
            first._force_close()
        if listener is not None:
            _cut(listener)
            listener.close()
            shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Relay:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _log_in(self) -> Any:
        driver = mysql_login.connect(self._address, self._settings, flags=_ASKED_FOR)
        if self._settings.read_only:
            import pymysql

            try:
                driver.query(mysql_login.READING)
            except pymysql.MySQLError as error:
                driver._force_close()  # type: ignore[attr-defined]
                raise mysql_errors.login_error(error, self._address) from None
        return driver

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            driver, self._first = self._first, None
            if self._listener is None:
                client.close()
                return
            self._open.add(client)
        try:
            driver = driver or self._log_in()
            client.settimeout(_LOGIN_SECONDS)
            if _welcome(client, driver):
                pump(client, driver._sock)
        except RolebrowserError as error:
            with contextlib.suppress(OSError):
                client.sendall(mysql_wire.packet(0, _refusal(error)))
        except (OSError, ValueError):
            pass
        finally:
            if driver is not None:
                driver._force_close()
            with self._lock:
                self._open.discard(client)
            client.close()


def _welcome(client: socket.socket, driver: Any) -> bool:
    """Greet the client as the server would, and take any login; False when it was turned away."""
    greeting = Greeting(
        version=str(driver.server_version).encode(),
        thread=int(driver.thread_id()),
        # What the client makes of it isn't looked at: the socket is the proof of who it is.
        salt=os.urandom(20).replace(b"\0", b"\1"),
        capabilities=driver.client_flag & ~(mysql_wire.SSL | mysql_wire.COMPRESS)
        | mysql_wire.CONNECT_WITH_DB,
        charset=45,
        status=driver.server_status,
        mariadb=bytes(10),
        plugin=mysql_wire.NATIVE_PASSWORD,
    )
    client.sendall(mysql_wire.packet(0, greeting.encode()))
    number, body = _read(client)
    response = Response.parse(body)
    if not _settle(driver, response):
        text = f"Unknown database '{response.dbname.decode(errors='replace')}'"
        answer = mysql_wire.error(_NO_DATABASE, "42000", text)
        client.sendall(mysql_wire.packet(number + 1, answer))
        return False
    client.sendall(mysql_wire.packet(number + 1, mysql_wire.ok(driver.server_status)))
    return True


def _settle(driver: Any, response: Response) -> bool:
    """Give the connection the database and the character set the client wants."""
    import pymysql
    from pymysql.charset import charset_by_id

    with contextlib.suppress(KeyError):
        wanted: Any = charset_by_id(response.charset)
        driver.set_character_set(wanted.name, wanted.collation)
    try:
        if response.dbname:
            driver.select_db(response.dbname.decode())
    except (pymysql.MySQLError, UnicodeDecodeError):
        return False
    return True


def _refusal(error: RolebrowserError) -> bytes:
    number = int(error.code) if isinstance(error, LoginRefused) and error.code.isdigit() else 0
    text = clean(" ".join(part for part in (error.what, error.why) if part))
    # Without the state: before a greeting nobody knows whether the client understands one.
    return mysql_wire.error(number or _UNREACHED, "", text)


def _read(client: socket.socket) -> tuple[int, bytes]:
    """(number, body) of the client's packet. Raises OSError, ValueError."""
    head = _exactly(client, 4)
    size = int.from_bytes(head[:3], "little")
    if size > mysql_wire.LONGEST:
        raise ValueError("no such packet")
    return head[3], _exactly(client, size)


def _exactly(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = client.recv(count - len(found))
        if not piece:
            raise ValueError("hung up")
        found += piece
    return found


def _cut(plug: socket.socket) -> None:
    with contextlib.suppress(OSError):
        plug.shutdown(socket.SHUT_RDWR)


def _directory() -> Path:
    """A 0700 directory whose socket's path is short enough."""
    room = _PATH_LIMIT - len(f"/rolebrowser-12345678/{_SOCKET}")
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):
        if base and len(os.fsencode(base)) <= room and os.access(base, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix="rolebrowser-", dir=base))
    raise OSError("no temporary directory with a path short enough for a socket")
