"""Fixtures that build worlds: real servers, shared by the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rolebrowser.sandbox.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL of its own; superuser `rdsadmin`."""
    with PostgresServer.start() as server:
        yield server
