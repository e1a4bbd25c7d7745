"""GRANT and REVOKE as values: the SQL of them, and what they do to facts.

Pure. `apply` says what the server would have after them, so that a suggestion can be tried on the
model before anybody runs it. Sources: MySQL's manual and MariaDB's Knowledge Base, "GRANT",
"REVOKE", "SET DEFAULT ROLE"; a REVOKE must name exactly what the GRANT was on (error 1147).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rolebrowser.frozen import dataclass
from rolebrowser.grants.mysql.facts import (
    ANY_ACCOUNT,
    Account,
    Entry,
    Facts,
    Level,
    Membership,
    Securable,
    Who,
    quoted,
    split_account,
)


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT word ON thing TO who."""

    word: str
    on: Securable
    to: Who


@dataclass(frozen=True, slots=True)
class Revoke:
    """REVOKE word from the grant it was given with; `entry` None = the one on `*.*`."""

    word: str
    who: Who
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Restrict:
    """MySQL's partial revoke: a privilege on `*.*` is none in one database."""

    word: str
    who: Who
    database: str


@dataclass(frozen=True, slots=True)
class Join:
    """GRANT role TO member."""

    role: Who
    member: Who


@dataclass(frozen=True, slots=True)
class Leave:
    """REVOKE role FROM member."""

    role: Who
    member: Who


@dataclass(frozen=True, slots=True)
class Activate:
    """SET DEFAULT ROLE: these are active after login, and no others."""

    roles: tuple[Who, ...]
    member: Who


@dataclass(frozen=True, slots=True)
class Unlock:
    """ALTER USER … ACCOUNT UNLOCK."""

    who: Who


Step = Grant | Revoke | Restrict | Join | Leave | Activate | Unlock


def statements(facts: Facts, steps: Iterable[Step]) -> tuple[str, ...]:
    """The statements of all steps, to be run in order."""
    steps = tuple(steps)
    lines = tuple(sql(facts, each) for each in steps)
    if any(_on_package(each) for each in steps):
        # MariaDB knows the word PACKAGE in a GRANT only while it speaks Oracle's SQL.
        return ("SET sql_mode = 'ORACLE';", *lines, "SET sql_mode = DEFAULT;")
    return lines


def _on_package(step: Step) -> bool:
    on = step.on if isinstance(step, Grant) else step.entry if isinstance(step, Revoke) else None
    return on is not None and on.level in (Level.PACKAGE, Level.PACKAGE_BODY)


def sql(facts: Facts, step: Step) -> str:
    """The statement."""
    match step:
        case Grant(word, on, to):
            return f"GRANT {_given(facts, word, on)} TO {to.sql};"
        case Revoke(word, who, entry):
            on = thing(entry)
            return f"REVOKE {_given(facts, word, on, pattern=True)} FROM {who.sql};"
        case Restrict(word, who, database):
            return f"REVOKE {word} ON {quoted(database)}.* FROM {who.sql};"
        case Join(role, member):
            return f"GRANT {role.sql} TO {member.sql};"
        case Leave(role, member):
            return f"REVOKE {role.sql} FROM {member.sql};"
        case Activate(roles, member):
            names = ", ".join(role.sql for role in roles)
            between = "FOR" if facts.mariadb else "TO"
            return f"SET DEFAULT ROLE {names} {between} {member.sql};"
        case Unlock(who):
            return f"ALTER USER {who.sql} ACCOUNT UNLOCK;"


def thing(entry: Entry | None) -> Securable:
    """What a grant is on; None is the one on `*.*`."""
    if entry is None:
        return Securable(Level.SERVER)
    return Securable(entry.level, entry.database, entry.name, entry.column)


def _given(facts: Facts, word: str, on: Securable, *, pattern: bool = False) -> str:
    """`SELECT (`c`) ON `s`.`t``; a database's name with its wildcards escaped, a pattern as is."""
    if on.level is Level.SERVER:
        return f"{word} ON *.*"
    if on.level is Level.ACCOUNT:
        return f"{word} ON {account_sql(on.name)}"
    if on.level is Level.DATABASE:
        name = on.database if pattern or facts.partial_revokes else escaped(on.database)
        return f"{word} ON {quoted(name)}.*"
    name = f"{quoted(on.database)}.{quoted(on.name)}"
    if on.level is Level.COLUMN:
        return f"{word} ({quoted(on.column)}) ON {name}"
    kind = "" if on.level is Level.TABLE else f"{on.level.value.upper()} "
    return f"{word} ON {kind}{name}"


def account_sql(label: str) -> str:
    """An account that may be acted as, from its label."""
    return "''@'%'" if label == ANY_ACCOUNT else split_account(label).sql


def escaped(database: str) -> str:
    r"""A database's name as a pattern that fits it only: `zs_x` → `zs\_x`."""
    return "".join(f"\\{each}" if each in "\\%_" else each for each in database)


def apply(facts: Facts, steps: Iterable[Step]) -> Facts:
    """The facts after the steps, one after the other."""
    for step in steps:
        facts = _applied(facts, step)
    return facts


def _applied(facts: Facts, step: Step) -> Facts:
    match step:
        case Grant(word, on, to):
            return _grant(facts, word, on, to)
        case Revoke(word, who, entry):
            return _revoke(facts, word, who, entry)
        case Restrict(word, who, database):
            more = (database, frozenset((word,)))
            return _with(
                facts, who, lambda each: each._replace(restrictions=(*each.restrictions, more))
            )
        case Join(role, member):
            return replace(facts, memberships=(*facts.memberships, Membership(member, role)))
        case Leave(role, member):
            kept = (
                each for each in facts.memberships if (each.role, each.member) != (role, member)
            )
            return replace(facts, memberships=tuple(kept))
        case Activate(roles, member):
            return _with(facts, member, lambda each: each._replace(default_roles=roles))
        case Unlock(who):
            return _with(facts, who, lambda each: each._replace(locked=False))


def _with(facts: Facts, who: Who, change: Callable[[Account], Account]) -> Facts:
    accounts = tuple(change(each) if each.who == who else each for each in facts.accounts)
    return replace(facts, accounts=accounts)


def _grant(facts: Facts, word: str, on: Securable, to: Who) -> Facts:
    if on.level is Level.SERVER:
        return _with(facts, to, lambda each: each._replace(privileges=each.privileges | {word}))
    plain = on.level is Level.DATABASE and not facts.partial_revokes
    database = escaped(on.database) if plain else on.database
    key = (to, on.level, database, on.name, on.column)
    found = next((each for each in facts.entries if each[:5] == key), Entry(*key))
    given = found._replace(privileges=found.privileges | {word})
    others = tuple(each for each in facts.entries if each[:5] != key)
    return replace(facts, entries=(*others, given))


def _revoke(facts: Facts, word: str, who: Who, entry: Entry | None) -> Facts:
    if entry is None:
        return _with(facts, who, lambda each: each._replace(privileges=each.privileges - {word}))
    entries: list[Entry] = []
    for each in facts.entries:
        if each[:5] == entry[:5]:
            each = each._replace(privileges=each.privileges - {word})
            # A database's line without anything is gone, and hides nothing any more.
            if each.level is Level.DATABASE and not each.privileges and not each.grantable:
                continue
        entries.append(each)
    return replace(facts, entries=tuple(entries))
