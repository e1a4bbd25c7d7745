"""Which refused statements can be asked about, and what to ask: only where that is certain.

Pure. Of SELECT and DML the model finds the privileges itself, by the objects that are named. Of
other statements the refusal must name what was missing; where it is no privilege (an owner, a
membership, an attribute of the role), nothing is asked: what the server says is all there is.
"""

from __future__ import annotations

import re

from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.connection.names import quoted
from rolebrowser.grants.relation_names import listed
from rolebrowser.target import Engine

_READS_OR_WRITES = frozenset(
    ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "TABLE", "MERGE", "REPLACE", "CALL")
)
_BEFORE_NAMES = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "USING", "CALL"))
_BLANK = (Kind.SPACE, Kind.COMMENT)

_SCHEMA = re.compile(r"permission denied for schema (.+)", re.S)
_IN_SCHEMAS = frozenset(
    ("TABLE", "VIEW", "SEQUENCE", "FUNCTION", "PROCEDURE", "AGGREGATE", "TYPE", "DOMAIN")
)
"""What CREATE makes in a schema that it needs CREATE on: of a table's index its owner is asked."""
_BEFORE_KIND = frozenset(("OR", "REPLACE", "UNLOGGED", "RECURSIVE", "MATERIALIZED", "FOREIGN"))
_BEFORE_NAME = frozenset(("IF", "NOT", "EXISTS"))

_BACKTICKED = r"`(?:[^`]|``)+`"
_COMMAND = re.compile(
    rf"(?P<word>CREATE|CREATE VIEW|DROP|ALTER|INDEX) command denied to user .+ for table "
    rf"(?P<database>{_BACKTICKED})\.(?P<table>{_BACKTICKED})",
    re.S,
)
_DEFINING = frozenset(("CREATE", "DROP", "ALTER", "TRUNCATE"))


def question(statement: str, refusal: str, engine: Engine) -> str:
    """What to ask about a refused statement, without the role; "" where nothing is certain.

    Args:
        refusal: the server's message, without its code.
    """
    code = [each for each in tokens(statement, engine) if each.kind not in _BLANK]
    first = code[0].keyword if code else ""
    if first == "EXPLAIN":
        # It asks for the same privileges as what it explains.
        place = next((n for n, each in enumerate(code) if each.keyword in _READS_OR_WRITES), 0)
        statement, code = statement[code[place].start :], code[place:]
        first = code[0].keyword
    if first in _READS_OR_WRITES:
        named = any(
            next(listed(code, place + 1, skip="ONLY"), "")
            for place, each in enumerate(code)
            if each.keyword in _BEFORE_NAMES
        )
        return statement if named else ""
    if engine is Engine.MYSQL:
        return _definition(first, refusal)
    if first == "TRUNCATE":
        return _truncation(code, refusal)
    return _creation(code, refusal) if first == "CREATE" else ""


def _definition(first: str, refusal: str) -> str:
    """MySQL and MariaDB name the privilege themselves.

    Source: ER_TABLEACCESS_DENIED_ERROR. MySQL 8 leaves the database out: then it isn't certain.
    """
    found = _COMMAND.match(refusal)
    if found is None or first not in _DEFINING:
        return ""
    # What doesn't exist yet has no grants of its own.
    table = "*" if found["word"].startswith("CREATE") else found["table"]
    return f"{found['word']} {found['database']}.{table}"


def _truncation(code: list[Token], refusal: str) -> str:
    """Of several tables the refusal names one without its schema: then it isn't certain which."""
    place = 2 if len(code) > 1 and code[1].keyword == "TABLE" else 1
    names = list(listed(code, place, skip="ONLY"))
    certain = len(names) == 1 and refusal.startswith("permission denied for table ")
    return f"TRUNCATE {names[0]}" if certain else ""


def _creation(code: list[Token], refusal: str) -> str:
    """CREATE on the schema that the new object is to lie in.

    A schema that is named besides, for a query or a reference, may have been refused for USAGE.
    """
    found = _SCHEMA.fullmatch(refusal.strip())
    place = 1
    while place < len(code) and code[place].keyword in _BEFORE_KIND:
        place += 1
    if found is None or place >= len(code) or code[place].keyword not in _IN_SCHEMAS:
        return ""
    place += 1
    while place < len(code) and code[place].keyword in _BEFORE_NAME:
        place += 1
    schema = found[1]
    times = sum(_plain(each) == schema for each in code)
    dotted = place + 1 < len(code) and code[place + 1].text == "."
    in_it = _plain(code[place]) == schema and times == 1 if dotted else not times
    return f"CREATE schema {quoted(schema)}" if in_it else ""


def _plain(token: Token) -> str:
    """A name as the server has it; "" for what is none."""
    if token.kind is Kind.NAME:
        return token.text[1:-1].replace('""', '"')
    return token.text.lower() if token.kind is Kind.WORD else ""
