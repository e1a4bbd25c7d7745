"""One session being had: botocore's resolver, then a role on top, told what a person answered."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolebrowser.cancel import Cancel
from rolebrowser.errors import AssumeRoleDenied, CredentialsError
from rolebrowser.identity import caches, durations
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.cache_names import (
    extra_role_key,
    parse_time,
    role_arguments,
    role_key,
    session_key,
)
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.credential_process import Runs
from rolebrowser.identity.model import Kind, Profile, Session
from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE, Profiles
from rolebrowser.identity.prompts import MfaRequest
from rolebrowser.identity.sessions import BOTOCORE_WINDOW, EXPIRY_SETTINGS
from rolebrowser.identity.sso import Door
from rolebrowser.identity.surprises import CHAINED_LIMIT
from rolebrowser.safetext import Secret

_PROMPT = "Enter MFA code for "
"""botocore's prompt: `AssumeRoleCredentialFetcher._assume_role_kwargs`."""
_METHODS = {
    Kind.ROLE: "assume-role",
    Kind.WEB_IDENTITY: "assume-role-with-web-identity",
    Kind.SSO: "sso",
}
_ASKED = "DurationSeconds"
"""The length that was chosen, in a cache entry: asked for another, it is not the one."""
_ROLE_METHODS = frozenset({*_METHODS.values(), "iam-role", "container-role"})
# What may hold a chain up without a person. A credential_process may open a browser.
_UNATTENDED = frozenset(
    {Kind.STATIC, Kind.ROLE, Kind.WEB_IDENTITY, Kind.SSO, Kind.LOGIN, Kind.NONE}
)


class CodeWanted(BaseException):
    """Carries the question for a code out of botocore, to be asked in the caller's thread.

    Not an Exception: botocore catches those while it refreshes.
    """

    def __init__(self, request: MfaRequest) -> None:
        super().__init__(request.serial)
        self.request = request


@dataclass
class Job:
    """One session to be had; `run` may be called again with what was missing.

    Attributes:
        profile: None = whatever botocore finds.
        implied: the profile that will be, as far as the config tells.
        duration: seconds for `role`, or for the profile's own; 0 = as configured.
        code: the MFA code at hand; used once.
        runs: how a credential_process is run.
    """

    profile: Profile | None
    implied: Profile | None
    role: str
    profiles: Profiles
    aws_dir: Path
    region: str
    duration: int
    cancel: Cancel
    seconds: float
    cache: caches.FileCache
    runs: Runs
    code: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.profile.name if self.profile is not None else ""

    def own_key(self) -> str:
        """The cache name of the wanted session; empty when it isn't cached."""
        if self.role:
            return extra_role_key(self.name, self.role)
        if self.implied is None:
            return ""
        return session_key(self.implied, self.profiles.sso(self.implied))

    def door(self) -> Door | None:
        """The SSO login it hangs on; None when there is none."""
        last = self._hops()[-1:]
        if not last or last[0].kind is not Kind.SSO:
            return None
        return Door.of(self.profiles.sso(last[0]), last[0].name)

    def hide(self, key: str) -> None:
        if key:
            self.cache.hide(key)

    def hide_chain(self) -> bool:
        """Pass over every cached session the wanted one may hang on; False if there is none."""
        keys = [session_key(each, self.profiles.sso(each)) for each in self._hops()]
        cached = [key for key in (self.own_key(), *keys) if key and key in self.cache]
        for key in cached:
            self.cache.hide(key)
        return bool(cached)

    def _hops(self) -> tuple[Profile, ...]:
        chain = self.implied.chain if self.implied is not None else ()
        return tuple(hop for name in chain if (hop := self.profiles.get(name)) is not None)

    def cached(self) -> Session | None:
        """The wanted session from the cache, though botocore would renew it already."""
        return self._from_cache(self.own_key())

    def _from_cache(self, key: str, at_least: float = 60.0) -> Session | None:
        body = self.cache.get(key) if key else None
        if body is None or (self.duration and self.duration != body.get(_ASKED)):
            return None
        if isinstance(body.get(_ASKED), int) and body[_ASKED]:
            # Of the shortest length botocore would renew every time what was just begun.
            at_least = min(at_least, body[_ASKED] / 3)
        ends = parse_time(body["Credentials"]["Expiration"])
        if ends is None or (ends - datetime.now(UTC)).total_seconds() < at_least:
            return None
        kind = Kind.ROLE if self.role or self.implied is None else self.implied.kind
        return self._session(_Keys.of(body), ends, _METHODS.get(kind, ""))

    def run(self, what: str) -> Session:
        """The session, or CodeWanted.

        Raises UnknownName, ProfileError, CredentialsError and its kinds, AwsError.
        """
        # botocore would look into the same file first: a fifth of a second later, imported.
        known = self._from_cache(self.own_key(), BOTOCORE_WINDOW.total_seconds())
        if known is not None:
            return known
        last = self._hops()[-1:]
        with translated(
            what,
            profile=self.name,
            sso_session=last[0].setting("sso_session") if last else "",
            source=last[0].name if last else "",
            duration=0 if self.role else self.duration,
            region=self._region(),
            everything=True,
        ):
            session = self._profile_session()
            return self._assume(session) if self.role else session

    def _profile_session(self) -> Session:
        from rolebrowser.identity import wiring

        if self.name == ENVIRONMENT_PROFILE:
            from botocore.credentials import EnvProvider

            found: Any = EnvProvider().load()
        else:
            session = wiring.open_session(self.name, self.region, self._own_duration())
            ways = wiring.Ways(self.cache, self.aws_dir, self._ask, self.runs)
            found = wiring.resolver(session, ways).load_credentials()
        if found is None:
            raise CredentialsError(
                f"The profile {self.name or '(default)'} gives no credentials.",
                why="Nothing in the config, and no container or instance metadata answered.",
                fix="Add keys, a role or SSO to it: aws configure, aws configure sso.",
            )
        frozen = found.get_frozen_credentials()
        # Nothing public tells the end; the AWS CLI's export-credentials reads the same attribute.
        ends = getattr(found, "_expiry_time", None)
        ends = ends.astimezone(UTC) if ends is not None else self._written_expiry()
        keys = _Keys(frozen.access_key, frozen.secret_key, frozen.token or "")
        return self._session(keys, ends, found.method, role="")

    def _own_duration(self) -> int:
        """The length chosen for the profile's own role; 0 = none was.

        Its session is kept as the profile's usual one, so that the AWS CLI has it too.
        """
        if self.role or not self.duration or self.implied is None:
            return 0
        usual = self.own_key()
        wanted = durations.lasting(self.implied, self.duration)
        self.cache.alias(session_key(wanted, {}), usual, {_ASKED: self.duration})
        self.cache.hide(usual)
        return self.duration

    def _written_expiry(self) -> datetime | None:
        settings = dict(self.implied.settings) if self.implied is not None else {}
        for key in EXPIRY_SETTINGS:
            ends = parse_time(settings.get(key))
            if ends is not None:
                return ends
        return None

    def _ask(self, prompt: str) -> str:
        """botocore's question; answered with the code at hand, or carried out to the person."""
        code, self.code = self.code, None
        if code is not None:
            return code
        serial = prompt.removeprefix(_PROMPT).strip().removesuffix(":")
        profile, role = self._hop_asking(serial)
        raise CodeWanted(MfaRequest(serial, role, profile))

    def _hop_asking(self, serial: str) -> tuple[str, str]:
        """(profile, role) the code is for: the deepest one with that device and no session yet."""
        for hop in reversed(self._hops()):
            if hop.setting("mfa_serial") != serial or not hop.role_arn:
                continue
            body = self.cache.get(role_key(role_arguments(hop)))
            ends = parse_time(body["Credentials"]["Expiration"]) if body else None
            if ends is None or ends - datetime.now(UTC) < BOTOCORE_WINDOW:
                return hop.name, hop.role_arn
        return self.name, self.implied.role_arn if self.implied is not None else self.role

    def _assume(self, source: Session) -> Session:
        """The extra role, with the profile's session."""
        duration = self.duration
        if source.method in _ROLE_METHODS and duration > CHAINED_LIMIT:
            self.warnings.append(durations.CHAINED)
            duration = CHAINED_LIMIT
        wanted: dict[str, Any] = {
            "RoleArn": self.role,
            "RoleSessionName": f"rolebrowser-{int(time.time())}",
        }
        if duration:
            wanted["DurationSeconds"] = duration
        serial = self.implied.setting("mfa_serial") if self.implied is not None else ""
        # Only long-term keys can vouch for a code; a role's session can't.
        if source.token is not None:
            serial = ""
        if self.code is not None and serial:
            wanted |= {"SerialNumber": serial, "TokenCode": self.code}
            self.code = None
        client = session_client(source, "sts", self.region)
        try:
            with translated(f"Assuming {self.role}", profile=self.name, duration=self.duration):
                answer = client.assume_role(**wanted)
        except AssumeRoleDenied:
            # The trust policy may ask for MFA though nothing in the config says so.
            if serial and "TokenCode" not in wanted:
                raise CodeWanted(MfaRequest(serial, self.role, self.name)) from None
            raise
        self.cache[self.own_key()] = {
            "Credentials": answer["Credentials"],
            "AssumedRoleUser": answer["AssumedRoleUser"],
            _ASKED: self.duration,
        }
        inside = answer["Credentials"]
        keys = _Keys(inside["AccessKeyId"], inside["SecretAccessKey"], inside["SessionToken"])
        return self._session(keys, inside["Expiration"].astimezone(UTC), "assume-role")

    def _session(
        self, keys: _Keys, ends: datetime | None, method: str, role: str | None = None
    ) -> Session:
        return Session(
            profile=self.name,
            region=self._region(),
            access_key=keys.access_key,
            secret_key=Secret(keys.secret_key),
            token=Secret(keys.token) if keys.token else None,
            expires_at=ends,
            role=self.role if role is None else role,
            method=method,
        )

    def _region(self) -> str:
        """As `wiring.open_session` has it."""
        configured = self.implied.region if self.implied is not None else ""
        usual = os.environ.get("AWS_DEFAULT_REGION") or configured
        return self.region or usual or os.environ.get("AWS_REGION", "")

    def refreshable(self, session: Session) -> bool:
        """Renewable without a person: no code on the way, and nothing that may open a browser."""
        if session.expires_at is None:
            return False
        hops = self._hops()
        if not hops:
            return session.method != "env"
        if any(hop.role_arn and hop.setting("mfa_serial") for hop in hops):
            return False
        last = hops[-1].kind
        return last in _UNATTENDED and (last is not Kind.LOGIN or caches.refreshes_logins())


@dataclass(frozen=True, slots=True, repr=False)
class _Keys:
    access_key: str
    secret_key: str
    token: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> _Keys:
        inside = body["Credentials"]
        return cls(inside["AccessKeyId"], inside["SecretAccessKey"], inside["SessionToken"])
