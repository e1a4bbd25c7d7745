"""Statements laid out anew, by sqlparse; never with another meaning."""

from __future__ import annotations

from itertools import pairwise

from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.connection.statements import split
from rolebrowser.errors import StatementError
from rolebrowser.target import Engine


def formatted(text: str, engine: Engine = Engine.POSTGRES) -> str:
    """A script with its statements on lines of their own, clauses below each other.

    Backslash commands, and what stands between the statements, stay as they are. sqlparse knows no
    dialect well, so each statement is read again by our own lexer: one that would not come out with
    the same words, strings and comments stays as it was.

    Raises:
        StatementError: none of the statements could be formatted.
    """
    place = 0
    pieces: list[str] = []
    refused = found = 0
    for statement in split(text, engine):
        pieces.append(text[place : statement.start])
        place = statement.end
        if statement.backslash:
            pieces.append(statement.text)
            continue
        found += 1
        laid_out = _laid_out(statement.text, engine)
        refused += laid_out is None
        pieces.append(statement.text if laid_out is None else laid_out)
    if found and refused == found:
        raise StatementError(
            "This can't be formatted without changing what it means.",
            why="sqlparse doesn't understand it.",
        )
    return "".join(pieces) + text[place:]


def _laid_out(statement: str, engine: Engine) -> str | None:
    import sqlparse  # pyright: ignore[reportMissingImports]
    from sqlparse.exceptions import SQLParseError  # pyright: ignore[reportMissingImports]

    meant = _meant(statement, engine)
    if any(one[0] is two[0] is Kind.STRING for one, two in pairwise(meant)):
        # Strings that a line break joins.
        return None
    try:
        result = str(sqlparse.format(statement, reindent=True, indent_width=4)).strip()
    except (SQLParseError, RecursionError):
        return None
    return result if _meant(result, engine) == meant else None


def _meant(statement: str, engine: Engine) -> list[tuple[Kind, str]]:
    return [
        (token.kind, token.text.strip() if token.kind is Kind.COMMENT else token.text)
        for token in tokens(statement, engine)
        if token.kind is not Kind.SPACE
    ]
