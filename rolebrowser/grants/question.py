"""What a person asks: `alice SELECT s.t`, `alice USAGE schema s`, `alice UPDATE s.t.column`.

Pure. Also finds the tables in a whole statement, `alice SELECT * FROM s.t JOIN s.u …`, as far as
names can tell: the server's own EXPLAIN is the judge of that (verify.py).
"""

from __future__ import annotations

import re

from rolebrowser.connection import names
from rolebrowser.connection.lexer import Kind as Lexeme
from rolebrowser.connection.lexer import tokens
from rolebrowser.connection.names import quoted
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.frozen import dataclass
from rolebrowser.grants import pasted
from rolebrowser.grants.facts import Securable
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.privileges import BITS, RELATIONS, Kind, of_kind, words
from rolebrowser.grants.relation_names import listed
from rolebrowser.grants.signatures import spelt

_ROLE = re.compile(r'\s*("(?:[^"]|"")+"|\S+)\s+', re.S)
_WORD = "|".join(word.replace(" ", r"\s+") for word in sorted(BITS, key=len, reverse=True))
_COLUMNS = r'\(((?:[^()"]|"(?:[^"]|"")*")*)\)'
_PRIVILEGE = re.compile(rf"({_WORD})(?![\w$])\s*(?:{_COLUMNS})?\s*", re.I | re.S)
_SHOWN = 3
"""Objects of a schema that are named."""
_EXAMPLE = "Ask for example: 'alice SELECT s.t', or 'alice USAGE schema s'."


@dataclass(frozen=True, slots=True)
class Question:
    """May `role` do `privilege` on the securable of number `place`?"""

    role: int
    place: int
    privilege: int


@dataclass(frozen=True, slots=True)
class Questions:
    """Several of them about one role.

    Attributes:
        statement: what they are about; "" where privileges or columns were listed.
        parts: one for each privilege, or for each table whose name was found in the statement.
    """

    role: int
    statement: str
    parts: tuple[Question, ...]


def parse(text: str, listing: Listing) -> Question | Questions:
    """Understand a question.

    Args:
        text: a role, then privileges with the object (`SELECT s.t`, `SELECT, UPDATE (c) ON s.t`,
            `EXECUTE f(int)`, `USAGE ON SCHEMA s`), or a whole statement. A statement without a
            role is CURRENT_USER's.

    Raises:
        UnknownName: no such role or object.
        ConfigError: it isn't a question, or the object has no such privilege.
    """
    pasted.check(text)
    role, rest = _role(text, listing)
    wanted, target = _privileges(rest)
    if not wanted:
        if _first_keyword(rest) in _STATEMENTS:
            return _statement(role, rest, listing)
        raise ConfigError(f"{rest!r} doesn't begin with a privilege.", fix=_EXAMPLE)
    if not target:
        raise ConfigError(f"{wanted[-1][0]} on what?", fix=_EXAMPLE)
    parts: list[Question] = []
    for word, columns in wanted:
        places = _places(target, word, columns, listing)
        if not places:
            if word in _STATEMENTS:
                statement = _statement(role, rest, listing)
                if statement.parts:
                    return statement
            _refuse_schema(target, word, listing)
            raise UnknownName("object", target, _candidates(listing, BITS[word]))
        parts += [Question(role, place, BITS[word]) for place in places]
    return parts[0] if len(parts) == 1 else Questions(role, "", tuple(dict.fromkeys(parts)))


def _refuse_schema(target: str, word: str, listing: Listing) -> None:
    """Raises ConfigError where it is a schema that has no such privilege."""
    facts = listing.model.facts
    place = _named(target, listing, (Kind.SCHEMA,))
    if place is None:
        return
    schema = listing.model.securables[place]
    name = quoted(schema.name)
    within = (each for each in listing.model.securables if each.schema == schema.oid)
    able = (each for each in within if of_kind(each.kind, facts.version) & BITS[word])
    tables = [object_name(facts, each) for each in able if each.kind is not Kind.COLUMN][:_SHOWN]
    more = f" {word} is asked of one of its objects: {', '.join(tables)}, …" if tables else ""
    there = ", ".join(words(of_kind(Kind.SCHEMA, facts.version)))
    raise ConfigError(
        f"{name} is a schema, and a schema has no privilege {word}.",
        fix=f"It has {there}: 'ROLE USAGE schema {name}'.{more}",
    )


def _role(text: str, listing: Listing) -> tuple[int, str]:
    """The role's number, and what follows its name; a name with blanks needs no quotes."""
    text = text.strip()
    by_name = listing.model.facts.role_by_name
    whole = [name for name in by_name if text.startswith(name) and text[len(name) :][:1].isspace()]
    if whole:
        name = max(whole, key=len)
        return listing.find_role(name), _end(text[len(name) :])
    if "".join(text.split(maxsplit=1)[:1]).upper() in _STATEMENTS:
        return listing.find_role(listing.model.facts.user), _end(text)
    found = _ROLE.match(text)
    if found is None:
        raise ConfigError(f"{text!r} asks nothing.", fix=_EXAMPLE)
    return listing.find_role(_unquoted(found[1])), _end(text[found.end() :])


def _end(text: str) -> str:
    return text.strip().rstrip(";").rstrip()


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _privileges(text: str) -> tuple[list[tuple[str, str]], str]:
    """The privileges listed, each with its columns or ""; and what they are on."""
    wanted: list[tuple[str, str]] = []
    place = 0
    while found := _PRIVILEGE.match(text, place):
        wanted.append((" ".join(found[1].upper().split()), found[2] or ""))
        place = found.end()
        if text[place : place + 1] != ",":
            break
        place += 1 + len(text[place + 1 :]) - len(text[place + 1 :].lstrip())
    return wanted, re.sub(r"^ON\s+", "", text[place:].strip(), flags=re.I)


def _places(target: str, word: str, columns: str, listing: Listing) -> list[int]:
    """What is asked about: the object, or the columns of it that are listed."""
    place = find(target, listing, BITS[word])
    if place is None:
        return []
    _check(listing, place, word)
    if not columns.strip():
        return [place]
    table = listing.model.facts.label(listing.model.securables[place])
    found: list[int] = []
    for column in re.findall(r'"(?:[^"]|"")*"|[^,\s]+', columns):
        of_column = find(f"{table}.{column}", listing, BITS[word])
        if of_column is None:
            known = [name for of, name in listing.model.facts.column_names
                     if of == listing.model.securables[place].oid]  # fmt: skip
            raise UnknownName("column", column, known)
        found.append(of_column)
    return found


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
    wanted = _normal(spelt(text))
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
    return written | {_normal(each) for each in written if "(" in each}


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


def _statement(role: int, text: str, listing: Listing) -> Questions:
    code = [each for each in tokens(text) if each.kind not in (Lexeme.SPACE, Lexeme.COMMENT)]
    parts: dict[Question, None] = {}
    last = ""
    for place, token in enumerate(code):
        need = _AFTER.get(token.keyword, "")
        if token.keyword == "FROM" and last == "DELETE":
            need = "DELETE"
        last = token.keyword or last
        for name in listed(code, place + 1, skip="ONLY") if need else ():
            _add(parts, role, name, need, listing)
    return Questions(role, text, tuple(parts))


def _add(parts: dict[Question, None], role: int, name: str, need: str, listing: Listing) -> None:
    try:
        place = listing.find_table(name)
    except (UnknownName, ConfigError):
        return
    parts[Question(role, place, BITS[need])] = None
