"""Roles as they were found before: rows with their age, for `roles --kept` and `--everywhere`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from rolebrowser import config as configuration
from rolebrowser.cli import having, output
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import profile_files
from rolebrowser.identity.discovery import Known, KnownRoles
from rolebrowser.identity.model import Role
from rolebrowser.kept import Answer

_COLUMNS = ("arn", "verdict", "trusted_entity", "reasons", "found")


def show(profile: str, *, as_json: bool) -> None:
    """Print what was found when a profile was last asked; asks nobody.

    Raises:
        UnknownName: no such profile. RolebrowserError: nothing is kept of it.
    """
    config, profiles = configuration.load(), profile_files.load(os.environ)
    name = profile or profile_files.usual(os.environ)
    known = KnownRoles(config.cache_dir).recall(profiles.named(name), profiles)
    if known is None:
        raise RolebrowserError(
            f"No roles are kept of {name}: it was not asked yet, or has changed since.",
            fix=f"rolebrowser roles -p {name} asks.",
        )
    having.say(f"The roles of {name} as found {age(known)}; without --kept AWS is asked again.")
    output.records(list(rows(known)), _COLUMNS, as_json=as_json, empty="None were found then.")


def age(known: Known) -> str:
    """In words: "12 minutes ago"."""
    return Answer(None, known.at).age(datetime.now(UTC))


def rows(known: Known) -> Iterator[dict[str, object]]:
    """A row for each role."""
    found = age(known)
    for role in known.roles:
        yield {
            "arn": role.arn,
            "verdict": role.verdict.value,
            "reasons": list(role.reasons),
            "trusted_entity": role.trusted_entity or None,
            "supply": _supply(role),
            "principal": known.caller,
            "profile": role.profile or None,
            "source": role.source,
            "max_session_seconds": role.max_session_seconds or None,
            "last_used": output.iso(role.last_used),
            "found": found,
            "found_at": output.iso(known.at),
        }


def _supply(role: Role) -> list[str]:
    return [each.removeprefix("needs ") for each in role.reasons if each.startswith("needs ")]
