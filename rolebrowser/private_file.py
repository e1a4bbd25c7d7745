"""Replaces a file in one step, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def replace(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to `path`, 0600; directories that have to be made are 0700.

    Raises OSError; the old file is then untouched and nothing is left beside it.
    """
    for directory in (*reversed(path.parent.parents), path.parent):
        if not directory.is_dir():
            directory.mkdir(mode=0o700, exist_ok=True)
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
