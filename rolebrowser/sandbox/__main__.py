"""`python -m rolebrowser.sandbox [--parent-pipe]`: a sandbox in a process of its own.

Prints `export …` lines, then READY; stays until SIGINT or SIGTERM, or, with --parent-pipe, until
standard input ends: so that it goes when whoever started it goes, however that happened.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from rolebrowser.errors import SandboxError

if TYPE_CHECKING:
    from rolebrowser.sandbox.server import Sandbox


def serve(*, parent_pipe: bool) -> int:
    """Run a sandbox until told to end; the exit code."""
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if parent_pipe:

        def watch() -> None:
            # Not through sys.stdin: a thread that holds its lock at the end is fatal to Python.
            while os.read(0, 4096):
                pass
            over.set()

        threading.Thread(target=watch, daemon=True).start()
    try:
        from rolebrowser.sandbox.server import Sandbox

        return _serve(Sandbox(), over)
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"The sandbox needs the demo extra ({error.name} is missing).\n"
            "Install it: pip install 'rolebrowser[demo]'\n"
        )
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
    except BrokenPipeError:
        pass
    return 1


def _serve(sandbox: Sandbox, over: threading.Event) -> int:
    try:
        sandbox.start()
        for name, value in sandbox.exports.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        over.wait()
    finally:
        sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(serve(parent_pipe="--parent-pipe" in sys.argv[1:]))
