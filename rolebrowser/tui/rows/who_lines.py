"""How the left column's rows look. Pure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from rolebrowser.identity.model import Verdict
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
    about = "  ".join(part for part in (role_name(profile), profile.account) if part)
    return line(
        span(branch, "dim"),
        span(profile.name),
        span(" !" if profile.warnings else "", "warn"),
        span(f"  {about}" if about else "", "dim"),
        right=(*_guard(row.guarded), *clock(row.lifetime, now)),
    )


def _role(row: RoleRow, now: datetime, branch: str) -> Line:
    mark, style = VERDICT_MARKS[row.role.verdict]
    return line(
        span(branch, "dim"),
        span(f"{mark} ", style),
        span(row.role.name),
        span(f"  {row.role.account}", "dim"),
        right=(*_guard(row.guarded), *clock(row.lifetime, now)),
    )


def _guard(guarded: bool) -> tuple[Span, ...]:
    return (span("▲prod ", "bad"),) if guarded else ()
