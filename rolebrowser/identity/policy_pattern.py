"""Wildcards and variables of IAM policies: `*`, `?`, `${key}`, `${key, 'default'}`. Pure.

Sources: IAM User Guide, "IAM JSON policy elements: Resource", "Policy variables and tags"; an
incomplete ARN is completed with wildcards. `[` is an ordinary character, so never fnmatch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

Values = tuple[str, ...]
Piece = tuple[str, bool]
"""Text, and whether its `*` and `?` are wildcards."""
Lookup = Callable[[str], str | None]
"""The one value of a context key, in any case of letters; None when it is absent or has several."""

_VARIABLE = re.compile(r"\$\{\s*(?:([*?$])|([^},]+?)\s*(?:,\s*'([^']*)'\s*)?)\}")
_ARN_FIELDS = 6


class Unresolved(Exception):
    """A variable has no value in the request: the pattern that holds it matches nothing."""


def resolve(pattern: str, lookup: Lookup | None) -> list[Piece]:
    """A pattern as pieces, its variables filled in.

    Args:
        lookup: None where variables mean nothing (Version 2008-10-17, or no such element).

    Raises:
        Unresolved: a variable without a value and without a default.
    """
    if lookup is None or "${" not in pattern:
        return [(pattern, True)]
    pieces: list[Piece] = []
    at = 0
    for found in _VARIABLE.finditer(pattern):
        pieces.append((pattern[at : found.start()], True))
        at = found.end()
        escaped, key, default = found.groups()
        value = escaped if escaped else lookup(key)
        if value is None:
            value = default
        if value is None:
            raise Unresolved(key)
        # What a caller can choose, such as a session's name, must not become a wildcard.
        pieces.append((value, False))
    pieces.append((pattern[at:], True))
    return pieces


def plain(pattern: str, lookup: Lookup | None) -> str:
    """A value for comparison letter by letter: variables filled in, wildcards meaning themselves.

    Raises Unresolved.
    """
    return "".join(text for text, _ in resolve(pattern, lookup))


def glob(pattern: str, text: str, lookup: Lookup | None = None) -> bool:
    """Whether the whole text matches; `*` and `?` stand for any characters. Raises Unresolved."""
    if lookup is None or "${" not in pattern:
        return pattern == "*" or _compiled(pattern).fullmatch(text) is not None
    regex = "".join(
        _regex(piece) if wild else re.escape(piece) for piece, wild in resolve(pattern, lookup)
    )
    return re.compile(regex, re.DOTALL).fullmatch(text) is not None


@lru_cache(maxsize=20_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_regex(pattern), re.DOTALL)


def _regex(pattern: str, star: str = ".*", one: str = ".") -> str:
    return "".join(
        star if char == "*" else one if char == "?" else re.escape(char) for char in pattern
    )


def action(pattern: str, name: str) -> bool:
    """Whether `service:Name` matches, in any case of letters."""
    return glob(pattern.lower(), name.lower())


def resource(pattern: str, arn: str, lookup: Lookup | None = None) -> bool:
    """Whether a Resource entry matches an ARN (or "*", of actions that know no resources).

    Fields are matched one by one, but a `*` at a field's end may reach past the colon; fields left
    out are wildcards; in the last one `*` crosses everything. Raises Unresolved.
    """
    if pattern == "*":
        return True
    if lookup is None or "${" not in pattern:
        return _plain_resource(pattern).fullmatch(arn) is not None
    return _resource_regex(pattern, lookup).fullmatch(arn) is not None


@lru_cache(maxsize=20_000)
def _plain_resource(pattern: str) -> re.Pattern[str]:
    return _resource_regex(pattern, None)


def _resource_regex(pattern: str, lookup: Lookup | None) -> re.Pattern[str]:
    fields = _fields(pattern, lookup)
    complete = len(fields) == _ARN_FIELDS
    parts = [
        _field(field, last=complete and number == _ARN_FIELDS - 1)
        for number, field in enumerate(fields)
    ]
    if not complete:
        parts[-1] += "(?::.*)?"
    return re.compile(":".join(parts), re.DOTALL)


def _fields(pattern: str, lookup: Lookup | None) -> list[list[Piece]]:
    """At most six fields; colons inside a variable's name or value part nothing."""
    fields: list[list[Piece]] = [[]]
    for piece, wild in resolve(pattern, lookup):
        if not wild:
            fields[-1].append((piece, False))
            continue
        first, *rest = piece.split(":")
        fields[-1].append((first, True))
        for part in rest:
            # The last field may hold colons of its own.
            if len(fields) < _ARN_FIELDS:
                fields.append([(part, True)])
            else:
                fields[-1].append((":" + part, True))
    return fields


def _field(pieces: list[Piece], *, last: bool) -> str:
    regex = ""
    for number, (text, wild) in enumerate(pieces):
        if not wild:
            regex += re.escape(text)
        elif last:
            regex += _regex(text)
        else:
            ends = number == len(pieces) - 1 and text.endswith("*")
            regex += _regex(text.rstrip("*") if ends else text, "[^:]*", "[^:]")
            regex += ".*" if ends else ""
    return regex


def arn_like(pattern: str, arn: str, lookup: Lookup | None = None) -> bool | None:
    """ArnLike and ArnEquals: six fields, each checked for itself. Raises Unresolved.

    Returns:
        None when the pattern isn't an ARN at all.
    """
    wanted, given = _fields(pattern, lookup), arn.split(":", _ARN_FIELDS - 1)
    if len(wanted) < _ARN_FIELDS:
        return None
    if len(given) < _ARN_FIELDS:
        return False
    return all(
        re.compile(_field(left, last=True), re.DOTALL).fullmatch(right) is not None
        for left, right in zip(wanted, given, strict=True)
    )


def lookup_in(context: Mapping[str, Values], multivalued: frozenset[str]) -> Lookup:
    """A lookup over lower-case keys; keys of several values give nothing."""

    def look(key: str) -> str | None:
        name = key.strip().lower()
        values = context.get(name, ())
        return values[0] if len(values) == 1 and name not in multivalued else None

    return look
