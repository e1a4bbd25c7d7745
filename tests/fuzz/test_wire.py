"""Bytes of a protocol that a stranger speaks: to our client side, and to the sandbox's doors."""

from __future__ import annotations

import contextlib
import gc
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolebrowser.connection import handshake, mysql_login, mysql_wire, postgres_login
from rolebrowser.connection.mysql_wire import Greeting, Response
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.errors import RolebrowserError
from rolebrowser.safetext import Secret
from rolebrowser.sandbox import gateway_wire, mariadb
from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway import Door, Gateways
from rolebrowser.sandbox.inventory import Inventory
from rolebrowser.sandbox.ledger import Ledger
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.target import Engine

NO_TOKEN = "a-token-that-nobody-may-see"
GREETING = Greeting(
    version=b"8.0.36",
    thread=7,
    salt=b"s" * 20,
    capabilities=mysql_wire.SSL | mysql_wire.CONNECT_WITH_DB | 1 << 15 | 1 << 19,
    charset=45,
    status=2,
    mariadb=bytes(10),
    plugin=mysql_wire.NATIVE_PASSWORD,
)
RESPONSE = (
    struct.pack("<IIB23s", 1 << 3 | 1 << 15 | 1 << 19, 1 << 24, 45, b"")
    + b"me\0\x03abcdb\0plugin\0"
)


def spoilt(whole: bytes) -> st.SearchStrategy[bytes]:
    """A message cut, grown, or with a byte that is another."""

    def spoil(cut: int, place: int, byte: int, more: bytes) -> bytes:
        changed = bytearray(whole)
        changed[place % len(changed)] = byte
        return bytes(changed[: len(changed) - cut]) + more

    return st.builds(
        spoil,
        st.integers(0, len(whole)),
        st.integers(0, 200),
        st.integers(0, 255),
        st.binary(max_size=9),
    )


bodies = st.one_of(
    st.binary(max_size=120),
    spoilt(GREETING.encode()),
    spoilt(mysql_wire.error(1129, "08004", "Host is blocked")),
    st.sampled_from([b"\xff", b"\xff\x01", b"\x0a", b"\x0a8.0\0", b"\x00", b"\xfe", b""]),
)
mysql_servers = st.one_of(
    st.binary(max_size=60),
    st.lists(bodies.map(lambda body: mysql_wire.packet(0, body)), max_size=3).map(b"".join),
    st.just(b"\xff\xff\xff\x00\x0a"),
)
postgres_servers = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"S", b"N", b"E", b"H", b"", b"SSL", b"S\x16\x03\x03\x00\x01\x02", b"N" * 5]),
    st.binary(max_size=20).map(lambda more: b"S" + more),
    st.binary(max_size=20).map(lambda more: b"E" + struct.pack("!i", 4 + len(more)) + more),
)


class Stranger:
    """A server on loopback that says what it is told to, to anybody, and hangs up."""

    def __init__(self) -> None:
        self.says = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._listener.accept()
            except OSError:
                return
            with visitor, contextlib.suppress(OSError):
                visitor.sendall(self.says)
                visitor.shutdown(socket.SHUT_WR)
                visitor.settimeout(2)
                while visitor.recv(4096):
                    pass

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    """The server, for all examples of this file."""
    server = Stranger()
    yield server
    server.close()


def refused(call: Callable[[], object]) -> None:
    """The call fails, in a sentence that shows no token."""
    with pytest.raises(RolebrowserError) as caught:
        call()
    assert NO_TOKEN not in str(caught.value)


TRUST = ssl.create_default_context()
"""Reading the system's certificates takes longer than an example."""


def address(engine: Engine, stranger: Stranger) -> Address:
    return Address(
        engine=engine,
        host="db.example.com",
        port=stranger.port,
        user="me",
        dbname="d",
        password=lambda: Secret(NO_TOKEN),
        tls=TRUST,
        ca_file=ssl.get_default_verify_paths().cafile or "",
        dial_host="127.0.0.1",
        dial_port=stranger.port,
    )


@given(st.one_of(bodies, st.binary(max_size=300)))
@example(b"\x0a8.0\0")
def test_a_greeting_is_understood_or_a_value_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        read = Greeting.parse(body)
        if len(read.salt) == 20:
            assert Greeting.parse(read.encode()) == read


@given(st.one_of(st.binary(max_size=200), spoilt(RESPONSE)))
def test_a_response_is_understood_or_a_value_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        read = Response.parse(body)
        if len(read.auth) < 256:
            again = Response.parse(read.encode())
            assert (again.user, again.auth, again.dbname) == (read.user, read.auth, read.dbname)


@given(st.integers(0, 2**31 - 1), st.one_of(st.binary(max_size=120), spoilt(
    b"user\0me\0database\0d\0options\0-c x=y\0\0")))  # fmt: skip
def test_a_startup_is_understood_or_a_value_error(version: int, body: bytes) -> None:
    with contextlib.suppress(ValueError):
        read = gateway_wire.parse_startup(version, body)
        again = gateway_wire.parse_startup(version, read.encode()[8:])
        assert dict(again.parameters).get("user") == dict(read.parameters)["user"]


@given(mysql_servers)
@example(mysql_wire.packet(0, b"\xff"))
@example(mysql_wire.packet(0, b"\x0a8.0\0"))
def test_the_doctor_shakes_hands_with_no_stranger_for_mysql(
    stranger: Stranger, says: bytes
) -> None:
    stranger.says = says
    where = ("127.0.0.1", stranger.port)
    refused(lambda: handshake.shake(Engine.MYSQL, "db.example.com", where, TRUST, seconds=5))


@given(postgres_servers)
def test_the_doctor_shakes_hands_with_no_stranger_for_postgres(
    stranger: Stranger, says: bytes
) -> None:
    stranger.says = says
    where = ("127.0.0.1", stranger.port)
    refused(lambda: handshake.shake(Engine.POSTGRES, "db.example.com", where, TRUST, seconds=5))


@given(mysql_servers)
@example(mysql_wire.packet(0, b"\xff"))
@example(mysql_wire.packet(0, bytes(17)))
def test_no_stranger_is_logged_in_to_for_mysql(stranger: Stranger, says: bytes) -> None:
    stranger.says = says
    where = address(Engine.MYSQL, stranger)
    refused(lambda: mysql_login.connect(where, Settings(connect_timeout=5)))


@given(postgres_servers)
def test_no_stranger_is_logged_in_to_for_postgres(stranger: Stranger, says: bytes) -> None:
    stranger.says = says
    where = address(Engine.POSTGRES, stranger)
    refused(lambda: postgres_login.connect(where, Settings(connect_timeout=5)))


_knocks = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            struct.pack("!ii", 8, gateway_wire.SSL_REQUEST),
            struct.pack("!ii", 8, gateway_wire.SSL_REQUEST) + b"early",
            struct.pack("!ii", 8, gateway_wire.GSS_REQUEST),
            struct.pack("!ii", 16, gateway_wire.CANCEL_REQUEST) + b"\0" * 8,
            struct.pack("!ii", -1, 196608),
            struct.pack("!ii", 2**31 - 1, 196608),
            struct.pack("!ii", 12, 196608) + b"user",
            b"\x16\x03\x01\x00\x05hello",
            b"GET / HTTP/1.1\r\n\r\n",
            mysql_wire.packet(1, b""),
            mysql_wire.packet(1, struct.pack("<IIB23s", mysql_wire.TLS_CLIENT, 1 << 24, 45, b"")),
            b"\xff\xff\xff\x01",
        ]
    ),
)


@dataclass
class Doors:
    """Doors of the sandbox in this process, and what they did not expect."""

    ports: dict[str, int]
    complaints: list[str]


@pytest.fixture(scope="module")
def doors(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    """One for each engine whose server is on this machine."""
    inventory = Inventory() if mariadb.available() else None
    hosts = (("orders.c0ffee123456.eu-west-1.rds.amazonaws.com", False),)
    kinds = {"orders": False} | ({"inventory": True} if inventory else {})
    gateways = Gateways(
        tuple(
            Door(name, "1" * 12, "eu-west-1", f"db-{name}", True, hosts, mysql=mysql)
            for name, mysql in kinds.items()
        ),
        postgres_server,
        Ledger(),
        Clock(),
        Authority(tmp_path_factory.mktemp("doors")),
        lambda credential, arn: False,
        inventory,
    )
    found = Doors(gateways.ports, [])
    gateways._loop.set_exception_handler(
        lambda loop, context: found.complaints.append(repr(context))
    )
    gateways.start()
    gc.freeze()  # what was there before is not looked through after each knock
    yield found
    gc.unfreeze()
    gateways.stop()
    if inventory is not None:
        inventory.stop()


@given(st.lists(_knocks, max_size=3).map(b"".join))
@example(mysql_wire.packet(1, struct.pack("<IIB23s", mysql_wire.TLS_CLIENT, 1 << 24, 45, b"")))
@example(struct.pack("!ii", 8, gateway_wire.SSL_REQUEST))
def test_no_knock_upsets_the_doors_of_the_sandbox(doors: Doors, knock: bytes) -> None:
    for port in doors.ports.values():
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as plug,
            contextlib.suppress(OSError),
        ):
            plug.sendall(knock)
            plug.shutdown(socket.SHUT_WR)
            while plug.recv(4096):
                pass
    gc.collect()  # a task that failed complains when it goes
    assert doors.complaints == []
