"""Fills the sandbox's PostgreSQL: RDS-like roles, and databases worth exploring."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.resources import files

from rolebrowser.errors import SandboxError
from rolebrowser.sandbox.postgres import PostgresServer

OLDEST = 15
"""The oldest major version the world can be built on."""
SMALL = ("orders_staging", "billing", "legacy", "reports")
_AT_ONCE = 3
"""Databases made at once: each is a few hundred new files, for which the server waits."""
_CONDITION = re.compile(r"-- (since|before) (\d+):")


def build(server: PostgresServer) -> None:
    """Create the roles and databases of world*.sql on a new server.

    Raises:
        SandboxError: the server is too old.
    """
    import psycopg

    if server.version < OLDEST:
        raise SandboxError(
            f"The sandbox needs PostgreSQL {OLDEST} or newer, and found {server.version}.",
            fix="Run pip install 'rolebrowser[demo]', or install a newer PostgreSQL server.",
        )
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(_script("world.sql", server.version))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            # The largest first. All are asked for, so that what went wrong with one is raised.
            list(pool.map(partial(_database, server), ("orders", "rdsadmin", *SMALL)))
        admin.execute("REVOKE CONNECT ON DATABASE rdsadmin FROM PUBLIC")
        admin.execute("REVOKE CONNECT ON DATABASE billing FROM PUBLIC")
        admin.execute("GRANT CONNECT ON DATABASE billing TO billing_app, app_oncall_ro")


def _database(server: PostgresServer, name: str) -> None:
    """Create one of the databases, with what is in it."""
    import psycopg

    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        # File copy beats the WAL-logged strategy for an empty template by a factor of three.
        admin.execute(f"CREATE DATABASE {name} STRATEGY file_copy".encode())
        if name == "rdsadmin":
            return
        admin.execute(f"ALTER DATABASE {name} OWNER TO dbadmin".encode())
    file = "world_orders.sql" if name == "orders" else "world_small.sql"
    with psycopg.connect(server.dsn(name), autocommit=True) as admin:
        admin.execute(_script(file, server.version))


def for_version(sql: str, version: int) -> str:
    """`sql` without the paragraphs that are for other major versions than `version`.

    A paragraph ends at a blank line; one that begins "-- since N:" is for N and later, one that
    begins "-- before N:" for the versions up to it.
    """
    return "\n\n".join(part for part in sql.split("\n\n") if _applies(part.lstrip(), version))


def _applies(paragraph: str, version: int) -> bool:
    found = _CONDITION.match(paragraph)
    return found is None or (found[1] == "since") == (version >= int(found[2]))


def _script(file: str, version: int) -> bytes:
    text = (files("rolebrowser.sandbox") / file).read_text(encoding="utf-8")
    return for_version(text, version).encode()
