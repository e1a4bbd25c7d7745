"""Edits the bookmarks in config.toml; comments and layout of the file stay as they are."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolebrowser.errors import ConfigError
from rolebrowser.target import Bookmark, Target

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def save(path: Path, bookmark: Bookmark) -> None:
    """Add a bookmark, or replace the one of the same name in its place.

    The file is created (0600, its directory 0700) when missing and replaced atomically.

    Raises:
        ConfigError: the file isn't valid TOML or can't be written; it is left as it was.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomlkit.parse(text)
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise ConfigError(
            f"{path} can't be read, so the bookmark was not saved.", why=str(error)
        ) from None
    _put(document, bookmark)
    try:
        _replace(path, tomlkit.dumps(document))
    except OSError as error:
        raise ConfigError(
            f"{path} can't be written, so the bookmark was not saved.",
            why=str(error),
            fix="Make the directory writable, or set ROLEBROWSER_CONFIG to a file that is.",
        ) from None


def _put(document: TOMLDocument, bookmark: Bookmark) -> None:
    import tomlkit

    table = tomlkit.table()
    table["name"] = bookmark.name
    for each in fields(Target):
        value = getattr(bookmark.target, each.name)
        if value:
            table[each.name] = value
    if bookmark.guarded is not None:
        table["guarded"] = bookmark.guarded
    listed: Any = document.get("bookmarks")
    if listed is None:
        listed = tomlkit.aot()
        document["bookmarks"] = listed
    for place, known in enumerate(listed):
        if known.get("name") == bookmark.name:
            listed[place] = table
            return
    listed.append(table)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".config-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
