"""Profiles from the texts of the config files: kind, source, chain, and why one can't work. Pure.

Rules: shared/reference/aws-profiles.md; the oracle is botocore (`botocore.configloader`,
`botocore.credentials.create_credential_resolver`, `AssumeRoleProvider`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from rolebrowser.identity.model import Kind, Problem, Profile
from rolebrowser.identity.sections import File, Section, named

SECRETS = frozenset({"aws_secret_access_key", "aws_session_token", "aws_security_token"})
CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
ENVIRONMENT_PROFILE = "(environment)"


@dataclass(frozen=True)
class Profiles:
    """Everything the files say.

    Attributes:
        profiles: in the files' order; keys of the environment, if any, first.
        sso_sessions: keys and values of each `[sso-session NAME]`.
        problems: what is wrong with a file as a whole.
    """

    profiles: tuple[Profile, ...] = ()
    sso_sessions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Profile]:
        return {profile.name: profile for profile in self.profiles}

    def get(self, name: str) -> Profile | None:
        """The profile of that name."""
        return self._by_name.get(name)

    def sso(self, profile: Profile) -> Mapping[str, str]:
        """A profile's SSO settings: its own keys over those of its sso-session."""
        session = self.sso_sessions.get(profile.setting("sso_session"), {})
        return {**session, **{k: v for k, v in profile.settings if k.startswith("sso_")}}


def parse(config: File, credentials: File, environ: Mapping[str, str]) -> Profiles:
    """All profiles of the two files.

    Args:
        environ: looked at for keys (AWS_ACCESS_KEY_ID …) and regions only.
    """
    reading = _Reading(config, credentials)
    found = [reading.profile(name) for name in reading.raw]
    if environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY"):
        settings = tuple(
            (key.lower(), environ[key])
            for key in ("AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID")
            if environ.get(key)
        )
        region = environ.get("AWS_DEFAULT_REGION", "") or environ.get("AWS_REGION", "")
        here = Profile(ENVIRONMENT_PROFILE, Kind.ENVIRONMENT, region=region, settings=settings)
        found.insert(0, here)
    problems = tuple(file.problem for file in (config, credentials) if file.problem is not None)
    return Profiles(tuple(found), reading.sso_sessions, problems)


@dataclass(frozen=True, slots=True)
class _Raw:
    """A profile's keys from both files; the credentials file's win key by key."""

    values: dict[str, str]
    in_credentials: frozenset[str]
    file: str
    section: Section
    other: Section | None = None


class _Reading:
    def __init__(self, config: File, credentials: File) -> None:
        self._config = config
        self._credentials = credentials
        self.raw: dict[str, _Raw] = {}
        self.sso_sessions: dict[str, dict[str, str]] = {}
        self._read_config()
        self._read_credentials()

    def _read_config(self) -> None:
        for title, section in self._config.sections.items():
            name = "default" if title == "default" else named(title, "profile")
            if name is not None:
                values = dict(section.values)
                self.raw[name] = _Raw(values, frozenset(), self._config.name, section)
            session = named(title, "sso-session")
            if session is not None:
                self.sso_sessions[session] = dict(section.values)

    def _read_credentials(self) -> None:
        for name, section in self._credentials.sections.items():
            keys = frozenset(section.values)
            known = self.raw.get(name)
            if known is None:
                values = dict(section.values)
                self.raw[name] = _Raw(values, keys, self._credentials.name, section)
            else:
                merged = {**known.values, **section.values}
                self.raw[name] = _Raw(merged, keys, known.file, known.section, section)

    def profile(self, name: str) -> Profile:
        raw = self.raw[name]
        values = raw.values
        kind = _kind(raw)
        plain = Profile(
            name=name,
            kind=kind,
            region=values.get("region", ""),
            source=_source(kind, values),
            account=_account(values),
            role_arn=values.get("role_arn", ""),
            mfa_serial=values.get("mfa_serial", "") if kind is Kind.ROLE else "",
            settings=tuple((k, v) for k, v in values.items() if k not in SECRETS),
            file=raw.file,
            line=raw.section.line(),
        )
        chain, problem = self._chain(name)
        warnings = self._warnings(raw, kind)
        if problem is not None:
            return replace(plain, kind=Kind.BROKEN, chain=chain, problem=problem, warnings=warnings)
        return replace(plain, chain=chain, warnings=warnings)

    def problem(self, raw: _Raw, text: str, key: str = "") -> Problem:
        """A problem with the line of a key, in whichever file it stands."""
        if key in raw.in_credentials:
            section = raw.other or raw.section
            return Problem(text, self._credentials.name, section.line(key))
        return Problem(text, raw.file, raw.section.line(key))

    def _chain(self, name: str) -> tuple[tuple[str, ...], Problem | None]:
        """Names from the profile down to the one with credentials, and what breaks on the way."""
        chain = [name]
        while True:
            raw = self.raw[chain[-1]]
            top = len(chain) == 1
            if not _is_role(raw.values) or (not top and _has_keys(raw.values)):
                return tuple(chain), self._own_problem(raw, top=top)
            problem = self._role_problem(raw, chain)
            source = raw.values.get("source_profile", "")
            if problem is not None or not source or source == chain[-1]:
                return tuple(chain), problem
            chain.append(source)

    def _role_problem(self, raw: _Raw, chain: list[str]) -> Problem | None:
        source = raw.values.get("source_profile")
        place = raw.values.get("credential_source")
        if (source is None) == (place is None):
            both = (
                "both source_profile and credential_source"
                if source is not None
                else ("neither source_profile nor credential_source")
            )
            text = f"It has role_arn with {both}; exactly one is needed."
            return self.problem(
                raw, text, "credential_source" if source is not None else "role_arn"
            )
        if place is not None:
            if place not in CREDENTIAL_SOURCES:
                choices = ", ".join(CREDENTIAL_SOURCES)
                text = f"credential_source {place!r} is none of {choices} (case counts)."
                return self.problem(raw, text, "credential_source")
            return None
        if source not in self.raw:
            return self.problem(
                raw, f"Its source_profile {source!r} doesn't exist.", "source_profile"
            )
        if source == chain[-1]:
            if _has_keys(raw.values):
                return None
            text = "It names itself as source_profile but has no keys of its own."
            return self.problem(raw, text, "source_profile")
        if source in chain and not _has_keys(self.raw[str(source)].values):
            loop = " → ".join([*chain, str(source)])
            return self.problem(
                raw, f"Its source_profile goes in a circle: {loop}.", "source_profile"
            )
        return None

    def _own_problem(self, raw: _Raw, *, top: bool) -> Problem | None:
        """What is wrong with a profile that gives credentials itself."""
        values = raw.values
        kind = _kind(raw)
        if kind is Kind.SSO:
            return self._sso_problem(raw)
        if _has_keys(values) and kind in (Kind.STATIC, Kind.SESSION_KEYS):
            for key, other in (
                ("aws_access_key_id", "aws_secret_access_key"),
                ("aws_secret_access_key", "aws_access_key_id"),
            ):
                if key not in values:
                    return self.problem(raw, f"It has {other} but no {key}.", other)
        if kind is Kind.NONE and not top:
            return self.problem(raw, "It is a source_profile but has no credentials of its own.")
        return None

    def _sso_problem(self, raw: _Raw) -> Problem | None:
        values = raw.values
        session = values.get("sso_session")
        settings = dict(values)
        if session is not None:
            if session not in self.sso_sessions:
                text = f"There is no [sso-session {session}]."
                return self.problem(raw, text, "sso_session")
            for key, value in self.sso_sessions[session].items():
                if key in ("sso_start_url", "sso_region") and settings.get(key, value) != value:
                    text = f"Its {key} differs from the one in [sso-session {session}]."
                    return self.problem(raw, text, key)
                settings.setdefault(key, value)
        needed = ("sso_account_id", "sso_role_name", "sso_start_url", "sso_region")
        missing = [key for key in needed if key not in settings]
        if missing:
            return self.problem(raw, f"It lacks {', '.join(missing)}.", "sso_account_id")
        return None

    def _warnings(self, raw: _Raw, kind: Kind) -> tuple[Problem, ...]:
        values = raw.values
        found: list[Problem] = []
        duration = values.get("duration_seconds")
        if duration is not None and not duration.strip().isdigit():
            text = f"duration_seconds {duration!r} is not a whole number and is ignored."
            found.append(self.problem(raw, text, "duration_seconds"))
        if "mfa_serial" in values and kind is not Kind.ROLE:
            text = "mfa_serial is ignored: it counts only beside role_arn."
            found.append(self.problem(raw, text, "mfa_serial"))
        for key, value in values.items():
            if " #" in value and key not in SECRETS and not key.startswith("credential_process"):
                text = f"The comment after {key} is part of its value."
                found.append(self.problem(raw, text, key))
        return tuple(found)


def _is_role(values: Mapping[str, str]) -> bool:
    return "role_arn" in values and "web_identity_token_file" not in values


def _has_keys(values: Mapping[str, str]) -> bool:
    return "aws_access_key_id" in values or "aws_secret_access_key" in values


def _kind(raw: _Raw) -> Kind:
    """What botocore would use first, in its resolver's order."""
    values = raw.values
    keys = Kind.SESSION_KEYS if "aws_session_token" in values else Kind.STATIC
    order = (
        (_is_role(values), Kind.ROLE),
        ("role_arn" in values and "web_identity_token_file" in values, Kind.WEB_IDENTITY),
        ("sso_account_id" in values or "sso_role_name" in values, Kind.SSO),
        (bool({"aws_access_key_id", "aws_secret_access_key"} & raw.in_credentials), keys),
        ("login_session" in values, Kind.LOGIN),
        ("credential_process" in values, Kind.PROCESS),
        (_has_keys(values), keys),
    )
    return next((kind for holds, kind in order if holds), Kind.NONE)


def _source(kind: Kind, values: Mapping[str, str]) -> str:
    if kind is Kind.ROLE:
        return values.get("source_profile") or values.get("credential_source", "")
    if kind is Kind.SSO:
        return values.get("sso_session") or values.get("sso_start_url", "")
    if kind is Kind.LOGIN:
        return values.get("login_session", "")
    return ""


def _account(values: Mapping[str, str]) -> str:
    parts = values.get("role_arn", "").split(":")
    if len(parts) > 5 and parts[4].isdigit():
        return parts[4]
    return values.get("sso_account_id", "") or values.get("aws_account_id", "")
