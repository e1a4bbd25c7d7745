"""`information_schema.role_table_grants` exactly as the standard view gives it.

It shows only grants whose grantor or grantee is an enabled role of the current user, and leaves
out most of PUBLIC, materialized views, sequences, columns and MAINTAIN: so it is labelled "as
seen by" (shared/reference/postgres-privileges.md).
"""

from __future__ import annotations

from concurrent.futures import Future
from functools import cache
from importlib.resources import files

from rolebrowser.connection import backslash
from rolebrowser.connection.protocol import Connection, Outcome
from rolebrowser.target import Engine


@cache
def _sql(name: str) -> str:
    return (files("rolebrowser.grants") / "sql" / name).read_text(encoding="utf-8")


def title(connection: Connection) -> str:
    """What `role_table_grants` shows, by its name on that engine."""
    return "SHOW GRANTS" if connection.info.engine is Engine.MYSQL else "role_table_grants"


def role_table_grants(connection: Connection) -> Future[Outcome]:
    """The grants of the current user's roles; further pages through `Connection.more`.

    MySQL and MariaDB have no such view for everybody: there it is SHOW GRANTS, hashes taken out.
    """
    if connection.info.engine is Engine.MYSQL:
        return backslash.run("\\dg", connection)
    return connection.run(_sql("role_table_grants.sql"))
