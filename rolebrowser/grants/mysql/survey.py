"""MysqlSurvey: `survey.Survey` from the facts of a MySQL or MariaDB server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import ConfigError
from rolebrowser.grants.compare import Difference
from rolebrowser.grants.listing import Record
from rolebrowser.grants.mysql import compare, explain, fix, question, verify
from rolebrowser.grants.mysql.compare import Side
from rolebrowser.grants.mysql.explain import IAM_PLUGIN
from rolebrowser.grants.mysql.facts import Account, Facts
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.survey import Explained, Reply, Survey, chosen
from rolebrowser.grants.verify import told


class MysqlSurvey:
    """See `survey.Survey` for what each method gives."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.listing = Listing(Model(facts))

    @property
    def user(self) -> str:
        """CURRENT_USER() when the facts were read."""
        return self.facts.user.name

    @property
    def where(self) -> str:
        """The server."""
        version = self.facts.version
        number = f"{version // 10000}.{version // 100 % 100}.{version % 100}"
        return f"{'MariaDB' if self.facts.mariadb else 'MySQL'} {number}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be seen."""
        return self.facts.notes

    def roles(self, *, system: bool = False) -> Iterator[tuple[str, str]]:
        """What each account is, and its roles, the active ones marked."""
        for who in self.listing.everything(system=system)[0]:
            account = self.listing.model.account(who)
            words = ["role" if account.role else "account"]
            if account.locked and not account.role:
                words.append("locked")
            if account.plugin == IAM_PLUGIN:
                words.append("login with an IAM token only")
            granted = self._granted(account)
            if granted:
                words.append(f"roles {', '.join(granted)}")
            yield who.name, "; ".join(words)

    def _granted(self, account: Account) -> list[str]:
        sessions = self.listing.model.sessions
        active = sessions.login(account)[0].roles
        waits = not account.role
        return [
            role.label + (" (not active after login)" if waits and role not in active else "")
            for role in sessions.granted.get(account.who, ())
        ]

    def records(
        self,
        roles: Sequence[str] = (),
        tables: Sequence[str] = (),
        *,
        system: bool = False,
        brief: bool = False,
    ) -> Iterator[Record]:
        """Who may do what."""
        found = chosen(self.listing, roles, tables, system=system)
        return self.listing.records(*found, brief=brief)

    def why(self, connection: Connection, text: str) -> Reply:
        """Gates, the server's word where it can be had, and what would change it."""
        asked = question.parse(text, self.listing)
        if not asked.parts and asked.unseen:
            raise asked.unseen[0].error
        trial, said = None, ""
        if asked.statement:
            trial = verify.trial(connection, self.facts, asked.who, asked.statement)
            said = told(trial, asked.who.label, None)
        parts = tuple(self._explained(connection, each) for each in asked.parts)
        return Reply(asked.who.name, parts, trial, said)

    def _explained(self, connection: Connection, asked: question.Question) -> Explained:
        answer = explain.why(self.listing, asked.who, asked.on, asked.word)
        return Explained(
            role=answer.who.name,
            object=answer.on.title,
            privilege=answer.word,
            state=answer.state,
            via=answer.via,
            grantable=answer.grantable,
            verdict=answer.verdict,
            can=answer.can,
            gates=answer.gates,
            around=answer.around,
            escalations=answer.escalations,
            detours=answer.detours,
            verified=verify.agreements(connection, self.facts, answer),
            give=fix.giving(self.listing, *asked),
            take=fix.taking(self.listing, *asked),
        )

    def differences(
        self, one: str, other: str, *, there: Survey | None = None, system: bool = False
    ) -> Iterator[Difference]:
        """Two accounts, of this server or of two."""
        if not isinstance(there, MysqlSurvey | None):
            raise ConfigError("Only two servers of one kind can be compared.")
        theirs = there.listing if there is not None else self.listing
        sides = (
            Side(self.listing, self.listing.find_role(one)),
            Side(theirs, theirs.find_role(other)),
        )
        return compare.differences(*sides, system=system)
