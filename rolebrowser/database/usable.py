"""Whether a database can be logged in to as it stands, and at which endpoint. Pure."""

from __future__ import annotations

import shlex

from rolebrowser.database.model import Database, DatabaseKind, Endpoint
from rolebrowser.errors import DatabaseUnavailable, UnknownName

_WAIT = "Wait until it is available."
_CLOSED = {
    "creating": _WAIT,
    "starting": _WAIT,
    "rebooting": _WAIT,
    "stopping": "Wait until it is stopped, then start it.",
    "deleting": "It is going away; is there another, or a snapshot to restore?",
    "failed": "AWS gave it up; restore it from a snapshot.",
    "incompatible-network": "Its subnets or addresses are gone; see the RDS console's events.",
    "inaccessible-encryption-credentials": "Give RDS back its KMS key, then start it.",
    "storage-full": "Give it more storage: aws rds modify-db-instance --allocated-storage.",
}
"""Statuses that take no logins, and what to do (RDS User Guide, "Viewing DB instance status")."""


def usable_endpoint(database: Database, wanted: str) -> Endpoint:
    """The endpoint called `wanted` (see `Database.endpoint`) of a database that takes logins.

    Raises:
        DatabaseUnavailable: its status, or its engine, lets nobody in.
        UnknownName: it has no such endpoint.
    """
    status = database.status.lower()
    if status == "stopped":
        raise DatabaseUnavailable(
            f"The database {database.id} is stopped.",
            fix=f"Start it first: {start_command(database)}",
        )
    if status in _CLOSED:
        raise DatabaseUnavailable(f"The database {database.id} is {status}.", fix=_CLOSED[status])
    if database.protocol is None:
        raise DatabaseUnavailable(
            f"{database.id} runs {database.engine}, which rolebrowser doesn't speak.",
            fix="PostgreSQL, MySQL, MariaDB and Aurora of both are spoken.",
        )
    endpoint = database.endpoint(wanted)
    if endpoint is not None:
        return endpoint
    if not database.endpoints:
        raise DatabaseUnavailable(
            f"The database {database.id} has no endpoint yet.", why=f"It is {status}.", fix=_WAIT
        )
    names = [each.name or each.role.value for each in database.endpoints]
    raise UnknownName(
        f"endpoint of {database.id}", wanted, names, fix="There are: " + ", ".join(names) + "."
    )


def start_command(database: Database) -> str:
    """The aws command that starts a stopped database."""
    kind = "cluster" if database.kind is DatabaseKind.CLUSTER else "instance"
    name = shlex.quote(database.id)
    return f"aws rds start-db-{kind} --db-{kind}-identifier {name} --region {database.region}"
