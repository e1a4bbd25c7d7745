"""What a look could see: on MySQL and MariaDB that depends on who looks, and on active roles.

Pure. Sources: MySQL's manual, "SHOW GRANTS" and "INFORMATION_SCHEMA Introduction"; MariaDB's
Knowledge Base, "SHOW GRANTS", and its sql/sql_acl.cc (mysql_show_grants: the account's own, those
of the active role and what it was granted, and PUBLIC's). Two looks at one server are compared
where both could see: what only one of them was shown is no news of the server.
"""

from __future__ import annotations

from functools import cached_property

from rolebrowser.grants.mysql.facts import Facts, Level, Securable, Who, split_name
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.sessions import EVERYBODY, Sessions


class Sight:
    """What the facts would have told, were it there."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._facts = model.facts
        self._databases: dict[str, bool] = {}

    def of(self, who: Who) -> bool:
        """Whether the grants of an account or role are in sight, those to its own name only."""
        return self._facts.complete or who in self._shown

    @cached_property
    def _shown(self) -> frozenset[Who]:
        known = frozenset(each.who for each in self._facts.accounts)
        nested = {each.role for each in self._facts.memberships if each.member in self._mixed}
        return known - frozenset(self._facts.unseen) - self._mixed - nested

    @cached_property
    def _mixed(self) -> frozenset[Who]:
        """Roles whose roles' grants are told as their own, as MySQL does."""
        if self._facts.mariadb:
            return frozenset()
        return frozenset(each.member for each in self._facts.memberships) - {self._facts.user}

    def of_name(self, name: str) -> bool:
        """Whether all that an account of that name may do is in sight, through what as well."""
        if self._facts.complete:
            return True
        who = next((each.who for each in self._facts.accounts if each.who.name == name), None)
        if who is None or (who != self._facts.user and not self.of(who)):
            return False
        return not self._model.sessions.chains(who).keys() & set(self._facts.unseen)

    def of_database(self, name: str) -> bool:
        """Whether everything in a database is in sight; "" is outside of all."""
        if self._facts.sees_all or not name:
            return True
        known = self._databases.get(name)
        if known is None:
            on = Securable(Level.DATABASE, name)
            known = bool(self._model.rights(self._model.sessions.present, on))
            self._databases[name] = known
        return known

    def of_title(self, title: str) -> bool:
        """Whether a thing would be in sight, by its title: `s.t`, `function s.f`, `account u@h`."""
        if title.startswith(f"{Level.ACCOUNT} "):
            return True
        kinds = (f"{level} " for level in Level)
        plain = next((title.removeprefix(each) for each in kinds if title.startswith(each)), title)
        return self.of_database(split_name(plain)[0]) if plain != "*.*" else True


def left_out(facts: Facts, sessions: Sessions) -> tuple[str, ...]:
    """What SHOW GRANTS doesn't tell its reader, counted where it can be, as phrases."""
    if not facts.complete:
        waiting = ", ".join(each.label for each in facts.unseen)
        inactive = (f"what {waiting} may while not active",) if waiting else ()
        return (*inactive, "everybody else's grants")
    told = {facts.user}.union(*(sessions.chains(each) for each in (EVERYBODY, *facts.active)))
    counts = dict.fromkeys(_others(facts), 0)
    for who, number in _granted(facts):
        if who not in told:
            counts[_reason(facts, who)] += number
    return tuple(f"{count:,} {reason}" for reason, count in counts.items() if count)


def _granted(facts: Facts) -> list[tuple[Who, int]]:
    return [
        *((each.who, len(each.privileges)) for each in facts.accounts),
        *((each.who, len(each.privileges)) for each in facts.entries),
        *((each.member, 1) for each in facts.memberships),
    ]


def _others(facts: Facts) -> tuple[str, str, str]:
    host = f"to {facts.user.user} from other hosts"
    return host, "to roles that aren't active", "to other accounts"


def _reason(facts: Facts, who: Who) -> str:
    host, role, account = _others(facts)
    known = facts.account.get(who)
    if known is not None and known.role:
        return role
    return host if who.user == facts.user.user else account
