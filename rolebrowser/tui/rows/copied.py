"""What copying a row of the browser puts into the clipboard. Pure."""

from __future__ import annotations

from rolebrowser.tui.rows import where, who, whom


def copied(row: object) -> str:
    """Its ARN, endpoint or name; empty for a row that has none."""
    match row:
        case who.BookmarkRow(bookmark=bookmark):
            return bookmark.name
        case who.ProfileRow(profile=profile):
            return profile.role_arn or profile.name
        case who.RoleRow(role=role):
            return role.arn
        case where.DatabaseRow(database=database):
            return database.arn or database.id
        case where.EndpointRow(endpoint=endpoint):
            return f"{endpoint.host}:{endpoint.port}"
        case whom.UserRow(user=user):
            return user.name
    return ""
