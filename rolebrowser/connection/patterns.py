"""psql's patterns (`\\dp sales.ord*`) as SQL conditions. Pure.

Source: the manual, psql, "Patterns": unquoted letters fold to lower case, `*` and `?` are
wildcards, a dot separates schema and name, double quotes take everything literally. Other regular
expression characters pass through unquoted, except `$` and `[]`.
"""

from __future__ import annotations

from rolebrowser.errors import StatementError
from rolebrowser.frozen import dataclass

_SPECIAL = frozenset("|*+?()[]{}.^$\\")


@dataclass(frozen=True, slots=True)
class Names:
    """What a pattern is matched against.

    Attributes:
        name: the SQL expression of the object's name.
        schema: that of its schema; empty when the pattern's dots aren't names' borders.
        other: a second expression that may match the name instead.
        visible: the condition when no schema was asked for.
        parts: how many dotted names psql takes here: 1 to 3.
    """

    name: str
    schema: str = ""
    other: str = ""
    visible: str = ""
    parts: int = 1


def conditions(pattern: str, names: Names, dbname: str) -> tuple[str, ...]:
    """The conditions of a pattern; without one, that of visibility.

    Args:
        dbname: the connection's database: the only one `db.schema.name` may name.

    Raises:
        StatementError: more dots than names, or another database; in psql's words.
    """
    if not pattern:
        return (names.visible,) if names.visible else ()
    parts, dots = _split(pattern, 3 if names.schema else 1)
    if dots >= names.parts:
        raise StatementError(f"improper qualified name (too many dotted names): {pattern}")
    # Where a command has names without schemas psql knows no database part either, and says so
    # even of the database one is in.
    if 1 < names.parts == dots + 1 and (not names.schema or parts[0].literal != dbname):
        raise StatementError(f"cross-database references are not implemented: {pattern}")
    schema = parts[-2].expression if len(parts) > 1 else ""
    found = [_either(names, parts[-1].expression)]
    found.append(_match(names.schema, schema) if schema else names.visible)
    return tuple(condition for condition in found if condition)


@dataclass(frozen=True, slots=True)
class _Part:
    literal: str
    expression: str


def _split(pattern: str, most: int) -> tuple[list[_Part], int]:
    """At most `most` names, and the number of dots outside quotes."""
    literal, expression = [""], [""]
    quoted, dots, place = False, 0, 0
    while place < len(pattern):
        char = pattern[place]
        following = pattern[place + 1 : place + 2]
        place += 1
        if char == '"':
            if not (quoted and following == '"'):
                quoted = not quoted
                continue
            place += 1
        elif char == "." and not quoted:
            dots += 1
            if len(literal) < most:
                literal.append("")
                expression.append("")
                continue
        if not quoted:
            char = char.lower()
        literal[-1] += char
        expression[-1] += _char(char, following, quoted=quoted)
    parts = [
        _Part(text, f"^({regex})$" if regex else "")
        for text, regex in zip(literal, expression, strict=True)
    ]
    return parts, dots


def _char(char: str, following: str, *, quoted: bool) -> str:
    if char == "$" or (quoted and char in _SPECIAL) or (char == "[" and following == "]"):
        return "\\" + char
    if quoted:
        return char
    return {"*": ".*", "?": "."}.get(char, char)


def _either(names: Names, expression: str) -> str:
    first = _match(names.name, expression)
    if first and names.other:
        return f"({first} OR {_match(names.other, expression)})"
    return first


def _match(column: str, expression: str) -> str:
    if expression in ("", "^(.*)$"):
        return ""
    literal = "'" + expression.replace("'", "''") + "'"
    if "\\" in literal:
        literal = "E" + literal.replace("\\", "\\\\")
    return f"{column} OPERATOR(pg_catalog.~) {literal} COLLATE pg_catalog.default"
