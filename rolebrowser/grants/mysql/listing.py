"""The whole picture as records, in the shape of PostgreSQL's: one for each privilege held.

Pure. Records are `grants.listing.Record`; roles are named `u@h`, MariaDB's roles and PUBLIC by
their name alone; objects `*.*`, `s.*`, `s.t`, `s.t.c`, `function s.f`, `procedure s.p`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rolebrowser.errors import ConfigError, UnknownName
from rolebrowser.grants.listing import Record
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.detours import Detours
from rolebrowser.grants.mysql.facts import (
    SERVER,
    SYSTEM_ACCOUNTS,
    Level,
    Securable,
    Who,
    split_account,
    split_name,
)
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.privileges import ordered
from rolebrowser.grants.mysql.standing import Standings


class Listing:
    """Records of a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.facts = model.facts
        self.standings = Standings(model)
        self.detours = Detours(model, self.standings)

    def everything(self, *, system: bool = False) -> tuple[list[Who], list[Securable]]:
        """The accounts and things that a person means by "all".

        Args:
            system: the server's own as well: `mysql.sys`, the database `mysql`.
        """
        who = [
            each.who
            for each in self.facts.accounts
            if system or each.who.user not in SYSTEM_ACCOUNTS
        ]
        things = [SERVER]
        for each in self.facts.securables:
            if system or not self.facts.is_system(each):
                things += self.with_columns(each)
        return sorted(who), sorted(things, key=_place)

    def with_columns(self, thing: Securable) -> list[Securable]:
        """A table and those of its columns that something was granted on."""
        if thing.level is not Level.TABLE:
            return [thing]
        return [thing, *self.model.columns_of(thing)]

    def records(
        self, accounts: Iterable[Who], things: Iterable[Securable], *, brief: bool = False
    ) -> Iterator[Record]:
        """All records, account by account, thing by thing.

        Args:
            brief: leave out what something has just as what it lies in has it, if that is listed.
        """
        things = list(things)
        told = {each.title for each in things} if brief else set[str]()
        for who in accounts:
            for thing in things:
                brief = thing.level is not Level.SERVER and _around(thing).title in told
                yield from self._of_one(who, thing, brief=brief)

    def _of_one(self, who: Who, thing: Securable, *, brief: bool) -> Iterator[Record]:
        standings = self.standings.of(who, thing)
        above: set[str] = set()
        if brief:
            around = self.standings.of(who, _around(thing))
            above = {word for word, each in standings.items()
                     if word in around and around[word].state is each.state}  # fmt: skip
        for word in ordered(standings.keys() - above):
            each = standings[word]
            yield Record(who.name, thing.title, word, each.state.value, each.via, each.grantable)
        around = self.round_about(who, thing)
        if around:
            yield Record(who.name, thing.title, "SELECT", State.INDIRECT.value, around, False)

    def round_about(self, who: Who, thing: Securable) -> tuple[str, ...]:
        """The ways to a relation's rows for an account that can't read it itself."""
        if thing.level is not Level.TABLE or not self.detours.to(thing):
            return ()
        standing = self.standings.of(who, thing).get("SELECT")
        if standing is not None and standing.state is State.EFFECTIVE:
            return ()
        return self.detours.round_about(who, thing)

    def find_role(self, name: str) -> Who:
        """The account or role a person names: `u@h`, `'u'@'h'`, `u` where there is one such.

        Raises:
            UnknownName: there is none.
            ConfigError: there are several of that user; or they can't be seen.
        """
        wanted = split_account(name)
        known = [each.who for each in self.facts.accounts]
        named = [who for who in known if who.name == name] or [
            who
            for who in known
            if who.user == wanted.user and wanted.host.lower() in (who.host.lower(), "")
        ]
        exact = [who for who in named if who == wanted or who.name == name] or named
        if len(exact) == 1:
            return exact[0]
        if exact:
            labels = ", ".join(sorted(who.label for who in exact))
            raise ConfigError(f"{name!r} could be each of {labels}.", fix="Name the host too.")
        if not self.facts.complete:
            raise ConfigError(
                f"Nothing can be said of {name!r}.",
                why=" ".join(self.facts.notes),
                fix="Ask as an account that may read the database mysql.",
            )
        raise UnknownName("account", name, [who.name for who in known])

    def find_table(self, name: str) -> Securable:
        """The table or view a person names: `t`, `s.t`, with backticks or without.

        Raises:
            UnknownName: there is none.
            ConfigError: there are several in different databases.
        """
        tables = [each for each in self.facts.securables if each.level is Level.TABLE]
        return self.find(name, tables)

    def find(self, name: str, among: Iterable[Securable]) -> Securable:
        """The one of these that is so named.

        Raises:
            UnknownName, ConfigError: as `find_table`.
        """
        among = list(among)
        parts = tuple(map(self._folded, split_name(name)))
        found = [each for each in among if name == each.title or parts in self._names(each)]
        ours = [each for each in found if not self.facts.is_system(each)] or found
        if len(ours) == 1:
            return ours[0]
        if ours:
            labels = ", ".join(each.title for each in ours)
            raise ConfigError(f"{name!r} could be each of {labels}.", fix="Name the database too.")
        raise UnknownName("table", name, [each.title for each in among])

    def _names(self, thing: Securable) -> tuple[tuple[str, ...], ...]:
        names = (self._folded(thing.database), self._folded(thing.name))
        return names, names[1:]

    def _folded(self, name: str) -> str:
        return name.lower() if self.facts.fold_case else name


def _place(thing: Securable) -> tuple[bool, str, int, str, str]:
    """The server, then database by database, its tables with their columns, its routines."""
    level = _LEVELS.index(Level.TABLE if thing.level is Level.COLUMN else thing.level)
    return thing.level is not Level.SERVER, thing.database, level, thing.name, thing.column


_LEVELS = tuple(Level)


def _around(thing: Securable) -> Securable:
    """What it lies in: a column's table, a table's database, and the server."""
    if thing.level is Level.COLUMN:
        return thing._replace(level=Level.TABLE, column="")
    if thing.level is Level.DATABASE:
        return SERVER
    return Securable(Level.DATABASE, thing.database)
