"""Saved queries: queries.sql beside config.toml, a plain SQL file that a person may edit.

    -- name: orders of a day
    SELECT * FROM sales.orders WHERE placed_at::date = current_date;

A query goes from its `-- name:` line to the next one. What stands before the first, and everything
in the other queries, is kept to the letter when one is saved or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from rolebrowser import private_file
from rolebrowser.errors import ConfigError
from rolebrowser.frozen import dataclass

FILE = "queries.sql"

_HEADING = re.compile(r"^--[ \t]*name:[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A named query.

    Attributes:
        text: its statements, without the heading and the blank lines around.
    """

    name: str
    text: str


class Queries:
    """The queries of one file; it is read again each time: a person may have edited it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> tuple[Query, ...]:
        """All of them, in the file's order; of two with the same name the first.

        Raises ConfigError: the file can't be read.
        """
        return tuple({query.name: query for query in reversed(parse(self._read()))}.values())[::-1]

    def save(self, query: Query) -> None:
        """Add a query, or put it in the place of the one of that name.

        Raises ConfigError: the file can't be read or written, or a line of the query would begin
        another one.
        """
        if _HEADING.search(query.text):
            raise ConfigError(
                "A line of the query reads -- name: …, which would begin another query.",
                fix="Take that line out, or save the queries one by one.",
            )
        self._change(lambda text: replaced(text, query))

    def delete(self, name: str) -> None:
        """Take a query out. Raises ConfigError as `save`."""
        self._change(lambda text: without(text, name))

    def _read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path} can't be read.", why=str(error)) from None

    def _change(self, change: Callable[[str], str]) -> None:
        def rewritten(text: bytes) -> bytes:
            return change(text.decode("utf-8-sig")).encode()

        try:
            private_file.rewrite(self.path, rewritten, through_links=True)
        except (OSError, UnicodeError) as error:
            raise ConfigError(f"{self.path} can't be written.", why=str(error)) from None


def parse(text: str) -> tuple[Query, ...]:
    """The queries of a file's text. Pure."""
    return tuple(Query(name, text[start:end].strip()) for name, _, start, end in _sections(text))


def replaced(text: str, query: Query) -> str:
    """The file's text with the query in place of the one of its name, else at the end. Pure."""
    body = f"{query.text.strip()}\n"
    for name, _, start, end in _sections(text):
        if name == query.name:
            gap = "\n" if text[end:] else ""
            return f"{text[:start].rstrip()}\n{body}{gap}{text[end:]}"
    before = f"{text.rstrip()}\n\n" if text.strip() else ""
    return f"{before}-- name: {query.name}\n{body}"


def without(text: str, name: str) -> str:
    """The file's text without the query of that name. Pure."""
    for known, heading, _, end in _sections(text):
        if known == name:
            return text[:heading] + text[end:]
    return text


def _sections(text: str) -> list[tuple[str, int, int, int]]:
    """(name, offset of the heading, of the body, of its end) of each query."""
    found = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in found[1:]] + [len(text)]
    return [
        (heading[1], heading.start(), heading.end(), end)
        for heading, end in zip(found, ends, strict=False)
    ]
