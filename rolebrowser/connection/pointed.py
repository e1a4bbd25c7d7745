"""Where in a statement the server saw an error, in psql's words. Pure."""

from __future__ import annotations

from rolebrowser.connection.psql import char_width

_SHOWN = 60
"""Columns of a statement's line that a complaint quotes (libpq's DISPLAY_SIZE)."""


def pointed(statement: str, position: int | None) -> tuple[str, ...]:
    """The line of a statement in which the server saw the error, and a caret under the place.

    Args:
        position: 1-based character offset into the statement.
    """
    if position is None or not 1 <= position <= len(statement) + 1:
        return ()
    before = statement[: position - 1]
    number = before.count("\n") + 1
    line = statement.split("\n")[number - 1].replace("\t", " ").rstrip("\r")
    place = len(before) - (before.rfind("\n") + 1)
    first = max(0, min(place - _SHOWN // 2, len(line) - _SHOWN))
    left = "..." if first else ""
    right = "..." if len(line) > first + _SHOWN else ""
    quoted = f"LINE {number}: {left}{line[first : first + _SHOWN]}{right}"
    under = f"LINE {number}: {left}{line[first:place]}"
    return quoted, " " * sum(max(0, char_width(char)) for char in under) + "^"
