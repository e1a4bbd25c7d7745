"""How the left column's rows are found: what the filter looks through. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.fuzzy import ranked
from rolebrowser.tui.rows.who import (
    BookmarkRow,
    Heading,
    PortalRow,
    ProfileRow,
    RoleRow,
    WhoRow,
)


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
        case PortalRow():
            parts = (row.session.name, row.session.start_url)
        case ProfileRow():
            profile = row.profile
            parts = (profile.name, profile.account, profile.role_arn, profile.region, profile.kind)
        case RoleRow():
            tags = " ".join(f"{key}={value}" for key, value in row.role.tags)
            parts = (row.role.name, row.role.arn, row.profile, tags)
        case Heading():
            parts = ()
    return " ".join(part for part in parts if part).casefold()
