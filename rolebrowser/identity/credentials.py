"""Profile (and role) → Session, through botocore's own resolver and the AWS CLI's cache.

botocore decides what a profile means (wiring.py); here are the person (MFA), the shared disk
cache, a time limit, and words for what goes wrong. A chosen profile always drops keys of the
environment (`botocore.credentials.create_credential_resolver`, `disable_env_vars`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rolebrowser import config as configuration
from rolebrowser.cancel import Cancel, Limit, bounded
from rolebrowser.errors import ProfileError
from rolebrowser.identity import caches, caller_identity, durations, profile_files, surprises
from rolebrowser.identity.cache_names import extra_role_key, session_key
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.credential_process import Runs
from rolebrowser.identity.model import Identity, Profile, Session
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.prompts import Prompts
from rolebrowser.identity.rounds import Rounds, over
from rolebrowser.identity.session_job import Job

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
"""What AWS takes (IAM reference, IAM identifiers)."""

__all__ = [
    "account_warning",
    "forget",
    "forget_all",
    "identify",
    "over",
    "renew",
    "resolve",
    "session_client",
]


def resolve(
    profile_name: str,
    role: str,
    *,
    profiles: Profiles,
    aws_dir: Path,
    prompts: Prompts,
    region: str = "",
    duration: int = 0,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    fresh: bool = False,
) -> Session:
    """Credentials of a profile, or of a role assumed on top of it.

    Args:
        profile_name: empty = whatever botocore finds (environment, AWS_PROFILE, default).
        role: ARN; empty for the profile's own session.
        aws_dir: holds `cli/cache`, shared with the AWS CLI.
        prompts: asked in this thread, for codes and for an SSO login that is over.
        region: wins over the profile's.
        duration: seconds for `role`, or for the profile's own role; 0 = as configured, else AWS's
            hour. Cut to what is possible, and said in the session's warnings.
        seconds: for each round of calls, not counting a person's answers, nor a
            credential_process, which may wait for one.
        fresh: pass over the cached session and make a new one.

    Raises:
        UnknownName, ProfileError, CredentialsError and its kinds, AwsError, TimedOut, Cancelled.
    """
    if role and not ROLE_ARN.fullmatch(role):
        raise ProfileError(
            f"{role!r} is no role's ARN.",
            why="It should be like arn:aws:iam::123456789012:role/NAME.",
            fix="`rolebrowser roles -p PROFILE` lists those a profile may assume.",
        )
    profile = profiles.named(profile_name) if profile_name else None
    if profile is not None and profile.problem is not None:
        raise ProfileError(
            f"The profile {profile_name} can't work.",
            why=str(profile.problem),
            fix="Mend that line of the file.",
        )
    cancel = cancel or Cancel()
    limit = Limit(seconds)
    implied = profile or _implied(profiles, os.environ)
    duration, cut = durations.chosen(implied, role, duration)
    job = Job(
        profile=profile,
        implied=implied,
        role=role,
        profiles=profiles,
        aws_dir=aws_dir,
        region=region,
        duration=duration,
        cancel=cancel,
        seconds=seconds,
        cache=caches.opened(caches.cli_cache(aws_dir), limit=limit),
        runs=_runs(prompts, cancel, limit),
        warnings=[cut] if cut else [],
    )
    if fresh:
        job.hide(job.own_key())
    what = f"Getting a session for {profile_name or 'the default profile'}"

    def attempt() -> Session:
        limit.begin()
        return bounded(
            lambda: job.run(what), cancel=cancel, limit=limit, what=what, fix="Is AWS reachable?"
        )

    session = Rounds(job, attempt, prompts).session()
    said = (
        surprises.shadowed(profile, os.environ),
        surprises.fallen_through(implied, session.method),
    )
    warnings = (*filter(None, said), *job.warnings, *job.cache.problems)
    return replace(session, refreshable=job.refreshable(session), warnings=warnings)


def _runs(prompts: Prompts, cancel: Cancel, limit: Limit) -> Runs:
    """How a credential_process is run: it may wait for a person, where there is one."""
    if prompts.can_log_in:
        seconds = configuration.load().timeouts.credential_process
        return Runs(cancel, seconds, limit, prompts.process_says)
    return Runs(cancel, limit.seconds, limit, prompts.process_says)


def _implied(profiles: Profiles, environ: Mapping[str, str]) -> Profile | None:
    """The profile botocore takes when none is named; None when keys of the environment win."""
    if environ.get("AWS_ACCESS_KEY_ID"):
        return None
    return profiles.get(profile_files.usual(environ))


def renew(
    session: Session,
    *,
    profiles: Profiles,
    aws_dir: Path,
    prompts: Prompts,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    duration: int = 0,
) -> Session:
    """A new session like this one, perhaps of another length; asks for a code where one is needed.

    The old one stays in the cache until a new one is there. Raises as `resolve` does.
    """
    return resolve(
        session.profile,
        session.role,
        profiles=profiles,
        aws_dir=aws_dir,
        prompts=prompts,
        region=session.region,
        cancel=cancel,
        seconds=seconds,
        duration=duration,
        fresh=True,
    )


def forget(profile: Profile, role: str, *, profiles: Profiles, aws_dir: Path) -> bool:
    """Remove the cached session of a profile, or of a role on top of it. True if there was one.

    The AWS CLI's share of it is gone with it: they are the same file.

    Raises:
        CredentialsError: it can't be removed.
    """
    cache = caches.to_be_emptied(caches.cli_cache(aws_dir))
    key = extra_role_key(profile.name, role) if role else ""
    key = key or session_key(profile, profiles.sso(profile))
    return cache.forget([key] if key else []) > 0


def forget_all(*, profiles: Profiles, aws_dir: Path) -> int:
    """Remove the cached sessions of all profiles and roles; how many there were.

    Raises:
        CredentialsError: some can't be removed.
    """
    cache = caches.to_be_emptied(caches.cli_cache(aws_dir))
    keys = {session_key(each, profiles.sso(each)) for each in profiles} | set(cache.ours())
    return cache.forget(sorted(keys - {""}))


def account_warning(profile: Profile, session: Session, *, cancel: Cancel | None = None) -> str:
    """A sentence when AWS names another account than the profile does; else empty.

    AWS is asked only where the config leaves it open.

    Raises:
        As `identify`.
    """
    if not surprises.account_in_doubt(profile, session.role):
        return ""
    return surprises.wrong_account(profile, identify(session, cancel=cancel))


def identify(session: Session, *, cancel: Cancel | None = None, seconds: float = 15.0) -> Identity:
    """Who AWS says a session is: GetCallerIdentity, which no policy can deny.

    Raises:
        SessionExpired, CredentialsError, AwsError, TimedOut, Cancelled.
    """
    return caller_identity.ask(session, cancel=cancel, seconds=seconds).identity
