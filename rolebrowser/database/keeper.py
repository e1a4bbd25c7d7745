"""Runs one program and ends it with the one that asked. Executed by itself: imports none of ours.

A tunnel must not outlive rolebrowser, however that ends (SIGKILL included). So rolebrowser starts
this, which starts the tunnel: what it is told comes in a line of JSON on standard input, and when
standard input ends, so does the tunnel with all that it started. On Linux the tunnel also dies
with this process (prctl(2), PR_SET_PDEATHSIG: by thread, which is why it isn't set by rolebrowser,
whose threads come and go).

The line: {"command": [program, arguments …], "signal": the number that asks it to end}.
Exit code: the program's, 128 + N when signal N ended it, 127 when it can't be run.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

_PATIENCE = (1.5, 1.0)
"""Seconds after the first signal, and after SIGTERM."""
_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_SET_PDEATHSIG, signal.SIGKILL)


def _line() -> bytes:
    """Standard input up to a newline; no byte more is taken."""
    found = b""
    while not found.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            sys.exit(0)
        found += piece
    return found


class Keeper:
    """A running program, and how it ends."""

    def __init__(self, command: list[str], first: int) -> None:
        self._first = first
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # No thread runs yet.
            preexec_fn=_die_with_parent,
        )

    def watch(self) -> None:
        """Return never before standard input ends; then end the program."""
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self.end()

    def end(self) -> None:
        """Ask politely, then less so."""
        for number, patience in zip((self._first, signal.SIGTERM), _PATIENCE, strict=True):
            self._tell(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(patience)
                return
        self._tell(signal.SIGKILL)

    def _tell(self, number: int) -> None:
        # The whole group: what a program started (a ProxyCommand, a helper) ends with it.
        with contextlib.suppress(OSError):
            os.killpg(self.child.pid, number)

    def wait(self) -> int:
        """The program's exit code; what it left running is ended."""
        code = self.child.wait()
        self._tell(signal.SIGKILL)
        return code if code >= 0 else 128 - code


def main() -> int:
    """See the module."""
    order = json.loads(_line())
    try:
        keeper = Keeper(order["command"], order["signal"])
    except OSError as error:
        sys.stderr.write(f"{order['command'][0]}: {error.strerror}\n")
        return 127

    def told(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=keeper.end, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, told)
    threading.Thread(target=keeper.watch, daemon=True).start()
    return keeper.wait()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # The watching thread may sit in a read that nothing ends.
    os._exit(code)
