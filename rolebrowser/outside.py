"""A text edited in the person's own editor: $VISUAL, else $EDITOR, else vi."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rolebrowser.errors import RolebrowserError


def edited(text: str, environ: Mapping[str, str]) -> str:
    """The text as the editor leaves it; blocks until it ends. It has the terminal meanwhile.

    Written to a file that only its owner reads, gone afterwards with whatever the editor leaves
    beside it.

    Args:
        environ: the editor's environment, which names it.

    Raises:
        RolebrowserError: there is no such editor, it failed, or what it left is no text; the text
            given is then still the truth.
    """
    command = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        with tempfile.TemporaryDirectory(prefix="rolebrowser-edit-") as directory:
            path = Path(directory) / "statement.sql"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            done = subprocess.run([*shlex.split(command), str(path)], env=environ, check=False)
            if done.returncode:
                raise RolebrowserError(
                    f"The editor ended with code {done.returncode}: the text is as it was."
                )
            return path.read_text(encoding="utf-8-sig").removesuffix("\n")
    except (OSError, ValueError) as error:
        raise RolebrowserError(
            f"The editor {command!r} didn't work: {error}",
            fix="Set VISUAL or EDITOR to an editor that waits, e.g. vim, nano, or code --wait.",
        ) from None
