"""MariadbServer: a real MariaDB in a temporary directory, as any user, gone when we are.

There is no wheel of it: it is used where `mariadbd` is on the machine (Debian: mariadb-server).
Reached over a unix socket inside a 0700 directory, and over 127.0.0.1 with a password.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rolebrowser.errors import SandboxError
from rolebrowser.sandbox import lodging

SUPERUSER = "rdsadmin"
"""RDS's own name for the superuser nobody else may be."""

_START_SECONDS = 30.0
_SOCKET = "mariadb.sock"
_ENDED = "ended"
_PLACES = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin:/usr/libexec"

# As in postgres.py: the shell outlives us only to end the server and to remove its directory.
_GUARDIAN = """
exec 3<&0 </dev/null
install=$1
shift
if "$install" 3<&- --no-defaults --datadir="$ROOT/data" --skip-test-db --skip-log-bin \
    --auth-root-authentication-method=normal --cross-bootstrap
then
    "$@" 3<&- & server=$!
    { read -r _ <&3; [ -e "$ROOT/ended" ] || kill -KILL $server; } 2>/dev/null &
    trap '' INT TERM HUP
    wait $server
fi
: >"$ROOT/ended"
read -r _ <&3
wait
rm -rf "$ROOT"
"""


def find_binary(name: str) -> str:
    """The path of one of MariaDB's programs; empty when it isn't on this machine."""
    return shutil.which(name) or shutil.which(name, path=_PLACES) or ""


def available() -> bool:
    """Whether a server can be started here."""
    return bool(find_binary("mariadbd") and find_binary("mariadb-install-db"))


class MariadbServer:
    """A running server; a context manager that stops it.

    Attributes:
        directory: everything of it; removed at the end.
        socket: the unix socket's path.
        port: of 127.0.0.1.
        password: of SUPERUSER, who may everything.
    """

    def __init__(self, directory: Path, process: subprocess.Popen[bytes], port: int) -> None:
        self.directory = directory
        self.socket = directory / _SOCKET
        self.port = port
        self.password = secrets.token_urlsafe(12)
        self.log = directory / "server.log"
        self._process = process

    @classmethod
    def start(cls) -> MariadbServer:
        """Make a data directory and start a server on it; ready when this returns.

        Raises:
            SandboxError: MariaDB isn't there, or didn't come up; the end of its log is in the text.
        """
        if not available():
            raise SandboxError(
                "MariaDB's server is not on this machine.",
                fix="Install it: apt-get install mariadb-server.",
            )
        try:
            directory = lodging.make_directory("rolebrowser-my-", _SOCKET)
            if os.geteuid() == 0:
                os.chown(directory, *lodging.unprivileged())
            port = _free_port()
            process = _launch(directory, port)
        except OSError as error:
            raise SandboxError("MariaDB could not be started.", why=str(error)) from None
        server = cls(directory, process, port)
        try:
            server._await_ready()
        except BaseException:
            server.stop()
            raise
        return server

    def connect(self, user: str = "root", password: str = "", dbname: str = "") -> Any:
        """A PyMySQL connection over the socket; root has no password there."""
        import pymysql

        return pymysql.connect(
            unix_socket=str(self.socket),
            user=user,
            password=password,
            database=dbname or None,
            charset="utf8mb4",
            autocommit=True,
        )

    def execute(self, *statements: str) -> None:
        """Run statements as root."""
        connection = self.connect()
        try:
            for statement in statements:
                connection.query(statement)
        finally:
            connection.close()

    def dsn(self, dbname: str = "") -> str:
        """A URL with the superuser's password, over TCP."""
        return f"mysql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{dbname}"

    def stop(self) -> None:
        """End it and remove its directory; idempotent."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> MariadbServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _await_ready(self) -> None:
        import pymysql

        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.socket.exists():
                with contextlib.suppress(pymysql.MySQLError):
                    self.execute(
                        f"CREATE USER {SUPERUSER}@'%' IDENTIFIED BY '{self.password}'",
                        f"GRANT ALL ON *.* TO {SUPERUSER}@'%' WITH GRANT OPTION",
                    )
                    return
            if (self.directory / _ENDED).exists() or self._process.poll() is not None:
                break
            time.sleep(0.02)
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        raise SandboxError("MariaDB did not start.", why=log.strip()[-800:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _launch(directory: Path, port: int) -> subprocess.Popen[bytes]:
    command = ["/bin/sh", "-c", _GUARDIAN, "sh", find_binary("mariadb-install-db")]
    command += [
        find_binary("mariadbd"),
        "--no-defaults",
        f"--datadir={directory}/data",
        # Not /tmp: another MariaDB that starts there removes our temporary tables as leftovers.
        f"--tmpdir={directory}",
        f"--socket={directory}/{_SOCKET}",
        f"--pid-file={directory}/pid",
        "--bind-address=127.0.0.1",
        f"--port={port}",
        "--skip-log-bin",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-buffer-pool-size=16M",
        "--innodb-log-file-size=8M",
        "--character-set-server=utf8mb4",
        "--default-time-zone=+00:00",
        "--max-connections=120",
    ]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "ROOT": str(directory)}
    with open(directory / "server.log", "wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            start_new_session=True,
            **lodging.identity(),  # type: ignore[call-overload]
        )
