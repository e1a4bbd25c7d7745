"""Fixtures that build worlds: real servers, shared by the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.sandbox.process import SandboxProcess

_OURS = ("AWS_", "BOTO_", "PG", "MYSQL_", "ROLEBROWSER_", "XDG_", "SANDBOX_")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL of its own; superuser `rdsadmin`."""
    with PostgresServer.start() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    """A running MariaDB of its own; in CI it must be there."""
    if not mariadb.available():
        if os.environ.get("CI"):
            pytest.fail("mariadbd is not installed: apt-get install mariadb-server")
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    with MariadbServer.start() as server:
        yield server


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """A running sandbox."""
    process = SandboxProcess()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@pytest.fixture
def clean_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and nothing in the environment that points anywhere."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return home


@pytest.fixture
def sandbox_env(
    sandbox: SandboxProcess, clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxProcess]:
    """This process in the sandbox's world, with an empty home; its faults end with the test."""
    for name, value in sandbox.exports.items():
        monkeypatch.setenv(name, value)
    yield sandbox
    sandbox.control("latency", seconds=0)
    sandbox.control("throttle", requests=0)
