"""How long a session still lives, as far as this machine knows; nothing is asked of anybody. Pure.

Rules: shared/reference/aws-profiles.md, "How long things live".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from rolebrowser.identity import caches
from rolebrowser.identity.caches import Snapshot
from rolebrowser.identity.model import Kind, Lifetime, Profile, Session, State
from rolebrowser.identity.profiles import Profiles

EXPIRING = timedelta(minutes=10)
TOKEN_LIFE = timedelta(minutes=15)

_WORDS = {
    State.NEEDS_LOGIN: "login",
    State.NEEDS_MFA: "MFA",
    State.NOT_STARTED: "–",
    State.NONE: "static",
    State.UNKNOWN: "unknown",
    State.AUTO: "auto",
    State.BROKEN: "broken",
}


def lifetime(
    profile: Profile,
    profiles: Profiles,
    cached: Snapshot,
    now: datetime,
    held: Mapping[tuple[str, str], Session],
    role: str = "",
) -> Lifetime:
    """What is known of the session of a profile, or of a role assumed on top of it.

    Args:
        cached: the AWS CLI's caches.
        now: aware UTC.
        held: sessions in memory by (profile name, role ARN or "").
        role: ARN of a role assumed from the profile; empty for the profile's own session.
    """
    if profile.problem is not None:
        return Lifetime(State.BROKEN)
    session = held.get((profile.name, role))
    if session is not None and session.expires_at is not None:
        return _until(session.expires_at, now)
    if role:
        ends = cached.roles.get(caches.role_key({"RoleArn": role}))
        return _until(ends, now) if ends is not None else Lifetime(State.NOT_STARTED)
    return _own(profile, profiles, cached, now)


def _own(profile: Profile, profiles: Profiles, cached: Snapshot, now: datetime) -> Lifetime:
    match profile.kind:
        case Kind.STATIC:
            return Lifetime(State.NONE)
        case Kind.SESSION_KEYS | Kind.ENVIRONMENT:
            return _keys(profile, now)
        case Kind.SSO:
            return _sso(profile, profiles, cached, now)
        case Kind.ROLE:
            return _role(profile, profiles, cached, now)
        case Kind.WEB_IDENTITY:
            ends = cached.roles.get(caches.session_key(profile, {}))
            return _until(ends, now) if ends is not None else Lifetime(State.NOT_STARTED)
        case Kind.LOGIN:
            ends = cached.logins.get(caches.login_key(profile))
            return _until(ends, now) if ends is not None else Lifetime(State.NEEDS_LOGIN)
        case Kind.NONE:
            return Lifetime(State.AUTO)
        case Kind.BROKEN:
            return Lifetime(State.BROKEN)
    return Lifetime(State.UNKNOWN)


def _until(ends: datetime, now: datetime) -> Lifetime:
    left = ends - now
    if left <= timedelta():
        return Lifetime(State.EXPIRED, ends)
    return Lifetime(State.EXPIRING if left < EXPIRING else State.VALID, ends)


def _keys(profile: Profile, now: datetime) -> Lifetime:
    # saml2aws and autoawsume write the end beside the keys; nobody else does.
    for key in ("x_security_token_expires", "expiration", "aws_credential_expiration"):
        ends = caches.parse_time(profile.setting(key))
        if ends is not None:
            return _until(ends, now)
    return Lifetime(State.UNKNOWN)


def _sso(profile: Profile, profiles: Profiles, cached: Snapshot, now: datetime) -> Lifetime:
    settings = profiles.sso(profile)
    portal = cached.portals.get(caches.portal_key(settings))
    portal_ends = portal.expires_at if portal is not None else None
    alive = portal is not None and (portal.refreshable or portal.expires_at > now)
    ends = cached.roles.get(caches.sso_role_key(settings))
    if ends is not None and ends > now:
        known = _until(ends, now)
        return Lifetime(known.state, ends, portal_ends)
    return Lifetime(State.NOT_STARTED if alive else State.NEEDS_LOGIN, ends, portal_ends)


def _role(profile: Profile, profiles: Profiles, cached: Snapshot, now: datetime) -> Lifetime:
    ends = cached.roles.get(caches.session_key(profile, {}))
    if ends is not None and ends > now:
        return _until(ends, now)
    needed = _needed(profile, profiles, cached, now)
    if needed is not State.NOT_STARTED:
        return Lifetime(needed, ends)
    return Lifetime(State.EXPIRED, ends) if ends is not None else Lifetime(State.NOT_STARTED)


def _needed(profile: Profile, profiles: Profiles, cached: Snapshot, now: datetime) -> State:
    """What starting the session would ask of a person, through the whole chain."""
    if profile.mfa_serial:
        return State.NEEDS_MFA
    for name in profile.chain[1:]:
        source = profiles.get(name)
        if source is None:
            return State.BROKEN
        life = _own(source, profiles, cached, now)
        if life.state in (State.NEEDS_MFA, State.NEEDS_LOGIN, State.BROKEN):
            return life.state
        if life.state in (State.VALID, State.EXPIRING):
            return State.NOT_STARTED
    return State.NOT_STARTED


def usable_until(session: Session, now: datetime) -> datetime:
    """Until when a token signed now would open a connection: 15 minutes, or the session's end."""
    ends = now + TOKEN_LIFE
    return ends if session.expires_at is None else min(ends, session.expires_at)


def describe(known: Lifetime, now: datetime) -> str:
    """A few characters for a row: "52m", "1h04m", "7m12s", "over 3h", "static", "login"."""
    if known.state in _WORDS or known.expires_at is None:
        return _WORDS.get(known.state, "unknown")
    left = int((known.expires_at - now).total_seconds())
    if left <= 0:
        return f"over {_span(-left)}"
    if left < EXPIRING.total_seconds():
        return f"{left // 60}m{left % 60:02d}s"
    return _span(left)


def _span(seconds: int) -> str:
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes}m"
    hours = minutes // 60
    return f"{hours}h{minutes % 60:02d}m" if hours < 24 else f"{hours // 24}d"
