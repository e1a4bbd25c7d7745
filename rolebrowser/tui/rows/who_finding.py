"""How the left column's rows are found: what the filter looks through. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rolebrowser.fuzzy import Finder
from rolebrowser.identity.production import session_account
from rolebrowser.identity.profiles import Profiles
from rolebrowser.tui.rows.who import (
    BookmarkRow,
    Heading,
    PortalRow,
    ProfileRow,
    RoleRow,
    WhoRow,
)


def finder(
    rows: Sequence[WhoRow],
    profiles: Profiles,
    visits: Mapping[str, float],
    account_names: Mapping[str, str],
) -> Finder[WhoRow]:
    """Finds among the rows, headings left out; of hits as good the ones visited more come first.

    Args:
        profiles: those the rows are of.
        visits: weights by profile name (`Recents.weights`): each visit 1, less as time goes by.
        account_names: by account number.
    """
    choices = [row for row in rows if not isinstance(row, Heading)]
    haystacks = ("\n".join(fields(row, profiles, account_names)).casefold() for row in choices)
    return Finder(choices, haystacks, (visits.get(_profile(row), 0.0) for row in choices))


def _profile(row: WhoRow) -> str:
    match row:
        case BookmarkRow():
            return row.bookmark.target.profile
        case ProfileRow():
            return row.name
        case RoleRow():
            return row.profile
    return ""


def fields(row: WhoRow, profiles: Profiles, account_names: Mapping[str, str]) -> Iterator[str]:
    """What the filter looks through: the name, then account and its name, ARN, region, tags."""
    match row:
        case BookmarkRow():
            target = row.bookmark.target
            yield from (row.bookmark.name, target.profile, target.database, target.user)
            yield from (target.role, target.region)
            account = session_account(target.role, profiles.get(target.profile))
            yield from (account, account_names.get(account, ""))
        case PortalRow():
            yield from (row.session.name, row.session.start_url)
        case ProfileRow():
            outline = profiles.outline(row.name)
            yield from (row.name, outline.account, account_names.get(outline.account, ""))
            yield outline.kind
            yield from (value for key, value in outline.settings.items() if key not in _NO_TAGS)
        case RoleRow():
            role = row.role
            yield from (role.name, role.arn, account_names.get(role.account, ""), row.profile)
            yield " ".join(f"{key}={value}" for key, value in role.tags)
        case Heading():
            return


_NO_TAGS = frozenset(
    {
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_security_token",
        "aws_session_token",
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
