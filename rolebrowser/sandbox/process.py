"""SandboxProcess: a sandbox in a process of its own, seen from the program that started it."""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import sys
import threading
import urllib.request
from typing import IO, Any

from rolebrowser.cancel import Cancel
from rolebrowser.errors import SandboxError


class SandboxProcess:
    """Starts `python -m rolebrowser.sandbox` at once; `wait_ready` gives its exports.

    The child's standard input is a pipe from here: when this process ends, in whatever way, the
    sandbox ends too.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rolebrowser.sandbox", "--parent-pipe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.exports: dict[str, str] = {}
        self._errors: list[bytes] = []
        self._ready = threading.Event()
        threading.Thread(target=self._read, name="sandbox output", daemon=True).start()
        threading.Thread(target=self._drain, name="sandbox errors", daemon=True).start()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def wait_ready(self, seconds: float = 180.0, cancel: Cancel | None = None) -> dict[str, str]:
        """The environment variables that point clients at it, once it is up.

        Raises:
            SandboxError: it ended, or took longer than `seconds`.
            Cancelled: `cancel` was set.
        """
        waited = 0.0
        while not self._ready.wait(0.05):
            waited += 0.05
            if cancel is not None:
                cancel.check()
            if waited >= seconds:
                raise SandboxError(f"The sandbox was not ready after {seconds:g} seconds.")
        if not self.exports:
            self._process.wait(30)
            said = b"".join(self._errors).decode(errors="replace").strip()
            raise SandboxError("The sandbox could not start.", why=said[-800:])
        return self.exports

    def stop(self) -> None:
        """End it and wait until it is gone; idempotent."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def control(self, name: str, **body: Any) -> Any:
        """Ask for a fault: "expire", "clock", "throttle", "latency", "fault", "drop" …

        Returns what `server.Sandbox` answers. Raises SandboxError when it refuses.
        """
        request = urllib.request.Request(
            f"{self.exports['AWS_ENDPOINT_URL']}/_sandbox/{name}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.exports['SANDBOX_CONTROL']}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except OSError as error:
            raise SandboxError(f"The sandbox refused {name}.", why=str(error)) from None

    def _read(self) -> None:
        found: dict[str, str] = {}
        output: IO[bytes] | None = self._process.stdout
        with contextlib.suppress(ValueError):
            for line in output or ():
                text = line.decode().strip()
                if text == "READY":
                    self.exports = found
                    break
                name, equals, value = text.removeprefix("export ").partition("=")
                if equals:
                    found[name] = shlex.split(value)[0]
        self._ready.set()

    def _drain(self) -> None:
        with contextlib.suppress(ValueError):
            for line in self._process.stderr or ():
                self._errors.append(line)
