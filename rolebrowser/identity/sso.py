"""Logging in to IAM Identity Center from inside: the device flow (RFC 8628).

The portal token goes where the AWS CLI keeps it (sso/cache, same name, same body), so that one
login serves both, and botocore renews it by its refresh token. sso-session and legacy profiles
differ in the file's name and in scopes only; without scopes AWS gives no refresh token.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.errors import (
    AwsError,
    CredentialsError,
    LoginRequired,
    ProfileError,
    RolebrowserError,
    TimedOut,
)
from rolebrowser.identity import caches
from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.cache_names import parse_time, portal_key
from rolebrowser.identity.model import Kind, Profile
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.prompts import LoginRequest, LoginShown, Prompts
from rolebrowser.identity.vault import KeyringFailed

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0
"""Seconds between polls where the server names none; also what `slow_down` adds (RFC 8628)."""
_PATIENCE = 5
"""Polls in a row that may fail on the way before the login is given up."""
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_SLOW = frozenset({"SlowDownException", "TooManyRequestsException", "ThrottlingException"})


@dataclass(frozen=True, slots=True)
class Door:
    """What one login is for: an sso-session, or a legacy profile's start URL.

    Attributes:
        name: of the sso-session; empty for a legacy profile.
        profile: one that waits for it; its endpoints and proxies are used.
    """

    start_url: str
    region: str
    name: str = ""
    scopes: tuple[str, ...] = ()
    profile: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, str], profile: str) -> Door:
        """The door of a profile's SSO settings (`Profiles.sso`).

        Raises:
            ProfileError: a setting is missing.
        """
        for key in ("sso_start_url", "sso_region"):
            if not settings.get(key):
                raise ProfileError(f"The SSO login of {profile} lacks {key}.", fix="Set it.")
        scopes = settings.get("sso_registration_scopes", "") if settings.get("sso_session") else ""
        return cls(
            settings["sso_start_url"],
            settings["sso_region"],
            settings.get("sso_session", ""),
            tuple(part.strip() for part in scopes.split(",") if part.strip()),
            profile,
        )

    @classmethod
    def behind(cls, profile: Profile, profiles: Profiles) -> Door:
        """The door a profile's session hangs on, also through its source_profile.

        Raises:
            ProfileError: it can't work, or no SSO login is behind it.
        """
        if profile.problem is not None:
            raise ProfileError(
                f"The profile {profile.name} can't work.",
                why=str(profile.problem),
                fix="Mend that line of the file.",
            )
        last = profiles.get(profile.chain[-1]) if profile.chain else None
        if last is not None and last.kind is Kind.SSO:
            return cls.of(profiles.sso(last), last.name)
        if last is not None and last.kind is Kind.LOGIN:
            fix = f"Its login is the AWS CLI's own: aws login --profile {last.name}"
        else:
            fix = "Only profiles with SSO have one; others start a session when they are used."
        raise ProfileError(f"The profile {profile.name} has no SSO login.", fix=fix)

    @property
    def key(self) -> str:
        """The sso/cache name of its token."""
        return portal_key({"sso_session": self.name, "sso_start_url": self.start_url})

    @property
    def label(self) -> str:
        """What a person knows it by."""
        return self.name or self.start_url


def log_in(
    door: Door,
    *,
    aws_dir: Path,
    prompts: Prompts,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    refused: str = "",
) -> datetime:
    """Have a portal token for `door`; the end of the token there is then (aware UTC).

    While another thread logs in to the same door this waits for that login instead of starting
    one; a token that another program put into the cache meanwhile ends it too.

    Args:
        seconds: for each call; the person has as long as the code lives.
        refused: an access token the portal refused, whatever its end says.

    Raises:
        LoginRequired: nobody to show the code to, denied, or nobody approved in time.
        CredentialsError: it could not be kept.
        AwsError, TimedOut, Cancelled.
    """
    cancel = cancel or Cancel()
    lock = _lock(aws_dir, door)
    while not lock.acquire(timeout=0.1):
        cancel.check()
    try:
        login = _Login(door, aws_dir, cancel, seconds, refused)
        there = login.token_there()
        if there is not None:
            return there
        login.open_cache()
        if not prompts.can_log_in:
            raise LoginRequired(
                f"The SSO login {door.label} is over or was never made.",
                fix="Log in from a terminal: rolebrowser login.",
            )
        return login.run(prompts)
    finally:
        lock.release()


def access_token(door: Door, aws_dir: Path) -> str:
    """The cached portal token itself, over or not; empty when there is none."""
    return str(_cache(aws_dir).get(door.key, {}).get("accessToken") or "")


def forget_all(*, profiles: Profiles, aws_dir: Path) -> int:
    """Remove the cached logins of all profiles; how many there were. The portal isn't told.

    Raises:
        CredentialsError: some can't be removed.
    """
    cache = caches.to_be_emptied(caches.sso_cache(aws_dir))
    keys = {portal_key(profiles.sso(each)) for each in profiles if each.kind is Kind.SSO}
    return cache.forget(sorted(keys))


_locks: dict[tuple[str, str], threading.Lock] = {}
_locks_lock = threading.Lock()


def _lock(aws_dir: Path, door: Door) -> threading.Lock:
    with _locks_lock:
        return _locks.setdefault((str(aws_dir), door.key), threading.Lock())


def _cache(aws_dir: Path) -> caches.FileCache:
    return caches.opened(caches.sso_cache(aws_dir), _FORMAT)


@dataclass
class _Login:
    """One login on its way."""

    door: Door
    aws_dir: Path
    cancel: Cancel
    seconds: float
    refused: str
    interval: float = INTERVAL
    failures: int = 0
    shown: LoginShown | None = None
    _client: Any = field(default=None, repr=False)

    def token_there(self) -> datetime | None:
        """The end of a token in the cache that may be good; None without one."""
        body = _cache(self.aws_dir).get(self.door.key, {})
        ends = parse_time(body.get("expiresAt"))
        if ends is None or body.get("accessToken") in (None, "", self.refused):
            return None
        return ends if ends > datetime.now(UTC) else None

    def open_cache(self) -> None:
        """Raises CredentialsError where a keyring won't take the token: before anybody goes to the
        browser for it, and instead of saying that there is none in what can't be read.
        """
        try:
            _cache(self.aws_dir).open(self.door.key)
        except KeyringFailed as error:
            raise CredentialsError(
                f"The SSO login {self.door.label} can neither be read nor kept.",
                why=f"{error.what}.",
                fix=error.fix,
            ) from None

    def run(self, prompts: Prompts) -> datetime:
        client = self._call(self._register, "Registering with the SSO portal")
        started = self._call(lambda: self._start(client), "Starting the SSO login")
        self.interval = float(started.get("interval") or INTERVAL)
        lives = float(started["expiresIn"])
        request = LoginRequest(
            code=str(started["userCode"]),
            url=str(started["verificationUri"]),
            complete_url=str(started.get("verificationUriComplete") or started["verificationUri"]),
            expires_at=datetime.now(UTC) + timedelta(seconds=lives),
            session=self.door.label,
            profile=self.door.profile,
        )
        self.shown = prompts.show_login(request)
        try:
            return self._wait(client, str(started["deviceCode"]), time.monotonic() + lives)
        finally:
            self.shown.close()

    def _wait(self, client: Mapping[str, Any], code: str, until: float) -> datetime:
        while time.monotonic() < until:
            if self.cancel.wait(min(self.interval, max(0.0, until - time.monotonic()))):
                self.cancel.check()
            there = self.token_there()
            if there is not None:
                return there
            answer = self._poll(client, code)
            if answer is not None:
                return self._keep(client, answer)
        raise self._too_late()

    def _poll(self, client: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
        from botocore.exceptions import ClientError

        def ask() -> Mapping[str, Any]:
            return self._oidc().create_token(
                grantType=DEVICE_GRANT,
                deviceCode=code,
                clientId=client["clientId"],
                clientSecret=client["clientSecret"],
            )

        try:
            answer = self._call(lambda: _or_refusal(ask, ClientError), "Waiting for the SSO login")
        except (AwsError, TimedOut):
            # A network that comes and goes must not cost the person another login.
            self.failures += 1
            self.interval = max(self.interval, 1.0) * 2
            if self.failures >= _PATIENCE:
                raise
            self._say(f"The portal can't be reached; trying again in {self.interval:g} s.")
            return None
        self.failures = 0
        if not isinstance(answer, ClientError):
            return answer
        self._refusal(answer)
        return None

    def _refusal(self, error: Any) -> None:
        """Go on, slower, or give up."""
        fault = error.response.get("Error", {})
        code = str(fault.get("Code", ""))
        if code == "AuthorizationPendingException":
            return
        if code in _SLOW:
            self.interval += INTERVAL
            self._say(f"The portal asks for patience: it is asked every {self.interval:g} s now.")
            return
        if code == "AccessDeniedException":
            raise LoginRequired(
                f"The SSO login {self.door.label} was denied in the browser.",
                fix="Try again, and allow it there.",
                code=code,
            )
        if code == "ExpiredTokenException":
            raise self._too_late()
        with translated("The SSO login", profile=self.door.profile):
            raise error

    def _say(self, text: str) -> None:
        if self.shown is not None:
            self.shown.say(text)

    def _too_late(self) -> RolebrowserError:
        return LoginRequired(
            f"Nobody approved the SSO login {self.door.label} in time.",
            fix="Try again, and approve it in the browser while the code is shown.",
            code="ExpiredTokenException",
        )

    def _keep(self, client: Mapping[str, Any], answer: Mapping[str, Any]) -> datetime:
        """Write the token as the AWS CLI does (`SSOTokenFetcher`)."""
        ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=answer["expiresIn"])
        registered = datetime.fromtimestamp(client["clientSecretExpiresAt"], UTC)
        body = {
            "startUrl": self.door.start_url,
            "region": self.door.region,
            "accessToken": answer["accessToken"],
            "expiresAt": ends,
            "clientId": client["clientId"],
            "clientSecret": client["clientSecret"],
            "registrationExpiresAt": registered,
        }
        if answer.get("refreshToken"):
            body["refreshToken"] = answer["refreshToken"]
        cache = _cache(self.aws_dir)
        # The one before may end later by its own word, and be refused all the same.
        cache.hide(self.door.key)
        cache[self.door.key] = body
        if cache.problems:
            raise AwsError(
                "The SSO login can't be kept.",
                why=cache.problems[0],
                fix="Mend that directory." if cache.in_files else "",
            )
        return ends

    def _register(self) -> Mapping[str, Any]:
        scopes = {"scopes": list(self.door.scopes)} if self.door.scopes else {}
        return self._oidc().register_client(
            clientName=f"rolebrowser-{int(time.time())}", clientType="public", **scopes
        )

    def _start(self, client: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._oidc().start_device_authorization(
            clientId=client["clientId"],
            clientSecret=client["clientSecret"],
            startUrl=self.door.start_url,
        )

    def _oidc(self) -> Any:
        if self._client is None:
            from botocore import UNSIGNED
            from botocore.config import Config

            from rolebrowser.identity import wiring

            session = wiring.open_session(self.door.profile, self.door.region)
            unsigned = Config(signature_version=UNSIGNED)
            self._client = session.create_client("sso-oidc", config=unsigned)
        return self._client

    def _call(self, call: Callable[[], Any], what: str) -> Any:
        def work() -> Any:
            with translated(what, profile=self.door.profile, sso_session=self.door.name):
                return call()

        return bounded(
            work, cancel=self.cancel, limit=self.seconds, what=what, fix="Is AWS reachable?"
        )


def _or_refusal(ask: Callable[[], Any], refusal: type[Exception]) -> Any:
    """The answer, or the exception it is refused with: a refusal is news here, no failure."""
    try:
        return ask()
    except refusal as error:
        return error
