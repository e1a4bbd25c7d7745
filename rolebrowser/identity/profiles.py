"""Profiles from the texts of the config files: kind, source, chain, and why one can't work. Pure.

Rules: shared/reference/aws-profiles.md; the oracle is botocore, see chains.py and sections.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from rolebrowser.errors import UnknownName
from rolebrowser.frozen import dataclass
from rolebrowser.identity.chains import Resolver, Way, is_role, is_sso
from rolebrowser.identity.config_parse import IniFile, parse_ini
from rolebrowser.identity.model import Kind, Problem, Profile, SsoSession
from rolebrowser.identity.sections import RawProfile, Sections, gather
from rolebrowser.identity.surprises import surprises

ENVIRONMENT_PROFILE = "(environment)"
SECRETS = frozenset({"aws_secret_access_key", "aws_session_token", "aws_security_token"})
"""Keys whose values never leave the parser."""


class Outline(NamedTuple):
    """What a profile is found by: its kind, account (12 digits or empty) and settings, its
    secrets hidden."""

    kind: Kind
    account: str
    settings: Mapping[str, str]


_ACCOUNT_IN = {
    Kind.ROLE: "role_arn",
    Kind.WEB_IDENTITY: "role_arn",
    Kind.LOGIN: "login_session",
    Kind.SSO: "sso_account_id",
}
"""The setting that tells the account: an ARN, or for SSO the number."""
_ENVIRONMENT_SETTINGS = ("AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Everything the files say. A profile is worked out when it is first asked for: of thousands
    a person looks at a screenful.

    Attributes:
        names: in the files' order; keys of the environment, if any, first.
        sso_sessions: by name.
        problems: why AWS tools refuse a file as a whole.
        warnings: what else is odd: sections nobody reads, keys of the environment in the way.
    """

    names: tuple[str, ...] = ()
    sso_sessions: Mapping[str, SsoSession] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    _reading: _Reading | None = field(default=None, repr=False, compare=False)
    _known: dict[str, Profile] = field(default_factory=dict, repr=False, compare=False)

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """All of them."""
        return tuple(self)

    def __iter__(self) -> Iterator[Profile]:
        return filter(None, map(self.get, self.names))

    def __len__(self) -> int:
        return len(self.names)

    def get(self, name: str) -> Profile | None:
        """The profile of that name."""
        known = self._known.get(name)
        if known is None and self._reading is not None:
            known = self._reading.profile(name)
            if known is not None:
                self._known[name] = known
        return known

    def outline(self, name: str) -> Outline:
        """What a profile is found by, without all of it being worked out.

        Raises UnknownName as `named`.
        """
        outline = self._reading.outline(name) if self._reading is not None else None
        if outline is None:
            profile = self.named(name)
            outline = Outline(profile.kind, profile.account, dict(profile.settings))
        return outline

    def parent(self, name: str) -> str | SsoSession | None:
        """What a profile takes its credentials from, without working it out.

        Returns:
            A profile's name, or an SSO login; None when it is neither, or the way there is broken.
        """
        return self._reading.parent(name) if self._reading is not None else None

    def place(self, name: str, key: str) -> Problem | None:
        """Where a key of a profile is written: a Problem without a text; None when there is no such
        profile in the files."""
        return self._reading.place(name, key) if self._reading is not None else None

    def named(self, name: str) -> Profile:
        """The profile of that name.

        Raises:
            UnknownName: there is none; the nearest are offered.
        """
        profile = self.get(name)
        if profile is None:
            fix = "`rolebrowser profiles` lists them."
            raise UnknownName("profile", name, self.names, fix=fix)
        return profile

    def sso(self, profile: Profile) -> Mapping[str, str]:
        """A profile's SSO settings, those of its sso-session included."""
        own = {key: value for key, value in profile.settings if key.startswith("sso_")}
        session = self.sso_sessions.get(own.get("sso_session", ""))
        return {**dict(session.settings), **own} if session is not None else own


def parse(
    config_text: str,
    credentials_text: str = "",
    *,
    config_file: str = "~/.aws/config",
    credentials_file: str = "~/.aws/credentials",
    environ: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    refused: Problem | None = None,
) -> Profiles:
    """All profiles of the two files' texts; never raises.

    A file with a syntax error is refused whole by every AWS tool. Its profiles are listed all the
    same, each with that error as its problem.

    Args:
        config_file, credentials_file: their names, for problems.
        environ: looked at for keys, region and metadata switches (AWS_*), nothing else.
        problems: why a file could not be read, to be handed on.
        refused: why AWS tools refuse one of the files whatever its text says.
    """
    environ = {} if environ is None else environ
    config, credentials = parse_ini(config_text), parse_ini(credentials_text)
    sections = gather(
        config, credentials, config_file=config_file, credentials_file=credentials_file
    )
    faults = (*_faults(config, config_file), *_faults(credentials, credentials_file))
    faults = (*faults, *((refused,) if refused is not None else ()))
    _mask_secrets(sections)
    reading = _Reading(sections, environ, faults[0] if faults else None)
    names, known = tuple(sections.profiles), {}
    if environ.get("AWS_ACCESS_KEY_ID"):
        names = (ENVIRONMENT_PROFILE, *names)
        known[ENVIRONMENT_PROFILE] = _environment(environ)
    return Profiles(
        names,
        sections.sso_sessions,
        (*problems, *faults),
        (*_in_the_way(environ), *sections.ignored),
        reading,
        known,
    )


def _mask_secrets(sections: Sections) -> None:
    """Leave of secrets that they are there: what reads profiles later holds the sections."""
    for raw in sections.profiles.values():
        if SECRETS.isdisjoint(raw.values):
            continue
        for key in SECRETS & raw.values.keys():
            for each in (raw.config, raw.credentials):
                if each is not None and each.values.get(key):
                    each.values[key] = "…"
            if raw.values[key]:
                raw.values[key] = "…"


def _faults(file: IniFile, name: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(f"AWS tools refuse this file: {fault.text}.", name, fault.line)
        for fault in file.faults
    )


class _Reading:
    """Works profiles out, one at a time."""

    def __init__(
        self, sections: Sections, environ: Mapping[str, str], refused: Problem | None
    ) -> None:
        self._sections = sections
        self._resolver = Resolver(sections, environ)
        self._refused = refused

    def parent(self, name: str) -> str | SsoSession | None:
        """See `Profiles.parent`."""
        raw = self._sections.profiles.get(name)
        if raw is None or self._refused is not None or not self._resolver.holds(raw):
            return None
        values = raw.values
        if is_role(values):
            source = values.get("source_profile")
            return source if source != name else None
        if is_sso(values):
            return self._sections.sso_sessions.get(values.get("sso_session", ""))
        return None

    def place(self, name: str, key: str) -> Problem | None:
        """See `Profiles.place`."""
        raw = self._sections.profiles.get(name)
        return raw.problem("", key) if raw is not None else None

    def outline(self, name: str) -> Outline | None:
        """See `Profiles.outline`."""
        raw = self._sections.profiles.get(name)
        if raw is None:
            return None
        if is_role(raw.values) and self._resolver.holds(raw):
            return Outline(Kind.ROLE, _account(Kind.ROLE, raw.values), raw.values)
        way = self._resolver.way(raw)
        kind = Kind.BROKEN if way.broken_at == raw.name else way.kind
        return Outline(kind, _account(way.kind, raw.values), raw.values)

    def profile(self, name: str) -> Profile | None:
        """The profile of that name, if there is one."""
        raw = self._sections.profiles.get(name)
        if raw is None:
            return None
        way = self._resolver.way(raw)
        kind = Kind.BROKEN if way.broken_at == raw.name else way.kind
        values = raw.values
        return Profile(
            name=raw.name,
            kind=kind,
            region=values.get("region", ""),
            source=way.source,
            account=_account(way.kind, values),
            role_arn=values.get("role_arn", ""),
            mfa_serial=values.get("mfa_serial", "") if way.kind is Kind.ROLE else "",
            chain=way.chain,
            chained=way.chained,
            problem=self._refused or _in_chain(raw, way),
            warnings=(*raw.warnings, *surprises(raw, way)),
            settings=tuple((key, value) for key, value in values.items() if key not in SECRETS),
            file=raw.file,
            line=raw.line,
        )


def _in_chain(raw: RawProfile, way: Way) -> Problem | None:
    problem = way.problem
    if problem is None or way.broken_at == raw.name:
        return problem
    text = f"It needs the profile {way.broken_at!r}, which is broken: {problem.text}"
    return Problem(text, problem.file, problem.line)


def _account(kind: Kind, values: Mapping[str, str]) -> str:
    """12 digits where the config tells, else empty."""
    told = values.get(_ACCOUNT_IN.get(kind, ""), "")
    if kind is not Kind.SSO:
        parts = told.split(":")
        told = parts[4] if len(parts) > 5 else ""
    candidates = (told, values.get("aws_account_id", ""))
    return next((each for each in candidates if len(each) == 12 and each.isdigit()), "")


def _environment(environ: Mapping[str, str]) -> Profile:
    """Keys in the environment, as a profile (`botocore.credentials.EnvProvider`)."""
    problem = None
    if not environ.get("AWS_SECRET_ACCESS_KEY"):
        problem = Problem("AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not.")
    token = environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN")
    settings = [(key.lower(), environ[key]) for key in _ENVIRONMENT_SETTINGS if environ.get(key)]
    settings.append(("keys", "session" if token else "static"))
    return Profile(
        ENVIRONMENT_PROFILE,
        Kind.ENVIRONMENT,
        region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION", ""),
        account=environ.get("AWS_ACCOUNT_ID", ""),
        chain=(ENVIRONMENT_PROFILE,),
        problem=problem,
        settings=tuple(settings),
    )


def _in_the_way(environ: Mapping[str, str]) -> Iterator[Problem]:
    """What the environment does to AWS tools behind a person's back."""
    old, new = environ.get("AWS_DEFAULT_PROFILE"), environ.get("AWS_PROFILE")
    if environ.get("AWS_ACCESS_KEY_ID") and (old or new):
        yield Problem(
            f"AWS_ACCESS_KEY_ID is set and wins over AWS_PROFILE={new or old} in AWS tools; "
            "a profile chosen here leaves it aside."
        )
    if old and new and old != new:
        yield Problem(
            f"AWS_DEFAULT_PROFILE={old} and AWS_PROFILE={new} differ: boto3 takes the first, "
            "the AWS CLI v2 the second."
        )
