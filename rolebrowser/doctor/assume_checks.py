"""Why a role was refused: what its trust policy wants, where anybody at hand may read it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from rolebrowser.doctor.case import Case
from rolebrowser.errors import RolebrowserError
from rolebrowser.frozen import dataclass
from rolebrowser.identity import discovery, one_role, profile_files
from rolebrowser.identity.model import Profile, Role, Session, Verdict
from rolebrowser.identity.profiles import Profiles

_READERS = 3
"""Profiles of the role's account that are asked to read it; each may mean one more AssumeRole."""
_SETTINGS = {
    "ExternalId ": "external_id",
    "RoleSessionName ": "role_session_name",
    "an MFA code": "mfa_serial",
}
"""What is to be supplied, as `supplies.words` begins it, and the setting of a profile for it."""
_ON = re.compile(r"on resource: (arn:\S+)")


@dataclass(frozen=True, slots=True)
class Lack:
    """What the policies say of a refused AssumeRole: a sentence; what to do, where known."""

    evidence: str
    fix: str = ""


def lacking(case: Case, error: RolebrowserError, session: Callable[[str], Session]) -> Lack | None:
    """What a refused role wants; None where its trust policy can't be read, or explains nothing.

    Args:
        error: AWS's refusal, which names the role.
        session: gives a profile's, or raises why there is none.
    """
    named = _ON.search(error.why)
    if named is None:
        return None
    profiles = profile_files.load(os.environ)
    hop, source = _hop(case, profiles, named[1])
    if not source:
        return None
    role = Role(named[1], source="config", profile=hop)
    try:
        found = one_role.find(
            session(source),
            profiles,
            role,
            readers=_readers(profiles, role, session),
            cancel=case.cancel,
            seconds=case.config.timeouts.aws,
        )
    except RolebrowserError:
        case.cancel.check()
        return None
    weighed = found.roles[0] if found is not None and found.roles else None
    if weighed is None:
        return None
    if weighed.role.verdict is Verdict.CONDITIONAL:
        needs = " and ".join(weighed.assessment.supply)
        whose = f"the profile {hop}" if hop else "a profile of its own"
        settings = ", ".join(filter(None, map(_setting, weighed.assessment.supply)))
        fix = f"Set {settings} in {whose}." if settings else f"Send {needs} with AssumeRole."
        return Lack(f"{role.name}'s trust policy lets {source} in with {needs} only.", fix)
    if weighed.role.verdict is Verdict.DENY:
        return Lack(f"{'; '.join(weighed.assessment.reasons)}.")
    return None


def _hop(case: Case, profiles: Profiles, arn: str) -> tuple[str, str]:
    """The profile that names the role, and the one whose session assumes it; "" where none does."""
    target = case.target
    if target.role == arn:
        return "", target.profile
    known = profiles.get(target.profile)
    for name in known.chain if known is not None else ():
        hop = profiles.get(name)
        if hop is not None and hop.role_arn == arn and len(hop.chain) > 1:
            return name, hop.chain[1]
    return "", ""


def _readers(
    profiles: Profiles, role: Role, session: Callable[[str], Session]
) -> Iterator[Callable[[], Session]]:
    """Profiles of the role's account that need nobody's help, but for those that assume it."""

    def fits(profile: Profile) -> bool:
        return profile.account == role.account and profile.role_arn != role.arn

    names = (each.name for each in discovery.askable(profiles) if fits(each))
    for name in islice(names, _READERS):
        yield partial(session, name)


def _setting(supply: str) -> str:
    """`external_id = acme-42`, from `ExternalId acme-42`; "" for what no profile can send."""
    for words, setting in _SETTINGS.items():
        if supply.startswith(words):
            return f"{setting} = {supply.removeprefix(words)}" if words.endswith(" ") else setting
    return ""
