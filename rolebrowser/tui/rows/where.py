"""The middle column: databases with their endpoints. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rolebrowser.database.model import Database, Endpoint, EndpointRole
from rolebrowser.frozen import dataclass
from rolebrowser.fuzzy import ranked
from rolebrowser.tui.line import Line, line, named, span

ENGINES = {
    "aurora-postgresql": "Aurora PostgreSQL",
    "postgres": "PostgreSQL",
    "aurora-mysql": "Aurora MySQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
}


@dataclass(frozen=True, slots=True)
class DatabaseRow:
    """A database; choosing it means its first endpoint (the writer)."""

    database: Database


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One of several endpoints of the database above it."""

    database: Database
    endpoint: Endpoint
    last: bool


WhereRow = DatabaseRow | EndpointRow


def build(databases: Sequence[Database]) -> list[WhereRow]:
    """Rows of all databases; endpoints get rows of their own where there is a choice."""
    rows: list[WhereRow] = []
    for database in databases:
        rows.append(DatabaseRow(database))
        if len(database.endpoints) > 1:
            count = len(database.endpoints)
            rows.extend(
                EndpointRow(database, endpoint, place == count)
                for place, endpoint in enumerate(database.endpoints, 1)
            )
    return rows


def filtered(rows: Sequence[WhereRow], pattern: str) -> list[WhereRow]:
    """The rows that match, best first; all for an empty pattern."""
    return ranked(pattern, rows, (haystack(row) for row in rows))


def haystack(row: WhereRow) -> str:
    """Id, engine, region, status, hosts, each on a line; case-folded."""
    database = row.database
    parts = [database.id, database.engine, database.region, database.status, database.resource_id]
    if isinstance(row, EndpointRow):
        parts += [row.endpoint.host, row.endpoint.name, row.endpoint.role]
    return "\n".join(parts).casefold()


def identify(row: WhereRow) -> object:
    """What makes a row the same one after a refresh."""
    host = row.endpoint.host if isinstance(row, EndpointRow) else ""
    return (row.database.region, row.database.id, host)


def status_mark(status: str) -> tuple[str, str]:
    """A shape and a style for an RDS status: the shape alone tells, without colour."""
    if status == "available":
        return "●", "good"
    if status in ("stopped", "stopping", "deleting", "failed", "storage-full"):
        return "○", "bad"
    return "◐", "warn"


def about(database: Database) -> str:
    """Engine and version as people say them: "Aurora PostgreSQL 16.4"."""
    return f"{ENGINES.get(database.engine, database.engine)} {database.version}".strip()


def draw(row: WhereRow, now: datetime) -> Line:
    """The line of a row."""
    if isinstance(row, EndpointRow):
        name = row.endpoint.role.value
        if row.endpoint.role in (EndpointRole.INSTANCE, EndpointRole.CUSTOM):
            name = row.endpoint.name or name
        return line(
            span("  └ " if row.last else "  ├ ", "dim"),
            named(name),
            span(f"  {row.endpoint.host}", "dim"),
        )
    database = row.database
    mark, style = status_mark(database.status)
    iam = {True: span("IAM", "good"), False: span("no IAM", "bad"), None: span("IAM ?", "dim")}
    status = "" if database.status == "available" else f"{database.status}  "
    return line(
        span(f"{mark} ", style),
        named(database.id, "strong"),
        span(f"  {about(database)}", "dim"),
        right=(span(status, style), iam[database.iam_auth]),
    )
