"""Sections of the two AWS files → named profiles and sso-sessions, merged as botocore does. Pure.

`botocore.configloader.build_profile_map` for the config file (`[profile x]`, quotes allowed, the
later section of a name wins whole); `Session.full_config` for the credentials file (raw names,
its keys win one by one).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from rolebrowser.frozen import dataclass
from rolebrowser.identity.config_parse import IniFile, Section
from rolebrowser.identity.model import Problem, SsoSession

_PLAIN = re.compile(r"(?:profile|sso-session)[ \t]+([^\s'\"\\]+)\Z")
_PROFILE_LIKE = re.compile(r"(?i)(?:profile|sso[-_ ]?session)s?\b")
# Sections of other tools, or of the CLI itself.
_SILENT = frozenset({"plugins", "preview", "toolkit"})


@dataclass(slots=True)
class RawProfile:
    """A profile's keys and where each comes from.

    Attributes:
        values: the credentials file's keys over the config's.
        config, credentials: its section in either file.
    """

    name: str
    values: dict[str, str]
    config: Section | None = None
    credentials: Section | None = None
    config_file: str = ""
    credentials_file: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        """The file it is written in; the config file when in both."""
        return self.config_file if self.config is not None else self.credentials_file

    @property
    def line(self) -> int:
        """The line of its section."""
        section = self.config or self.credentials
        return section.line if section is not None else 0

    def problem(self, text: str, key: str = "") -> Problem:
        """A Problem at the line of `key`, or of the section where the key isn't there."""
        if self.credentials is not None and key in self.credentials.lines:
            return Problem(text, self.credentials_file, self.credentials.lines[key])
        if self.config is not None and key in self.config.lines:
            return Problem(text, self.config_file, self.config.lines[key])
        return Problem(text, self.file, self.line)


@dataclass(frozen=True, slots=True)
class Sections:
    """Everything both files hold; `ignored` tells of sections no AWS tool will read."""

    profiles: Mapping[str, RawProfile]
    sso_sessions: Mapping[str, SsoSession]
    ignored: tuple[Problem, ...]


def gather(
    config: IniFile, credentials: IniFile, *, config_file: str, credentials_file: str
) -> Sections:
    """Join the two files; profiles in the order of the config, then of the credentials file."""
    profiles: dict[str, RawProfile] = {}
    sessions: dict[str, SsoSession] = {}
    ignored: list[Problem] = []
    for header, section in config.sections.items():
        kind, name = _classify(header)
        if kind == "profile":
            _put(profiles, RawProfile(name, section.values, section, config_file=config_file))
        elif kind == "sso-session":
            sessions[name] = _sso_session(name, section, config_file)
        elif kind == "ignored":
            ignored.append(Problem(name, config_file, section.line))
    for name, section in credentials.sections.items():
        _overlay(profiles, name, section, credentials_file)
    return Sections(profiles, sessions, tuple(ignored))


def _classify(header: str) -> tuple[str, str]:
    """("profile" | "sso-session" | "other", name) or ("ignored", why)."""
    if header == "default":
        return "profile", header
    plain = _PLAIN.match(header)
    if plain is not None:
        return ("profile" if header[0] == "p" else "sso-session"), plain[1]
    for kind in ("profile", "sso-session", "services"):
        if header.startswith(kind):
            name = _second_word(header)
            if name is not None:
                return ("other" if kind == "services" else kind), name
            return "ignored", _ignored(header, kind)
    if header in _SILENT:
        return "other", header
    return "ignored", _ignored(header, "profile")


def _second_word(header: str) -> str | None:
    try:
        words = shlex.split(header)
    except ValueError:
        return None
    return words[1] if len(words) == 2 else None


def _ignored(header: str, kind: str) -> str:
    rest = header[len(kind) :].strip() if header.startswith(kind) else header.strip()
    rest = _PROFILE_LIKE.sub("", rest, count=1).strip(" '\"") or "NAME"
    name = shlex.quote(rest) if re.search(r"[\s'\"\\]", rest) else rest
    return f"The section [{header}] is not a profile and is ignored; write [{kind} {name}]."


def _put(profiles: dict[str, RawProfile], raw: RawProfile) -> None:
    known = profiles.get(raw.name)
    if known is not None:
        text = f"An earlier section of the same name, in line {known.line}, is ignored whole."
        raw.warnings = (*raw.warnings, raw.problem(text))
    profiles[raw.name] = raw


def _overlay(profiles: dict[str, RawProfile], name: str, section: Section, file: str) -> None:
    known = profiles.get(name)
    if known is not None:
        known.values = {**known.values, **section.values}
        known.credentials = section
        known.credentials_file = file
        return
    raw = RawProfile(name, section.values, credentials=section, credentials_file=file)
    if name.startswith("profile "):
        fix = name.removeprefix("profile ").strip()
        text = f"In the credentials file a section is named without the word profile: [{fix}]."
        raw.warnings = (*raw.warnings, raw.problem(text))
    profiles[name] = raw


def _sso_session(name: str, section: Section, file: str) -> SsoSession:
    return SsoSession(
        name,
        section.values.get("sso_start_url", ""),
        section.values.get("sso_region", ""),
        tuple(
            scope.strip()
            for scope in section.values.get("sso_registration_scopes", "").split(",")
            if scope.strip()
        ),
        tuple(section.values.items()),
        file,
        section.line,
    )
