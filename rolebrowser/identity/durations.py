"""How long a session may be asked for, known before anybody is asked. Pure.

Limits: shared/reference/aws-profiles.md, "How long things live".
"""

from __future__ import annotations

import re
from dataclasses import replace

from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Kind, Profile
from rolebrowser.identity.surprises import CHAINED_LIMIT, duration_seconds

SHORTEST, LONGEST = 900, 43_200
"""Seconds AssumeRole takes; the role's MaxSessionDuration may be less than LONGEST."""
USUAL = 3600
"""Seconds AssumeRole gives when none are asked for."""
OFFERED = (900, 1800, 3600, 7200, 14_400, 28_800, 43_200)

CHAINED = "A role assumed from a role lasts one hour at most."

_ROLE_SESSIONS = frozenset({Kind.ROLE, Kind.WEB_IDENTITY, Kind.SSO, Kind.NONE})
"""A profile without credentials of its own has those of the machine's role."""
_TEXT = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?\Z")


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be chosen.

    Attributes:
        usual: seconds without a choice; 0 = not known here (an SSO permission set's own).
        longest: seconds; 0 = nothing can be chosen.
        reason: why not longer, or why nothing can be chosen, as a sentence.
    """

    usual: int
    longest: int
    reason: str = ""

    @property
    def offered(self) -> tuple[int, ...]:
        """Sensible seconds to choose from, ending with the longest."""
        if not self.longest:
            return ()
        return (*(each for each in OFFERED if each < self.longest), self.longest)


def limits(profile: Profile | None, role: str = "", role_maximum: int = 0) -> Limits:
    """What may be chosen for a profile's own session, or for a role assumed on top of it.

    Args:
        profile: None = keys of the environment or of the machine.
        role_maximum: the role's MaxSessionDuration in seconds, where it was read; else 0.
    """
    kind = profile.kind if profile is not None else Kind.ENVIRONMENT
    if not role and (profile is None or kind is not Kind.ROLE):
        return Limits(0, 0, _FIXED.get(kind, "Its session's length is not chosen here."))
    chained = kind in _ROLE_SESSIONS if role else profile is not None and profile.chained
    if chained:
        return Limits(USUAL, CHAINED_LIMIT, CHAINED)
    usual = USUAL
    if not role and profile is not None:
        usual = duration_seconds(profile.setting("duration_seconds")) or USUAL
    if role_maximum:
        return Limits(usual, role_maximum, "The role's own maximum.")
    return Limits(usual, LONGEST, "AWS's maximum; the role's own may be less.")


_FIXED = {
    Kind.STATIC: "Its keys don't expire: there is no length to choose.",
    Kind.SSO: "An SSO session's length is set on the permission set.",
    Kind.WEB_IDENTITY: "AWS tools give web identity sessions one hour.",
    Kind.LOGIN: "`aws login` sessions last 15 minutes and are refreshed.",
}


def chosen(
    profile: Profile | None, role: str, seconds: int, role_maximum: int = 0
) -> tuple[int, str]:
    """A wish cut to what is possible: (seconds, a sentence if that is something else).

    0 seconds = nothing can be chosen. Arguments as for `limits`.
    """
    if not seconds:
        return 0, ""
    known = limits(profile, role, role_maximum)
    if not known.longest:
        return 0, f"The duration {words(seconds)} is left aside. {known.reason}"
    if seconds > known.longest:
        cut = f"The duration {words(seconds)} is cut to {words(known.longest)}."
        return known.longest, f"{cut} {known.reason}"
    return seconds, ""


def lasting(profile: Profile, seconds: int) -> Profile:
    """The profile with another duration_seconds."""
    kept = tuple(each for each in profile.settings if each[0] != "duration_seconds")
    return replace(profile, settings=(*kept, ("duration_seconds", str(seconds))))


def parse(text: str) -> int:
    """Seconds of "1h30m", "45m", "2h" or "3600".

    Raises:
        ValueError: with a sentence; also outside AWS's limits.
    """
    found = _TEXT.match(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is no duration: 1h, 90m, 1h30m or seconds.")
    hours, minutes, seconds = (int(group or 0) for group in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not SHORTEST <= total <= LONGEST:
        raise ValueError(f"{text} is outside AWS's 15 minutes to 12 hours.")
    return total


def words(seconds: int) -> str:
    """ "15m", "1h", "1h 30m"."""
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    parts = [f"{hours}h"] * bool(hours) + [f"{minutes}m"] * bool(minutes)
    return " ".join(parts) or f"{seconds}s"
