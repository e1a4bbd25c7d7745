"""How long a session still lives, as far as this machine knows; nothing is asked of anybody. Pure.

Rules: shared/reference/aws-profiles.md, "How long things live".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from rolebrowser.identity import cache_names
from rolebrowser.identity.cache_names import Snapshot, parse_time
from rolebrowser.identity.model import Kind, Lifetime, Profile, Session, State
from rolebrowser.identity.profiles import Profiles

EXPIRING = timedelta(minutes=10)
URGENT = timedelta(minutes=2)
"""Under this even a connect that is begun at once may come too late."""
TOKEN_LIFE = timedelta(minutes=15)
"""Of an RDS IAM token."""
BOTOCORE_WINDOW = timedelta(minutes=15)
"""With less than this left botocore passes a cached session over
(`CachedCredentialFetcher.DEFAULT_EXPIRY_WINDOW_SECONDS`)."""
RENEW_BEFORE = timedelta(minutes=5)
"""A session in use is renewed when less than this is left."""
LOGIN_LIFE = timedelta(hours=12)
"""For how long `aws login` refreshes its keys."""

_TICKING = frozenset({State.VALID, State.EXPIRING, State.EXPIRED})
_ALIVE = frozenset({State.VALID, State.EXPIRING})
_PERSON = frozenset({State.NEEDS_LOGIN, State.NEEDS_MFA, State.BROKEN, State.MISSING})
WORDS = {
    State.NEEDS_LOGIN: "needs login",
    State.NEEDS_MFA: "needs MFA",
    State.NOT_STARTED: "ready",
    State.NONE: "static",
    State.UNKNOWN: "unknown",
    State.AUTO: "auto",
    State.MISSING: "no keys",
    State.BROKEN: "broken",
    State.REFUSED: "refused",
}
"""What the browser and the table of `rolebrowser profiles` say where no time is left to be told."""
EXPIRY_SETTINGS = ("x_security_token_expires", "expiration", "aws_credential_expiration")
"""Where saml2aws and autoawsume write the end beside the keys; nobody else does."""


def lifetime(
    profile: Profile,
    profiles: Profiles,
    cached: Snapshot,
    now: datetime,
    held: Mapping[tuple[str, str], Session],
    role: str = "",
) -> Lifetime:
    """What is known of the session of a profile, or of a role assumed on top of it.

    A state that asks for a person (login, MFA) goes before EXPIRED; `expires_at` then still says
    when the last session ended.

    Args:
        cached: the AWS CLI's caches (`caches.read`).
        now: aware UTC.
        held: sessions in memory by (profile name, role ARN or "").
        role: ARN of a role assumed from the profile; empty for the profile's own session.
    """
    known = _Look(profiles, cached, now).known(profile, role)
    session = held.get((profile.name, role))
    if session is None:
        return known
    ends = session.expires_at
    if ends is None:
        state = State.NONE if session.token is None else State.UNKNOWN
        return replace(known, state=state, expires_at=None)
    if known.state in _ALIVE and known.expires_at is not None and known.expires_at > ends:
        return known
    if ends > now or known.state in (State.NOT_STARTED, State.UNKNOWN):
        return replace(known, state=_state(ends, now), expires_at=ends)
    return known


def portal(settings: Mapping[str, str], cached: Snapshot, now: datetime) -> Lifetime:
    """The life of an SSO login itself: one for all profiles of an sso-session.

    NOT_STARTED = its token is over, and is renewed without a person.

    Args:
        settings: of the sso-session, or of a legacy profile (`Profiles.sso`).
    """
    name = settings.get("sso_session", "")
    token = cached.portals.get(cache_names.portal_key(settings))
    if token is None:
        return Lifetime(State.NEEDS_LOGIN)
    if token.expires_at > now:
        return Lifetime(_state(token.expires_at, now), token.expires_at, token.expires_at)
    # Only tokens of an sso-session are refreshed (`SSOTokenProvider`).
    until = token.refreshable_until if name else None
    state = State.NOT_STARTED if until is not None and until > now else State.NEEDS_LOGIN
    return Lifetime(state, token.expires_at, token.expires_at)


class _Look:
    """The same look at files and time for a profile and those it hangs on."""

    def __init__(self, profiles: Profiles, cached: Snapshot, now: datetime) -> None:
        self._profiles = profiles
        self._cached = cached
        self._now = now

    def known(self, profile: Profile, role: str = "") -> Lifetime:
        if profile.problem is not None:
            return Lifetime(State.BROKEN)
        if role:
            return self._extra(profile, role)
        match profile.kind:
            case Kind.STATIC:
                return Lifetime(State.NONE)
            case Kind.SESSION_KEYS | Kind.ENVIRONMENT:
                return self._keys(profile)
            case Kind.SSO:
                return self._sso(profile)
            case Kind.ROLE:
                return self._role(profile)
            case Kind.WEB_IDENTITY:
                return self._started(profile)
            case Kind.LOGIN:
                return self._login(profile)
            case Kind.NONE:
                return Lifetime(State.AUTO if profile.source else State.MISSING)
        # A credential_process may open a browser: nothing is known before it ran.
        return Lifetime(State.UNKNOWN)

    def _until(self, ends: datetime) -> Lifetime:
        return Lifetime(_state(ends, self._now), ends)

    def _keys(self, profile: Profile) -> Lifetime:
        for key in EXPIRY_SETTINGS:
            ends = parse_time(profile.setting(key))
            if ends is not None:
                return self._until(ends)
        static = profile.setting("keys") == "static" and profile.kind is Kind.ENVIRONMENT
        return Lifetime(State.NONE if static else State.UNKNOWN)

    def _started(self, profile: Profile) -> Lifetime:
        if not self._cached.roles:
            return Lifetime(State.NOT_STARTED)
        key = cache_names.session_key(profile, self._profiles.sso(profile))
        ends = self._cached.roles.get(key)
        return self._until(ends) if ends is not None else Lifetime(State.NOT_STARTED)

    def _extra(self, profile: Profile, role: str) -> Lifetime:
        ends = self._cached.roles.get(cache_names.extra_role_key(profile.name, role))
        if ends is not None and ends > self._now:
            return self._until(ends)
        below = self.known(profile)
        if below.state in _PERSON:
            return Lifetime(below.state, ends)
        return self._until(ends) if ends is not None else Lifetime(State.NOT_STARTED)

    def _sso(self, profile: Profile) -> Lifetime:
        settings = self._profiles.sso(profile)
        login = portal(settings, self._cached, self._now)
        known = replace(self._started(profile), portal_expires_at=login.portal_expires_at)
        if known.state in _ALIVE or login.state is not State.NEEDS_LOGIN:
            return known
        return replace(known, state=State.NEEDS_LOGIN)

    def _role(self, profile: Profile) -> Lifetime:
        known = self._started(profile)
        if known.state in _ALIVE:
            return known
        needed = self._needed(profile)
        return known if needed is None else replace(known, state=needed)

    def _needed(self, profile: Profile) -> State | None:
        """What starting the session would ask of a person, down the whole chain."""
        if "mfa_serial" in dict(profile.settings):
            return State.NEEDS_MFA
        for name in profile.chain[1:]:
            source = self._profiles.get(name)
            if source is None:
                return State.BROKEN
            if source.kind is Kind.ROLE and source.setting("aws_access_key_id"):
                return None
            below = self.known(source)
            if below.state in _ALIVE and (below.expires_at or self._now) >= (
                self._now + BOTOCORE_WINDOW
            ):
                return None
            if source.kind is Kind.ROLE:
                if "mfa_serial" in dict(source.settings):
                    return State.NEEDS_MFA
                continue
            return below.state if below.state in _PERSON else None
        return None

    def _login(self, profile: Profile) -> Lifetime:
        login = self._cached.logins.get(cache_names.login_key(profile))
        if login is None:
            return Lifetime(State.NEEDS_LOGIN)
        if login.expires_at > self._now:
            return self._until(login.expires_at)
        refreshable = login.refreshable and login.expires_at > self._now - LOGIN_LIFE
        state = State.NOT_STARTED if refreshable else State.NEEDS_LOGIN
        return Lifetime(state, login.expires_at)


def _state(ends: datetime, now: datetime) -> State:
    left = ends - now
    if left <= timedelta():
        return State.EXPIRED
    return State.EXPIRING if left < EXPIRING else State.VALID


def at(known: Lifetime, now: datetime) -> Lifetime:
    """The same knowledge at a later time: VALID becomes EXPIRING, then EXPIRED.

    Cheap enough to be asked each second of each row on screen: the caches are not needed.
    """
    if known.state not in _TICKING or known.expires_at is None:
        return known
    state = _state(known.expires_at, now)
    return known if state is known.state else replace(known, state=state)


def usable_until(session: Session, now: datetime) -> datetime:
    """Until when a token signed now would open a connection: 15 minutes, or the session's end."""
    ends = now + TOKEN_LIFE
    return ends if session.expires_at is None else min(ends, session.expires_at)


def renewal_due(session: Session, now: datetime) -> bool:
    """Whether to renew a session in use now: it ends soon, and nobody would have to be asked."""
    ends = session.expires_at
    return session.refreshable and ends is not None and ends - now < RENEW_BEFORE


def describe(known: Lifetime, now: datetime) -> str:
    """A few characters for a row.

    "52m", "1h 04m", "2d 03h"; the last ten minutes with seconds: "7m 12s", "0m 09s"; "expired
    3h ago"; or the state's word: "static", "ready", "needs MFA", "needs login", "unknown", "auto",
    "no keys", "broken".
    """
    if known.state not in _TICKING or known.expires_at is None:
        return WORDS.get(known.state, "unknown")
    return countdown(known.expires_at, now)


def describe_portal(known: Lifetime, now: datetime) -> str:
    """SSO's other clock, in the same words; empty where there is none."""
    ends = known.portal_expires_at
    return countdown(ends, now) if ends is not None else ""


def countdown(ends: datetime, now: datetime) -> str:
    """The time left, or how long ago it ended."""
    left = int((ends - now).total_seconds() // 1)
    if left <= 0:
        return f"expired {_ago(-left)}"
    if left < 600:
        return f"{left // 60}m {left % 60:02d}s"
    minutes = left // 60
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 1440:
        return f"{minutes // 60}h {minutes % 60:02d}m"
    return f"{minutes // 1440}d {minutes % 1440 // 60:02d}h"


def _ago(seconds: int) -> str:
    if seconds < 60:
        return "now"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes}m ago"
    return f"{minutes // 60}h ago" if minutes < 1440 else f"{minutes // 1440}d ago"


def next_change(known: Lifetime, now: datetime) -> datetime | None:
    """When `describe` will next say something else; None = not by itself. Aware UTC.

    So that a screen of thousands of rows redraws the few that changed.
    """
    if known.state not in _TICKING or known.expires_at is None:
        return None
    left = int((known.expires_at - now).total_seconds() // 1)
    if left > 0:
        step = 1 if left < 600 else 60 if left < 86_400 else 3600
        following = left // step * step - 1
    else:
        ago = -left
        step = 60 if ago < 3600 else 3600 if ago < 86_400 else 86_400
        following = -(ago // step + 1) * step
    # A moment later than that many seconds, rounded down, are left.
    return known.expires_at - timedelta(seconds=following + 1) + timedelta(microseconds=1)
