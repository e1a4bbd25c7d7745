"""What the UI holds of roles: those one may assume from each profile, found now or kept on disk.

Blocking methods are run in threads (`background.in_thread`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Profile, Role, Session, Verdict
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.tui.session_holdings import SessionHoldings

if TYPE_CHECKING:
    from rolebrowser.identity import discovery
    from rolebrowser.identity.assumable import Assumable, Outlook
    from rolebrowser.identity.sso_accounts import Accounts, Progress
    from rolebrowser.identity.why import Why


@dataclass(frozen=True, slots=True)
class Looked:
    """How looking for a profile's roles went.

    Attributes:
        at: when (aware UTC); None when it couldn't be done.
        kept: it was read from disk, and says no more than verdicts and reasons.
        missing: sentences on what could not be read, or why nothing could.
    """

    at: datetime | None
    kept: bool = False
    missing: tuple[str, ...] = ()


class RoleHoldings(SessionHoldings):
    """See the module.

    Attributes:
        roles: by profile: those that were looked at, the assumable ones first.
        looked: by profile: how that went.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.roles: dict[str, Sequence[Role]] = {}
        self.looked: dict[str, Looked] = {}
        self._outlooks: dict[str, Outlook] = {}
        self._trusts: dict[str, Role] = {}
        self._untold: dict[str, set[str]] = {}
        self._alone: dict[tuple[str, str], Outlook] = {}
        self._weighing = threading.Lock()

    def recall_roles(self, profile: Profile) -> bool:
        """Take what was found when a profile was last asked, by whomever; False for nothing."""
        from rolebrowser.identity.discovery import KnownRoles

        known = KnownRoles(self.config.cache_dir).recall(profile, self.profiles)
        if known is None:
            return False
        with self._weighing:
            self._outlooks.pop(profile.name, None)
            self._forget_alone(profile.name)
            self.roles[profile.name] = known.roles
            self.looked[profile.name] = Looked(known.at, True, known.missing)
        return True

    def find_roles(self, profile: str, prompts: Prompts, cancel: Cancel) -> Outlook:
        """The roles one hears of from a profile, each weighed; trust policies that were read from
        one account decide about its roles in every other outlook too.

        Raises as `assumable.find`.
        """
        from rolebrowser.identity import assumable, one_role

        session = self.resolve(profile, "", prompts, cancel)
        seconds = self.config.timeouts.aws
        found = assumable.find(
            session, self.profiles, trusts=self._trusts, cancel=cancel, seconds=seconds
        )
        found = one_role.learn(found, self._at_hand(), cancel=cancel, seconds=seconds)
        return self._learn(profile, found)

    def find_role(self, profile: str, role: Role, prompts: Prompts, cancel: Cancel) -> Outlook:
        """The same of one role that is kept from before: by itself in a few calls, or, where these
        may not tell, with all the others. Empty when the role is gone.

        Raises as `find_roles`.
        """
        found = self._find_alone(profile, role, prompts, cancel)
        if found is None:
            return self.find_roles(profile, prompts, cancel)
        with self._weighing:
            self._alone[profile, role.arn] = found
            now = {each.role.arn: each.role for each in found.roles}
            self.roles[profile] = tuple(
                now.get(each.arn, each) for each in self.roles.get(profile, ())
            )
        return found

    def find_own(self, profile: Profile, prompts: Prompts, cancel: Cancel) -> Outlook:
        """The role that a profile assumes, with what it sends, from the profile below it.

        Empty when the role is gone. Raises as `find_roles`.
        """
        from rolebrowser.identity import assumable, one_role

        below = profile.chain[1]
        role = Role(profile.role_arn, source="config", profile=profile.name)
        found = self._find_alone(below, role, prompts, cancel)
        if found is not None:
            return found
        whole = self.find_roles(below, prompts, cancel)
        read = next((each.role for each in whole.roles if each.role.arn == role.arn), None)
        weighed = one_role.of(whole.caller, read, role, self.profiles)
        return assumable.Outlook(whole.caller, (weighed,), whole.missing)

    def _find_alone(
        self, profile: str, role: Role, prompts: Prompts, cancel: Cancel
    ) -> Outlook | None:
        """One role by itself; None where the account's lists may tell more."""
        from rolebrowser.identity import one_role

        return one_role.find(
            self.resolve(profile, "", prompts, cancel),
            self.profiles,
            role,
            trusts=self._trusts,
            readers=self._at_hand(),
            cancel=cancel,
            seconds=self.config.timeouts.aws,
        )

    def _at_hand(self) -> list[Callable[[], Session]]:
        """Sessions that are held, whoever's: they may read what this one may not."""
        return [lambda held=held: held for held in list(self._sessions.values())]

    def _forget_alone(self, profile: str) -> None:
        for key in [key for key in self._alone if key[0] == profile]:
            del self._alone[key]

    def find_everywhere(
        self, cancel: Cancel, come: Callable[[discovery.Progress], None]
    ) -> Sequence[str]:
        """The roles of every profile that can be asked without a person; those that couldn't.

        Args:
            come: called as each profile is done and its roles are held, from this thread.

        Raises:
            Cancelled: what had come stays.
        """
        from rolebrowser.identity import discovery

        failed: list[str] = []

        def told(progress: discovery.Progress) -> None:
            if progress.outlook is not None:
                self._learn(progress.profile, progress.outlook)
            else:
                failed.append(progress.profile)
                self.looked[progress.profile] = Looked(None, False, (progress.problem,))
            come(progress)

        openers = self.openers((each.name for each in discovery.askable(self.profiles)), cancel)
        seconds = self.config.timeouts.aws
        discovery.everywhere(openers, self.profiles, cancel=cancel, seconds=seconds, progress=told)
        return failed

    def openers(self, names: Iterable[str], cancel: Cancel) -> dict[str, Callable[[], Session]]:
        """What gives the sessions of some profiles; nobody is asked."""

        def opener(name: str) -> Callable[[], Session]:
            return lambda: self.resolve(name, "", NobodyToAsk(), cancel)

        return {name: opener(name) for name in names}

    def _learn(self, profile: str, found: Outlook) -> Outlook:
        """Hold an outlook and keep it on disk; what it tells of trust decides everywhere."""
        from rolebrowser.identity import assumable, discovery

        now = datetime.now(UTC)
        with self._weighing:
            self._outlooks[profile] = found
            self._forget_alone(profile)
            told = discovery.trusts((found,))
            # Only those that heard of a role without its policy have something to learn of it.
            learners = {profile}.union(*(self._untold.pop(arn, ()) for arn in told))
            self._trusts |= told
            for each in found.roles:
                if each.role.arn not in self._trusts:
                    self._untold.setdefault(each.role.arn, set()).add(profile)
            for name in learners & self._outlooks.keys():
                self._outlooks[name] = assumable.learned(self._outlooks[name], self._trusts)
                self.roles[name] = tuple(each.role for each in self._outlooks[name].roles)
            self.looked[profile] = Looked(now, False, found.missing)
            found = self._outlooks[profile]
        known = self.profiles.get(profile)
        if known is not None:
            discovery.KnownRoles(self.config.cache_dir).keep(known, self.profiles, found, now)
        return found

    def accounts_before(self, profile: Profile) -> Accounts | None:
        """What the SSO login behind a profile opened when it was last asked; a small file."""
        from rolebrowser.identity import sso, sso_accounts

        door = sso.Door.behind(profile, self.profiles)
        return sso_accounts.KnownAccounts(self.config.cache_dir).recall(door)

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
        outlook, found = self._outlook(profile, arn), self._assumable(profile, arn)
        return outlook.why(found) if outlook is not None and found is not None else None

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

    def _outlook(self, profile: str, arn: str) -> Outlook | None:
        """All of a profile's roles as they were asked for, or this one by itself."""
        return self._outlooks.get(profile) or self._alone.get((profile, arn))

    def _assumable(self, profile: str, arn: str) -> Assumable | None:
        outlook = self._outlook(profile, arn)
        found = outlook.roles if outlook is not None else ()
        return next((each for each in found if each.role.arn == arn), None)
