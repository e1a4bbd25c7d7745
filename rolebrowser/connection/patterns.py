"""psql's patterns (`\\dp sales.ord*`) as regular expressions. Pure.

Source: the manual, psql, "Patterns": unquoted letters fold to lower case, `*` and `?` are
wildcards, a dot separates schema and name, double quotes take everything literally.
"""

from __future__ import annotations

from rolebrowser.errors import StatementError

_SPECIAL = frozenset("|*+?()[]{}.^$\\")


def parse(pattern: str, *, parts: int) -> list[str]:
    """The regular expressions of a pattern, the object's name last.

    Args:
        parts: how many dotted names are allowed, 1 to 3.

    Raises:
        StatementError: more dots than that, in psql's words.
    """
    found: list[list[str]] = [[]]
    quoted = False
    place = 0
    while place < len(pattern):
        char = pattern[place]
        if char == '"':
            if quoted and pattern[place + 1 : place + 2] == '"':
                found[-1].append('"')
                place += 1
            else:
                quoted = not quoted
        elif not quoted and char == ".":
            found.append([])
        else:
            found[-1].append(_char(char, quoted=quoted))
        place += 1
    if len(found) > parts:
        raise StatementError(f"improper qualified name (too many dotted names): {pattern}")
    return ["^(" + "".join(part) + ")$" if part else "" for part in found]


def _char(char: str, *, quoted: bool) -> str:
    if quoted:
        return "\\" + char if char in _SPECIAL else char
    if char == "*":
        return ".*"
    if char == "?":
        return "."
    if char == "$":
        return "\\$"
    return char.lower()


def condition(column: str, expression: str) -> str:
    """`column ~ 'expression'` as psql writes it; empty when everything matches."""
    if expression in ("", "^(.*)$"):
        return ""
    literal = expression.replace("'", "''")
    prefix = "E" if "\\" in literal else ""
    literal = literal.replace("\\", "\\\\") if prefix else literal
    return f"{column} OPERATOR(pg_catalog.~) {prefix}'{literal}' COLLATE pg_catalog.default"
