"""How an account stands to each privilege on something, and through what, in words.

Pure. States are those of PostgreSQL's model (`grants.model.State`): effective after login; blocked
where the account is locked, or has it from some hosts only; latent after SET ROLE; escalatable by
what MySQL's and MariaDB's manuals say of CREATE USER (ALTER USER … IDENTIFIED BY on any account;
MySQL: but those with SYSTEM_USER, 8.0.16 and later) and of ROLE_ADMIN (GRANT any role).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.facts import SERVER, Account, Securable, Who
from rolebrowser.grants.mysql.model import Model, Rights, Way
from rolebrowser.grants.mysql.privileges import GRANT_OPTION
from rolebrowser.grants.mysql.sessions import EVERYBODY, Session

LIMIT = 50
"""Ways that are named of one privilege."""
ROLE_ADMINS = ("ROLE_ADMIN", "SUPER")


class Standing(NamedTuple):
    """How an account stands to one privilege.

    Attributes:
        via: each way in words, what is in its way in brackets.
        grantable: it may grant the privilege to others.
        holders: those at the ends of the ways; none of what is escalatable.
    """

    state: State
    via: tuple[str, ...]
    grantable: bool = False
    holders: frozenset[Who] = frozenset()


class _Found(NamedTuple):
    session: Session
    way: Way


class Standings:
    """Standings in a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._servers: dict[Who, frozenset[str]] = {}

    def of(self, who: Who, on: Securable) -> dict[str, Standing]:
        """How an account or role stands to each privilege on something; by word."""
        account = self.model.account(who)
        logins = self.model.sessions.login(account)
        after_login = [(each, self.model.rights(each, on)) for each in logins]
        grantable = any(GRANT_OPTION in rights for _, rights in after_login)
        standings: dict[str, Standing] = {}
        for word, found in _by_word(after_login).items():
            everywhere = all(word in rights for _, rights in after_login)
            obstacle = "the account is locked" if account.locked and not account.role else ""
            state = State.EFFECTIVE if everywhere and not obstacle else State.BLOCKED
            via = [self._line(each, on, obstacle or self._only(everywhere, each)) for each in found]
            standings[word] = Standing(state, _few(via), grantable, _holders(found))
        later = [(each, self.model.rights(each, on)) for each in
                 self.model.sessions.others(account)]  # fmt: skip
        for word, found in _by_word(later).items():
            if word not in standings:
                via = [self._line(each, on) for each in found]
                can = any(GRANT_OPTION in rights and word in rights for _, rights in later)
                standings[word] = Standing(State.LATENT, _few(via), can, _holders(found))
        for word, via in self._escalations(account, on, standings).items():
            standings[word] = Standing(State.ESCALATABLE, _few(via))
        return standings

    # ── in words ─────────────────────────────────────────────────────────────────────────────

    def _only(self, everywhere: bool, found: _Found) -> str:
        return "" if everywhere else f"only from some hosts: {found.session.host}"

    def _line(self, found: _Found, on: Securable, obstacle: str = "") -> str:
        session, way = found
        first, *others = (each.label for each in way.chain)
        words = [first]
        if session.how and others:
            words.append(f" ⇒ SET ROLE {others.pop(0)}")
        elif session.how:
            words.append(f" ⇒ {session.how}")
        words += [f" → {each}" for each in others]
        to = way.entry.who if way.entry is not None else way.chain[-1]
        by = f" to {to.label}" if to != way.chain[-1] else ""
        if way.title != on.title or by:
            words.append(f" (on {way.title}{by})")
        if obstacle:
            words.append(f" [{obstacle}]")
        return "".join(words)

    # ── what it could make of itself ─────────────────────────────────────────────────────────

    def _escalations(
        self, account: Account, on: Securable, has: dict[str, Standing]
    ) -> dict[str, list[str]]:
        if account.role or account.locked:
            return {}
        server = self.server_words(account.who)
        found: dict[str, list[str]] = defaultdict(list)
        for who, how in self._within_reach(account, server):
            for word in self._could(who, on) - has.keys():
                if len(found[word]) < LIMIT:
                    found[word].append(f"{account.who.label} ⇒ {how}")
        return found

    def _within_reach(self, account: Account, server: frozenset[str]) -> Iterator[tuple[Who, str]]:
        """Accounts it could take over, and roles it could grant itself, each with how."""
        mariadb = self.model.facts.mariadb
        for each in self.model.facts.accounts:
            if each.who in (account.who, EVERYBODY):
                continue
            if each.role:
                admin = next((word for word in ROLE_ADMINS if word in server), "")
                if admin and not mariadb:
                    yield each.who, f"GRANT {each.who.label} (by {admin})"
            elif "CREATE USER" in server and not (
                "SYSTEM_USER" in each.privileges and "SYSTEM_USER" not in server
            ):
                yield each.who, f"ALTER USER {each.who.label} (by CREATE USER)"

    def server_words(self, who: Who) -> frozenset[str]:
        """What an account has on the whole server after login, from wherever it comes."""
        known = self._servers.get(who)
        if known is None:
            logins = self.model.sessions.login(self.model.account(who))
            rights = [self.model.rights(each, SERVER).keys() for each in logins]
            known = self._servers[who] = frozenset(rights[0]).intersection(*rights[1:])
        return known

    def _could(self, who: Who, on: Securable) -> frozenset[str]:
        """What it has there in any session."""
        account = self.model.account(who)
        sessions = (*self.model.sessions.login(account), *self.model.sessions.others(account))
        return frozenset(word for each in sessions for word in _words(self.model.rights(each, on)))


def _words(rights: Rights) -> Iterator[str]:
    return (word for word in rights if word != GRANT_OPTION)


def _by_word(sessions: list[tuple[Session, Rights]]) -> dict[str, list[_Found]]:
    found: dict[str, list[_Found]] = defaultdict(list)
    for session, rights in sessions:
        for word in _words(rights):
            found[word] += [_Found(session, way) for way in rights[word]]
    return found


def _holders(found: list[_Found]) -> frozenset[Who]:
    return frozenset(each.way.chain[-1] for each in found)


def _few(lines: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))[:LIMIT]
