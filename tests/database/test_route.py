"""database/route.py: which way TCP takes, and what it says when there is none."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config, Route
from rolebrowser.database.model import Endpoint, EndpointRole
from rolebrowser.database.route import Way, parse_address, probe, resolve
from rolebrowser.errors import Cancelled, ConfigError, RouteError, UnknownName
from rolebrowser.target import Target

ENDPOINT = Endpoint(EndpointRole.WRITER, "db.cluster-x.eu-west-1.rds.amazonaws.com", 5433)


def config(*routes: Route) -> Config:
    return Config(routes=routes, path=Path("/etc/config.toml"))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port that answers no SYN: its listener's queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def test_without_a_route_the_endpoint_itself_is_dialled() -> None:
    assert resolve(config(), Target(), ENDPOINT) == Way(ENDPOINT.host, 5433)


def test_the_first_route_that_matches_is_taken_and_keeps_the_endpoints_port() -> None:
    other = Route(endpoint="*.us-east-1.rds.amazonaws.com", address="10.0.0.1")
    here = Route(endpoint="*.EU-west-1.rds.amazonaws.com", address="127.0.0.1")
    later = Route(endpoint="*", address="10.0.0.2:1")
    way = resolve(config(other, here, later), Target(), ENDPOINT)
    assert way == Way("127.0.0.1", 5433, here)
    assert "127.0.0.1:5433" in str(way)


def test_a_targets_own_route_wins_over_those_that_match() -> None:
    first = Route(endpoint="*", address="10.0.0.2")
    tunnel = Route(endpoint="nothing", address="[::1]:6000", name="tunnel")
    way = resolve(config(first, tunnel), Target(route="tunnel"), ENDPOINT)
    assert (way.host, way.port) == ("::1", 6000)
    assert str(way).startswith("[::1]:6000")


def test_direct_is_a_route_that_needs_no_entry() -> None:
    routes = config(Route(endpoint="*", address="10.0.0.2"))
    assert resolve(routes, Target(route="direct"), ENDPOINT).host == ENDPOINT.host


def test_an_unknown_route_offers_the_nearest() -> None:
    routes = config(Route(endpoint="*", address="h", name="office-vpn"))
    with pytest.raises(UnknownName) as caught:
        resolve(routes, Target(route="ofice-vpn"), ENDPOINT)
    assert "office-vpn" in caught.value.fix


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("bastion", ("bastion", 0)),
        ("bastion:1", ("bastion", 1)),
        ("10.1.2.3:65535", ("10.1.2.3", 65535)),
        ("[2001:db8::1]:5432", ("2001:db8::1", 5432)),
        ("[2001:db8::1]", ("2001:db8::1", 0)),
        ("2001:db8::1", ("2001:db8::1", 0)),
    ],
)
def test_addresses_are_read(address: str, expected: tuple[str, int]) -> None:
    assert parse_address(address, config()) == expected


@pytest.mark.parametrize(
    "address",
    ["", ":5432", "host:", "host:0", "host:65536", "host:abc", "[::1", "[::1]:", "[::1]x", "h:²"],
)
def test_addresses_that_make_no_sense_are_refused_with_the_file(address: str) -> None:
    with pytest.raises(ConfigError, match=r"/etc/config\.toml"):
        parse_address(address, config())


def test_a_probe_says_which_address_answered(listener: socket.socket) -> None:
    way = Way("localhost", listener.getsockname()[1])
    assert probe(way, ENDPOINT, seconds=5) == "127.0.0.1"


def test_a_refusal_is_told_apart(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(RouteError) as caught:
        probe(Way("127.0.0.1", port), ENDPOINT, seconds=5)
    assert caught.value.code == "refused"
    assert "running" in caught.value.fix


def test_a_refusal_behind_a_route_points_at_the_tunnel(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    route = Route(endpoint="*", address=f"127.0.0.1:{port}", name="ssm")
    with pytest.raises(RouteError, match="tunnel"):
        probe(Way("127.0.0.1", port, route), ENDPOINT, seconds=5)


def test_silence_is_told_apart(deaf: int) -> None:
    with pytest.raises(RouteError) as caught:
        probe(Way("127.0.0.1", deaf), ENDPOINT, seconds=0.3)
    assert caught.value.code == "timeout"
    assert "security group" in str(caught.value)


def test_a_name_that_is_none_is_told_apart() -> None:
    with pytest.raises(RouteError) as caught:
        probe(Way("no host..name", 5432), ENDPOINT, seconds=5)
    assert caught.value.code == "dns"
    assert "VPN" in caught.value.fix


def test_a_slow_name_server_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: answered.wait(60))
    with pytest.raises(RouteError, match=r"0\.1 seconds"):
        probe(Way("slow.example", 5432), ENDPOINT, seconds=0.1)
    answered.set()


def test_waiting_for_an_answer_can_be_cancelled(deaf: int) -> None:
    cancel = Cancel()
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        probe(Way("127.0.0.1", deaf), ENDPOINT, seconds=60, cancel=cancel)
    timer.join()
