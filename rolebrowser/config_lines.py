"""Which line of a config.toml a key stands on: tomllib doesn't say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

Place = tuple[str | int, ...]
"""Where a key is: ("guard", "patterns"), ("bookmarks", 1, "user")."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"^\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART = re.compile(_NAME)
_FENCE = re.compile("\"\"\"|'''")


def lines(text: str) -> dict[Place, int]:
    """Line numbers, from 1, of the tables and keys of a valid TOML text.

    What stands inside an inline table or an array over several lines has no line of its own.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in _outside_strings(text):
        header = _HEADER.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            path = (*table, *_parts(key[1]))
            for length in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:length], number)
    return found


def line_of(place: Place, found: dict[Place, int]) -> int:
    """The line of a key, or else of what it stands in; 0 when there is none."""
    while place:
        if place in found:
            return found[place]
        place = place[:-1]
    return 0


def _parts(text: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(text))


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines, without those that begin inside a multi-line string."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not fence:
            yield number, line
        for mark in _FENCE.findall(line):
            if not fence:
                fence = mark
            elif mark == fence:
                fence = ""
