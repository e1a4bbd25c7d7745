"""What the UI holds of identities: profiles, what the caches say, sessions in memory.

Blocking methods are run in threads (`background.in_thread`); no secret that doesn't sit in a
`Session`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.errors import AssumeRoleDenied, RolebrowserError, SessionExpired
from rolebrowser.identity import account_names, caches, profile_files, sessions
from rolebrowser.identity.caches import Snapshot
from rolebrowser.identity.model import Lifetime, Profile, Session, State
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.prompts import NobodyToAsk, Prompts


class SessionHoldings:
    """See the module.

    Attributes:
        account_names: by account number, as SSO portals told them.
        unsaid: sentences on what surprises in sessions, to be told the person; each once.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.profiles = Profiles()
        self.account_names: Mapping[str, str] = {}
        self.unsaid: list[str] = []
        self._said: set[str] = set()
        self._cached = Snapshot()
        self._logins: dict[str, State] = {}
        self._sessions: dict[tuple[str, str], Session] = {}
        self._refused: set[tuple[str, str]] = set()
        self._over: set[tuple[str, str]] = set()

    def reload(self) -> None:
        """Read the profiles and the AWS CLI's caches again; asks nobody."""
        self._over.clear()  # there may be new keys in the place of those
        self.profiles = profile_files.load(os.environ)
        self._mention(*map(str, self.profiles.warnings))
        self.look_at_caches()

    def look_at_caches(self) -> bool:
        """Read what has changed in the caches; False when that, and time, have changed nothing."""
        before, names = self._cached, self.account_names
        self.account_names = account_names.read(self.config.cache_dir)
        store = self.config.session_store
        self._cached = caches.read(self.config.aws_dir, os.environ, before, store=store)
        logins = {name: self.portal(name).state for name in self.profiles.sso_sessions}
        logins, self._logins = self._logins, logins
        changed = self._cached != before or self._logins != logins
        return changed or self.account_names != names

    def lifetime(self, profile: str, role: str) -> Lifetime:
        """What is known of a session's life, from memory and the caches."""
        known = self.profiles.get(profile)
        if known is None:
            return Lifetime(State.UNKNOWN)
        now = datetime.now(UTC)
        life = sessions.lifetime(known, self.profiles, self._cached, now, self._sessions, role)
        refused = life.state is State.NOT_STARTED and (profile, role) in self._refused
        # Keys that no end stands beside: nothing but AWS's word tells that they are over.
        refused |= life.state is State.UNKNOWN and (profile, role) in self._over
        return Lifetime(State.REFUSED) if refused else life

    def portal(self, sso_session: str) -> Lifetime:
        """What is known of an SSO login's life, from the cache."""
        known = self.profiles.sso_sessions.get(sso_session)
        settings = {**dict(known.settings if known else ()), "sso_session": sso_session}
        return sessions.portal(settings, self._cached, datetime.now(UTC))

    def session(self, profile: str, role: str) -> Session | None:
        """The session held for a profile and role."""
        return self._sessions.get((profile, role))

    def keep(self, session: Session) -> None:
        """Hold a session that came about elsewhere (a connect)."""
        self._refused.discard((session.profile, session.role))
        self._over.discard((session.profile, session.role))
        self._sessions[session.profile, session.role] = session
        self._mention(*session.warnings)

    def heard(self, profile: str, role: str, error: RolebrowserError) -> None:
        """Remember a refusal, until there is a session all the same: it isn't ready to be had."""
        if isinstance(error, AssumeRoleDenied):
            self._refused.add((profile, role))
            return
        from rolebrowser.identity import credentials

        if isinstance(error, SessionExpired):
            self._over.add((profile, role))
        held = self._sessions.get((profile, role))
        if held is not None and held.expires_at is None and credentials.over(error):
            # Keys that are written somewhere: there may be others by the next time.
            del self._sessions[profile, role]

    def resolve(
        self,
        profile: str,
        role: str,
        prompts: Prompts,
        cancel: Cancel,
        *,
        fresh: bool = False,
        duration: int = 0,
    ) -> Session:
        """A session, the held one while it lives. Raises as `credentials.resolve`."""
        from rolebrowser.identity import credentials

        held = self._sessions.get((profile, role))
        now = datetime.now(UTC)
        if held is not None and not fresh and (held.expires_at is None or held.expires_at > now):
            return held
        try:
            session = credentials.resolve(
                profile,
                role,
                profiles=self.profiles,
                aws_dir=self.config.aws_dir,
                prompts=prompts,
                cancel=cancel,
                seconds=self.config.timeouts.aws,
                fresh=fresh,
                duration=duration,
            )
        except RolebrowserError as error:
            self.heard(profile, role, error)
            raise
        self.keep(session)
        known = self.profiles.get(profile)
        if known is not None:
            self._mention(credentials.account_warning(known, session, cancel=cancel))
        self.look_at_caches()
        return session

    def log_in(self, profile: Profile, prompts: Prompts, cancel: Cancel) -> datetime:
        """A new SSO login, whatever is cached; the end of its token. Raises as `sso.log_in`."""
        from rolebrowser.identity import sso

        door = sso.Door.behind(profile, self.profiles)
        try:
            return sso.log_in(
                door,
                aws_dir=self.config.aws_dir,
                prompts=prompts,
                cancel=cancel,
                seconds=self.config.timeouts.aws,
                refused=sso.access_token(door, self.config.aws_dir),
            )
        finally:
            self.look_at_caches()

    def latest(self, session: Session | None) -> Session | None:
        """The session held in place of that one, if it lives longer."""
        held = self._sessions.get((session.profile, session.role)) if session is not None else None
        if session is None or held is None or held.expires_at is None:
            return session
        longer = session.expires_at is not None and held.expires_at > session.expires_at
        return held if longer else session

    def renew_alone(self, session: Session, cancel: Cancel) -> Session:
        """A fresh session like that one, if nobody has to be asked for it.

        Raises as `credentials.resolve`.
        """
        return self.resolve(session.profile, session.role, NobodyToAsk(), cancel, fresh=True)

    def open_console(self, profile: Profile, role: str, prompts: Prompts, cancel: Cancel) -> bool:
        """Open the web console in a browser of this machine; False when none comes up.

        Raises as `credentials.resolve` and `console.sign_in_url`.
        """
        from rolebrowser.identity import console
        from rolebrowser.identity.browser import open_page, open_privately

        session = self.resolve(profile.name, role, prompts, cancel)
        endpoint = console.federation_url(
            session.region, os.environ, dict(profile.settings), console.services_of(profile.name)
        )
        seconds = self.config.timeouts.aws
        link = console.sign_in_url(session, endpoint=endpoint, cancel=cancel, seconds=seconds)
        return open_privately(link, start=open_page)

    def forget(self, profile: Profile, role: str) -> bool:
        """Drop a session from memory and the caches; False when there was none.

        Raises:
            CredentialsError: it is gone from memory, and can't be removed from the caches.
        """
        from rolebrowser.identity import credentials

        held = self._sessions.pop((profile.name, role), None)
        try:
            cached = credentials.forget(
                profile, role, profiles=self.profiles, aws_dir=self.config.aws_dir
            )
        finally:
            self.look_at_caches()
        return cached or held is not None

    def forget_all(self) -> tuple[int, int]:
        """Drop every session and SSO login; how many of each there were in the caches.

        Raises:
            CredentialsError: all are gone from memory, some can't be removed from the caches.
        """
        from rolebrowser.identity import forgetting

        self._sessions.clear()
        try:
            return forgetting.forget_all(profiles=self.profiles, aws_dir=self.config.aws_dir)
        finally:
            self.look_at_caches()

    def is_news(self, sentence: str) -> bool:
        """True the first time something is to be said."""
        news = sentence not in self._said
        self._said.add(sentence)
        return news

    def _mention(self, *sentences: str) -> None:
        self.unsaid += [each for each in sentences if each and self.is_news(each)]
