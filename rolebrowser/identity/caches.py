"""The AWS CLI's own cache files: what is in them, and writing them as the CLI does.

Sharing them is what makes a session started here good in the CLI and the other way round. Names
and bodies: `botocore.credentials.JSONFileCache`, `BaseAssumeRoleCredentialFetcher`,
`SSOCredentialFetcher`, `botocore.utils.SSOTokenLoader`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolebrowser.identity.model import Kind, Profile

_LARGEST = 262_144
"""Bytes; a cache file beyond this is not one."""


@dataclass(frozen=True, slots=True)
class Portal:
    """An SSO portal token's life: until when, and whether it can be refreshed without a person."""

    expires_at: datetime
    refreshable: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ends of everything cached, by the files' names without `.json`. Times aware UTC.

    Attributes:
        roles: cli/cache: role sessions and SSO role credentials.
        portals: sso/cache: portal tokens.
        logins: login/cache: `aws login` tokens.
    """

    roles: Mapping[str, datetime] = field(default_factory=dict)
    portals: Mapping[str, Portal] = field(default_factory=dict)
    logins: Mapping[str, datetime] = field(default_factory=dict)


def read(aws_dir: Path, environ: Mapping[str, str]) -> Snapshot:
    """What the caches hold now. Truncated, unreadable and alien files are passed over."""
    logins = environ.get("AWS_LOGIN_CACHE_DIRECTORY") or str(aws_dir / "login" / "cache")
    roles = {
        name: ends
        for name, body in _bodies(aws_dir / "cli" / "cache")
        if (ends := parse_time(_inside(body, "Credentials").get("Expiration"))) is not None
    }
    portals = {
        name: Portal(ends, _refreshable(body))
        for name, body in _bodies(aws_dir / "sso" / "cache")
        if body.get("accessToken") and (ends := parse_time(body.get("expiresAt"))) is not None
    }
    login_ends = {
        name: ends
        for name, body in _bodies(Path(logins))
        if (ends := parse_time(_inside(body, "accessToken").get("expiresAt"))) is not None
    }
    return Snapshot(roles, portals, login_ends)


def _bodies(directory: Path) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            if path.suffix != ".json":
                continue
            with contextlib.suppress(OSError, ValueError):
                if path.stat().st_size > _LARGEST:
                    continue
                body = json.loads(path.read_text(encoding="utf-8"))
                if isinstance(body, dict):
                    found.append((path.stem, body))
    return found


def _inside(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _refreshable(body: Mapping[str, Any]) -> bool:
    registered = parse_time(body.get("registrationExpiresAt"))
    return bool(body.get("refreshToken")) and (registered is None or registered > datetime.now(UTC))


def parse_time(text: object) -> datetime | None:
    """A time as any of the caches writes it ("…Z", "…UTC", with offset), aware UTC; else None."""
    if not isinstance(text, str):
        return None
    cleaned = text.strip().replace("UTC", "+00:00").replace("Z", "+00:00")
    try:
        found = datetime.fromisoformat(cleaned)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def role_arguments(profile: Profile) -> dict[str, str | int]:
    """What botocore would ask AssumeRole for, as far as the config says."""
    duration = profile.setting("duration_seconds").strip()
    wanted: dict[str, str | int] = {
        "RoleArn": profile.role_arn,
        "ExternalId": profile.setting("external_id"),
        "SerialNumber": profile.setting("mfa_serial"),
        "RoleSessionName": profile.setting("role_session_name"),
    }
    if duration.isdigit():
        wanted["DurationSeconds"] = int(duration)
    return {key: value for key, value in wanted.items() if value}


def role_key(arguments: Mapping[str, str | int]) -> str:
    """The cache name of a role session (`BaseAssumeRoleCredentialFetcher._create_cache_key`)."""
    return _sha1(json.dumps(dict(arguments), sort_keys=True))


def sso_role_key(settings: Mapping[str, str]) -> str:
    """The cache name of SSO role credentials (`SSOCredentialFetcher._create_cache_key`)."""
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
    """The cache name of a portal token (`SSOTokenLoader._generate_cache_key`)."""
    return _sha1(settings.get("sso_session") or settings.get("sso_start_url", ""))


def login_key(profile: Profile) -> str:
    """The cache name of an `aws login` token."""
    return hashlib.sha256(profile.setting("login_session").encode()).hexdigest()


def web_identity_arguments(profile: Profile) -> dict[str, str | int]:
    """What botocore's cache name for a web identity session is made of."""
    wanted: dict[str, str | int] = {"RoleArn": profile.role_arn}
    if profile.setting("role_session_name"):
        wanted["RoleSessionName"] = profile.setting("role_session_name")
    return wanted


def session_key(profile: Profile, settings: Mapping[str, str]) -> str:
    """The cli/cache name of a profile's own session; empty when its kind isn't cached there."""
    match profile.kind:
        case Kind.ROLE:
            return role_key(role_arguments(profile))
        case Kind.WEB_IDENTITY:
            return role_key(web_identity_arguments(profile))
        case Kind.SSO:
            return sso_role_key(settings)
    return ""


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class SessionCache:
    """cli/cache for botocore's resolver: written atomically, 0600, never with less than there is.

    Implements what botocore asks of a cache (`__contains__`, `__getitem__`, `__setitem__`,
    `__delitem__`). A cache that can't be written costs a warning in `problems`, not the session.
    """

    def __init__(self, aws_dir: Path) -> None:
        self._directory = aws_dir / "cli" / "cache"
        self._held: dict[str, dict[str, Any]] = {}
        self.problems: list[str] = []

    def _path(self, key: str) -> Path:
        return self._directory / f"{key}.json"

    def __contains__(self, key: str) -> bool:
        return key in self._held or self._path(key).is_file()

    def __getitem__(self, key: str) -> dict[str, Any]:
        if key in self._held:
            return self._held[key]
        try:
            body = json.loads(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise KeyError(key) from None
        if not isinstance(body, dict):
            raise KeyError(key)
        return body

    def __delitem__(self, key: str) -> None:
        self._held.pop(key, None)
        with contextlib.suppress(OSError):
            self._path(key).unlink()

    def __setitem__(self, key: str, value: dict[str, Any]) -> None:
        text = json.dumps(value, default=_serialize)
        with contextlib.suppress(KeyError):
            if _ends(self[key]) > _ends(json.loads(text)):
                return
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._directory, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, self._path(key))
        except OSError as error:
            self.problems.append(f"The session can't be kept in {self._directory}: {error}")
            self._held[key] = json.loads(text)


def _ends(body: Mapping[str, Any]) -> datetime:
    found = parse_time(_inside(body, "Credentials").get("Expiration"))
    return found or datetime.min.replace(tzinfo=UTC)


def _serialize(value: object) -> object:
    # As botocore's cache writes a role's Expiration: "2026-11-23T20:00:00UTC".
    return value.strftime("%Y-%m-%dT%H:%M:%S%Z") if isinstance(value, datetime) else str(value)
