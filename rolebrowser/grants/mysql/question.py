"""What a person asks: `za@% SELECT s.t`, `za UPDATE (c) ON s.t`, `za EXECUTE PROCEDURE s.p`.

Pure. Also finds the tables in a whole statement, as far as names can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.connection.lexer import Kind, tokens
from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.frozen import dataclass
from rolebrowser.grants import pasted
from rolebrowser.grants.mysql.facts import (
    ANY_ACCOUNT,
    SERVER,
    Level,
    Securable,
    Who,
    quoted,
    shown,
    split_account,
    split_name,
)
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.privileges import OF_LEVEL, SERVER_WORDS, spelt
from rolebrowser.grants.mysql.shown import split_columns
from rolebrowser.grants.relation_names import listed
from rolebrowser.target import Engine

_QUOTED = r"(?:`(?:[^`]|``)*`|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
_ROLE = re.compile(rf"((?:{_QUOTED}|[^\s@'\"`]+)(?:@(?:{_QUOTED}|[^\s'\"`]+))?)\s+", re.S)
_COLUMNS = r"\(((?:[^()`]|`(?:[^`]|``)*`)*)\)"
_KIND = re.compile(
    r"(TABLE|PROCEDURE|FUNCTION|PACKAGE BODY|PACKAGE|ACCOUNT|DATABASE|SCHEMA)\s+", re.I
)
_EXAMPLE = "Ask for example: 'za@% SELECT s.t', or 'za@% EXECUTE PROCEDURE s.p'."
_STATEMENTS = frozenset(
    ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "TABLE", "REPLACE", "CALL")
)
_AFTER = {"FROM": "SELECT", "JOIN": "SELECT", "INTO": "INSERT", "UPDATE": "UPDATE",
          "TABLE": "SELECT", "CALL": "EXECUTE"}  # fmt: skip
_KINDS = {"DATABASE": Level.DATABASE, "SCHEMA": Level.DATABASE}


class Question(NamedTuple):
    """May `who` do `word` on something?"""

    who: Who
    on: Securable
    word: str


UNSEEN_WHY = (
    "A server shows it to whoever has some right on it, were it on one column: "
    "this account and its active roles have none, or the name is wrong."
)
"""Source: MySQL's reference manual, "INFORMATION_SCHEMA Tables", Privileges; MariaDB alike."""


class Unseen(NamedTuple):
    """What a statement does to a name that the reader's own account isn't shown.

    Attributes:
        name: as it is written in the statement.
    """

    who: Who
    name: str
    word: str

    @property
    def sentence(self) -> str:
        """What is so."""
        kind = "routine" if self.word == "EXECUTE" else "table"
        kind = "database" if self.name.endswith(".*") else kind
        return f"{self.who.label} sees no {kind} {self.name}."

    @property
    def grant(self) -> str:
        """What would change it."""
        kind = "PROCEDURE " if self.word == "EXECUTE" else ""
        return f"GRANT {self.word} ON {kind}{self.name} TO {self.who.sql};"

    @property
    def error(self) -> ConfigError:
        """The same, where there is nothing else to tell."""
        return ConfigError(self.sentence, why=UNSEEN_WHY, fix=f"Somebody who may: {self.grant}")


@dataclass(frozen=True, slots=True)
class Questions:
    """One or several of them.

    Attributes:
        statement: what they are about; "" where privileges were asked for.
        unseen: names in the statement that the server doesn't show the reader, or that are none.
    """

    who: Who
    parts: tuple[Question, ...]
    statement: str = ""
    unseen: tuple[Unseen, ...] = ()


def parse(text: str, listing: Listing, *, refused: bool = False, database: str = "") -> Questions:
    """Understand a question; a statement without an account is CURRENT_USER()'s.

    Args:
        refused: the server refused the privilege on what is named, so that it is no wrong name.
        database: the session's own, in which a statement's bare names are; "" where unknown.

    Raises:
        UnknownName: no such account or thing.
        ConfigError: it isn't a question, or the thing has no such privilege.
    """
    pasted.check(text)
    who, rest = _who(text, listing)
    wanted, target = _privileges(rest, listing)
    if wanted and (target or all(word not in OF_LEVEL[Level.DATABASE] for word, _ in wanted)):
        try:
            return Questions(who, tuple(_parts(who, wanted, target or "*.*", listing)))
        except UnknownName:
            statement = _statement(who, rest, listing, database)
            if not statement.parts and not statement.unseen:
                if refused and who == listing.facts.user:
                    unseen = tuple(Unseen(who, target, word) for word, _ in wanted)
                    return Questions(who, (), unseen=unseen)
                _refuse_database(target, wanted[0][0], listing)
                raise
            return statement
    if _first_keyword(rest) in _STATEMENTS:
        return _statement(who, rest, listing, database)
    if wanted:
        raise ConfigError(f"{wanted[-1][0]} on what?", fix=_EXAMPLE)
    raise ConfigError(f"{rest!r} doesn't begin with a privilege.", fix=_EXAMPLE)


def _refuse_database(target: str, word: str, listing: Listing) -> None:
    """Raises ConfigError where it is a database, asked about as if it were a table."""
    if any(each.level is Level.DATABASE and target in (each.database, quoted(each.database))
           for each in listing.facts.securables):  # fmt: skip
        raise ConfigError(
            f"{target} is a database.",
            fix=f"Ask '{word} {target}.*' for all of it, or '{word} {target}.TABLE'.",
        )


def _who(text: str, listing: Listing) -> tuple[Who, str]:
    text = text.strip()
    ways = {
        way: each.who
        for each in listing.facts.accounts
        for way in (each.who.name, each.who.label, each.who.sql)
        if text.startswith(way) and text[len(way) : len(way) + 1].isspace()
    }
    if ways:
        way = max(ways, key=len)
        return ways[way], _end(text[len(way) :])
    if "".join(text.split(maxsplit=1)[:1]).upper() in _STATEMENTS:
        return listing.facts.user, _end(text)
    found = _ROLE.match(text)
    if found is None:
        raise ConfigError(f"{text!r} asks nothing.", fix=_EXAMPLE)
    return listing.find_role(found[1]), _end(text[found.end() :])


def _end(text: str) -> str:
    return text.strip().rstrip(";").rstrip()


def _privileges(text: str, listing: Listing) -> tuple[list[tuple[str, str]], str]:
    """The privileges listed, each with its columns or ""; and what they are on."""
    everything = {*SERVER_WORDS, *OF_LEVEL[Level.ACCOUNT], *listing.model.words(SERVER)}
    known = sorted(everything, key=len, reverse=True)
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in known)
    one = re.compile(rf"({words})(?![\w$])\s*(?:{_COLUMNS})?\s*(,\s*)?", re.I | re.S)
    wanted: list[tuple[str, str]] = []
    place = 0
    while found := one.match(text, place):
        wanted.append((spelt(found[1]), found[2] or ""))
        place = found.end()
        if not found[3]:
            break
    return wanted, re.sub(r"^ON\s+", "", text[place:].strip(), flags=re.I)


def _parts(
    who: Who, wanted: list[tuple[str, str]], target: str, listing: Listing
) -> Iterator[Question]:
    for word, columns in wanted:
        on = find(target, word, listing)
        if word not in listing.model.words(on):
            raise ConfigError(
                f"A {on.level} has no privilege {word}.",
                fix=f"It has {', '.join(OF_LEVEL[on.level])}.",
            )
        for column in split_columns(columns) or ("",):
            each = on._replace(level=Level.COLUMN, column=column) if column else on
            yield Question(who, each, word)


def find(text: str, word: str, listing: Listing) -> Securable:
    """The thing that a person names: `*.*`, `s.*`, `s.t`, `t`, `s.t.c`, `PROCEDURE s.p`.

    Args:
        word: the privilege, which tells a routine from a table where no kind is given.

    Raises:
        UnknownName: there is none.
        ConfigError: there are several.
    """
    if text == "*.*":
        return SERVER
    found = _KIND.match(text)
    kind = found[1].upper() if found is not None else ""
    name = text[found.end() :] if found is not None else text
    level = _KINDS.get(kind) or (Level(kind.lower()) if kind else None)
    if level is Level.ACCOUNT:
        label = name if name == ANY_ACCOUNT else split_account(name).label
        return _among(listing, [level], f"account {label}")
    if name.endswith(".*") or level is Level.DATABASE:
        (database,) = split_name(name.removesuffix(".*")) or ("",)
        return _among(listing, [Level.DATABASE], database)
    if level is None:
        routine = word in ("EXECUTE", "ALTER ROUTINE", "SHOW CREATE ROUTINE")
        levels = [Level.PROCEDURE, Level.FUNCTION] if routine else [Level.TABLE]
    else:
        levels = [level]
    parts = split_name(name)
    if len(parts) == 3 and levels == [Level.TABLE]:
        table = _among(listing, levels, ".".join(f"`{each}`" for each in parts[:2]))
        return table._replace(level=Level.COLUMN, column=parts[2])
    return _among(listing, levels, re.sub(r"\(.*\)$", "", name))


def _among(listing: Listing, levels: list[Level], name: str) -> Securable:
    things = [each for each in listing.facts.securables if each.level in levels]
    if levels == [Level.DATABASE]:
        for each in things:
            if each.database == name:
                return each
        raise UnknownName("database", name, [each.database for each in things])
    return listing.find(name, things)


def _first_keyword(text: str) -> str:
    return next((each.keyword for each in tokens(text, Engine.MYSQL) if each.keyword), "")


def _statement(who: Who, text: str, listing: Listing, database: str) -> Questions:
    code = [
        each for each in tokens(text, Engine.MYSQL) if each.kind not in (Kind.SPACE, Kind.COMMENT)
    ]
    parts: dict[Question, None] = {}
    unseen: dict[Unseen, None] = {}
    last = ""
    for place, token in enumerate(code):
        need = _AFTER.get(token.keyword, "")
        if token.keyword == "FROM" and last == "DELETE":
            need = "DELETE"
        last = token.keyword or last
        for written in listed(code, place + 1) if need else ():
            bare = database and len(split_name(written)) == 1
            name = f"{shown(database)}.{written}" if bare else written
            try:
                on = listing.find_table(name) if need != "EXECUTE" else find(name, need, listing)
                parts[Question(who, on, need)] = None
            except UnknownName:
                unseen[Unseen(who, name, need)] = None
            except ConfigError:
                continue
    # What others are shown isn't known.
    own = tuple(unseen) if who == listing.facts.user else ()
    return Questions(who, tuple(parts), text, own)
