"""Fixtures that build worlds: real servers, shared by the whole run."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.sandbox.process import SandboxProcess
from tests import bastion as bastions
from tests.bastion import Bastion
from tests.mysql_server import MysqlServer, installed

# A busy machine makes no property false. Longer: python tests/fuzz.
settings.register_profile(
    "ours",
    deadline=None,
    max_examples=int(os.environ.get("ROLEBROWSER_FUZZ", "100")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
settings.load_profile("ours")

_OURS = ("AWS_", "BOTO_", "PG", "MYSQL_", "ROLEBROWSER_", "XDG_", "SANDBOX_")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than there are cores for the whole suite, which waits on servers at times.

    None for files named on the command line: there the workers' start would be the cost.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return 1 + (os.cpu_count() or 1) if whole else 0


def pytest_collection_finish() -> None:
    """What is loaded stays: looking through it at each collection cost a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


_LONG = ("soak", "scenes", "terminal", "tui", "doctor")
"""Directories whose files take longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: at the end, one worker would go on alone."""

    def place(item: pytest.Item) -> int:
        directory = item.path.parent.name
        return _LONG.index(directory) if directory in _LONG else len(_LONG)

    items.sort(key=place)


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


@pytest.fixture(scope="session", params=installed() or [None], ids=str)
def mysql_server(request: pytest.FixtureRequest) -> Iterator[MysqlServer]:
    """Every MySQL that ROLEBROWSER_TEST_MYSQL names, one after the other."""
    if request.param is None:
        pytest.skip("ROLEBROWSER_TEST_MYSQL names no mysqld (tests/mysql_servers.py fetches one)")
    with MysqlServer.of(request.param) as server:
        yield server


@pytest.fixture(scope="session", params=["mariadb", *installed()], ids=str)
def either_server(request: pytest.FixtureRequest) -> Iterator[MariadbServer]:
    """MariaDB, and every MySQL there is."""
    if request.param == "mariadb":
        yield request.getfixturevalue("mariadb_server")
        return
    with MysqlServer.of(request.param) as server:
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


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    """A running sshd; in CI it must be there."""
    if not bastions.available():
        if os.environ.get("CI"):
            pytest.fail("sshd is not installed: apt-get install openssh-server")
        pytest.skip("sshd is not installed (Debian: openssh-server)")
    running = bastions.start(tmp_path_factory.mktemp("bastion"))
    yield running
    running.stop()


@pytest.fixture
def bastion(sshd: Bastion, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bastion]:
    """The sshd, with the person's ssh first in PATH; what a test changes is undone."""
    monkeypatch.setenv("PATH", f"{sshd.bin}:{os.environ['PATH']}")
    yield sshd
    sshd.know_host()
    sshd.lock(False)


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
