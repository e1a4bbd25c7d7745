"""Whom a database itself takes tokens from, asked of a real MariaDB and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing

import psycopg
import pytest

from rolebrowser.connection import mysql, postgres, token_users, url
from rolebrowser.connection.protocol import Connection, Row, Settings
from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.sandbox.postgres import PostgresServer
from tests.mysql_server import is_mysql

PLUGIN = "AWSAuthenticationPlugin"


def told(connection: Connection) -> list[tuple[str, ...]]:
    """What `ask` tells, once the connection has answered what came after it too."""
    heard: list[tuple[str, ...]] = []
    with closing(connection):
        token_users.ask(connection, heard.append)
        # Background questions are answered in their order.
        last: Future[tuple[Row, ...]] = connection.background("SELECT 1")
        last.result(timeout=60)
    return heard


@pytest.fixture
def plugged(either_server: MariadbServer) -> Iterator[MariadbServer]:
    """Users of the IAM plugin, as RDS's catalog has them; the plugin itself is RDS's own."""
    names = ("tok_b@'%'", "tok_b@'10.0.0.1'", "tok_a@'%'", "tok_plain@'%'")
    told = (
        f"UPDATE mysql.user SET plugin = '{PLUGIN}', authentication_string = 'RDS'"
        if is_mysql(either_server)
        else "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.plugin', "
        f"'{PLUGIN}', '$.authentication_string', 'RDS')"
    )
    either_server.execute(
        *(f"CREATE USER {name} IDENTIFIED BY 'x'" for name in names),
        f"{told} WHERE User IN ('tok_a', 'tok_b')",
    )
    yield either_server
    either_server.execute(*(f"DROP USER {name}" for name in names))


def test_either_tells_its_users_of_the_iam_plugin_each_once(plugged: MariadbServer) -> None:
    opened = mysql.open_connection(url.parse(plugged.dsn(), {}), Settings())
    (names,) = told(opened)
    assert names == ("tok_a", "tok_b")


def test_a_user_who_may_not_ask_is_told_nothing(plugged: MariadbServer) -> None:
    dsn = f"mysql://tok_plain:x@127.0.0.1:{plugged.port}/"
    assert told(mysql.open_connection(url.parse(dsn, {}), Settings())) == []


@pytest.fixture
def members(postgres_server: PostgresServer) -> Iterator[Callable[[], Connection]]:
    made = ("tok_iam_too NOLOGIN", "tok_direct LOGIN", "tok_nested LOGIN", "tok_plain LOGIN")
    with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as admin:
        own = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam'").fetchone() is None
        for role in (*(("rds_iam NOLOGIN",) if own else ()), *made):
            admin.execute(f"CREATE ROLE {role}")  # type: ignore[arg-type]
        admin.execute("GRANT rds_iam TO tok_direct, tok_iam_too")
        admin.execute("GRANT tok_iam_too TO tok_nested")
        yield lambda: postgres.open_connection(
            url.parse(postgres_server.dsn("postgres"), {}), Settings()
        )
        for role in made:
            admin.execute(f"DROP ROLE {role.split()[0]}")  # type: ignore[arg-type]
        if own:
            admin.execute("DROP ROLE rds_iam")


def test_postgresql_tells_the_members_of_rds_iam_that_can_log_in(
    members: Callable[[], Connection],
) -> None:
    (names,) = told(members())
    assert {"tok_direct", "tok_nested"} <= set(names)
    assert not {"tok_plain", "tok_iam_too", "rds_iam"} & set(names)
