"""GuardedServer: a database server in a directory of its own that a shell ends when we are gone.

What is the same for PostgreSQL and MariaDB; how each is set up, started and ended in a hurry is in
its own module. The guardian is a shell script that gets our end of a pipe as its standard input:
end-of-file there, however we ended, means that the server is ended and the directory removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from rolebrowser.errors import SandboxError
from rolebrowser.sandbox import lodging

ENDED = "ended"
"""The file in a server's directory by which its guardian says that it is over."""


def make_home(prefix: str, longest: str) -> Path:
    """A directory that the server's user owns.

    Args:
        prefix: of its name.
        longest: the longest name of a socket that is to be in it.

    Raises:
        OSError
    """
    directory = lodging.make_directory(prefix, longest)
    if os.geteuid() == 0:
        os.chown(directory, *lodging.unprivileged())
    return directory


def launch(
    directory: Path, script: str, arguments: Sequence[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """The guardian, started in a session of its own as the server's user.

    Args:
        script: the shell's; `arguments` are its `$1` and on.
        environment: all of it, but for PATH.

    Raises:
        OSError
    """
    with open(directory / "server.log", "wb") as output:
        return subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), **environment},
            start_new_session=True,
            **lodging.identity(),  # type: ignore[call-overload]
        )


class GuardedServer:
    """A running server; a context manager that stops it.

    Attributes:
        name: the product's.
        directory: everything of it; removed at the end.
        log: the server's own log.
        patience: seconds that it may take to start.
    """

    name: ClassVar[str]
    patience: ClassVar[float] = 150.0

    def __init__(self, directory: Path, guardian: subprocess.Popen[bytes]) -> None:
        self.directory = directory
        self.log = directory / "server.log"
        self._guardian = guardian

    def stop(self) -> None:
        """End it and remove its directory; idempotent."""
        if self._guardian.stdin is not None:
            with contextlib.suppress(OSError):
                self._guardian.stdin.close()
        try:
            self._guardian.wait(45)
        except subprocess.TimeoutExpired:
            self._end_now()
            self._guardian.kill()
            self._guardian.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _await_ready(self) -> None:
        """Return when it takes connections; stopped when it doesn't come up.

        Raises:
            SandboxError: with the end of its log.
        """
        try:
            deadline = time.monotonic() + self.patience
            while time.monotonic() < deadline:
                if self._stands():
                    return
                if (self.directory / ENDED).exists() or self._guardian.poll() is not None:
                    break
                time.sleep(0.01)
            log = self.log.read_text(errors="replace") if self.log.exists() else ""
            raise SandboxError(f"{self.name} did not start.", why=log.strip()[-800:])
        except BaseException:
            self.stop()
            raise

    def _stands(self) -> bool:
        """Whether it takes connections, asked again and again while it starts."""
        raise NotImplementedError

    def _end_now(self) -> None:
        """End the server itself when its guardian didn't."""
