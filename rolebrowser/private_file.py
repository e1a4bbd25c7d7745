"""Replaces a file in one step, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to `path`, 0600; directories that have to be made are 0700.

    Raises OSError; the old file is then untouched and nothing is left beside it.
    """
    import tempfile

    for directory in (*reversed(path.parent.parents), path.parent):
        if not directory.is_dir():
            directory.mkdir(mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
