"""The doctor on the way through a bastion: each cause named, the far end's told from the near's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rolebrowser import config as configuration
from rolebrowser.check import Status
from rolebrowser.config import Config
from rolebrowser.doctor import Cause, CheckName, Diagnosis, examine
from rolebrowser.doctor.finding import markdown
from rolebrowser.route import Route
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target
from tests.bastion import Bastion

from .scenarios import ORDERS, STOCK

THROUGH = Route(endpoint="*", address="127.0.0.1", name="bastion", ssh="bastion")


@pytest.fixture(params=[ORDERS, STOCK], ids=["postgres", "mysql"])
def target(request: pytest.FixtureRequest) -> Target:
    if request.param is STOCK and not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    return request.param


@pytest.fixture
def config(sandbox_env: SandboxProcess, bastion: Bastion) -> Config:
    return configuration.load()


def examined(config: Config, target: Target, route: Route) -> Diagnosis:
    return examine(target, config=replace(config, routes=(route,)))


def test_nothing_stands_in_the_way_through_a_bastion(config: Config, target: Target) -> None:
    found = examined(config, target, THROUGH)
    assert found.healthy, markdown(found)
    by_name = {each.check: each for each in found.findings}
    assert by_name[CheckName.DNS].status is Status.SKIP
    assert "over there" in by_name[CheckName.DNS].evidence
    assert "ssh bastion" in by_name[CheckName.TCP].evidence


CAUSES: tuple[tuple[Cause, CheckName, Route, Callable[[Bastion], object]], ...] = (
    (Cause.ROUTE_LOGIN, CheckName.TCP, THROUGH, lambda bastion: bastion.lock(True)),
    (Cause.ROUTE_HOST_KEY, CheckName.TCP, THROUGH, Bastion.forget_host),
    (Cause.ROUTE, CheckName.TCP, replace(THROUGH, ssh="no-such.invalid"), lambda bastion: None),
    (Cause.REFUSED, CheckName.TLS, replace(THROUGH, address="127.0.0.1:1"), lambda bastion: None),
    (Cause.DNS, CheckName.TLS, replace(THROUGH, address=""), lambda bastion: None),
)


@pytest.mark.parametrize(
    ("cause", "check", "route", "make"), CAUSES, ids=[str(each[0].value) for each in CAUSES]
)
def test_what_is_wrong_with_the_way_is_named(
    cause: Cause,
    check: CheckName,
    route: Route,
    make: Callable[[Bastion], object],
    config: Config,
    bastion: Bastion,
    target: Target,
    tmp_path: Path,
) -> None:
    make(bastion)
    found = examined(config, target, route)
    assert found.likely is not None
    assert (found.likely.cause, found.likely.check) == (cause, check), markdown(found)
    assert found.likely.fix
