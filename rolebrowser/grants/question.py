"""What a person asks: `alice SELECT s.t`, `alice USAGE schema s`, `alice UPDATE s.t.column`.

Pure. Also finds the tables in a whole statement, `alice SELECT * FROM s.t JOIN s.u …`, as far as
names can tell: the server's own EXPLAIN is the judge of that (verify.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rolebrowser.connection import names
from rolebrowser.connection.lexer import Kind as Lexeme
from rolebrowser.connection.lexer import Token, tokens
from rolebrowser.connection.names import quoted
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.grants.facts import Securable
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.privileges import BITS, RELATIONS, Kind, of_kind, words

_ROLE = re.compile(r'\s*("(?:[^"]|"")+"|\S+)\s+', re.S)
_WORDS = sorted(BITS, key=len, reverse=True)
_EXAMPLE = "Ask for example: 'alice SELECT s.t', or 'alice USAGE schema s'."


@dataclass(frozen=True, slots=True)
class Question:
    """May `role` do `privilege` on the securable of number `place`?"""

    role: int
    place: int
    privilege: int


@dataclass(frozen=True, slots=True)
class StatementQuestion:
    """May `role` run `statement`?

    Attributes:
        parts: the tables whose names were found in it, with the privilege each needs.
    """

    role: int
    statement: str
    parts: tuple[Question, ...]


def parse(text: str, listing: Listing) -> Question | StatementQuestion:
    """Understand a question.

    Raises:
        UnknownName: no such role or object.
        ConfigError: it isn't a question, or the object has no such privilege.
    """
    found = _ROLE.match(text)
    if found is None:
        raise ConfigError(f"{text!r} asks nothing.", fix=_EXAMPLE)
    role = listing.find_role(_bare_or_whole(found[1], listing))
    rest = text[found.end() :].strip().rstrip(";").rstrip()
    word = next(
        (word for word in _WORDS if re.match(rf"{word}(\s|$)", rest, re.I)),
        "",
    )
    if not word:
        if _first_keyword(rest) in _STATEMENTS:
            return _statement(role, rest, listing)
        raise ConfigError(f"{rest!r} doesn't begin with a privilege.", fix=_EXAMPLE)
    target = re.sub(r"^ON\s+", "", rest[len(word) :].strip(), flags=re.I)
    if not target:
        raise ConfigError(f"{word} on what?", fix=_EXAMPLE)
    place = find(target, listing, BITS[word])
    if place is None:
        if word in _STATEMENTS:
            statement = _statement(role, rest, listing)
            if statement.parts:
                return statement
        raise UnknownName("object", target, _candidates(listing, BITS[word]))
    _check(listing, place, word)
    return Question(role, place, BITS[word])


def _bare_or_whole(name: str, listing: Listing) -> str:
    if name.startswith('"') and name not in listing.model.facts.role_by_name:
        return name[1:-1].replace('""', '"')
    return name


def _check(listing: Listing, place: int, word: str) -> None:
    securable = listing.model.securables[place]
    there = of_kind(securable.kind, listing.model.facts.version)
    if not there & BITS[word]:
        raise ConfigError(
            f"A {securable.kind} has no privilege {word}.",
            fix=f"It has {', '.join(words(there))}.",
        )


_KINDS = {kind.value: kind for kind in Kind}


def find(text: str, listing: Listing, privilege: int) -> int | None:
    """The number of the object that a person names; None when there is none.

    Args:
        text: `s.t`, `s.t.column`, `t`, or with the kind in front: `schema s`, `function s.f(int)`.
        privilege: tells `s` the schema from `s` the database where no kind is given.
    """
    model = listing.model
    for kind in sorted(_KINDS, key=len, reverse=True):
        rest = re.sub(rf"^{kind}\s+", "", text, flags=re.I)
        if rest != text:
            return _named(rest.strip(), listing, (_KINDS[kind],))
    able = [kind for kind in Kind if of_kind(kind, model.facts.version) & privilege]
    tables = [kind for kind in able if kind in RELATIONS or kind is Kind.SEQUENCE]
    if tables:
        try:
            return listing.find_table(text)
        except UnknownName:
            pass
    found = _named(text, listing, able)
    if found is None and Kind.COLUMN in able:
        return _table_of_column(text, listing)
    return found


def _table_of_column(text: str, listing: Listing) -> int | None:
    """The table, for a column that nothing was granted on: only the table's rights count."""
    try:
        *table, column = names.split(text)
        place = listing.find_table(".".join(quoted(part) for part in table))
    except (ValueError, UnknownName, ConfigError):
        return None
    oid = listing.model.securables[place].oid
    known = [name for of, name in listing.model.facts.column_names if of == oid]
    return place if not known or column in known else None


def _named(text: str, listing: Listing, kinds: list[Kind] | tuple[Kind, ...]) -> int | None:
    if Kind.TABLE in kinds and len(kinds) == 1:
        kinds = tuple(RELATIONS)
    model = listing.model
    wanted = _normal(text)
    hits = [
        place
        for place, each in enumerate(model.securables)
        if each.kind in kinds and wanted in _names(listing, each)
    ]
    ours = [place for place in hits if not model.facts.is_system(model.securables[place])] or hits
    if len(ours) > 1:
        titles = ", ".join(object_name(model.facts, model.securables[place]) for place in ours)
        raise ConfigError(f"{text!r} could be each of {titles}.", fix="Name it in full.")
    return ours[0] if ours else None


def _names(listing: Listing, securable: Securable) -> set[str]:
    """The ways to write its name."""
    label = listing.model.facts.label(securable)
    written = {label, _normal(label), securable.name}
    if securable.kind in (Kind.FUNCTION, Kind.PROCEDURE):
        written |= {label.rpartition("(")[0]} if not securable.arguments.count("(") else set()
        written.add(f"{quoted(securable.name)}({securable.arguments})")
    elif securable.kind is not Kind.COLUMN:
        written.add(quoted(securable.name))
    else:
        written.discard(securable.name)
    return written


def _normal(text: str) -> str:
    """Without the case SQL doesn't see and the blanks that don't matter."""
    pieces = re.split(r'("(?:[^"]|"")*")', text.strip())
    return "".join(
        piece if piece.startswith('"') else re.sub(r",\s+", ",", piece.lower()) for piece in pieces
    )


def _candidates(listing: Listing, privilege: int) -> list[str]:
    facts = listing.model.facts
    return [
        object_name(facts, each)
        for each in listing.model.securables
        if of_kind(each.kind, facts.version) & privilege and not facts.is_system(each)
    ]


_STATEMENTS = frozenset(
    ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "TABLE", "VALUES", "MERGE")
)
_AFTER = {"FROM": "SELECT", "JOIN": "SELECT", "INTO": "INSERT", "UPDATE": "UPDATE",
          "TABLE": "SELECT", "USING": "SELECT"}  # fmt: skip


def _first_keyword(text: str) -> str:
    return next((each.keyword for each in tokens(text) if each.keyword), "")


def _statement(role: int, text: str, listing: Listing) -> StatementQuestion:
    code = [each for each in tokens(text) if each.kind not in (Lexeme.SPACE, Lexeme.COMMENT)]
    parts: dict[Question, None] = {}
    last = ""
    for place, token in enumerate(code):
        need = _AFTER.get(token.keyword, "")
        if token.keyword == "FROM" and last == "DELETE":
            need = "DELETE"
        last = token.keyword or last
        for name in _listed(code, place + 1) if need else ():
            _add(parts, role, name, need, listing)
    return StatementQuestion(role, text, tuple(parts))


def _listed(code: list[Token], place: int) -> Iterator[str]:
    """The names from a place on: `a, s.b x, "C" AS y`."""
    while True:
        if place < len(code) and code[place].keyword == "ONLY":
            place += 1
        name = ""
        while place < len(code) and code[place].kind in (Lexeme.WORD, Lexeme.NAME):
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


def _add(parts: dict[Question, None], role: int, name: str, need: str, listing: Listing) -> None:
    try:
        place = listing.find_table(name)
    except (UnknownName, ConfigError):
        return
    parts[Question(role, place, BITS[need])] = None
