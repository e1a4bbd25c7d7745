"""MySQL's version comments, `/*!50000 … */` and MariaDB's `/*M! … */`: code to some servers. Pure.

Which numbers a server heeds differs between MySQL and MariaDB and by their versions. So a statement
with such comments has several readings, and what is careful looks at all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from rolebrowser.connection.lexer import Kind, Token

_MOST = 3
"""Comments of a statement whose combinations are looked at: 8 readings."""


def readings(meant: Iterable[Token]) -> list[list[Token]]:
    """A statement's tokens with each version comment taken for code, or for a comment.

    Args:
        meant: MySQL's tokens without blanks and comments.

    Returns:
        At least one reading; none at all where there are too many comments to tell.
    """
    parts: list[tuple[bool, list[Token]]] = [(False, [])]
    for token in meant:
        if token.kind is Kind.OTHER and token.text.startswith("/*"):
            parts.append((True, []))
        elif token.kind is Kind.OTHER and token.text == "*/":
            parts.append((False, []))
        else:
            parts[-1][1].append(token)
    comments = sum(versioned for versioned, _ in parts)
    if comments > _MOST:
        return []
    return [_reading(parts, iter(heeded)) for heeded in product((True, False), repeat=comments)]


def _reading(parts: list[tuple[bool, list[Token]]], heeded: Iterable[bool]) -> list[Token]:
    taken = iter(heeded)
    found: list[Token] = []
    for versioned, part in parts:
        if not versioned or next(taken):
            found += part
    return found
