"""As whom an account may act: from which hosts, and with which roles active.

Pure. Sources: MariaDB's Knowledge Base, "Roles" (one role active at a time, what it was granted
counts too) and "SET ROLE"; MySQL's manual, "Using Roles" (default_roles, mandatory_roles,
activate_all_roles_on_login, activate_mandatory_roles; SET ROLE takes roles that were granted
directly); "Access Control, Stage 1: Connection Verification" (connection-access): the most specific
account lets one in.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from rolebrowser.grants.mysql.facts import PUBLIC, Account, Facts, Who
from rolebrowser.grants.mysql.matching import (
    host_matches,
    mariadb_weight,
    mysql_weight,
    some_host,
)

EVERYBODY = Who(PUBLIC, "")


class Session(NamedTuple):
    """An account, or a role by itself, as it acts.

    Attributes:
        host: where the client is, an example; "" of a role by itself.
        roles: what is active.
        how: what was said after login to be so: "SET ROLE reporting"; "" for nothing.
    """

    who: Who
    host: str
    roles: tuple[Who, ...]
    how: str = ""


class Sessions:
    """The sessions that facts allow."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def granted(self) -> dict[Who, tuple[Who, ...]]:
        """The roles each was granted directly; mandatory ones with every account."""
        found: dict[Who, list[Who]] = {}
        for each in self.facts.memberships:
            found.setdefault(each.member, []).append(each.role)
        for account in self.facts.accounts if self.facts.mandatory else ():
            if not account.role:
                found.setdefault(account.who, []).extend(self.facts.mandatory)
        return {who: tuple(dict.fromkeys(roles)) for who, roles in found.items()}

    @cached_property
    def present(self) -> Session:
        """The one that the facts were read in."""
        reader = self.facts.account.get(self.facts.user) or Account(self.facts.user)
        return self.login(reader)[0]._replace(roles=self.facts.active)

    def login(self, account: Account) -> tuple[Session, ...]:
        """How it is right after login: one for each kind of host; a role's own one."""
        if account.role:
            return (Session(account.who, "", ()),)
        return tuple(
            Session(account.who, host, self._after_login(account, host))
            for host in self._hosts(account.who)
        )

    def others(self, account: Account) -> tuple[Session, ...]:
        """What SET ROLE makes of it, where that is something else."""
        if account.role:
            return ()
        return tuple(
            Session(account.who, host, roles, f"SET ROLE {name}")
            for host in self._hosts(account.who)
            for roles, name in self._choices(account, host)
            if frozenset(roles) != frozenset(self._after_login(account, host))
        )

    def _choices(self, account: Account, host: str) -> list[tuple[tuple[Who, ...], str]]:
        granted = self.settable(account, host)
        if not granted:
            return []
        choices: list[tuple[tuple[Who, ...], str]] = [((role,), role.label) for role in granted]
        if not self.facts.mariadb and len(granted) > 1:
            choices.insert(0, (granted, "ALL"))
        return [*choices, ((), "NONE")]

    def settable(self, account: Account, host: str) -> tuple[Who, ...]:
        """The roles that an account which came from a host may set.

        MariaDB looks for the role at every account of that name whose pattern fits the host, not
        only at the one that was logged in to (found on 10.11, where nothing documents it).
        """
        if not self.facts.mariadb:
            return self.granted.get(account.who, ())
        namesakes = [
            each.who
            for each in self._by_user.get(account.who.user, ())
            if each.who != account.who and host_matches(each.who.host, host)
        ]
        found = [role for who in (account.who, *namesakes) for role in self.granted.get(who, ())]
        return tuple(dict.fromkeys(found))

    def _after_login(self, account: Account, host: str) -> tuple[Who, ...]:
        if self.facts.activate_all and not self.facts.mariadb:
            return self.granted.get(account.who, ())
        granted = self.settable(account, host)
        active = account.default_roles
        if self.facts.activate_mandatory:
            active += self.facts.mandatory
        return tuple(dict.fromkeys(role for role in active if role in granted))

    def chains(self, role: Who) -> dict[Who, tuple[Who, ...]]:
        """Everything a role brings with it, each with the shortest chain from the role on."""
        found: dict[Who, tuple[Who, ...]] = {role: (role,)}
        queue = [role]
        for each in queue:
            for above in self.granted.get(each, ()):
                if above not in found:
                    found[above] = (*found[each], above)
                    queue.append(above)
        return found

    # ── hosts ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _patterns(self) -> dict[str, tuple[str, ...]]:
        """The host patterns in which a user's name stands, in accounts and in grants."""
        found: dict[str, dict[str, None]] = {}
        for each in self.facts.accounts:
            if not each.role:
                found.setdefault(each.who.user, {})[each.who.host] = None
        for entry in self.facts.entries:
            if entry.who.host:
                found.setdefault(entry.who.user, {})[entry.who.host] = None
        return {user: tuple(hosts) for user, hosts in found.items()}

    def _hosts(self, who: Who) -> tuple[str, ...]:
        """Examples of hosts from which one gets this account: one for each pattern in grants."""
        patterns = [who.host, *self._patterns.get(who.user, ()), *self._patterns.get("", ())]
        hosts = [some_host(pattern) for pattern in dict.fromkeys(patterns)]
        found = [
            host for host in hosts
            if host_matches(who.host, host) and self.account_for(who.user, host) == who
        ]  # fmt: skip
        return tuple(dict.fromkeys(found)) or (some_host(who.host),)

    def account_for(self, user: str, host: str) -> Who | None:
        """The account that lets a user in from a host."""
        fitting = [
            each.who
            for each in self._by_user.get(user, ()) + self._by_user.get("", ())
            if host_matches(each.who.host, host)
        ]
        return max(fitting, key=self._weight, default=None)

    @cached_property
    def _by_user(self) -> dict[str, tuple[Account, ...]]:
        found: dict[str, list[Account]] = {}
        for each in self.facts.accounts:
            if not each.role:
                found.setdefault(each.who.user, []).append(each)
        return {user: tuple(accounts) for user, accounts in found.items()}

    def _weight(self, who: Who) -> tuple[int, bool]:
        return self.host_weight(who.host), bool(who.user)

    def host_weight(self, pattern: str) -> int:
        """The greater, the more specific."""
        return mariadb_weight(pattern, 60) if self.facts.mariadb else mysql_weight(pattern)

    def database_weight(self, pattern: str) -> int:
        """The greater, the more specific."""
        return mariadb_weight(pattern, 64) if self.facts.mariadb else mysql_weight(pattern)
