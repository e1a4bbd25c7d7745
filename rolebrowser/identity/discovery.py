"""Which roles every profile may assume: many accounts at once, few threads, results as they come.

What an outlook says in short (no policies, no ExternalIds) is kept on disk with its age.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolebrowser.cancel import Cancel
from rolebrowser.errors import RolebrowserError, sentences
from rolebrowser.fanout import fan_out
from rolebrowser.frozen import dataclass
from rolebrowser.identity import assumable
from rolebrowser.identity.assumable import Outlook
from rolebrowser.identity.model import Kind, Profile, Role, Session, Verdict
from rolebrowser.identity.profiles import Profiles
from rolebrowser.kept import Kept

WORKERS = 4
"""Profiles asked at once."""
KEPT = 500
"""Outlooks kept; the oldest go."""
Openers = Mapping[str, Callable[[], Session]]
"""By profile: what gives its session, or raises why there is none."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One profile is done: its outlook, or why there is none."""

    profile: str
    done: int
    total: int
    outlook: Outlook | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found of a profile.

    Attributes:
        caller: the ARN that asked.
        roles: the assumable ones first, without their trust policies.
        missing: sentences on what could not be read.
        at: when (aware UTC).
    """

    caller: str
    roles: tuple[Role, ...]
    missing: tuple[str, ...]
    at: datetime


def askable(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """The profiles that have credentials of their own to ask with."""
    return tuple(each for each in profiles if each.problem is None and each.kind is not Kind.NONE)


def everywhere(
    openers: Openers,
    profiles: Profiles,
    *,
    cancel: Cancel | None = None,
    seconds: float = 15.0,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Outlook]:
    """The roles that each profile may assume; one that can't be asked costs itself only.

    Args:
        seconds: for each call.
        progress: called from this thread as each profile is done.

    Returns:
        By profile; trust policies read in one account have decided about its roles everywhere.

    Raises:
        Cancelled
    """

    def job(opener: Callable[[], Session]) -> Outlook:
        return assumable.find(opener(), profiles, cancel=cancel, seconds=seconds)

    jobs = {name: lambda give=give: job(give) for name, give in openers.items()}
    found: dict[str, Outlook] = {}
    for done, (profile, outcome) in enumerate(fan_out(jobs, workers=WORKERS, cancel=cancel), 1):
        if isinstance(outcome, RolebrowserError):
            progress(Progress(profile, done, len(jobs), problem=one_line(outcome)))
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            found[profile] = outcome
            progress(Progress(profile, done, len(jobs), outcome))
    read = trusts(found.values())
    return {name: assumable.learned(outlook, read) for name, outlook in found.items()}


def one_line(error: RolebrowserError) -> str:
    """What happened and why, in a line."""
    return sentences(error.what, error.why)


def trusts(outlooks: Iterable[Outlook]) -> dict[str, Role]:
    """Roles with a trust policy that was read, by ARN."""
    return {
        each.role.arn: each.role
        for outlook in outlooks
        for each in outlook.roles
        if each.role.trust
    }


class KnownRoles:
    """What was found, on disk: a file for each profile, 0600.

    A convenience: what can't be read counts as nothing, what can't be written isn't.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._directory = cache_dir / "roles"

    def recall(self, profile: Profile, profiles: Profiles) -> Known | None:
        """What was found when a profile was last asked; None for one that has changed since."""
        key = _key(profile, profiles)
        answer = self._file(key).recall(key)
        try:
            return _known(answer.body, answer.at) if answer is not None else None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def keep(self, profile: Profile, profiles: Profiles, outlook: Outlook, at: datetime) -> None:
        """Keep it, in place of what was there."""
        key = _key(profile, profiles)
        body = {
            "caller": outlook.caller.principal.text,
            "roles": [_role_body(each.role) for each in outlook.roles],
            "missing": list(outlook.missing),
        }
        self._file(key).keep(key, body, at)
        self._prune()

    def _file(self, key: str) -> Kept:
        return Kept(self._directory / f"{key}.json")

    def _prune(self) -> None:
        try:
            files = list(self._directory.glob("*.json"))
            if len(files) > KEPT:
                files.sort(key=lambda each: each.stat().st_mtime)
                for each in files[: len(files) - KEPT]:
                    each.unlink(missing_ok=True)
        except OSError:
            return


def _key(profile: Profile, profiles: Profiles) -> str:
    """A profile and what its credentials hang on: changed, it is another one. A digest, for there
    may be ExternalIds among the settings."""
    chain = (profiles.get(name) for name in profile.chain or (profile.name,))
    text = json.dumps([(hop.name, sorted(hop.settings)) for hop in chain if hop is not None])
    return hashlib.sha256(text.encode()).hexdigest()[:40]


_SAID = tuple(
    each.name
    for each in fields(Role)
    if each.name not in ("trust", "verdict", "last_used", "tags", "reasons")
)


def _role_body(role: Role) -> dict[str, Any]:
    body: dict[str, Any] = {name: getattr(role, name) for name in _SAID}
    body["verdict"] = role.verdict.value
    body["reasons"] = [_without_external_id(each) for each in role.reasons]
    body["last_used"] = role.last_used.isoformat() if role.last_used is not None else ""
    return body


def _without_external_id(reason: str) -> str:
    """An ExternalId is agreed between two parties: it isn't left lying about."""
    if "externalid" not in reason.lower():
        return reason
    return "needs an ExternalId" if reason.startswith("needs") else "an ExternalId decided"


def _known(body: Mapping[str, Any], at: datetime) -> Known:
    """Raises KeyError, TypeError, ValueError or AttributeError for anything but our own file."""
    roles = tuple(_role(each) for each in body["roles"])
    return Known(str(body["caller"]), roles, tuple(map(str, body["missing"])), at)


def _role(body: Mapping[str, Any]) -> Role:
    plain = {name: body[name] for name in _SAID}
    usual = Role("")
    if any(type(value) is not type(getattr(usual, name)) for name, value in plain.items()):
        raise TypeError
    used = datetime.fromisoformat(body["last_used"]).astimezone(UTC) if body["last_used"] else None
    return replace(
        Role(**plain),
        verdict=Verdict(body["verdict"]),
        reasons=tuple(map(str, body["reasons"])),
        last_used=used,
    )
