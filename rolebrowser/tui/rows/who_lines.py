"""How the left column's rows look. Pure.

What changes with time is asked for when a row is drawn (`Known`): of thousands only those in view.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from rolebrowser.identity import durations
from rolebrowser.identity.model import Lifetime, Verdict
from rolebrowser.target import Bookmark, Target
from rolebrowser.tui.line import Line, Span, line, named, span
from rolebrowser.tui.rows.lives import clock
from rolebrowser.tui.rows.who import (
    BookmarkRow,
    Heading,
    PortalRow,
    ProfileRow,
    RoleRow,
    WhoRow,
    role_name,
)

VERDICT_MARKS = {
    Verdict.ALLOW: ("✓", "good"),
    Verdict.DENY: ("✗", "bad"),
    Verdict.UNKNOWN: ("?", "dim"),
    Verdict.CONDITIONAL: ("◇", "warn"),
}


class Lives(Protocol):
    """What is known of the life of each session."""

    def lifetime(self, profile: str, role: str) -> Lifetime:
        """Of a profile's session, or of one of a role (ARN) on top of it."""
        ...

    def portal(self, sso_session: str) -> Lifetime:
        """Of an SSO login."""
        ...


class Known(Lives, Protocol):
    """What a row tells beside what the files say."""

    @property
    def account_names(self) -> Mapping[str, str]:
        """By account number, as SSO portals call them."""
        ...

    def guarded(self, target: Target, *, bookmark: Bookmark | None = None) -> bool:
        """Whether a target counts as production."""
        ...


def draw(row: WhoRow, now: datetime, known: Known, *, tree: bool = True) -> Line:
    """The line of a row at a time (aware UTC).

    Args:
        tree: with its branch; without where only some rows are shown.
    """
    match row:
        case Heading():
            return line(span(row.text, "heading"), right=(span(row.note, "dim"),))
        case BookmarkRow():
            return _bookmark(row, now, known)
        case PortalRow():
            return _portal(row, now, known)
        case ProfileRow():
            return _profile(row, now, known, row.branch if tree else "")
        case RoleRow():
            return _role(row, now, known, row.branch if tree else "")


def guarded(row: WhoRow, known: Known) -> bool:
    """Whether what a row stands for counts as production."""
    match row:
        case BookmarkRow():
            return known.guarded(row.bookmark.target, bookmark=row.bookmark)
        case ProfileRow():
            return known.guarded(Target(profile=row.profile.name))
        case RoleRow():
            return known.guarded(Target(role=row.role.arn))
    return False


def _bookmark(row: BookmarkRow, now: datetime, known: Known) -> Line:
    digit = span(f"{row.digit or ' '} ", "accent")
    target = row.bookmark.target
    life = known.lifetime(target.profile, target.role)
    return line(
        digit,
        named(row.bookmark.name, "strong"),
        span(f"  {target.user}" if target.user else "", "dim"),
        right=(*_guard(row, known), *clock(life, now)),
    )


def _portal(row: PortalRow, now: datetime, known: Known) -> Line:
    host = urlsplit(row.session.start_url).hostname or row.session.start_url
    return line(
        named(row.session.name, "strong"),
        span(f"  SSO login  {host}", "dim"),
        right=clock(known.portal(row.session.name), now),
    )


def _profile(row: ProfileRow, now: datetime, known: Known, branch: str) -> Line:
    profile = row.profile
    if profile.problem is not None:
        return line(
            span(branch, "dim"),
            named(profile.name, "bad"),
            span(f"  {profile.problem.text}", "dim"),
            right=(span("✗", "bad"),),
        )
    parts = (role_name(profile), profile.account, known.account_names.get(profile.account, ""))
    about = "  ".join(part for part in parts if part)
    return line(
        span(branch, "dim"),
        named(profile.name),
        span(" !" if profile.warnings else "", "warn"),
        span(f"  {about}" if about else "", "dim"),
        right=(*_guard(row, known), *clock(known.lifetime(profile.name, ""), now)),
    )


def _role(row: RoleRow, now: datetime, known: Known, branch: str) -> Line:
    role = row.role
    mark, style = VERDICT_MARKS[role.verdict]
    needs = role.reasons[0].removeprefix("needs ") if role.reasons else "something more"
    conditional = role.verdict is Verdict.CONDITIONAL
    life = known.lifetime(row.profile, role.arn)
    held = life.expires_at is not None
    return line(
        span(branch, "dim"),
        span(f"{mark} ", style),
        named(role.name, "dim" if role.verdict is Verdict.DENY else ""),
        span(f" with {needs}" if conditional else "", "warn"),
        span("".join(f"  {each}" for each in role_facts(row, now)), "dim"),
        right=(
            *_guard(row, known),
            *(clock(life, now) if held else (span(role.trusted_entity, "dim"),)),
        ),
    )


def role_facts(row: RoleRow, now: datetime) -> tuple[str, ...]:
    """Account, how long its sessions may be from there, when it was used last."""
    role, longest = row.role, row.longest
    facts = (
        role.account,
        f"≤ {durations.words(longest)}" if longest else "",
        f"used {_ago(role.last_used, now)}" if role.last_used else "",
    )
    return tuple(filter(None, facts))


def _ago(when: datetime, now: datetime) -> str:
    days = (now - when).days
    return f"{days}d ago" if days > 0 else "today"


def _guard(row: WhoRow, known: Known) -> tuple[Span, ...]:
    return (span("▲prod ", "bad"),) if guarded(row, known) else ()
