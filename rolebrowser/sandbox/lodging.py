"""Where the sandbox's servers live: a directory of their own, and a user who isn't root."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

_SOCKET_PATH_LIMIT = 103
"""Bytes in a unix socket's path: 107 on Linux, 103 on macOS."""


def make_directory(prefix: str, socket: str) -> Path:
    """A 0700 directory whose socket's path is short enough, and that the server's user reaches.

    Args:
        prefix: of its name.
        socket: the socket's file name in it.

    Raises:
        OSError: there is no such place.
    """
    room = _SOCKET_PATH_LIMIT - len(f"/{prefix}12345678/{socket}")
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        fits = len(os.fsencode(base)) <= room and Path(base).is_dir()
        # The guardian, not root either, must be able to remove what it was given.
        if fits and (os.geteuid() != 0 or (searchable(Path(base)) and os.stat(base).st_mode & 2)):
            return Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    raise OSError("no temporary directory with a path short enough for a socket")


def unprivileged() -> tuple[int, int]:
    """User and group ids to run as instead of root, whom database servers refuse to serve."""
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def identity() -> dict[str, object]:
    """Arguments of Popen for the server's user; none where we aren't root."""
    if os.geteuid() != 0:
        return {}
    user, group = unprivileged()
    return {"user": user, "group": group, "extra_groups": ()}


def searchable(path: Path) -> bool:
    """Whether anybody may walk down to `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.resolve().parents))
