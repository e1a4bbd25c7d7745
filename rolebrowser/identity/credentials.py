"""Profile (and role) → Session, through botocore's own resolver and the AWS CLI's cache.

botocore decides what a profile means; we add the person (MFA), the shared disk cache, a time
limit, and words for what goes wrong. A chosen profile always drops keys of the environment
(`botocore.credentials.create_credential_resolver`, `disable_env_vars`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolebrowser.cancel import Cancel, Limit, bounded
from rolebrowser.errors import CredentialsError, MfaRequired, ProfileError, UnknownName
from rolebrowser.identity import caches
from rolebrowser.identity.aws_errors import WRONG_CODE, translated
from rolebrowser.identity.model import Identity, Profile, Session
from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE, Profiles
from rolebrowser.identity.prompts import MfaRequest, Prompts
from rolebrowser.safetext import Secret

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from botocore.session import Session as BotocoreSession

_MFA_TRIES = 3


def resolve(
    profile_name: str,
    role: str,
    *,
    profiles: Profiles,
    aws_dir: Path,
    prompts: Prompts,
    region: str = "",
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    fresh: bool = False,
) -> Session:
    """Credentials of a profile, or of a role assumed on top of it.

    Args:
        profile_name: empty = whatever botocore finds (environment, AWS_PROFILE, default).
        role: ARN; empty for the profile's own session.
        aws_dir: holds `cli/cache`, shared with the AWS CLI.
        region: wins over the profile's.
        seconds: for everything together, not counting a person's answers.
        fresh: pass over the cached session and make a new one.

    Raises:
        UnknownName, ProfileError, CredentialsError and its kinds, AwsError, TimedOut, Cancelled.
    """
    profile = _known(profile_name, profiles)
    limit = Limit(seconds)
    asker = _Asker(prompts, limit, profile, role)
    cache = caches.SessionCache(aws_dir)
    if fresh:
        _drop(cache, profile, profiles, role)
    what = f"Getting a session for {profile_name or 'the default profile'}"

    def work() -> Session:
        return asker.retried(
            lambda: _load(profile_name, role, region=region, cache=cache, asker=asker)
        )

    session = bounded(work, cancel=cancel, limit=limit, what=what, fix="Is AWS reachable?")
    refreshable = asker.asked == 0 and (profile is None or not profile.mfa_serial)
    return replace(session, refreshable=refreshable)


def _known(name: str, profiles: Profiles) -> Profile | None:
    if not name:
        return None
    profile = profiles.get(name)
    if profile is None:
        raise UnknownName(
            "profile",
            name,
            [each.name for each in profiles.profiles],
            fix="See rolebrowser profiles.",
        )
    if profile.problem is not None:
        raise ProfileError(
            f"The profile {name} can't work.", why=str(profile.problem), fix="Mend that line."
        )
    return profile


def _drop(
    cache: caches.SessionCache, profile: Profile | None, profiles: Profiles, role: str
) -> None:
    if role:
        del cache[caches.role_key({"RoleArn": role})]
    elif profile is not None:
        del cache[caches.session_key(profile, profiles.sso(profile))]


class _Asker:
    """Puts botocore's question for an MFA code to the person, again when a code was refused."""

    def __init__(self, prompts: Prompts, limit: Limit, profile: Profile | None, role: str) -> None:
        self._prompts = prompts
        self._limit = limit
        self._profile = profile
        self._role = role
        self._refused = ""
        self.asked = 0

    def __call__(self, prompt: str) -> str:
        # botocore's prompt is "Enter MFA code for ARN: "; the chain may hold several devices.
        serial = prompt.removeprefix("Enter MFA code for ").rstrip(": ")
        role = self._profile.role_arn if self._profile is not None else self._role
        name = self._profile.name if self._profile is not None else ""
        self.asked += 1
        with self._limit.paused():
            return self._prompts.mfa_code(MfaRequest(serial, role, name, self._refused))

    def retried(self, work: Callable[[], Session]) -> Session:
        """`work` again with a new code while the person gives wrong ones."""
        while True:
            try:
                return work()
            except MfaRequired as error:
                if WRONG_CODE not in error.why or self.asked >= _MFA_TRIES:
                    raise
                self._refused = "That code was not accepted. Each works once: wait for the next."


def _load(
    profile_name: str, role: str, *, region: str, cache: caches.SessionCache, asker: _Asker
) -> Session:
    with translated(
        f"Getting a session for {profile_name or 'the default profile'}", profile=profile_name
    ):
        session = _botocore_session(profile_name, cache, asker)
        found = session.get_credentials()
        if found is None:
            raise CredentialsError(
                f"The profile {profile_name or '(default)'} gives no credentials.",
                why="Nothing in the config, and no container or instance metadata answered.",
                fix="Add keys, a role or SSO to the profile: aws configure, aws configure sso.",
            )
        if role:
            found = _assumed(session, found, role, cache, asker)
        frozen = found.get_frozen_credentials()
        return Session(
            profile=profile_name,
            region=region or session.get_config_variable("region") or "",
            access_key=frozen.access_key or "",
            secret_key=Secret(frozen.secret_key or ""),
            token=Secret(frozen.token) if frozen.token else None,
            expires_at=_expiry(found),
            role=role,
        )


def _expiry(credentials: Credentials) -> datetime | None:
    ends = getattr(credentials, "_expiry_time", None)
    return ends.astimezone(UTC) if ends is not None else None


def _botocore_session(name: str, cache: caches.SessionCache, asker: _Asker) -> BotocoreSession:
    import botocore.session
    from botocore.credentials import create_credential_resolver

    chosen = None if name in ("", ENVIRONMENT_PROFILE) else name
    session = botocore.session.Session(profile=chosen)
    session.set_default_client_config(client_config())
    resolver = create_credential_resolver(session, cache=cache)
    provider: Any = resolver.get_provider("assume-role")
    provider._prompter = asker
    session.register_component("credential_provider", resolver)
    return session


def client_config() -> Any:
    """botocore's Config with our time limits: seconds to connect and to read, and retries."""
    from botocore.config import Config

    return Config(
        connect_timeout=5,
        read_timeout=10,
        retries={"mode": "standard", "max_attempts": 3},
        user_agent_extra="rolebrowser",
    )


def _assumed(
    session: BotocoreSession,
    source: Credentials,
    role: str,
    cache: caches.SessionCache,
    asker: _Asker,
) -> Credentials:
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    shared: Any = cache
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=session.create_client,
        source_credentials=source,
        role_arn=role,
        mfa_prompter=asker,
        cache=shared,
    )
    return DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )


def session_client(session: Session, service: str, region: str = "") -> Any:
    """A boto3 client that acts as `session`, with our time limits.

    Args:
        service: botocore's name: "rds", "sts", "iam".
        region: empty = the session's.
    """
    import boto3

    token = session.token.reveal() if session.token is not None else None
    with translated(f"Talking to {service}", profile=session.profile):
        return boto3.session.Session(
            aws_access_key_id=session.access_key,
            aws_secret_access_key=session.secret_key.reveal(),
            aws_session_token=token,
            region_name=region or session.region or None,
        ).client(service, config=client_config())  # type: ignore[call-overload]


def identify(session: Session, *, cancel: Cancel | None = None, seconds: float = 15.0) -> Identity:
    """Who AWS says a session is: GetCallerIdentity, which no policy can deny.

    Raises:
        SessionExpired, CredentialsError, AwsError, TimedOut, Cancelled.
    """

    def work() -> Identity:
        with translated("Asking AWS who this session is", profile=session.profile):
            client = session_client(session, "sts")
            answer = client.get_caller_identity()
            return Identity(answer["Account"], answer["Arn"], answer["UserId"])

    return bounded(work, cancel=cancel, limit=seconds, what="Asking AWS who this session is")
