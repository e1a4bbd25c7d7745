"""The README's first command, watched in a pty: `rolebrowser demo`, digit 1, `\\du` on screen.

Not a pytest file: .ci/run calls it with the installed program on PATH. Exit code 0 or 1.
"""

from __future__ import annotations

import os
import pty
import select
import sys
import time

import pyte


def main() -> int:
    """Run the demo; 0 when `\\du` came up."""
    screen = pyte.Screen(120, 40)
    stream = pyte.ByteStream(screen)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        os.execvp("rolebrowser", ["rolebrowser", "demo"])
    pressed = False
    ends = time.monotonic() + 90
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
            _, status = os.waitpid(pid, 0)
            return os.waitstatus_to_exitcode(status)
    print("smoke: \\du never came up:\n" + "\n".join(screen.display))
    return 1


if __name__ == "__main__":
    sys.exit(main())
