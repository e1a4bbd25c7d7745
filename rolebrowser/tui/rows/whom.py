"""The right column: database users, and the preflight: what is known before connecting. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rolebrowser.database.model import User
from rolebrowser.frozen import dataclass
from rolebrowser.fuzzy import ranked
from rolebrowser.identity.model import Lifetime, State, Verdict
from rolebrowser.identity.sessions import at, describe
from rolebrowser.safetext import redact
from rolebrowser.target import Target
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.line import Line, line, named, span
from rolebrowser.tui.rows.where import about, status_mark
from rolebrowser.tui.rows.who_lines import VERDICT_MARKS


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user, or a pattern users must match."""

    user: User


@dataclass(frozen=True, slots=True)
class TypeRow:
    """The way to a user nobody listed."""


WhomRow = UserRow | TypeRow


def build(users: Sequence[User]) -> list[WhomRow]:
    """Rows of the users, the allowed ones first, and the row to type another."""
    order = [Verdict.ALLOW, Verdict.CONDITIONAL, Verdict.UNKNOWN, Verdict.DENY]
    ordered = sorted(users, key=lambda user: (order.index(user.verdict), user.pattern))
    return [*(UserRow(user) for user in ordered), TypeRow()]


def filtered(rows: Sequence[WhomRow], pattern: str) -> list[WhomRow]:
    """The rows that match, best first; all for an empty pattern."""
    if not pattern.strip():
        return list(rows)
    users = [row for row in rows if isinstance(row, UserRow)]
    found = ranked(
        pattern, users, (f"{row.user.name}\n{row.user.source}".casefold() for row in users)
    )
    return [*found, TypeRow()]


def identify(row: WhomRow) -> object:
    """What makes a row the same one after a refresh."""
    return row.user.name if isinstance(row, UserRow) else None


def draw(row: WhomRow, now: datetime) -> Line:
    """The line of a row."""
    if isinstance(row, TypeRow):
        return line(
            span("+ ", "accent"), span("another user …", "dim"), right=(span("u", "accent"),)
        )
    user = row.user
    mark, style = VERDICT_MARKS[user.verdict]
    name = span(f"any user matching {user.name}") if user.pattern else named(user.name, "strong")
    return line(span(f"{mark} ", style), name, right=(span(user.source, "dim"),))


def preflight(chosen: Choice, lifetime: Lifetime | None, way: str, now: datetime) -> list[Line]:
    """The checklist under the users: ✓ will work, ✗ won't, ? can't be known from here.

    Args:
        way: how TCP would go, in a few words; empty = nothing is chosen yet.
    """
    found = [
        *_session_lines(chosen, lifetime, now),
        *_database_lines(chosen),
        *([_item("·", "dim", "route", way)] if way else []),
        *_user_lines(chosen.user),
    ]
    return found or [line(span("Nothing is chosen yet.", "dim"))]


def bookmarked(target: Target, lifetime: Lifetime, now: datetime) -> list[Line]:
    """Where a bookmark leads, as it was kept: AWS has not been asked.

    Args:
        lifetime: of the session it takes.
    """
    if target.url:
        return [_item("·", "dim", "URL", redact(target.url))]
    parts = (
        ("role", target.role),
        ("region", target.region),
        ("database", target.database),
        ("endpoint", target.endpoint or "writer"),
        ("user", target.user),
        ("dbname", target.dbname),
        ("route", target.route),
    )
    kept = [_item("·", "dim", what, value) for what, value in parts if value]
    return [_session_line(target.profile or "default", lifetime, now), *kept]


def _item(mark: str, style: str, what: str, evidence: str) -> Line:
    return line(span(f"{mark} ", style), span(f"{what:<9}"), span(evidence, "dim"))


def _session_lines(chosen: Choice, lifetime: Lifetime | None, now: datetime) -> list[Line]:
    if chosen.profile is None or lifetime is None:
        return []
    return [_session_line(chosen.profile.name, lifetime, now)]


def _session_line(name: str, lifetime: Lifetime, now: datetime) -> Line:
    lifetime = at(lifetime, now)
    state = lifetime.state
    marks = {
        State.VALID: ("✓", "good"),
        State.NONE: ("✓", "good"),
        State.AUTO: ("✓", "good"),
        State.EXPIRING: ("✓", "warn"),
        State.EXPIRED: ("◇", "warn"),
        State.NEEDS_MFA: ("◇", "warn"),
        State.NEEDS_LOGIN: ("◇", "warn"),
        State.BROKEN: ("✗", "bad"),
    }
    mark, style = marks.get(state, ("?", "dim"))
    return _item(mark, style, "session", f"{name} {describe(lifetime, now)}")


def _database_lines(chosen: Choice) -> list[Line]:
    database = chosen.database
    if database is None:
        return []
    mark, style = status_mark(database.status)
    ready = "✓" if mark == "●" else "✗" if mark == "○" else "?"
    if database.protocol is None:
        ready, style = "✗", "bad"
    lines = [_item(ready, style, "database", f"{database.status}, {about(database)}")]
    iam = {
        True: ("✓", "good", "enabled"),
        False: ("✗", "bad", "not enabled on this database"),
        None: ("?", "dim", "AWS didn't say"),
    }
    lines.append(_item(*iam[database.iam_auth][:2], "IAM auth", iam[database.iam_auth][2]))
    endpoint = chosen.endpoint or database.endpoint()
    if endpoint is not None:
        lines.append(_item("·", "dim", "endpoint", f"{endpoint.host}:{endpoint.port}"))
    else:
        lines.append(_item("✗", "bad", "endpoint", "none: it may still be creating"))
    return lines


def _user_lines(user: User | None) -> list[Line]:
    if user is None:
        return []
    mark, style = VERDICT_MARKS[user.verdict]
    reason = user.reasons[0] if user.reasons else f"from {user.source}"
    return [_item(mark, style, "user", f"{user.name}: {reason}")]
