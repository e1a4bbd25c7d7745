"""The first bytes of a connection: what is no client of PostgreSQL's gets nowhere."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import World


def _ask(port: int, *messages: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"".join(messages))
        answer = b""
        while part := client.recv(4096):
            answer += part
    return answer


SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def test_what_is_sent_in_clear_after_the_tls_request_is_refused(world: World) -> None:
    answer = _ask(world.gateways.ports["orders"], SSL_REQUEST, struct.pack("!ii", 20, 196608))
    assert b"received unencrypted data after SSL request" in answer


def test_gssapi_encryption_is_declined_and_tls_goes_on(world: World) -> None:
    port = world.gateways.ports["orders"]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(struct.pack("!ii", 8, 80877104))
        assert client.recv(1) == b"N"
        client.sendall(SSL_REQUEST)
        assert client.recv(1) == b"S"


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0" * 64,
        struct.pack("!ii", 2**31 - 1, 196608),
        struct.pack("!ii", 9, 196608) + b"\0",
        struct.pack("!ii", 16, 196608) + b"\xff\xfe\xfd\0a\0b\0",
        b"\x16\x03\x01\x00\x05hello",
    ],
)
def test_garbage_ends_the_connection_and_nothing_else(world: World, garbage: bytes) -> None:
    with contextlib.suppress(ConnectionResetError):
        _ask(world.gateways.ports["orders"], garbage)
    world.connect(world.token()).close()


def test_a_stalled_door_says_nothing_until_the_client_gives_up(world: World) -> None:
    world.gateways.fault("orders", stall=True)
    port = world.gateways.ports["orders"]
    with socket.create_connection(("127.0.0.1", port), timeout=0.3) as client:
        client.sendall(SSL_REQUEST)
        with pytest.raises(TimeoutError):
            client.recv(1)
    world.gateways.fault("orders", stall=False)
    world.connect(world.token()).close()
