"""MariadbServer: a real MariaDB in a temporary directory, as any user, gone when we are.

There is no wheel of it: it is used where `mariadbd` is on the machine (Debian: mariadb-server).
Reached over a unix socket inside a 0700 directory, and over 127.0.0.1 with a password.
"""

from __future__ import annotations

import secrets
import shlex
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, ClassVar, Self

from rolebrowser.errors import SandboxError
from rolebrowser.sandbox import guarded
from rolebrowser.sandbox.guarded import GuardedServer

SUPERUSER = "rdsadmin"
"""RDS's own name for the superuser nobody else may be."""

_SOCKET = "mariadb.sock"
_INSTALLING = (
    "--no-defaults",
    "--skip-test-db",
    "--skip-log-bin",
    "--auth-root-authentication-method=normal",
    "--cross-bootstrap",
)
SERVING = (
    "--no-defaults",
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=16M",
    "--character-set-server=utf8mb4",
    "--default-time-zone=+00:00",
    "--max-connections=120",
)
"""Of a small server of either product."""
_TRIES = 3
_TAKEN = "Address already in use"
"""What either product's log says of a port that is taken."""
_PLACES = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin:/usr/libexec"

# As in postgres.py: the shell outlives us only to end the server and to remove its directory.
_GUARDIAN = """
exec 3<&0 </dev/null
install=$1
shift
if sh -c "$install" 3<&-
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


class MariadbServer(GuardedServer):
    """A running server; a context manager that stops it.

    Attributes:
        socket: the unix socket's path.
        port: of 127.0.0.1.
        password: of SUPERUSER, who may everything.
    """

    name: ClassVar[str] = "MariaDB"

    def __init__(self, directory: Path, guardian: subprocess.Popen[bytes], port: int) -> None:
        super().__init__(directory, guardian)
        self.socket = directory / _SOCKET
        self.port = port
        self.password = secrets.token_urlsafe(12)

    @classmethod
    def start(cls) -> Self:
        """Make a data directory and start a server on it; ready when this returns.

        Raises:
            SandboxError: MariaDB isn't there, or didn't come up; the end of its log is in the text.
        """
        if not available():
            raise SandboxError(
                "MariaDB's server is not on this machine.",
                fix="Install it: apt-get install mariadb-server.",
            )
        return cls._started(
            [find_binary("mariadb-install-db"), *_INSTALLING],
            [find_binary("mariadbd"), *SERVING, "--innodb-log-file-size=8M"],
        )

    @classmethod
    def _started(cls, install: list[str], serve: list[str]) -> Self:
        """One whose installation and server are started by these words; the rest is added."""
        for _ in range(_TRIES - 1):
            try:
                return cls._started_on(_free_port(), install, serve)
            except SandboxError as error:
                # Making the data directory takes seconds, in which others may take the port.
                if _TAKEN not in error.why:
                    raise
        return cls._started_on(_free_port(), install, serve)

    @classmethod
    def _started_on(cls, port: int, install: list[str], serve: list[str]) -> Self:
        try:
            directory = guarded.make_home("rolebrowser-my-", _SOCKET)
            guardian = _launch(directory, port, install, serve)
        except OSError as error:
            raise SandboxError(f"{cls.name} could not be started.", why=str(error)) from None
        server = cls(directory, guardian, port)
        server._await_ready()
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

    def _stands(self) -> bool:
        import pymysql

        if not self.socket.exists():
            return False
        try:
            self.execute(
                f"CREATE USER {SUPERUSER}@'%' IDENTIFIED BY '{self.password}'",
                f"GRANT ALL ON *.* TO {SUPERUSER}@'%' WITH GRANT OPTION",
            )
        except pymysql.MySQLError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _launch(
    directory: Path, port: int, install: list[str], serve: list[str]
) -> subprocess.Popen[bytes]:
    data = f"--datadir={directory}/data"
    command = [
        shlex.join([*install, data]),
        *serve,
        data,
        f"--socket={directory}/{_SOCKET}",
        f"--pid-file={directory}/pid",
        f"--port={port}",
    ]
    # Not /tmp: another MariaDB that starts there removes our temporary tables as leftovers,
    # those of the installation too.
    environment = {"ROOT": str(directory), "TMPDIR": str(directory)}
    return guarded.launch(directory, _GUARDIAN, command, environment)
