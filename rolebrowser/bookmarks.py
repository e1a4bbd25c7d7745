"""Edits the bookmarks in config.toml; comments and layout of the file stay as they are."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolebrowser import config, private_file
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

    def with_it(text: bytes) -> bytes:
        config.parse(text.decode(), path)
        document = tomlkit.parse(text.decode())
        _put(document, bookmark)
        return tomlkit.dumps(document).encode()

    try:
        # People keep such files elsewhere and link to them.
        private_file.rewrite(path.resolve(), with_it)
    except (UnicodeError, TOMLKitError) as error:
        raise ConfigError(
            f"{path} can't be read, so the bookmark was not saved.", why=str(error)
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} can't be written, so the bookmark was not saved.",
            why=str(error),
            fix="Make the directory writable, or set ROLEBROWSER_CONFIG to a file that is.",
        ) from None


def _put(document: TOMLDocument, bookmark: Bookmark) -> None:
    import tomlkit
    from tomlkit.items import Array

    listed: Any = document.get("bookmarks")
    if listed is None:
        listed = tomlkit.aot()
        document["bookmarks"] = listed
    # `bookmarks = [{ … }]` on one line takes no [table] of lines.
    table: Any = tomlkit.inline_table() if isinstance(listed, Array) else tomlkit.table()
    table["name"] = bookmark.name
    for each in fields(Target):
        value = getattr(bookmark.target, each.name)
        if value:
            table[each.name] = value
    if bookmark.guarded is not None:
        table["guarded"] = bookmark.guarded
    for place, known in enumerate(listed):
        if known.get("name") == bookmark.name:
            listed[place] = table
            return
    listed.append(table)
