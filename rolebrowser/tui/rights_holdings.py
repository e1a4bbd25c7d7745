"""What the UI holds of rights: roles with their verdicts, callers with their policies, whys.

Blocking methods are run in threads (`background.in_thread`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.database.model import Database, User
from rolebrowser.identity.model import Profile, Role, Verdict
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.tui.session_holdings import SessionHoldings

if TYPE_CHECKING:
    from rolebrowser.database.users import Named
    from rolebrowser.identity.assumable import Assumable, Outlook
    from rolebrowser.identity.sso_accounts import Accounts, Progress
    from rolebrowser.identity.trust import Caller
    from rolebrowser.identity.why import Why


@dataclass(frozen=True, slots=True)
class Rights:
    """A session as a caller, and sentences on what of it could not be read."""

    caller: Caller
    missing: tuple[str, ...]


class RightsHoldings(SessionHoldings):
    """See the module.

    Attributes:
        roles: by profile: those that were looked at, the assumable ones first.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.roles: dict[str, Sequence[Role]] = {}
        self._outlooks: dict[str, Outlook] = {}
        self._trusts: dict[str, Role] = {}
        self._rights: dict[tuple[str, str], Rights] = {}
        self._inside: dict[str, tuple[str, ...]] = {}
        self._news: set[str] = set()

    # ── roles ────────────────────────────────────────────────────────────────────────────────

    def find_roles(self, profile: str, prompts: Prompts, cancel: Cancel) -> Outlook:
        """The roles one hears of from a profile, each weighed; trust policies that were read from
        one account decide about its roles in every other outlook too.

        Raises as `assumable.find`.
        """
        from rolebrowser.identity import assumable

        session = self.resolve(profile, "", prompts, cancel)
        found = assumable.find(
            session,
            self.profiles,
            trusts=self._trusts,
            cancel=cancel,
            seconds=self.config.timeouts.aws,
        )
        self._outlooks[profile] = found
        self._trusts |= {each.role.arn: each.role for each in found.roles if each.role.trust}
        for name, outlook in self._outlooks.items():
            self._outlooks[name] = assumable.learned(outlook, self._trusts)
            self.roles[name] = tuple(each.role for each in self._outlooks[name].roles)
        return self._outlooks[profile]

    def open_accounts(
        self, profile: Profile, prompts: Prompts, cancel: Cancel, come: Progress
    ) -> Accounts:
        """Every account and role that the SSO login behind a profile opens; logs in if need be.

        Args:
            come: called with each account as its roles come, from the thread that asks.

        Raises as `sso.log_in` and `sso_accounts.discover`.
        """
        from rolebrowser.identity import sso, sso_accounts

        door = sso.Door.behind(profile, self.profiles)
        where = {"aws_dir": self.config.aws_dir, "cancel": cancel}
        seconds = self.config.timeouts.aws
        sso.log_in(door, prompts=prompts, seconds=seconds, **where)
        found = sso_accounts.discover(door, seconds=seconds, progress=come, **where)
        sso_accounts.KnownAccounts(self.config.cache_dir).keep(door, found)
        self.look_at_caches()
        return found

    def why_role(self, profile: str, arn: str) -> Why | None:
        """Why a role may or may not be assumed from a profile; None when it wasn't looked at."""
        found = self._assumable(profile, arn)
        return self._outlooks[profile].why(found) if found is not None else None

    def try_role(self, profile: str, arn: str, prompts: Prompts, cancel: Cancel) -> datetime:
        """Assume a role for real; when that session would have ended. The verdict is AWS's then.

        Raises as `attempt`.
        """
        from rolebrowser.errors import AssumeRoleDenied
        from rolebrowser.identity.attempt import attempt

        session = self.resolve(profile, "", prompts, cancel)
        found, known = self._assumable(profile, arn), self.profiles.get(profile)
        given = {**found.sent, **found.assessment.given} if found is not None else {}
        try:
            ends = attempt(
                session,
                arn,
                given,
                serial=known.mfa_serial if known is not None else "",
                prompts=prompts,
                cancel=cancel,
                seconds=self.config.timeouts.aws,
            )
        except AssumeRoleDenied as error:
            self._decide(profile, arn, Verdict.DENY, f"tried, and refused: {error.why}")
            raise
        if found is None or found.role.verdict is not Verdict.CONDITIONAL:
            self._decide(profile, arn, Verdict.ALLOW, "tried, and AWS let it")
        return ends

    def _decide(self, profile: str, arn: str, verdict: Verdict, reason: str) -> None:
        self.roles[profile] = tuple(
            replace(role, verdict=verdict, reasons=(reason,)) if role.arn == arn else role
            for role in self.roles.get(profile, ())
        )

    def _assumable(self, profile: str, arn: str) -> Assumable | None:
        outlook = self._outlooks.get(profile)
        found = outlook.roles if outlook is not None else ()
        return next((each for each in found if each.role.arn == arn), None)

    # ── users ────────────────────────────────────────────────────────────────────────────────

    def rights(self, profile: str, role: str, cancel: Cancel, *, fresh: bool = False) -> Rights:
        """A session's own policies, read once until `fresh`. Raises as `assumable.own_rights`."""
        from rolebrowser.identity import assumable

        held = self._rights.get((profile, role))
        if held is not None and not fresh:
            return replace(held, caller=held.caller.at(datetime.now(UTC)))
        session = self.resolve(profile, role, NobodyToAsk(), cancel)
        missing: list[str] = []
        caller = assumable.own_rights(
            session,
            self.profiles.get(profile),
            cancel=cancel,
            seconds=self.config.timeouts.aws,
            partial=missing.append,
            others=[lambda held=held: held for held in self._sessions.values()],
        )
        found = Rights(caller, tuple(missing))
        self._rights[profile, role] = found
        return found

    def decided(self, profile: str, role: str, database: Database, user: User) -> User:
        """A user with IAM's word on them, as far as policies have been read already."""
        from rolebrowser.database import login_rights

        held = self._rights.get((profile, role))
        if held is None:
            return user
        said = login_rights.decision(held.caller, database, user.name)
        return replace(user, verdict=said.verdict, reasons=said.reasons)

    def everybody(
        self, profile: str, role: str, database: Database, known: Sequence[Named], cancel: Cancel
    ) -> tuple[Sequence[User], tuple[str, ...]]:
        """Users one may try, each with a verdict, and what could not be read.

        Raises as `rights`.
        """
        from rolebrowser.database import login_rights
        from rolebrowser.database.users import Named

        found = self.rights(profile, role, cancel)
        inside = [Named(name, "database") for name in self._inside.get(_key(database), ())]
        return login_rights.everybody(found.caller, database, [*known, *inside]), found.missing

    def why_user(self, profile: str, role: str, database: Database, user: User) -> Why | None:
        """Why one may or may not log in as a user; None when no policy has been read."""
        from rolebrowser.database import login_rights

        held = self._rights.get((profile, role))
        if held is None:
            return None
        return login_rights.why(held.caller, database, user, notes=held.missing)

    def learn_users(self, database: Database, names: Sequence[str]) -> None:
        """Keep the users that a database itself takes tokens from; from any thread."""
        if self._inside.get(_key(database)) != tuple(names):
            self._inside[_key(database)] = tuple(names)
            self._news.add(_key(database))

    def has_news(self, database: Database) -> bool:
        """Whether something was learnt of a database's users since this was last asked."""
        news = _key(database) in self._news
        self._news.discard(_key(database))
        return news


def _key(database: Database) -> str:
    return f"{database.region}/{database.account}/{database.id}"
