"""Who may run a suggested statement, where the reader of the facts may not.

Pure. Sources: MySQL's manual, "GRANT", "REVOKE" (GRANT OPTION and what is granted; ROLE_ADMIN or a
role WITH ADMIN OPTION), "SET DEFAULT ROLE" and "ALTER USER" (CREATE USER, but for oneself);
MariaDB's Knowledge Base, "GRANT", "Roles", and its sql/sql_acl.cc (can_grant_role: WITH ADMIN
OPTION alone, whichever role is active; check_alter_user: UPDATE on the database mysql, but for
oneself). Tests hold it against real logins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rolebrowser.grants.entitled import NAMED, having
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.facts import SERVER, Account, Level, Securable, Who
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.operations import (
    Activate,
    Grant,
    Join,
    Leave,
    Restrict,
    Revoke,
    Step,
    Unlock,
    thing,
)
from rolebrowser.grants.mysql.standing import ROLE_ADMINS, Standing


def who_may(listing: Listing, steps: Iterable[Step]) -> tuple[str, ...]:
    """Sentences on who may run the steps; none where the reader may run them all."""
    name = listing.facts.user.label
    found: list[str] = []
    for step in steps:
        reader = _Asked(listing, step)
        if not reader.may(listing.facts.user):
            later = reader.after_set_role
            how = "but after SET ROLE" if later else f"that takes {reader.wants}"
            found.append(f"{name} may not run it{',' if later else ':'} {how}.")
    return tuple(dict.fromkeys(found))


class _Asked:
    """One step, and who may run it."""

    def __init__(self, listing: Listing, step: Step) -> None:
        self._listing = listing
        self._model = listing.model
        self._facts = listing.facts
        self._step = step

    def may(self, who: Who) -> bool:
        """Whether an account may, right after login."""
        match self._step:
            case Join(role, _) | Leave(role, _):
                return self._administers(who, role)
            case Activate(_, member) | Unlock(member):
                return self._alters(who, member)
            case _:
                standing = self._standing(who)
                return standing is not None and _passes_on(standing, State.EFFECTIVE)

    @property
    def after_set_role(self) -> bool:
        """Whether the reader may once it has set a role."""
        if isinstance(self._step, (Join, Leave, Activate, Unlock)):
            return False
        standing = self._standing(self._facts.user)
        return standing is not None and _passes_on(standing, State.LATENT)

    @property
    def wants(self) -> str:
        """`SELECT on s.t WITH GRANT OPTION (root@localhost has it)`."""
        match self._step:
            case Join(role, _) | Leave(role, _):
                right = f"{role.label} WITH ADMIN OPTION"
                right += "" if self._facts.mariadb else " or ROLE_ADMIN"
            case Activate() if self._facts.mariadb:
                right = "UPDATE on mysql.*"
            case Activate() | Unlock():
                right = "CREATE USER"
            case _:
                word, on = self._granted()
                right = f"{word} on {on.title} WITH GRANT OPTION"
        return f"{right} ({self._having()})"

    def _granted(self) -> tuple[str, Securable]:
        match self._step:
            case Grant(word, on, _):
                return word, on
            case Revoke(word, _, entry):
                return word, thing(entry)
            case Restrict(word, _, database):
                return word, Securable(Level.DATABASE, database)
            case _:
                raise AssertionError(self._step)

    def _standing(self, who: Who) -> Standing | None:
        word, on = self._granted()
        return self._listing.standings.of(who, on).get(word)

    def _administers(self, who: Who, role: Who) -> bool:
        """WITH ADMIN OPTION, itself or through a role; MySQL: one that is active, or ROLE_ADMIN."""
        sessions = self._model.sessions
        if self._facts.mariadb:
            holders = frozenset(sessions.chains(who))
        else:
            if self._listing.standings.server_words(who) & frozenset(ROLE_ADMINS):
                return True
            login = sessions.login(self._model.account(who))[0]
            active = (each for active in login.roles for each in sessions.chains(active))
            holders = frozenset((who, *active))
        return any(
            each.admin and each.role == role and each.member in holders
            for each in self._facts.memberships
        )

    def _alters(self, who: Who, member: Who) -> bool:
        """An account's default roles, or whether it is locked."""
        if who == member and isinstance(self._step, Activate):
            return True
        if self._facts.mariadb and isinstance(self._step, Activate):
            database = Securable(Level.DATABASE, "mysql")
            standing = self._listing.standings.of(who, database).get("UPDATE")
            return standing is not None and standing.state is State.EFFECTIVE
        return "CREATE USER" in self._listing.standings.server_words(who)

    def _having(self) -> str:
        """The first accounts that may, in words."""
        if not self._facts.complete:
            return "who has it can't be seen"
        found: list[str] = []
        for account in self._candidates():
            if self.may(account.who):
                found.append(account.who.label)
            if len(found) > NAMED:
                return having(found[:NAMED], "others")
        return having(found)

    def _candidates(self) -> Iterator[Account]:
        """Accounts that may pass on anything, of which few are: not all are weighed."""
        holders = {each.who.user for each in self._facts.entries if each.grantable}
        holders |= {each.who.user for each in self._facts.accounts if each.grantable}
        holders |= {each.member.user for each in self._facts.memberships if each.admin}
        for account in self._facts.accounts:
            if account.role or account.locked:
                continue
            roles = self._model.sessions.granted.get(account.who, ())
            through = (each for role in roles for each in self._model.sessions.chains(role))
            on_server = self._model.rights(self._model.sessions.login(account)[0], SERVER)
            if account.who.user in holders or on_server or any(r.user in holders for r in through):
                yield account


def _passes_on(standing: Standing, state: State) -> bool:
    return standing.state is state and standing.grantable
