"""Real servers, and facts read from inside a transaction that is rolled back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.string import TextLoader

from rolebrowser.grants import postgres
from rolebrowser.grants.facts import Facts
from rolebrowser.sandbox.postgres import PostgresServer

Driver = psycopg.Connection[tuple[Any, ...]]
DEBIAN = Path("/usr/lib/postgresql")


def _others() -> list[Path]:
    """Servers besides the wheel's: the system's, and those that ROLEBROWSER_TEST_POSTGRES names."""
    named = os.environ.get("ROLEBROWSER_TEST_POSTGRES", "").split(os.pathsep)
    paths = [*sorted(DEBIAN.glob("*/bin")), *(Path(each) for each in named if each)]
    return [path for path in paths if (path / "postgres").exists()]


@pytest.fixture(
    scope="session",
    params=["wheel", *_others()],
    ids=lambda each: each if isinstance(each, str) else str(each),
)
def any_server(
    request: pytest.FixtureRequest, postgres_server: PostgresServer
) -> Iterator[PostgresServer]:
    """Every PostgreSQL there is, one after the other."""
    if request.param == "wheel":
        yield postgres_server
        return
    with PostgresServer.start(binaries=request.param) as server:
        yield server


@pytest.fixture
def any_driver(any_server: PostgresServer) -> Iterator[Driver]:
    """A superuser in a transaction that will never be committed."""
    with psycopg.connect(any_server.dsn()) as driver:
        yield driver
        driver.rollback()


def read(driver: Driver) -> Facts:
    """The facts as the transaction of `driver` sees them."""
    driver.adapters.register_loader("text", TextLoader)
    version = driver.info.server_version
    return postgres.facts(driver.execute(postgres.statement(version).encode()).fetchall())


@pytest.fixture(scope="module")
def world_driver(any_server: PostgresServer) -> Iterator[Driver]:
    """A superuser whose tests roll back what they do."""
    with psycopg.connect(any_server.dsn()) as driver:
        yield driver
        driver.rollback()
