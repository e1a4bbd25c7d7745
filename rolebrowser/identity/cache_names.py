"""How the AWS CLI names its cache files, and what a look at them tells. Pure.

No cache file says which profile it belongs to: names are computed from the config, forward.
Sources: `botocore.credentials.BaseAssumeRoleCredentialFetcher._create_cache_key`,
`SSOCredentialFetcher._create_cache_key`, `botocore.utils.SSOTokenLoader`,
`botocore.utils.generate_login_cache_key`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime

from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Kind, Profile

OURS = "rolebrowser-"
"""Starts the names of what only we can name: roles assumed on top of a profile."""


@dataclass(frozen=True, slots=True)
class Portal:
    """An SSO portal token. Times are aware UTC.

    Attributes:
        refreshable_until: until when a refresh token and a client registration make it
            renewable without a person; None when they don't.
    """

    expires_at: datetime
    refreshable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """What `aws login` left: keys of at most 15 minutes, and whether they can be refreshed."""

    expires_at: datetime
    refreshable: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ends of everything cached, by file name without `.json`; no secrets. Aware UTC.

    Attributes:
        roles: cli/cache: role sessions and SSO role credentials.
        portals: sso/cache: portal tokens.
        logins: login/cache.
        stamps: what the files looked like (mtime in ns, bytes), by path: the next look reads
            only what changed.
    """

    roles: Mapping[str, datetime] = field(default_factory=dict)
    portals: Mapping[str, Portal] = field(default_factory=dict)
    logins: Mapping[str, Login] = field(default_factory=dict)
    stamps: Mapping[str, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)


def role_arguments(profile: Profile) -> dict[str, str | int]:
    """What botocore asks AssumeRole for (`AssumeRoleProvider._load_creds_via_assume_role`)."""
    settings = dict(profile.settings)
    wanted: dict[str, str | int] = {"RoleArn": profile.role_arn}
    for key, argument in (("external_id", "ExternalId"), ("mfa_serial", "SerialNumber")):
        if key in settings:
            wanted[argument] = settings[key]
    if settings.get("role_session_name"):
        wanted["RoleSessionName"] = settings["role_session_name"]
    with contextlib.suppress(KeyError, ValueError):
        wanted["DurationSeconds"] = int(settings["duration_seconds"])
    return wanted


def web_identity_arguments(profile: Profile) -> dict[str, str | int]:
    """The same for AssumeRoleWithWebIdentity, which knows nothing but a session name."""
    name = profile.setting("role_session_name")
    wanted: dict[str, str | int] = {"RoleArn": profile.role_arn}
    return wanted | ({"RoleSessionName": name} if name else {})


def role_key(arguments: Mapping[str, str | int]) -> str:
    """The cli/cache name of a role session."""
    return _sha1(json.dumps(dict(arguments), sort_keys=True))


def extra_role_key(profile: str, role: str) -> str:
    """The cli/cache name of a role assumed on top of a profile.

    Unlike botocore's it holds the profile: who assumed it is the question here.
    """
    wanted = {"Profile": profile, "RoleArn": role}
    return OURS + _sha1(json.dumps(wanted, sort_keys=True))


def sso_role_key(settings: Mapping[str, str]) -> str:
    """The cli/cache name of SSO role credentials."""
    wanted = {
        "roleName": settings.get("sso_role_name"),
        "accountId": settings.get("sso_account_id"),
    }
    if settings.get("sso_session"):
        wanted["sessionName"] = settings["sso_session"]
    else:
        wanted["startUrl"] = settings.get("sso_start_url")
    return _sha1(json.dumps(wanted, sort_keys=True, separators=(",", ":")))


def portal_key(settings: Mapping[str, str]) -> str:
    """The sso/cache name of a portal token."""
    return _sha1(settings.get("sso_session") or settings.get("sso_start_url", ""))


def login_key(profile: Profile) -> str:
    """The login/cache name of an `aws login` token."""
    return login_name(profile.setting("login_session"))


def login_name(login_session: str) -> str:
    """The same for the setting itself."""
    from hashlib import sha256

    return sha256(_bytes(login_session)).hexdigest()


def session_key(profile: Profile, sso: Mapping[str, str]) -> str:
    """The cli/cache name of a profile's own session; empty when its kind isn't cached there.

    Args:
        sso: the profile's SSO settings (`Profiles.sso`).
    """
    match profile.kind:
        case Kind.ROLE:
            return role_key(role_arguments(profile))
        case Kind.WEB_IDENTITY:
            return role_key(web_identity_arguments(profile))
        case Kind.SSO:
            return sso_role_key(sso)
    return ""


def parse_time(text: object) -> datetime | None:
    """A time as any of the caches writes it ("…Z", "…UTC", with offset), aware UTC; else None."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    if text.endswith("UTC"):
        text = text[:-3].rstrip() + "+00:00"
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _bytes(text: str) -> bytes:
    # Lone surrogates can't come from a file read as UTF-8; from a caller they may.
    return text.encode("utf-8", "surrogatepass")


def _sha1(text: str) -> str:
    from hashlib import sha1

    return sha1(_bytes(text), usedforsecurity=False).hexdigest()
