"""Fills the sandbox's PostgreSQL: RDS-like roles, and databases worth exploring."""

from __future__ import annotations

from importlib.resources import files

from rolebrowser.sandbox.postgres import PostgresServer

SMALL = ("orders_staging", "billing", "legacy", "reports")


def build(server: PostgresServer) -> None:
    """Create the roles and databases of world*.sql on a new server."""
    import psycopg

    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(_text("world.sql").encode())
        for name in ("rdsadmin", "orders", *SMALL):
            # File copy beats the WAL-logged strategy for an empty template by a factor of three.
            admin.execute(f"CREATE DATABASE {name} STRATEGY file_copy".encode())
            if name != "rdsadmin":
                admin.execute(f"ALTER DATABASE {name} OWNER TO dbadmin".encode())
        admin.execute("REVOKE CONNECT ON DATABASE rdsadmin FROM PUBLIC")
        admin.execute("REVOKE CONNECT ON DATABASE billing FROM PUBLIC")
        admin.execute("GRANT CONNECT ON DATABASE billing TO billing_app, app_oncall_ro")
    for name, file in (("orders", "world_orders.sql"), *((n, "world_small.sql") for n in SMALL)):
        with psycopg.connect(server.dsn(name), autocommit=True) as admin:
            admin.execute(_text(file).encode())


def _text(file: str) -> str:
    return (files("rolebrowser.sandbox") / file).read_text(encoding="utf-8")
