"""Files that only their owner reads: replaced in one step, or added to by several processes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PATIENCE = 5.0
"""Seconds to wait for a file that another program has locked. Ours hold one for milliseconds; one
that was stopped meanwhile, or hangs, must not stop everybody else."""


def replace(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to `path`, 0600; directories that have to be made are 0700.

    Raises OSError; the old file is then untouched and nothing is left beside it.
    """
    _make(path.parent)
    with replaced(path) as file:
        file.write(text.encode())


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which takes the place of `path`, 0600, when the block ends well.

    Raises OSError; then, or when the block raises, the old file is untouched and nothing is left
    beside it.
    """
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def append(path: Path, line: bytes) -> int:
    """Add a line to `path`, 0600, whole or not at all; directories that have to be made are 0700.

    Any thread, any number of processes at once, also beside `rewrite`.

    Returns:
        The file's size afterwards, in bytes.

    Raises OSError: no room, no permission, no such directory to be made, another's for too long.
    """
    with _locked(path) as descriptor:
        before = os.fstat(descriptor).st_size
        written = os.write(descriptor, line)
        if written < len(line):
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return before + written


def rewrite(path: Path, change: Callable[[bytes], bytes], *, through_links: bool = False) -> None:
    """Replace what is in `path` by `change` of it, nobody else adding to it meanwhile.

    Args:
        through_links: a link is the person's own, who keeps the file elsewhere; else it is refused.

    Raises OSError, and whatever `change` raises; the file is then untouched.
    """
    if through_links:
        # Not Path.resolve: of links in a circle it makes a RuntimeError.
        path = Path(os.path.realpath(path))
    with _locked(path) as descriptor, open(descriptor, "rb", closefd=False) as old:
        old.seek(0)
        text = change(old.read())
        with replaced(path) as file:
            file.write(text)


def opener(path: str, flags: int) -> int:
    """For `open(…, opener=)`: a new file is 0600; one that is there keeps what it has."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, made if need be, open to add to, and nobody else's until the block ends."""
    while True:
        descriptor = _open(path)
        try:
            _lock(descriptor)
            if _is(path, descriptor):
                yield descriptor
                return
        finally:
            # Closing lets go of the lock.
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    patient_until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > patient_until:
                raise OSError(errno.EAGAIN, "another program has it locked") from None
        time.sleep(0.005)


def _is(path: Path, descriptor: int) -> bool:
    """False when the file was replaced by another while we waited for the lock."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    return False


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make(path.parent)
        return os.open(path, flags, 0o600)


def _make(wanted: Path) -> None:
    # mkdir(parents=True) gives its mode to the last directory only.
    for directory in (*reversed(wanted.parents), wanted):
        if not directory.is_dir():
            directory.mkdir(mode=0o700, exist_ok=True)
