"""A stock client in the foreground, while rolebrowser holds what it needs: a socket, a tunnel."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

from rolebrowser.errors import RolebrowserError

_FORWARDED = (signal.SIGTERM, signal.SIGHUP)

NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
"""For pgcli and mycli, which would keep a token in the system's keyring as a password (pgcli does
unless told not to); the library's own variable, which wins over its configuration."""


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a client until it ends.

    Returns:
        Its exit code, 128 + N when signal N ended it.

    Raises:
        RolebrowserError: it can't be run.
    """
    with _ours_set_aside() as children:
        try:
            child = subprocess.Popen(command, env=dict(environ))
        except OSError as error:
            raise RolebrowserError(f"{command[0]} can't be run.", why=str(error)) from None
        children.append(child)
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _ours_set_aside() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Ctrl+C is the client's; what would end us ends it, and then us."""
    children: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        for child in children:
            child.send_signal(number)

    def leave_it(number: int, frame: FrameType | None) -> None:
        """The terminal has told the client too."""

    before = {number: signal.signal(number, pass_on) for number in _FORWARDED}
    # A handler, not SIG_IGN: the client would inherit that.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, leave_it)
    try:
        yield children
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
