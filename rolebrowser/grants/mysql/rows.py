"""Rows of the queries in sql/ as facts.

Pure. Passwords and their hashes are not among the columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from rolebrowser.connection.protocol import Row
from rolebrowser.grants.mysql.facts import (
    ANY_ACCOUNT,
    Account,
    Entry,
    Level,
    Membership,
    Who,
    split_account,
)
from rolebrowser.grants.mysql.privileges import GRANT_OPTION, of_bits, spelt


def mariadb_account(row: Row) -> Account:
    """A row of `mariadb_accounts.sql`."""
    user, host, access, role, locked, plugin, default = row
    # Signed or unsigned, whichever way the server prints 64 bits.
    words = of_bits(int(access or 0) & (1 << 64) - 1)
    is_role = role in ("1", "true")
    return Account(
        Who(str(user), "" if is_role or not host else str(host)),
        words - {GRANT_OPTION},
        words - {GRANT_OPTION} if GRANT_OPTION in words else frozenset(),
        role=is_role or user == "PUBLIC",
        locked=locked in ("1", "true"),
        plugin=plugin or "",
        default_roles=(Who(default, ""),) if default else (),
    )


def mysql_accounts(
    rows: Iterable[Row], dynamic: Iterable[Row], defaults: Iterable[Row], granted: Iterable[Who]
) -> tuple[Account, ...]:
    """Accounts from the rows of `mysql_accounts.sql`, `mysql_dynamic.sql`,
    `mysql_default_roles.sql`; `granted`: who was granted to somebody, and so is a role."""
    more: dict[Who, dict[str, bool]] = {}
    for user, host, word, option in dynamic:
        more.setdefault(Who(str(user), str(host)), {})[str(word)] = option == "Y"
    active: dict[Who, list[Who]] = {}
    for user, host, role, role_host in defaults:
        active.setdefault(Who(str(user), str(host)), []).append(Who(str(role), str(role_host)))
    roles = frozenset(granted)
    accounts: list[Account] = []
    for user, host, words, made_role, locked, plugin, restrictions in rows:
        who = Who(str(user), str(host))
        given = frozenset(each for each in str(words or "").split(",") if each)
        static = given - {GRANT_OPTION}
        options = {word for word, option in more.get(who, {}).items() if option}
        accounts.append(
            Account(
                who,
                static | more.get(who, {}).keys(),
                (static if GRANT_OPTION in given else frozenset()) | options,
                partial_revokes(restrictions or ""),
                role=made_role == "1" or (who in roles and locked == "Y"),
                locked=locked == "Y",
                plugin=plugin or "",
                default_roles=tuple(active.get(who, ())),
            )
        )
    return tuple(accounts)


def partial_revokes(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """`[{"Database": "d", "Privileges": ["SELECT"]}]` of mysql.user's attributes."""
    return tuple(
        (each["Database"], frozenset(map(spelt, each["Privileges"])))
        for each in json.loads(text or "null") or ()
    )


def mandatory_roles(text: str) -> tuple[Who, ...]:
    """MySQL's mandatory_roles: "`r1`@`%`,r2"; without a host it is %."""
    found = [split_account(each.strip()) for each in text.split(",") if each.strip()]
    return tuple(who if who.host else who._replace(host="%") for who in found)


def active_roles(text: str | None, *, mariadb: bool) -> tuple[Who, ...]:
    """CURRENT_ROLE(): MariaDB's one name or NULL, MySQL's list or NONE."""
    if text is None or (text == "NONE" and not mariadb):
        return ()
    return (Who(text, ""),) if mariadb else mandatory_roles(text)


def membership(row: Row) -> Membership:
    """A row of `*_memberships.sql`."""
    user, host, role, role_host, admin = row
    return Membership(
        Who(str(user), str(host or "")), Who(str(role), str(role_host or "")), admin == "Y"
    )


def _words(text: str | None) -> tuple[frozenset[str], bool]:
    words = frozenset(spelt(each) for each in (text or "").split(",") if each)
    option = bool(words & {GRANT_OPTION, "GRANT"})
    return words - {GRANT_OPTION, "GRANT"}, option


def database_entry(row: Row) -> Entry:
    """A row of `*_databases.sql`."""
    user, host, database, words = row
    given, option = _words(words)
    who = Who(str(user), str(host))
    return Entry(who, Level.DATABASE, str(database), "", "", given, option)


def table_entry(row: Row) -> Entry:
    """A row of `tables.sql`."""
    user, host, database, table, words = row
    given, option = _words(words)
    who = Who(str(user), str(host))
    return Entry(who, Level.TABLE, str(database), str(table), "", given, option)


def column_entry(row: Row) -> Entry:
    """A row of `columns.sql`."""
    user, host, database, table, column, words = row
    who = Who(str(user), str(host))
    given, _ = _words(words)
    return Entry(who, Level.COLUMN, str(database), str(table), str(column), given)


def routine_entry(row: Row) -> Entry:
    """A row of `routines.sql`; MariaDB's packages are among them."""
    user, host, database, name, kind, words = row
    given, option = _words(words)
    level, who = Level(str(kind).lower()), Who(str(user), str(host))
    return Entry(who, level, str(database), str(name), "", given, option)


def proxy_entry(row: Row) -> Entry:
    """A row of `proxies.sql`: who may act as whom, once a plugin says that it should."""
    user, host, proxied, proxied_host, option = row
    return proxy(Who(str(user), str(host)), Who(str(proxied), str(proxied_host)), option == "1")


def proxy(who: Who, proxied: Who, option: bool) -> Entry:
    """PROXY on an account; on that without a name it is on every account."""
    name = proxied.label if proxied.user else ANY_ACCOUNT
    return Entry(who, Level.ACCOUNT, "", name, "", frozenset(("PROXY",)), option)
