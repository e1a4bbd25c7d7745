"""What answers at the endpoint is broken, on purpose or not: a sentence each, in time, no secret.

Every server here is real: it listens, and does to the client what its name says.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rolebrowser import config as configuration
from rolebrowser.config import Config, Timeouts
from rolebrowser.connect import open_target
from rolebrowser.connection import mysql_wire
from rolebrowser.errors import ConnectionLost, RolebrowserError, RouteError, TimedOut, TlsError
from rolebrowser.route import Route
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.target import Target

LIMIT = 1.5
PATIENCE = 30.0
"""Seconds that a busy machine may need where nothing waits."""
HOST = "orders.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"
_SSL_REQUEST = 80877103
GREETING = mysql_wire.Greeting(
    version=b"8.0.40",
    thread=7,
    salt=b"12345678901234567890",
    capabilities=0xFFFFFFFF & ~mysql_wire.COMPRESS,
    charset=45,
    status=2,
    mariadb=bytes(10),
    plugin=b"mysql_native_password",
)


class Rogue:
    """A server that greets as the engine does and then misbehaves.

    Attributes:
        heard: everything it was told inside TLS or out of it.
    """

    def __init__(self, behave: Callable[[Rogue, socket.socket], None]) -> None:
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heard = bytearray()
        self.context: ssl.SSLContext | None = None
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._stopped = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._keep(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self._behave(self, client)

    def _keep(self, opened: socket.socket) -> None:
        """Close it when this one stops, or now if it has."""
        with self._lock:
            self._open.append(opened)
            if self._stopped:
                opened.close()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            everything = [self._listener, *self._open]
        for each in everything:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    # ── what behaviours are made of ──────────────────────────────────────────────────────────

    def hear(self, client: socket.socket, size: int = 4096) -> bytes:
        told = client.recv(size)
        self.heard += told
        return told

    def encrypt(self, client: socket.socket) -> socket.socket:
        assert self.context is not None
        inside = self.context.wrap_socket(client, server_side=True)
        self._keep(inside)
        return inside


def silent(rogue: Rogue, client: socket.socket) -> None:
    while rogue.hear(client):
        pass


def hangs_up(rogue: Rogue, client: socket.socket) -> None:
    """Closes at once."""


def resets(rogue: Rogue, client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def speaks_http(rogue: Rogue, client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    rogue.hear(client)


def floods(rogue: Rogue, client: socket.socket) -> None:
    while True:
        client.sendall(b"\xde\xad\xbe\xef" * 4096)


def drips(rogue: Rogue, client: socket.socket) -> None:
    """A byte now and then, for ever: no single wait is long."""
    whole = mysql_wire.packet(0, GREETING.encode())
    for byte in whole[:-1]:
        client.sendall(bytes([byte]))
        time.sleep(0.3)


def half_a_greeting(rogue: Rogue, client: socket.socket) -> None:
    client.sendall(mysql_wire.packet(0, GREETING.encode())[:12])
    silent(rogue, client)


def oversized(rogue: Rogue, client: socket.socket) -> None:
    """Announces the largest packet there is, and sends it."""
    client.sendall(b"\xff\xff\xff\x00")
    while True:
        client.sendall(bytes(65_536))


def says_yes_to_tls_and_nothing_more(rogue: Rogue, client: socket.socket) -> None:
    rogue.hear(client, 8)
    client.sendall(b"S")
    silent(rogue, client)


def says_yes_and_speaks_no_tls(rogue: Rogue, client: socket.socket) -> None:
    rogue.hear(client, 8)
    client.sendall(b"S" + b"nonsense" * 64)
    silent(rogue, client)


def oversized_error(rogue: Rogue, client: socket.socket) -> None:
    rogue.hear(client, 8)
    client.sendall(b"E\x7f\xff\xff\xff")
    while True:
        client.sendall(bytes(65_536))


def _postgres_inside(rogue: Rogue, client: socket.socket) -> socket.socket:
    client.recv(8)
    client.sendall(b"S")
    inside = rogue.encrypt(client)
    rogue.hear(inside)
    return inside


def silent_inside(rogue: Rogue, client: socket.socket) -> None:
    inside = _postgres_inside(rogue, client)
    silent(rogue, inside)


def oversized_inside(rogue: Rogue, client: socket.socket) -> None:
    inside = _postgres_inside(rogue, client)
    inside.sendall(b"R\x7f\xff\xff\xff\x00\x00\x00\x03")
    while True:
        inside.sendall(bytes(65_536))


def garbage_inside(rogue: Rogue, client: socket.socket) -> None:
    inside = _postgres_inside(rogue, client)
    inside.sendall(b"nothing of the kind" * 100)
    silent(rogue, inside)


def notices_for_ever(rogue: Rogue, client: socket.socket) -> None:
    inside = _postgres_inside(rogue, client)
    text = b"SNOTICE\0C00000\0Mstill starting\0\0"
    while True:
        inside.sendall(b"N" + struct.pack("!i", len(text) + 4) + text)
        time.sleep(0.01)


def _mysql_inside(rogue: Rogue, client: socket.socket) -> socket.socket:
    client.sendall(mysql_wire.packet(0, GREETING.encode()))
    # The request for TLS and no byte more: the handshake comes right behind it.
    rogue.hear(client, 36)
    inside = rogue.encrypt(client)
    rogue.hear(inside)
    return inside


def mysql_silent_inside(rogue: Rogue, client: socket.socket) -> None:
    silent(rogue, _mysql_inside(rogue, client))


def mysql_garbage_inside(rogue: Rogue, client: socket.socket) -> None:
    inside = _mysql_inside(rogue, client)
    inside.sendall(b"nothing of the kind" * 100)
    silent(rogue, inside)


def mysql_oversized_inside(rogue: Rogue, client: socket.socket) -> None:
    inside = _mysql_inside(rogue, client)
    inside.sendall(b"\xff\xff\xff\x02")
    while True:
        inside.sendall(bytes(65_536))


def mysql_drips_inside(rogue: Rogue, client: socket.socket) -> None:
    inside = _mysql_inside(rogue, client)
    for byte in mysql_wire.packet(2, mysql_wire.ok(2)):
        time.sleep(0.5)
        inside.sendall(bytes([byte]))


ANY = (silent, hangs_up, resets, speaks_http, floods, drips, half_a_greeting, oversized)
OUTSIDE = {
    "postgres": (
        *ANY,
        says_yes_to_tls_and_nothing_more,
        says_yes_and_speaks_no_tls,
        oversized_error,
    ),
    "mysql": ANY,
}
INSIDE = {
    "postgres": (silent_inside, oversized_inside, garbage_inside, notices_for_ever),
    "mysql": (
        mysql_silent_inside,
        mysql_garbage_inside,
        mysql_oversized_inside,
        mysql_drips_inside,
    ),
}
PORTS = {"postgres": 5432, "mysql": 3306}


def _cases(kinds: dict) -> list:
    return [
        pytest.param(engine, behave, id=f"{engine}-{behave.__name__}")
        for engine, behaviours in kinds.items()
        for behave in behaviours
    ]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def rogues() -> Iterator[list[Rogue]]:
    running: list[Rogue] = []
    yield running
    for each in running:
        each.stop()


def refused(
    rogue: Rogue, engine: str, authority: Authority, limit: float = LIMIT
) -> tuple[RolebrowserError, float]:
    config = Config(
        ca_bundle=str(authority.bundle),
        timeouts=Timeouts(connect=limit),
        routes=(Route("*", f"127.0.0.1:{rogue.port}"),),
        path=Path("/config.toml"),
    )
    target = Target(profile="staging", database=f"{HOST}:{PORTS[engine]}", user="app_oncall")
    started = time.monotonic()
    with pytest.raises(RolebrowserError) as caught:
        open_target(target, config=config)
    return caught.value, time.monotonic() - started


def assert_told(rogue: Rogue, error: RolebrowserError, seconds: float) -> None:
    assert isinstance(error, (ConnectionLost, RouteError, TimedOut, TlsError)), repr(error)
    if isinstance(error, RouteError):
        # A reset may come before the knock is over.
        assert "reset" in error.why
    assert error.what.endswith(".")
    assert error.fix
    # TCP came through, and who speaks no TLS shows no certificate.
    assert "security group" not in error.fix
    assert "Check ca_bundle" not in error.fix
    # The knock before the login has the same limit of its own; what never ends takes far longer.
    assert seconds < PATIENCE
    assert b"X-Amz-Signature" not in rogue.heard


@pytest.mark.parametrize(("engine", "behave"), _cases(OUTSIDE))
def test_before_tls(
    engine: str,
    behave: Callable[[Rogue, socket.socket], None],
    sandbox_env: SandboxProcess,
    authority: Authority,
    rogues: list[Rogue],
) -> None:
    rogue = Rogue(behave)
    rogues.append(rogue)
    error, seconds = refused(rogue, engine, authority)
    assert_told(rogue, error, seconds)


@pytest.mark.parametrize(("engine", "behave"), _cases(INSIDE))
def test_inside_verified_tls(
    engine: str,
    behave: Callable[[Rogue, socket.socket], None],
    sandbox_env: SandboxProcess,
    authority: Authority,
    rogues: list[Rogue],
) -> None:
    rogue = Rogue(behave)
    rogues.append(rogue)
    rogue.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    rogue.context.load_cert_chain(authority.issue("rogue.pem", [HOST]).file)
    error, seconds = refused(rogue, engine, authority)
    assert_told(rogue, error, seconds)


@pytest.mark.parametrize("engine", ["postgres", "mysql"])
@pytest.mark.parametrize("kind", ["other-name", "expired", "self-signed"])
def test_a_certificate_that_is_not_good(
    kind: str,
    engine: str,
    sandbox_env: SandboxProcess,
    authority: Authority,
    rogues: list[Rogue],
) -> None:
    rogue = Rogue(silent_inside if engine == "postgres" else mysql_silent_inside)
    rogues.append(rogue)
    pair = {
        "other-name": lambda: authority.issue("rogue.pem", ["other.example.com"]),
        "expired": lambda: authority.issue("rogue.pem", [HOST], expired=True),
        "self-signed": lambda: authority.self_signed("rogue.pem", [HOST]),
    }[kind]()
    rogue.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    rogue.context.load_cert_chain(pair.file)
    # What this rogue shows is refused at once: the limit must not come first on a busy machine.
    error, seconds = refused(rogue, engine, authority, limit=PATIENCE)
    assert isinstance(error, TlsError)
    assert "nothing secret was sent" in error.what
    assert_told(rogue, error, seconds)


@pytest.mark.parametrize("engine", ["postgres", "mysql"])
def test_the_kernel_is_told_to_notice_a_peer_that_is_gone(
    engine: str, sandbox_env: SandboxProcess
) -> None:
    names = {"postgres": "orders-staging", "mysql": "inventory"}
    if engine == "mysql" and not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    dbname = "orders_staging" if engine == "postgres" else "inventory"
    target = Target(profile="staging", database=names[engine], user="app_oncall", dbname=dbname)
    opened = open_target(target, config=configuration.load())
    connection: Any = opened.connection
    if engine == "postgres":
        number = connection._link.driver.pgconn.socket
    else:
        number = connection._driver._sock.fileno()
    with socket.socket(fileno=os.dup(number)) as handle:
        assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 10
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 3
    opened.connection.close()
