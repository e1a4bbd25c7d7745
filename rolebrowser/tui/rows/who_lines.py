"""How the left column's rows look. Pure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from rolebrowser.identity import durations
from rolebrowser.identity.model import Role, Verdict
from rolebrowser.tui.line import Line, Span, line, span
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


def draw(row: WhoRow, now: datetime, *, tree: bool = True) -> Line:
    """The line of a row at a time (aware UTC).

    Args:
        tree: with its branch; without where only some rows are shown.
    """
    match row:
        case Heading():
            return line(span(row.text, "heading"), right=(span(row.note, "dim"),))
        case BookmarkRow():
            return _bookmark(row, now)
        case PortalRow():
            return _portal(row, now)
        case ProfileRow():
            return _profile(row, now, row.branch if tree else "")
        case RoleRow():
            return _role(row, now, row.branch if tree else "")


def _bookmark(row: BookmarkRow, now: datetime) -> Line:
    digit = span(f"{row.digit or ' '} ", "accent")
    user = row.bookmark.target.user
    return line(
        digit,
        span(row.bookmark.name, "strong"),
        span(f"  {user}" if user else "", "dim"),
        right=(*_guard(row.guarded), *clock(row.lifetime, now)),
    )


def _portal(row: PortalRow, now: datetime) -> Line:
    host = urlsplit(row.session.start_url).hostname or row.session.start_url
    return line(
        span(row.session.name, "strong"),
        span(f"  SSO login  {host}", "dim"),
        right=clock(row.lifetime, now),
    )


def _profile(row: ProfileRow, now: datetime, branch: str) -> Line:
    profile = row.profile
    if profile.problem is not None:
        return line(
            span(branch, "dim"),
            span(profile.name, "bad"),
            span(f"  {profile.problem.text}", "dim"),
            right=(span("✗", "bad"),),
        )
    parts = (role_name(profile), profile.account, row.account_name)
    about = "  ".join(part for part in parts if part)
    return line(
        span(branch, "dim"),
        span(profile.name),
        span(" !" if profile.warnings else "", "warn"),
        span(f"  {about}" if about else "", "dim"),
        right=(*_guard(row.guarded), *clock(row.lifetime, now)),
    )


def _role(row: RoleRow, now: datetime, branch: str) -> Line:
    role = row.role
    mark, style = VERDICT_MARKS[role.verdict]
    needs = role.reasons[0].removeprefix("needs ") if role.reasons else "something more"
    conditional = role.verdict is Verdict.CONDITIONAL
    held = row.lifetime.expires_at is not None
    return line(
        span(branch, "dim"),
        span(f"{mark} ", style),
        span(role.name, "dim" if role.verdict is Verdict.DENY else ""),
        span(f" with {needs}" if conditional else "", "warn"),
        span("".join(f"  {each}" for each in role_facts(role, now)), "dim"),
        right=(
            *_guard(row.guarded),
            *(clock(row.lifetime, now) if held else (span(role.trusted_entity, "dim"),)),
        ),
    )


def role_facts(role: Role, now: datetime) -> tuple[str, ...]:
    """Account, how long its sessions may be, when it was used last."""
    longest = role.max_session_seconds
    facts = (
        role.account,
        f"≤ {durations.words(longest)}" if longest else "",
        f"used {_ago(role.last_used, now)}" if role.last_used else "",
    )
    return tuple(filter(None, facts))


def _ago(when: datetime, now: datetime) -> str:
    days = (now - when).days
    return f"{days}d ago" if days > 0 else "today"


def _guard(guarded: bool) -> tuple[Span, ...]:
    return (span("▲prod ", "bad"),) if guarded else ()
