"""What works in a profile or a session but not as one would think. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolebrowser.identity.chains import Way, has_keys
from rolebrowser.identity.model import Identity, Kind, Problem, Profile
from rolebrowser.identity.sections import RawProfile

CHAINED_LIMIT = 3600
"""Seconds: "roles assumed by role chaining" (IAM User Guide, AssumeRole)."""

_COMMENTED = frozenset(
    {"region", "role_arn", "source_profile", "mfa_serial", "external_id", "credential_source"}
    | {"duration_seconds", "sso_session", "sso_account_id", "sso_role_name", "sso_region"}
)


def surprises(raw: RawProfile, way: Way) -> Iterator[Problem]:
    """Each surprise with its line.

    Sources: `AssumeRoleProvider._get_role_config` (a duration that is no integer is dropped,
    mfa_serial is read beside role_arn only), `AssumeRoleWithWebIdentityProvider` (reads neither),
    `SSOProvider._load_sso_config` (sso_session alone gives nothing).
    """
    values = raw.values
    if "duration_seconds" in values:
        yield from _duration(raw, way)
    if "mfa_serial" in values and way.kind is not Kind.ROLE:
        text = "mfa_serial counts only beside a role_arn; it is ignored here."
        yield raw.problem(text, "mfa_serial")
    if way.kind is Kind.ROLE and way.chain[-1:] != (raw.name,) and has_keys(values):
        text = "Its own keys are left aside: with role_arn the source_profile's are used."
        yield raw.problem(text, "aws_access_key_id")
    if way.kind is Kind.NONE:
        yield from _nothing(raw, way)
    for key in values.keys() & _COMMENTED:
        if " #" in values[key] or " ;" in values[key]:
            text = f"What looks like a comment is part of the value of {key}."
            yield raw.problem(text, key)


def _duration(raw: RawProfile, way: Way) -> Iterator[Problem]:
    key, value = "duration_seconds", raw.values["duration_seconds"]
    if way.kind is not Kind.ROLE:
        yield raw.problem("duration_seconds counts only for a role; it is ignored here.", key)
        return
    seconds = duration_seconds(value)
    if seconds is None:
        text = f"duration_seconds {value!r} is not a whole number; AWS tools drop it silently."
        yield raw.problem(text, key)
    elif way.chained and seconds > CHAINED_LIMIT:
        text = (
            f"duration_seconds {seconds} will be refused: a role assumed from a role lasts "
            f"{CHAINED_LIMIT} seconds at most."
        )
        yield raw.problem(text, key)
    elif not 900 <= seconds <= 43_200:
        yield raw.problem(f"duration_seconds {seconds} is outside AWS's 900 to 43200.", key)


def duration_seconds(value: str) -> int | None:
    """A duration as botocore reads it: Python's `int`; None for what it drops."""
    try:
        return int(value)
    except ValueError:
        return None


def _nothing(raw: RawProfile, way: Way) -> Iterator[Problem]:
    if "sso_session" in raw.values:
        text = "sso_session alone gives no credentials: add sso_account_id and sso_role_name."
        yield raw.problem(text, "sso_session")
    elif "sso_start_url" in raw.values:
        text = "sso_start_url alone gives no credentials: add sso_account_id and sso_role_name."
        yield raw.problem(text, "sso_start_url")
    if way.source:
        where = "the container" if way.source == "EcsContainer" else "the instance"
        yield raw.problem(f"It has no credentials of its own: {where}'s metadata is asked.")
    else:
        yield raw.problem("It has no credentials, and instance metadata is turned off.")


def shadowed(profile: Profile | None, environ: Mapping[str, str]) -> str:
    """A sentence on keys of the environment where they are left aside, or win; else empty.

    Args:
        profile: the chosen one; None = none was chosen, and botocore looks for itself.
    """
    if not environ.get("AWS_ACCESS_KEY_ID"):
        return ""
    if profile is not None:
        if profile.kind is Kind.ENVIRONMENT:
            return ""
        return f"AWS_ACCESS_KEY_ID is set; it is left aside for the profile {profile.name}."
    named = environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")
    return f"AWS_ACCESS_KEY_ID is set and wins over AWS_PROFILE={named}." if named else ""


_MACHINES = {
    "iam-role": "this machine's own (instance metadata)",
    "container-role": "this container's own",
}


def fallen_through(profile: Profile | None, method: str) -> str:
    """A sentence when a profile that gives nothing got the machine's credentials; else empty.

    Args:
        profile: chosen, or named by AWS_PROFILE; None = neither, the machine's are what was meant.
        method: botocore's word for the provider (`Session.method`).
    """
    whose = _MACHINES.get(method)
    if profile is None or whose is None or profile.kind is not Kind.NONE:
        return ""
    return f"The profile {profile.name} has no credentials of its own: these are {whose}."


def account_in_doubt(profile: Profile, role: str) -> bool:
    """Whether only AWS can tell if a session is of the account its profile names.

    A role's ARN and an SSO profile's account id decide it; aws_account_id beside keys or a
    credential_process is a claim.
    """
    return bool(profile.account) and not role and profile.kind in _CLAIMED


_CLAIMED = frozenset({Kind.STATIC, Kind.SESSION_KEYS, Kind.PROCESS})


def wrong_account(profile: Profile, identity: Identity) -> str:
    """A sentence when AWS names another account than the profile does; else empty."""
    if not profile.account or profile.account == identity.account:
        return ""
    return (
        f"The profile {profile.name} says account {profile.account}, AWS says {identity.account}."
    )
