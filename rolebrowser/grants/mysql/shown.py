"""What SHOW GRANTS says, read back: all that an account knows that may not read the database mysql.

Pure. Sources: MySQL's manual and MariaDB's Knowledge Base, "SHOW GRANTS". The parts about
passwords are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rolebrowser.grants.mysql.facts import (
    PUBLIC,
    Entry,
    Level,
    Membership,
    Who,
    split_account,
    split_name,
)
from rolebrowser.grants.mysql.privileges import GRANT_OPTION, MARIADB_BITS, OF_LEVEL, spelt
from rolebrowser.grants.mysql.rows import proxy

_NAME = r"`(?:[^`]|``)*`"
_WHO = rf"(?:{_NAME}|'(?:[^']|'')*'|{PUBLIC})(?:@(?:{_NAME}|'(?:[^']|'')*'))?"
_GRANT = re.compile(
    r"(GRANT|REVOKE) (?P<words>.+?) ON"
    r" (?P<kind>(?:TABLE|FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE) )?"
    rf"(?P<on>\*\.\*|{_NAME}\.(?:\*|{_NAME})) (?:TO|FROM) (?P<who>{_WHO})(?P<rest>.*)",
    re.S,
)
_ROLES = re.compile(rf"GRANT (?P<roles>{_WHO}(?:, ?{_WHO})*) TO (?P<who>{_WHO})(?P<rest>.*)", re.S)
_PROXY = re.compile(rf"GRANT PROXY ON (?P<on>{_WHO}) TO (?P<who>{_WHO})(?P<rest>.*)", re.S)
_DEFAULT = re.compile(rf"SET DEFAULT ROLE (?P<role>{_NAME}) FOR (?P<who>{_WHO})", re.S)
_WORD = re.compile(rf"\s*([A-Za-z_ ]+?)\s*(?:\(((?:{_NAME}|[^`)])*)\))?\s*(?:,|$)")


@dataclass
class Shown:
    """What the lines say.

    Attributes:
        server: by who, words on `*.*`; GRANT OPTION among them.
        restrictions: by who, (database, words) taken away by partial revokes.
        default_roles: by who.
    """

    server: dict[Who, set[str]] = field(default_factory=dict)
    grantable: dict[Who, set[str]] = field(default_factory=dict)
    restrictions: dict[Who, list[tuple[str, frozenset[str]]]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    default_roles: dict[Who, Who] = field(default_factory=dict)


def read(lines: Iterable[str]) -> Shown:
    """The grants in the lines of SHOW GRANTS, of one account or of several."""
    shown = Shown()
    for line in lines:
        found = _GRANT.fullmatch(line)
        if found is not None:
            _grant(shown, found)
            continue
        found = _ROLES.fullmatch(line)
        if found is not None:
            admin = "WITH ADMIN OPTION" in found["rest"]
            member = split_account(found["who"])
            for role in re.findall(_WHO, found["roles"]):
                shown.memberships.append(Membership(member, split_account(role), admin))
            continue
        found = _PROXY.fullmatch(line)
        if found is not None:
            option = "WITH GRANT OPTION" in found["rest"]
            who, on = split_account(found["who"]), split_account(found["on"])
            shown.entries.append(proxy(who, on, option))
            continue
        found = _DEFAULT.match(line)
        if found is not None:
            shown.default_roles[split_account(found["who"])] = split_account(found["role"])
    return shown


def _grant(shown: Shown, found: re.Match[str]) -> None:
    who = split_account(found["who"])
    on = found["on"]
    grantable = "WITH GRANT OPTION" in found["rest"]
    if on == "*.*":
        words = {word for word, _ in _words(found["words"], Level.SERVER)}
        shown.server.setdefault(who, set()).update(words)
        shown.grantable.setdefault(who, set()).update(words if grantable else ())
        return
    if on.endswith(".*"):
        database = split_name(on[:-2])[0]
        words = frozenset(word for word, _ in _words(found["words"], Level.DATABASE))
        if found[1] == "REVOKE":
            shown.restrictions.setdefault(who, []).append((database, words))
        else:
            shown.entries.append(Entry(who, Level.DATABASE, database, "", "", words, grantable))
        return
    database, name = split_name(on)
    level = Level((found["kind"] or "table").strip().lower())
    columns: dict[str, set[str]] = {"": set()}
    for word, column in _words(found["words"], level):
        columns.setdefault(column, set()).add(word)
    whole = frozenset(columns.pop(""))
    shown.entries.append(Entry(who, level, database, name, "", whole, grantable))
    for column, words in columns.items():
        shown.entries.append(Entry(who, Level.COLUMN, database, name, column, frozenset(words)))


def _words(text: str, level: Level) -> Iterator[tuple[str, str]]:
    """(word, column) of a list: `SELECT (`a`, `b`), INSERT`; column "" = the whole."""
    for found in _WORD.finditer(text):
        word = spelt(found[1])
        if word == "ALL":
            more = MARIADB_BITS if level is Level.SERVER else ()
            for each in dict.fromkeys((*OF_LEVEL[level], *more)):
                if each != GRANT_OPTION:
                    yield each, ""
        elif word and word != "USAGE":
            columns = split_columns(found[2] or "")
            for column in columns or ("",):
                yield word, column


def split_columns(text: str) -> tuple[str, ...]:
    """The names in a list of columns."""
    return tuple(split_name(name)[0] for name in re.findall(rf"{_NAME}|[^,\s]+", text))
