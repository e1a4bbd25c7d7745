"""A database behind a bastion: connected to, lost, found again, and left without a trace."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rolebrowser import config as configuration
from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config
from rolebrowser.connect import open_target
from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import ConnectionLost, RolebrowserError, RouteError
from rolebrowser.opened import Opened
from rolebrowser.route import Route
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target
from tests.bastion import Bastion

ORDERS = Target(
    profile="staging", database="orders-staging", user="app_oncall", dbname="orders_staging"
)
STOCK = Target(profile="staging", database="inventory", user="app_oncall", dbname="inventory")
THROUGH = Route(endpoint="*", address="127.0.0.1", name="bastion", ssh="bastion")
Go = Callable[..., Opened]


@pytest.fixture(params=[ORDERS, STOCK], ids=["postgres", "mysql"])
def target(request: pytest.FixtureRequest) -> Target:
    if request.param is STOCK and not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    return request.param


@pytest.fixture
def config(sandbox_env: SandboxProcess, bastion: Bastion) -> Config:
    return replace(configuration.load(), routes=(THROUGH,))


@pytest.fixture
def go(config: Config) -> Iterator[Go]:
    opened: list[Connection] = []

    def to(target: Target, *routes: Route, report: Callable[[Check], None] = print) -> Opened:
        mine = replace(config, routes=routes) if routes else config
        found = open_target(target, config=mine, report=report)
        opened.append(found.connection)
        return found

    yield to
    for each in opened:
        each.close()


def ssh_of(opened: Opened) -> list[int]:
    """The tunnel's processes: those with its local port in their command line."""
    passage = opened.connection._address.passage  # type: ignore[attr-defined]
    mark = f"127.0.0.1:{passage.port}:".encode()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def test_the_real_name_is_verified_and_signed_for_whatever_the_way(go: Go, target: Target) -> None:
    checks: list[Check] = []
    opened = go(target, report=checks.append)
    info, made = opened.connection.info, opened.current_token()
    assert info.host.endswith(".rds.amazonaws.com")
    assert info.tls
    assert made is not None
    assert made.host == info.host
    said = {each.step: each.evidence for each in checks if each.status is Status.PASS}
    assert "ssh bastion" in said[Step.ROUTE]


def test_the_tunnel_ends_with_the_connection(go: Go, target: Target) -> None:
    opened = go(target)
    assert ssh_of(opened)
    opened.connection.close()
    assert until(lambda: not ssh_of(opened))


def test_a_lost_tunnel_is_named_and_stands_again_after_reconnecting(go: Go, target: Target) -> None:
    opened = go(target)
    for pid in ssh_of(opened):
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: not ssh_of(opened))
    with pytest.raises(ConnectionLost, match="ssh bastion ended"):
        opened.connection.query("SELECT 1").result()
    opened.connection.reconnect().result()
    assert opened.connection.query("SELECT 1").result() == (("1",),)
    assert ssh_of(opened)


def test_cancelling_a_statement_goes_through_the_tunnel_too(go: Go, target: Target) -> None:
    opened = go(target)
    sleep = "SELECT sleep(600)" if target is STOCK else "SELECT pg_sleep(600)"
    running = opened.connection.run(sleep)
    time.sleep(0.3)
    started = time.monotonic()
    opened.connection.cancel()
    with contextlib.suppress(RolebrowserError):
        running.result(60)
    assert time.monotonic() - started < 60


def test_a_failed_login_leaves_no_tunnel(
    go: Go, config: Config, sandbox_env: SandboxProcess, target: Target
) -> None:
    before = _ours()
    with pytest.raises(RolebrowserError):
        go(replace(target, user="nobody-at-all"))
    assert until(lambda: not _ours() - before)


def _ours() -> set[int]:
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and b"ExitOnForwardFailure" in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
    return found


def test_what_the_bastion_cannot_reach_is_said_so(go: Go, target: Target) -> None:
    nowhere = replace(THROUGH, address="127.0.0.1:1")
    with pytest.raises(RouteError, match="Nothing listens at the database's address over there"):
        go(target, nowhere)


def test_the_endpoints_own_name_is_what_the_bastion_dials(go: Go, target: Target) -> None:
    with pytest.raises(RouteError, match="doesn't resolve over there"):
        go(target, Route(endpoint="*", ssh="bastion"))


def test_a_bastion_that_lets_nobody_in_fails_the_step_of_the_route(
    go: Go, bastion: Bastion, target: Target
) -> None:
    bastion.lock(True)
    checks: list[Check] = []
    with pytest.raises(RouteError, match="refused the login"):
        go(target, report=checks.append)
    failed = [each.step for each in checks if each.status is Status.FAIL]
    assert set(failed) == {Step.ROUTE}
