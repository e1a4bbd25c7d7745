"""How the left column's rows are found: what the filter looks through. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rolebrowser.fuzzy import FAVOUR, Finder
from rolebrowser.tui.rows.who import (
    BookmarkRow,
    Heading,
    PortalRow,
    ProfileRow,
    RoleRow,
    WhoRow,
)


def finder(
    rows: Sequence[WhoRow], visits: Mapping[str, float], account_names: Mapping[str, str]
) -> Finder[WhoRow]:
    """Finds among the rows, headings left out; of equal hits the ones visited come first.

    Args:
        visits: weights by profile name (`Recents.weights`): each visit 1, less as time goes by.
        account_names: by account number.
    """
    choices = [row for row in rows if not isinstance(row, Heading)]
    favour = (_favour(visits.get(_profile(row), 0.0)) for row in choices)
    return Finder(choices, (haystack(row, account_names) for row in choices), favour)


def _favour(weight: float) -> int:
    """More visits, more favour, the first ones most."""
    return round(FAVOUR * weight / (weight + 3)) if weight > 0 else 0


def _profile(row: WhoRow) -> str:
    match row:
        case BookmarkRow():
            return row.bookmark.target.profile
        case ProfileRow():
            return row.profile.name
        case RoleRow():
            return row.profile
    return ""


def haystack(row: WhoRow, account_names: Mapping[str, str]) -> str:
    """What the filter looks through: name, account and its name, ARN, region, tags; case-folded."""
    match row:
        case BookmarkRow():
            target = row.bookmark.target
            parts = (row.bookmark.name, target.profile, target.database, target.user, target.role)
        case PortalRow():
            parts = (row.session.name, row.session.start_url)
        case ProfileRow():
            profile = row.profile
            tags = (value for key, value in profile.settings if key not in _NO_TAGS)
            called = account_names.get(profile.account, "")
            parts = (profile.name, profile.account, called, profile.kind, *tags)
        case RoleRow():
            tags = " ".join(f"{key}={value}" for key, value in row.role.tags)
            called = account_names.get(row.role.account, "")
            parts = (row.role.name, row.role.arn, called, row.profile, tags)
        case Heading():
            parts = ()
    return " ".join(part for part in parts if part).casefold()


_NO_TAGS = frozenset(
    {
        "aws_access_key_id",
        "credential_process",
        "duration_seconds",
        "external_id",
        "output",
        "role_session_name",
        "source_profile",
        "sso_region",
        "sso_registration_scopes",
        "web_identity_token_file",
    }
)
"""Settings nobody looks for. All others count: role_arn, region, sso_role_name, and what other
tools write beside them: sso_account_name (aws-sso-util), granted's, tags of one's own."""
