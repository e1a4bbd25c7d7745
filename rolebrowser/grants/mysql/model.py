"""What an account may do, session by session, and through which grant.

Pure. Privileges of all levels add up, `*.*`, database, table, column, but at the database level
only one grant of each holder counts: the most specific that fits hides the others. Who the holder
is differs:

- by itself an account has what its name was given for a host pattern that the client's host fits
  (so a database grant to u@'%' serves u@localhost as well; a global one doesn't);
- MariaDB looks for the active role and all that it was granted, and for PUBLIC, each apart;
- MySQL with roles active puts all of them and the account's very own grants together: a name
  without `%` and `_` hides those with, also escaped ones, and of these the one counts that is first
  by its bytes, however little specific (so `%`.* hides all others).

Sources: MariaDB's sql/sql_acl.cc (acl_get_all3, acl_db_find, check_grant, merge_role_privileges);
MySQL's sql/auth (acl_get, Security_context::db_acl, get_privilege_access_maps); MySQL's manual,
"Access Control, Stage 2: Request Verification" (request-access), "Privilege Restriction Using
Partial Revokes" (partial-revokes); tests/grants/test_mysql_worlds.py against real logins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from rolebrowser.grants.mysql.facts import Account, Entry, Facts, Level, Securable, Who, shown
from rolebrowser.grants.mysql.matching import has_wildcard, host_matches, like
from rolebrowser.grants.mysql.privileges import GRANT_OPTION, OF_LEVEL, fitting
from rolebrowser.grants.mysql.sessions import EVERYBODY, Session, Sessions


class Way(NamedTuple):
    """How a session comes to a privilege.

    Attributes:
        chain: from who acts to who was given it, both included.
        entry: the grant; None for one on `*.*`.
        title: what it was given on: `*.*`, `s%`.*, s.t.
    """

    chain: tuple[Who, ...]
    entry: Entry | None
    title: str


Rights = dict[str, tuple[Way, ...]]
"""By word the ways; GRANT OPTION is one of the words."""


class _Holders(NamedTuple):
    """Holders that are looked up together.

    Attributes:
        chains: each with the chain that leads to it.
        by_host: an account, whose grants are found by the client's host.
    """

    chains: dict[Who, tuple[Who, ...]]
    by_host: str = ""


class Model:
    """The rights in `facts`."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.sessions = Sessions(facts)
        self._by_database: dict[tuple[Session, str], Rights] = {}

    # ── the facts, turned ────────────────────────────────────────────────────────────────────

    @cached_property
    def _database_entries(self) -> dict[str, list[Entry]]:
        """By user."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for each in self.facts.entries:
            if each.level is Level.DATABASE:
                found[each.who.user].append(each)
        return found

    @cached_property
    def _others(self) -> dict[tuple[Level, str, str], list[Entry]]:
        """Grants on tables and routines by what they are on; columns' with their table's."""
        found: dict[tuple[Level, str, str], list[Entry]] = defaultdict(list)
        for each in self.facts.entries:
            if each.level is not Level.DATABASE:
                level = Level.TABLE if each.level is Level.COLUMN else each.level
                found[self._key(level, each.database, each.name)].append(each)
        return found

    def _key(self, level: Level, database: str, name: str) -> tuple[Level, str, str]:
        # Routines' names have no case anywhere.
        fold = self.facts.fold_case
        routine = level not in (Level.TABLE, Level.DATABASE, Level.ACCOUNT)
        return (
            level,
            database.lower() if fold else database,
            name.lower() if fold or routine else name,
        )

    def _holders(self, session: Session) -> list[_Holders]:
        who, roles = session.who, session.roles
        if not session.host:
            own = [_Holders(self.sessions.chains(who))]
        elif roles and not self.facts.mariadb:
            return [_Holders({who: (who,)} | self._of_roles(who, roles))]
        else:
            own = [_Holders({who: (who,)}, session.host)]
            if roles:
                own.append(_Holders(self._of_roles(who, roles)))
        if EVERYBODY in self.facts.account and who != EVERYBODY:
            of_all = self.sessions.chains(EVERYBODY)
            own.append(_Holders({each: (who, *chain) for each, chain in of_all.items()}))
        return own

    def _of_roles(self, who: Who, roles: Iterable[Who]) -> dict[Who, tuple[Who, ...]]:
        found: dict[Who, tuple[Who, ...]] = {}
        for role in roles:
            for each, chain in self.sessions.chains(role).items():
                found.setdefault(each, (who, *chain))
        return found

    # ── one session ──────────────────────────────────────────────────────────────────────────

    def rights(self, session: Session, on: Securable) -> Rights:
        """Everything a session may do on one thing."""
        # PROXY is granted on accounts alone; nothing on *.* implies it.
        proxied = on.level is Level.ACCOUNT
        rights = {} if proxied else self._of_database(session, on.database)
        if on.level not in (Level.SERVER, Level.DATABASE):
            level = Level.TABLE if on.level is Level.COLUMN else on.level
            found = self._others.get(self._key(level, on.database, on.name))
            if found:
                rights = _joined(rights, self._below(session, found, on))
        return _of_level(rights, on.level)

    def _of_database(self, session: Session, database: str) -> Rights:
        """What `*.*` and the database's own grants give; the former alone for ""."""
        key = (session, database)
        known = self._by_database.get(key)
        if known is None:
            ways: dict[str, list[Way]] = defaultdict(list)
            for holders in self._holders(session):
                for who, chain in holders.chains.items():
                    self._server(ways, who, chain, database)
                for entry in self._fitting(holders, database) if database else ():
                    chain = holders.chains.get(entry.who, (session.who,))
                    _add(ways, entry, Way(chain, entry, f"{shown(entry.database)}.*"))
            known = self._by_database[key] = {word: tuple(all_) for word, all_ in ways.items()}
        return known

    def _server(
        self, ways: dict[str, list[Way]], who: Who, chain: tuple[Who, ...], database: str
    ) -> None:
        account = self.facts.account.get(who)
        if account is None:
            return
        taken = frozenset[str]()
        for restricted, words in account.restrictions:
            if database and restricted == database:
                taken |= words
        way = Way(chain, None, "*.*")
        for word in account.privileges - taken:
            ways[word].append(way)
        if account.grantable:
            ways[GRANT_OPTION].append(way)

    def database_grants(
        self, session: Session, database: str
    ) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """The database grants that count in a session, and those that fit but are hidden."""
        counting: dict[Entry, None] = {}
        fitting_: dict[Entry, None] = {}
        for holders in self._holders(session):
            counting |= dict.fromkeys(self._fitting(holders, database))
            fitting_ |= dict.fromkeys(self._all_fitting(holders, database))
        return tuple(counting), tuple(each for each in fitting_ if each not in counting)

    def _all_fitting(self, holders: _Holders, database: str) -> list[Entry]:
        return [each for each in self._candidates(holders) if self._fits(each, database)]

    def _fitting(self, holders: _Holders, database: str) -> list[Entry]:
        """The database grants that count: the most specific of those that fit."""
        fitting_ = self._all_fitting(holders, database)
        if not fitting_:
            return []
        if holders.by_host:
            return [max(fitting_, key=self._weight)]
        if self.facts.mariadb:
            best = max(fitting_, key=lambda each: self.sessions.database_weight(each.database))
            return [each for each in fitting_ if each.database == best.database]
        by_name = [each for each in fitting_ if not has_wildcard(each.database)]
        if by_name:
            return by_name
        first = min(fitting_, key=lambda each: each.database.encode()).database
        return [each for each in fitting_ if each.database == first]

    def _candidates(self, holders: _Holders) -> Iterable[Entry]:
        for who in holders.chains:
            for each in self._database_entries.get(who.user, ()):
                if holders.by_host:
                    if host_matches(each.who.host, holders.by_host) and each.who.host:
                        yield each
                elif each.who == who:
                    yield each
        for each in self._database_entries.get("", ()) if holders.by_host else ():
            if host_matches(each.who.host, holders.by_host):
                yield each

    def _fits(self, entry: Entry, database: str) -> bool:
        if self.facts.partial_revokes or not (
            has_wildcard(entry.database) or "\\" in entry.database
        ):
            return self._key(Level.DATABASE, entry.database, "") == self._key(
                Level.DATABASE, database, ""
            )
        return like(entry.database, database, fold=self.facts.fold_case)

    def _weight(self, entry: Entry) -> tuple[int, int, bool]:
        host, database = entry.who.host, entry.database
        sessions = self.sessions
        return sessions.host_weight(host), sessions.database_weight(database), bool(entry.who.user)

    def _below(self, session: Session, found: list[Entry], on: Securable) -> Rights:
        """What grants on the table or routine itself, and on the column, add."""
        ways: dict[str, list[Way]] = defaultdict(list)
        for holders in self._holders(session):
            mine = [each for each in found if self._holds(holders, each)]
            if holders.by_host and mine:
                # Of several lines for one user the exact host counts, else the most specific.
                exact = [each for each in mine if each.who.host.lower() == holders.by_host.lower()]
                best = max(exact or mine, key=lambda each: self.sessions.host_weight(each.who.host))
                mine = [each for each in mine if each.who == best.who]
            for each in mine:
                if each.level is Level.COLUMN and each.column.lower() != on.column.lower():
                    continue
                chain = holders.chains.get(each.who, (session.who,))
                _add(ways, each, Way(chain, each, title_of(each)))
        return {word: tuple(all_) for word, all_ in ways.items()}

    def _holds(self, holders: _Holders, entry: Entry) -> bool:
        if not holders.by_host:
            return entry.who in holders.chains
        users = {who.user for who in holders.chains}
        return (
            entry.who.user in users
            and bool(entry.who.host)
            and host_matches(entry.who.host, holders.by_host)
        )

    def named(self, on: Securable) -> bool:
        """Whether some grant names the table or routine itself, or a column of it."""
        level = Level.TABLE if on.level is Level.COLUMN else on.level
        return self._key(level, on.database, on.name) in self._others

    def words(self, on: Securable) -> frozenset[str]:
        """All that there is to be held on something."""
        if on.level is not Level.SERVER:
            return frozenset(OF_LEVEL[on.level])
        held = frozenset[str]().union(*(each.privileges for each in self.facts.accounts))
        return held | frozenset(OF_LEVEL[Level.SERVER])

    def columns_of(self, table: Securable) -> tuple[Securable, ...]:
        """The columns of a table that something was granted on."""
        found = self._others.get(self._key(Level.TABLE, table.database, table.name), ())
        names = dict.fromkeys(each.column for each in found if each.level is Level.COLUMN)
        return tuple(table._replace(level=Level.COLUMN, column=name) for name in sorted(names))

    def account(self, who: Who) -> Account:
        """What is known of an account or role."""
        return self.facts.account.get(who) or Account(who)


def title_of(entry: Entry) -> str:
    """What a grant is on, as its REVOKE would say."""
    return Securable(entry.level, entry.database, entry.name, entry.column).title


def _add(ways: dict[str, list[Way]], entry: Entry, way: Way) -> None:
    for word in entry.privileges:
        ways[word].append(way)
    if entry.grantable:
        ways[GRANT_OPTION].append(way)


def _joined(one: Rights, other: Rights) -> Rights:
    return {word: one.get(word, ()) + other.get(word, ()) for word in one.keys() | other.keys()}


def _of_level(rights: Rights, level: Level) -> Rights:
    kept = fitting(rights, level)
    return {word: all_ for word, all_ in rights.items() if word in kept or word == GRANT_OPTION}
