"""SQL taken apart into tokens by PostgreSQL's and MySQL's lexical rules. Pure.

PostgreSQL: the manual, "Lexical Structure": quotes, E'' strings and their continuation on a next
line, dollar quotes, nested comments. MySQL: backtick quotes, double-quoted strings, `#` comments,
`--` only before a blank, backslash escapes, and `/*! … */`, whose inside is code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from rolebrowser.target import Engine


class Kind(StrEnum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    NAME = "ident"
    """A quoted name."""
    WORD = "word"
    """A keyword or an unquoted name."""
    NUMBER = "number"
    SEMICOLON = "semi"
    BACKSLASH = "backslash"
    OTHER = "other"


class Token(NamedTuple):
    """A piece of the text; a quote or comment that never ends goes to the end of the text."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset behind it."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """An unquoted word in upper case, else an empty string."""
        return self.text.upper() if self.kind is Kind.WORD else ""

    @property
    def name(self) -> str:
        """A word or quoted name without quotes, in upper case, else an empty string."""
        if self.kind is Kind.NAME:
            return self.text.strip('"`').upper()
        return self.keyword


# Letters are said by the ASCII that is none: the range from U+0080 up takes `re` 15 ms to compile.
_LETTER = r"[^\x00-@\[-^`{-\x7f]"
_LETTER_OR_DOLLAR = r"[^\x00-\x23\x25-@\[-^`{-\x7f]"
_TAIL = r"[^\x00-/:-@\[-^`{-\x7f]"
_TAIL_OR_DOLLAR = r"[^\x00-\x23\x25-/:-@\[-^`{-\x7f]"
_E_BODY = r"'(?:[^'\\]|\\.|'')*"
_POSTGRES = re.compile(
    rf"""
    (?P<space>\s+)
    | (?P<comment>--[^\r\n]*)
    | (?P<block>/\*)
    | (?P<string>
        [eE]{_E_BODY}(?:'[ \t\f\v]*[\r\n]\s*{_E_BODY})*(?:'|\Z)
        | '(?:[^']|'')*(?:'|\Z)
      )
    | (?P<ident>"(?:[^"]|"")*(?:"|\Z))
    | (?P<dollar>\$(?:{_LETTER}{_TAIL}*)?\$)
    | (?P<word>{_LETTER}{_TAIL_OR_DOLLAR}*)
    | (?P<number>\d[\w.]*)
    | (?P<semi>;)
    | (?P<backslash>\\)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_MYSQL = re.compile(
    rf"""
    (?P<space>\s+)
    | (?P<comment>--(?=[\s\x00-\x1f]|\Z)[^\n]*|\#[^\n]*)
    | (?P<other>/\*M?!\d*|\*/)
    | (?P<block>/\*)
    | (?P<string>'(?:[^'\\]|\\.|'')*(?:'|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z))
    | (?P<ident>`(?:[^`]|``)*(?:`|\Z))
    | (?P<word>{_LETTER_OR_DOLLAR}{_TAIL_OR_DOLLAR}*)
    | (?P<number>\d[\w.]*)
    | (?P<semi>;)
    | (?P<backslash>\\)
    | (?P<any>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_EDGE = re.compile(r"/\*|\*/")


def tokens(text: str, dialect: Engine = Engine.POSTGRES, start: int = 0) -> Iterator[Token]:
    """Every piece of the text from `start` on; joined they give it back. Never raises."""
    pattern = _POSTGRES if dialect is Engine.POSTGRES else _MYSQL
    place = start
    while (match := pattern.match(text, place)) is not None:
        group, piece = match.lastgroup, match[0]
        if group == "block":
            piece = _block(text, place, nested=dialect is Engine.POSTGRES)
            kind = Kind.COMMENT
        elif group == "dollar":
            end = text.find(piece, match.end())
            piece = text[place:] if end < 0 else text[place : end + len(piece)]
            kind = Kind.STRING
        else:
            kind = Kind.OTHER if group is None or group == "any" else Kind(group)
        yield Token(kind, piece, place)
        place += len(piece)


def _block(text: str, start: int, *, nested: bool) -> str:
    depth = 1
    for edge in _EDGE.finditer(text, start + 2):
        if edge[0] == "*/":
            depth -= 1
        elif nested:
            depth += 1
        if depth == 0:
            return text[start : edge.end()]
    return text[start:]
