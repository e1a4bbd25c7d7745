"""Wildcards and variables of IAM policies: `*`, `?`, `${key}`, `${key, 'default'}`. Pure.

Sources: IAM User Guide, "IAM JSON policy elements: Resource", "Policy variables and tags"; an
incomplete ARN is completed with wildcards. `[` is an ordinary character, so never fnmatch.
A policy may be hostile: patterns become expressions that take linear time on what they are for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from functools import lru_cache

from rolebrowser.frozen import dataclass
from rolebrowser.identity.truth import Truth, truth

Values = tuple[str, ...]

_VARIABLE = re.compile(r"\$\{\s*(?:([*?$])|([^},]+?)\s*(?:,\s*'([^']*)'\s*)?)\}")
_ARN_FIELDS = 6


class Kind(Enum):
    """What a piece of a pattern stands for."""

    PATTERN = auto()
    """Text in which `*` and `?` are wildcards."""
    LITERAL = auto()
    """Text that means itself: the value of a variable."""
    UNKNOWN = auto()
    """The value of a variable that nobody knows here: any text."""


Piece = tuple[str, Kind]


class Unresolved(Exception):
    """A variable has no value in the request: the pattern that holds it matches nothing."""


class Unknowable(Exception):
    """A variable has a value in the request, or may have, but not one that is known here."""


@dataclass(frozen=True, slots=True)
class Variables:
    """What the variables of a policy stand for.

    Attributes:
        values: context keys in lower case.
        multivalued: keys that hold lists, which no variable can stand for.
        is_unknown: whether nobody can say what a key holds.
        guessing: an unknown value stands for any text, instead of raising Unknowable.
    """

    values: Mapping[str, Values]
    multivalued: frozenset[str] = frozenset()
    is_unknown: Callable[[str], bool] = lambda key: False
    guessing: bool = False

    def piece(self, name: str, default: str | None) -> Piece:
        """What a variable stands for. Raises Unresolved, Unknowable."""
        key = name.strip().lower()
        if self.is_unknown(key):
            if not self.guessing:
                raise Unknowable(name)
            return "", Kind.UNKNOWN
        values = self.values.get(key, ())
        if len(values) == 1 and key not in self.multivalued:
            # What a caller can choose, such as a session's name, must not become a wildcard.
            return values[0], Kind.LITERAL
        if default is None:
            raise Unresolved(name)
        return default, Kind.LITERAL


def known(test: Callable[[Variables | None], bool], variables: Variables | None) -> Truth:
    """Whether a test of a pattern holds; unknown where that hangs on a value nobody knows."""
    try:
        return truth(test(variables))
    except Unresolved:
        return Truth.NO
    except Unknowable:
        assert variables is not None
    try:
        return Truth.UNKNOWN if test(replace(variables, guessing=True)) else Truth.NO
    except Unresolved:
        return Truth.NO


def resolve(pattern: str, variables: Variables | None) -> list[Piece]:
    """A pattern as pieces, its variables filled in.

    Args:
        variables: None where they mean nothing (Version 2008-10-17, or no such element).

    Raises:
        Unresolved: a variable without a value and without a default. Unknowable.
    """
    if variables is None or "${" not in pattern:
        return [(pattern, Kind.PATTERN)]
    pieces: list[Piece] = []
    at = 0
    for found in _VARIABLE.finditer(pattern):
        pieces.append((pattern[at : found.start()], Kind.PATTERN))
        at = found.end()
        escaped, key, default = found.groups()
        pieces.append((escaped, Kind.LITERAL) if escaped else variables.piece(key, default))
    pieces.append((pattern[at:], Kind.PATTERN))
    return pieces


def plain(pattern: str, variables: Variables | None) -> str:
    """A value with its variables filled in, wildcards meaning themselves.

    Raises Unresolved, Unknowable.
    """
    return "".join(text for text, _ in resolve(pattern, variables))


def equal(pattern: str, text: str, variables: Variables | None, *, fold: bool = False) -> bool:
    """Whether a text is this one, letter by letter; `fold`: in any case of letters.

    Raises Unresolved, Unknowable.
    """
    if variables is None or "${" not in pattern:
        return pattern.lower() == text.lower() if fold else pattern == text
    pieces = resolve(pattern, variables)
    if fold:
        text, pieces = text.lower(), [(each.lower(), kind) for each, kind in pieces]
    verbatim = [(each, kind if kind is Kind.UNKNOWN else Kind.LITERAL) for each, kind in pieces]
    return _matches(verbatim, text)


def glob(pattern: str, text: str, variables: Variables | None = None) -> bool:
    """Whether the whole text matches; `*` and `?` stand for any characters.

    Raises Unresolved, Unknowable.
    """
    if variables is None or "${" not in pattern:
        return pattern == "*" or _compiled(pattern).fullmatch(text) is not None
    return _matches(resolve(pattern, variables), text)


def _matches(pieces: Iterable[Piece], text: str) -> bool:
    return re.compile(_expression(_atoms(pieces)), re.DOTALL).fullmatch(text) is not None


@lru_cache(maxsize=20_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(_atoms([(pattern, Kind.PATTERN)])), re.DOTALL)


_STAR = None
Atom = str | None
"""A regular expression for one character, or a star."""


def _atoms(pieces: Iterable[Piece], one: str = ".") -> list[Atom]:
    atoms: list[Atom] = []
    for text, kind in pieces:
        if kind is Kind.UNKNOWN:
            atoms.append(_STAR)
        wild = {"*": _STAR, "?": one} if kind is Kind.PATTERN else {}
        atoms += [wild[char] if char in wild else re.escape(char) for char in text]
    return atoms


def _expression(atoms: Sequence[Atom], any_one: str = ".") -> str:
    """A regular expression for what stands between stars.

    What follows a star is looked for once, as near as it is: if the rest can't be found behind
    the nearest place, it can't behind a later one. That is what keeps hostile patterns cheap.
    """
    runs = [""]
    for atom in atoms:
        if atom is None:
            runs.append("")
        else:
            runs[-1] += atom
    if len(runs) == 1:
        return runs[0]
    first, *between, last = runs
    nearest = "".join(f"(?>{any_one}*?{run})" for run in between if run)
    return f"{first}{nearest}{any_one}*{last}"


@lru_cache(maxsize=20_000)
def action(pattern: str, name: str) -> bool:
    """Whether `service:Name` matches, in any case of letters."""
    return glob(pattern.lower(), name.lower())


def resource(pattern: str, arn: str, variables: Variables | None = None) -> bool:
    """Whether a Resource entry matches an ARN (or "*", of actions that know no resources).

    Fields are matched one by one, but a `*` at a field's end may reach past the colon; fields left
    out are wildcards; in the last one `*` crosses everything. Raises Unresolved, Unknowable.
    """
    if pattern == "*":
        return True
    if variables is None or "${" not in pattern:
        return _plain_resource(pattern).fullmatch(arn) is not None
    return _resource_regex(pattern, variables).fullmatch(arn) is not None


@lru_cache(maxsize=20_000)
def _plain_resource(pattern: str) -> re.Pattern[str]:
    return _resource_regex(pattern, None)


def _resource_regex(pattern: str, variables: Variables | None) -> re.Pattern[str]:
    fields = _fields(resolve(pattern, variables))
    complete = len(fields) == _ARN_FIELDS
    parts = [
        _last_field(field) if complete and number == _ARN_FIELDS - 1 else _field(field)
        for number, field in enumerate(fields)
    ]
    if not complete:
        parts[-1] += "(?::.*)?"
    return re.compile(":".join(parts), re.DOTALL)


def _fields(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """At most six fields; the last one may hold colons of its own."""
    fields: list[list[Piece]] = [[]]
    for text, kind in pieces:
        first, *rest = text.split(":", _ARN_FIELDS - len(fields))
        fields[-1].append((first, kind))
        fields += [[(part, kind)] for part in rest]
    return fields


def _field(pieces: Sequence[Piece]) -> str:
    atoms = _atoms(pieces, "[^:]")
    reaches = bool(atoms) and atoms[-1] is _STAR
    while atoms and atoms[-1] is _STAR:
        atoms.pop()
    return _expression(atoms, "[^:]") + (".*" if reaches else "")


def _last_field(pieces: Sequence[Piece]) -> str:
    return _expression(_atoms(pieces))


def arn_like(pattern: str, arn: str, variables: Variables | None = None) -> bool | None:
    """ArnLike and ArnEquals: six fields, each checked for itself. Raises Unresolved, Unknowable.

    Returns:
        None when the pattern isn't an ARN at all.
    """
    pieces = resolve(pattern, variables)
    wanted, given = _fields(pieces), arn.split(":", _ARN_FIELDS - 1)
    if len(wanted) < _ARN_FIELDS:
        # A value that nobody knows may hold the colons that are missing.
        return True if any(kind is Kind.UNKNOWN for _, kind in pieces) else None
    if len(given) < _ARN_FIELDS:
        return False
    return all(
        re.compile(_last_field(left), re.DOTALL).fullmatch(right) is not None
        for left, right in zip(wanted, given, strict=True)
    )
