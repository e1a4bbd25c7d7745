"""Edits the bookmarks in config.toml; comments and layout of the file stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
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
        private_file.rewrite(path, with_it, through_links=True)
    except (UnicodeError, TOMLKitError) as error:
        raise ConfigError(
            f"The bookmark was not saved: {path} can't be read.", why=str(error)
        ) from None
    except OSError as error:
        raise ConfigError(
            f"The bookmark was not saved: {path} can't be written.",
            why=str(error),
            fix="Make the directory writable, or set ROLEBROWSER_CONFIG to a file that is.",
        ) from None


def free_name(target: Target, known: Sequence[Bookmark]) -> str:
    """A name to suggest for a target: its own if it is kept already, else one nobody has.

    Args:
        known: the bookmarks there are.

    Returns:
        The database's id; where that leads elsewhere, with the user, then with a number.
    """
    for each in known:
        if each.target == target:
            return each.name
    taken = {each.name for each in known}
    named = [target.database]
    if target.user:
        named.append(f"{target.user}@{target.database}")
    numbered = (f"{named[-1]} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (*named, *numbered) if name not in taken)


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
