"""What the text of a view, or of a routine, reads, as far as its tokens tell.

Pure. A view's text is the server's own, every relation with its database and in backticks
(MySQL's manual, "The INFORMATION_SCHEMA VIEWS Table"), so it is known for sure. A routine's is as
somebody wrote it: names in it may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.grants.mysql.facts import unquoted
from rolebrowser.target import Engine

_BEFORE = frozenset(("FROM", "JOIN", "STRAIGHT_JOIN"))


class Name(NamedTuple):
    """A dotted name and the tokens around it.

    Attributes:
        relation: it stands where a relation does: after FROM or JOIN.
        alias: what the relation is called from here on; "" where it has its own name.
    """

    parts: tuple[str, ...]
    relation: bool = False
    alias: str = ""


def view_reads(text: str) -> dict[tuple[str, str], frozenset[str]]:
    """(database, relation) that a view reads, each with the columns that it takes of it."""
    found = list(_names(text))
    read: dict[tuple[str, ...], set[str]] = {
        each.parts: set() for each in found if each.relation and len(each.parts) == 2
    }
    called: dict[str, list[tuple[str, ...]]] = {}
    for each in found:
        if each.parts in read and each.relation:
            called.setdefault(each.alias or each.parts[1], []).append(each.parts)
    for each in found:
        if each.relation or len(each.parts) < 2:
            continue
        *whole, column = each.parts
        places = [tuple(whole)] if len(whole) == 2 else called.get(whole[0], [])
        for place in places:
            if place in read:
                read[place].add(column)
    return {(where[0], where[1]): frozenset(columns) for where, columns in read.items()}


def routine_names(text: str, database: str) -> Iterator[tuple[str, str]]:
    """(database, name) that the words of a routine's body could mean, each once."""
    found: dict[tuple[str, str], None] = {}
    for each in _names(text):
        found[database, each.parts[0]] = None
        for pair in zip(each.parts, each.parts[1:], strict=False):
            found[pair] = None
    yield from found


def _names(text: str) -> Iterator[Name]:
    code = [each for each in tokens(text, Engine.MYSQL)
            if each.kind not in (Kind.SPACE, Kind.COMMENT)]  # fmt: skip
    place, expected = 0, False
    while place < len(code):
        token = code[place]
        if not _is_name(token):
            expected = expected and token.text == "("
            place += 1
        elif token.keyword in _BEFORE:
            expected = True
            place += 1
        else:
            parts, place = _dotted(code, place)
            alias = ""
            if expected and place < len(code) and code[place].text.startswith("`"):
                alias = unquoted(code[place].text)
                place += 1
            yield Name(parts, expected, alias)
            expected = False


def _is_name(token: Token) -> bool:
    return token.kind in (Kind.WORD, Kind.NAME)


def _dotted(code: list[Token], place: int) -> tuple[tuple[str, ...], int]:
    parts = [unquoted(code[place].text)]
    place += 1
    while place + 1 < len(code) and code[place].text == "." and _is_name(code[place + 1]):
        parts.append(unquoted(code[place + 1].text))
        place += 2
    return tuple(parts), place
