"""The README's first command, watched in a pty: `rolebrowser demo`, digit 1, `\\du` on screen.

Not a pytest file: .ci/run calls it with the installed program on PATH. Exit code 0 or 1.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import sys
import time

import pyte


def ended(pid: int, terminal: int) -> int:
    """The program's exit code; what it still writes is read, or it would wait for us."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        if select.select([terminal], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                os.read(terminal, 65536)
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
    print("smoke: the demo did not end")
    return 1


def main() -> int:
    """Run the demo; 0 when `\\du` came up."""
    screen = pyte.Screen(120, 40)
    stream = pyte.ByteStream(screen)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        os.execvp("rolebrowser", ["rolebrowser", "demo"])
    pressed = False
    ends = time.monotonic() + 300
    while time.monotonic() < ends:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                stream.feed(os.read(terminal, 65536))
            except OSError:
                break
        text = "\n".join(screen.display)
        if not pressed and "BOOKMARKS" in text:
            os.write(terminal, b"1")
            pressed = True
        if "Role name" in text and "role_table_grants" in text:
            print("smoke: \\du is on screen")
            os.write(terminal, b"\x11")
            return ended(pid, terminal)
    print("smoke: \\du never came up:\n" + "\n".join(screen.display))
    return 1


if __name__ == "__main__":
    sys.exit(main())
