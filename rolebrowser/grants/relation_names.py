"""Which relations a statement names, as far as its tokens tell; both engines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rolebrowser.connection.lexer import Kind, Token


def listed(code: Sequence[Token], place: int, *, skip: str = "") -> Iterator[str]:
    """The names from a place on: `a, s.b x, "C" AS y`.

    Args:
        code: a statement's tokens, without blanks and comments.
        skip: a keyword that may stand before a name without being one: PostgreSQL's ONLY.
    """
    while True:
        if place < len(code) and skip and code[place].keyword == skip:
            place += 1
        name = ""
        while place < len(code) and code[place].kind in (Kind.WORD, Kind.NAME):
            name += code[place].text
            place += 1
            if place >= len(code) or code[place].text != ".":
                break
            name += "."
            place += 1
        if not name:
            return
        yield name
        # An alias may stand before the comma, with AS or without.
        commas = [each.text == "," for each in code[place : place + 3]]
        if True not in commas:
            return
        place += commas.index(True) + 1
