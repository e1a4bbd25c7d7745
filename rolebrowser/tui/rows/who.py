"""The left column: bookmarks, then profiles as a tree of their chains, with known roles. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rolebrowser.config import Config
from rolebrowser.identity.model import Lifetime, Profile, Role, State, Verdict
from rolebrowser.identity.sessions import describe
from rolebrowser.target import Bookmark
from rolebrowser.tui.fuzzy import ranked
from rolebrowser.tui.line import Line, Span, line, span

LifetimeOf = Callable[[str, str], Lifetime]
"""(profile name, role ARN or "") → what is known of that session's life."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title between groups; the cursor skips it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookmarkRow:
    """A bookmark; digit 0 = beyond the ninth."""

    digit: int
    bookmark: Bookmark
    guarded: bool
    lifetime: Lifetime


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile, under the one it takes its credentials from."""

    profile: Profile
    depth: int
    guarded: bool
    lifetime: Lifetime


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role assumable, or not, from the profile above it."""

    role: Role
    profile: str
    depth: int
    guarded: bool
    lifetime: Lifetime


WhoRow = Heading | BookmarkRow | ProfileRow | RoleRow

VERDICT_MARKS = {
    Verdict.ALLOW: ("✓", "good"),
    Verdict.DENY: ("✗", "bad"),
    Verdict.UNKNOWN: ("?", "dim"),
    Verdict.CONDITIONAL: ("◇", "warn"),
}

_STATE_STYLES = {
    State.VALID: "good",
    State.EXPIRING: "warn",
    State.EXPIRED: "bad",
    State.NEEDS_LOGIN: "warn",
    State.NEEDS_MFA: "warn",
    State.BROKEN: "bad",
}


def build(
    profiles: Sequence[Profile],
    config: Config,
    roles: Mapping[str, Sequence[Role]],
    lifetime_of: LifetimeOf,
) -> list[WhoRow]:
    """All rows in order.

    Args:
        roles: by profile name: the roles found for it beyond those the config names.
    """
    rows: list[WhoRow] = []
    if config.bookmarks:
        rows.append(Heading("BOOKMARKS"))
        for place, bookmark in enumerate(config.bookmarks, 1):
            target = bookmark.target
            rows.append(
                BookmarkRow(
                    place if place <= 9 else 0,
                    bookmark,
                    config.guarded(target, bookmark=bookmark),
                    lifetime_of(target.profile, target.role),
                )
            )
    rows.append(Heading("PROFILES", str(len(profiles))))
    names = {profile.name for profile in profiles}
    children: dict[str, list[Profile]] = {}
    for profile in profiles:
        parent = profile.source if profile.source in names and profile.problem is None else ""
        children.setdefault("" if parent == profile.name else parent, []).append(profile)

    def add(profile: Profile, depth: int) -> None:
        account = profile.account
        guarded = config.guard.covers(profile.name, _role_name(profile.role_arn), account=account)
        rows.append(ProfileRow(profile, depth, guarded, lifetime_of(profile.name, "")))
        for role in roles.get(profile.name, ()):
            covered = config.guard.covers(role.name, account=role.account)
            rows.append(
                RoleRow(role, profile.name, depth + 1, covered, lifetime_of(profile.name, role.arn))
            )

    stack = [(profile, 0) for profile in reversed(children.get("", []))]
    while stack:
        profile, depth = stack.pop()
        add(profile, depth)
        stack.extend((child, depth + 1) for child in reversed(children.get(profile.name, [])))
    return rows


def filtered(rows: Sequence[WhoRow], pattern: str) -> list[WhoRow]:
    """The rows that match the pattern, best first; all rows for an empty pattern."""
    if not pattern.strip():
        return list(rows)
    choices = [row for row in rows if not isinstance(row, Heading)]
    return ranked(pattern, choices, (haystack(row) for row in choices))


def haystack(row: WhoRow) -> str:
    """What the filter looks through: name, account, ARN, region, tags; case-folded."""
    match row:
        case BookmarkRow():
            target = row.bookmark.target
            parts = (row.bookmark.name, target.profile, target.database, target.user, target.role)
        case ProfileRow():
            profile = row.profile
            parts = (profile.name, profile.account, profile.role_arn, profile.region, profile.kind)
        case RoleRow():
            tags = " ".join(f"{key}={value}" for key, value in row.role.tags)
            parts = (row.role.name, row.role.arn, row.profile, tags)
        case Heading():
            parts = ()
    return " ".join(part for part in parts if part).casefold()


def identify(row: WhoRow) -> object:
    """What makes a row the same one after a refresh."""
    match row:
        case BookmarkRow():
            return ("bookmark", row.bookmark.name)
        case ProfileRow():
            return ("profile", row.profile.name)
        case RoleRow():
            return ("role", row.profile, row.role.arn)
        case Heading():
            return ("heading", row.text)


def selectable(row: WhoRow) -> bool:
    """Headings aren't."""
    return not isinstance(row, Heading)


def draw(row: WhoRow, now: datetime) -> Line:
    """The line of a row at a time (aware UTC)."""
    match row:
        case Heading():
            return line(span(row.text, "heading"), right=(span(row.note, "dim"),))
        case BookmarkRow():
            digit = span(f"{row.digit or ' '} ", "accent")
            target = row.bookmark.target
            where = f"  {target.user}" if target.user else ""
            return line(
                digit,
                span(row.bookmark.name, "strong"),
                span(where, "dim"),
                right=(*_guard(row.guarded), *_life(row.lifetime, now)),
            )
        case ProfileRow():
            return _draw_profile(row, now)
        case RoleRow():
            mark, style = VERDICT_MARKS[row.role.verdict]
            return line(
                _indent(row.depth),
                span(f"{mark} ", style),
                span(row.role.name),
                span(f"  {row.role.account}", "dim"),
                right=(*_guard(row.guarded), *_life(row.lifetime, now)),
            )


def _draw_profile(row: ProfileRow, now: datetime) -> Line:
    profile = row.profile
    if profile.problem is not None:
        return line(
            _indent(row.depth),
            span("✗ ", "bad"),
            span(profile.name),
            span(f"  {profile.problem.text}", "dim"),
        )
    detail = _role_name(profile.role_arn) or profile.setting("sso_role_name") or ""
    about = "  ".join(part for part in (detail, profile.account) if part)
    return line(
        _indent(row.depth),
        span(profile.name),
        span(f"  {about}" if about else "", "dim"),
        right=(*_guard(row.guarded), *_life(row.lifetime, now)),
    )


def _role_name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1] if arn else ""


def _indent(depth: int) -> Span:
    return span("  " * (depth - 1) + "└ " if depth else "", "dim")


def _guard(guarded: bool) -> tuple[Span, ...]:
    return (span("▲prod ", "bad"),) if guarded else ()


def _life(lifetime: Lifetime, now: datetime) -> tuple[Span, ...]:
    return (span(describe(lifetime, now).rjust(8), _STATE_STYLES.get(lifetime.state, "dim")),)
