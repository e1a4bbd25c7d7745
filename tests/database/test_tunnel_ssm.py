"""database/tunnel_ssm.py: StartSession on the sandbox, and a plugin with the real one's manners."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rolebrowser import config as configuration
from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config
from rolebrowser.connect import open_target
from rolebrowser.database import rds
from rolebrowser.database.instances import reach
from rolebrowser.database.model import Database
from rolebrowser.errors import ConnectionLost, RouteError
from rolebrowser.identity import credentials, profile_files
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.sandbox import plugin
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target

ORDERS = Target(
    profile="staging",
    database="orders-staging",
    user="app_oncall",
    dbname="orders_staging",
    route="ssm",
)
BASTION, OFFLINE = "i-0ba5710457a6e0001", "i-0de1e7ed57a6e0002"

_RECORDING = """\
import json, os, sys
with open({record!r}, "a") as file:
    given = os.environ.get("AWS_SSM_START_SESSION_RESPONSE", "")
    keys = [name for name in os.environ if name.startswith("AWS_")]
    line = {{"argv": sys.argv[1:], "response": given, "keys": keys, "pid": os.getpid()}}
    file.write(json.dumps(line) + "\\n")
if sys.argv[1:] == ["--version"]:
    print({version!r})
    sys.exit(0)
os.execv(sys.executable, [sys.executable, "-I", "-S", {plugin!r}, *sys.argv[1:]])
"""


@dataclass
class Installed:
    """The plugin as it is installed here.

    Attributes:
        record: a line of JSON for each run.
    """

    bin: Path
    record: Path

    def install(self, version: str = plugin.VERSION) -> None:
        text = _RECORDING.format(record=str(self.record), version=version, plugin=plugin.__file__)
        program = self.bin / "session-manager-plugin"
        program.write_text(f"#!{sys.executable}\n{text}")
        program.chmod(0o755)

    def runs(self) -> list[dict]:
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        found = [json.loads(line) for line in lines]
        return [each for each in found if each["argv"] != ["--version"]]


@pytest.fixture
def installed(
    sandbox_env: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Installed:
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
    found = Installed(directory, tmp_path / "runs")
    found.install()
    return found


@pytest.fixture
def config(sandbox_env: SandboxProcess) -> Config:
    return configuration.load()


def session() -> Session:
    config = configuration.load()
    found = profile_files.load(os.environ)
    return credentials.resolve(
        "staging", "", profiles=found, aws_dir=config.aws_dir, prompts=NobodyToAsk()
    )


@pytest.fixture
def orders(sandbox_env: SandboxProcess) -> tuple[Session, Database]:
    held = session()
    return held, rds.find(held, "eu-west-1", "orders-staging")


def refused(config: Config, target: Target) -> RouteError:
    checks: list[Check] = []
    with pytest.raises(RouteError) as caught:
        open_target(target, config=config, report=checks.append)
    failed = [each.step for each in checks if each.status is Status.FAIL]
    assert failed[-1] is Step.ROUTE
    return caught.value


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def test_the_plugin_is_run_as_the_aws_cli_runs_it(installed: Installed, config: Config) -> None:
    opened = open_target(ORDERS, config=config)
    assert opened.connection.query("SELECT 1").result() == (("1",),)
    opened.connection.close()
    (run,) = installed.runs()
    name, region, operation, profile, parameters, endpoint = run["argv"]
    assert (name, region, operation) == (
        "AWS_SSM_START_SESSION_RESPONSE",
        "eu-west-1",
        "StartSession",
    )
    assert profile == ""
    assert endpoint == os.environ["AWS_ENDPOINT_URL"]
    asked = json.loads(parameters)
    assert asked["Target"] == BASTION
    assert asked["DocumentName"] == "AWS-StartPortForwardingSessionToRemoteHost"
    assert opened.endpoint is not None
    assert asked["Parameters"]["host"] == [opened.endpoint.host]
    assert asked["Parameters"]["portNumber"] == [str(opened.endpoint.port)]
    assert set(json.loads(run["response"])) == {"SessionId", "TokenValue", "StreamUrl"}
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= set(run["keys"])


def test_nothing_secret_is_in_argv(installed: Installed, config: Config) -> None:
    open_target(ORDERS, config=config).connection.close()
    (run,) = installed.runs()
    secret = json.loads(run["response"])["TokenValue"]
    assert secret
    assert secret not in " ".join(run["argv"])


@pytest.mark.parametrize("version", ["1.2.497.0", "1.1", "not a version"])
def test_an_old_plugin_takes_the_answer_in_argv(
    version: str, installed: Installed, config: Config
) -> None:
    installed.install(version)
    opened = open_target(ORDERS, config=config)
    assert opened.connection.alive
    opened.connection.close()
    (run,) = installed.runs()
    assert set(json.loads(run["argv"][0])) == {"SessionId", "TokenValue", "StreamUrl"}
    assert run["response"] == ""


def test_the_plugin_ends_with_the_connection(installed: Installed, config: Config) -> None:
    opened = open_target(ORDERS, config=config)
    (run,) = installed.runs()
    assert Path(f"/proc/{run['pid']}").exists()
    opened.connection.close()
    assert until(lambda: not Path(f"/proc/{run['pid']}").exists())


def test_reconnecting_starts_a_session_anew_on_the_same_port(
    installed: Installed, config: Config
) -> None:
    opened = open_target(ORDERS, config=config)
    (first,) = installed.runs()
    os.kill(first["pid"], 9)
    with pytest.raises(ConnectionLost, match="SSM through"):
        until(lambda: not opened.connection.query("SELECT 1").result())
    opened.connection.reconnect().result()
    assert opened.connection.query("SELECT 1").result() == (("1",),)
    opened.connection.close()
    first, second = installed.runs()
    asked = [json.loads(each["argv"][4])["Parameters"] for each in (first, second)]
    assert asked[0] == asked[1]
    assert first["response"] != second["response"]


def test_a_plugin_that_is_missing_is_named_before_aws_is_asked(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refused(config, ORDERS)
    assert error.code == "route-program"
    assert "session-manager-plugin is not installed" in error.what
    assert "brew install --cask session-manager-plugin" in error.fix


def test_an_instance_that_is_not_connected_is_told_apart(
    installed: Installed, config: Config
) -> None:
    error = refused(config, replace(ORDERS, route=f"ssm:{OFFLINE}"))
    assert error.code == "route-target"
    assert f"{OFFLINE} is not connected" in error.what
    assert installed.runs() == []


def test_a_session_that_may_not_forward_gets_the_statement_to_add(
    installed: Installed, config: Config
) -> None:
    target = replace(ORDERS, profile="staging-reader", user="app_oncall_ro", route=f"ssm:{BASTION}")
    error = refused(config, target)
    assert error.code == "route-denied"
    statement = json.loads(error.fix[error.fix.index("{") :])
    assert statement["Action"] == "ssm:StartSession"
    assert statement["Resource"] == [
        f"arn:aws:ec2:eu-west-1:222222222222:instance/{BASTION}",
        "arn:aws:ssm:eu-west-1::document/AWS-StartPortForwardingSessionToRemoteHost",
    ]


def test_without_the_right_to_look_an_instance_has_to_be_named(
    installed: Installed, config: Config
) -> None:
    target = replace(ORDERS, profile="staging-reader", user="app_oncall_ro")
    error = refused(config, target)
    assert error.code == "route-denied"
    assert "ssm:i-" in error.fix


def test_instances_are_those_online_in_the_databases_own_vpc_bastions_first(
    orders: tuple[Session, Database],
) -> None:
    found = reach(*orders)
    assert [each.name for each in found.instances] == ["bastion", "worker-1"]
    assert {each.vpc for each in found.instances} == {found.vpc}
    assert found.partial == ()


@pytest.mark.parametrize("database", ["billing", "orders-proxy"])
def test_instances_and_proxies_have_a_vpc_too(
    database: str, orders: tuple[Session, Database]
) -> None:
    held, cluster = orders
    other = rds.find(held, "eu-west-1", database)
    assert reach(held, other).vpc == reach(held, cluster).vpc != ""


@pytest.mark.parametrize("wanted", ["tag:Name=worker-1", "i-0a11ce5714001bee1"])
def test_an_instance_may_be_chosen(wanted: str, installed: Installed, config: Config) -> None:
    opened = open_target(replace(ORDERS, route=f"ssm:{wanted}"), config=config)
    opened.connection.close()
    (run,) = installed.runs()
    assert json.loads(run["argv"][4])["Target"] == "i-0a11ce5714001bee1"


def test_a_tag_nobody_has_is_said_so(installed: Installed, config: Config) -> None:
    error = refused(config, replace(ORDERS, route="ssm:tag:Name=nobody"))
    assert error.code == "route-target"
    assert "tag:Name=nobody" in error.what


def test_a_route_of_the_config_may_be_named(installed: Installed, config: Config) -> None:
    opened = open_target(replace(ORDERS, route="bastion"), config=config)
    opened.connection.close()
    assert [json.loads(each["argv"][4])["Target"] for each in installed.runs()] == [BASTION]


def test_a_plugin_that_cannot_open_the_session_is_quoted(
    installed: Installed, config: Config
) -> None:
    program = installed.bin / "session-manager-plugin"
    program.write_text("#!/bin/sh\necho 'Cannot perform start session: i/o timeout'\n")
    error = refused(config, ORDERS)
    assert "could not open the session" in error.what
    assert "i/o timeout" in error.why


def test_what_the_instance_cannot_reach_is_said_so(installed: Installed, config: Config) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        elsewhere = f"127.0.0.1:{held.getsockname()[1]}"
        routes = tuple(
            replace(each, address=elsewhere) if each.name == "bastion" else each
            for each in config.routes
        )
        with (
            pytest.raises(RouteError, match="could not reach the database"),
            contextlib.closing(
                open_target(
                    replace(ORDERS, route="bastion"), config=replace(config, routes=routes)
                ).connection
            ),
        ):
            pass
