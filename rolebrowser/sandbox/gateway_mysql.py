"""One client at a MySQL front door, from the greeting to its last byte.

The greeting is the server's own (version, connection id, salt) with TLS offered. After TLS an IAM
user is asked for the token in clear, which is verified; then the door logs in for them. Anybody
else's password goes to the server, which knows what to think of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rolebrowser.connection import mysql_wire
from rolebrowser.connection.mysql_wire import Greeting, Response
from rolebrowser.sandbox import gateway_stream
from rolebrowser.sandbox.gateway_admission import CLIENT
from rolebrowser.sandbox.gateway_stream import Stream
from rolebrowser.sandbox.gateway_visit import Visit
from rolebrowser.sandbox.inventory import Inventory

_LOGIN_SECONDS = 10.0
"""MySQL's connect_timeout."""
_DENIED = 1045
_OK, _ERROR = b"\x00", b"\xff"
_INSECURE = mysql_wire.error(
    3159,
    "HY000",
    "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
)
# Before the greeting there is no SQLSTATE: nobody knows yet what the client understands.
_BLOCKED = mysql_wire.error(
    1129,
    "",
    f"Host '{CLIENT}' is blocked because of many connection errors; "
    "unblock with 'mysqladmin flush-hosts'",
)


@dataclass(eq=False, kw_only=True)
class MysqlVisit(Visit):
    """One connection of a client of MySQL."""

    server: Inventory

    async def _receive(self) -> None:
        backend = await asyncio.open_unix_connection(
            str(self.server.socket), limit=gateway_stream.CHUNK
        )
        try:
            if self.faults.blocked:
                await gateway_stream.last_word(self.client, mysql_wire.packet(0, _BLOCKED))
                return
            async with asyncio.timeout(_LOGIN_SECONDS):
                client = await self._log_in(backend)
            if client is not None:
                await gateway_stream.relay(client, backend)
        finally:
            backend[1].transport.abort()

    async def _log_in(self, backend: Stream) -> Stream | None:
        """The client inside TLS and logged in; None when it was turned away."""
        _, body = await _read(backend[0])
        greeting = Greeting.parse(body)
        offered = greeting.of_a_door(tls=not self.faults.no_tls)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.client, mysql_wire.packet(0, offered.encode()))
        head = await gateway_stream.take(self.client, 4)
        first = await gateway_stream.take(self.client, _size(head))
        if len(first) > 32:  # a whole login without TLS
            user = Response.parse(first).user.decode(errors="replace")
            word = _INSECURE if self.faults.insists_on_tls else _denied(user)
            await gateway_stream.last_word(self.client, mysql_wire.packet(2, word))
            return None
        client = await self._take_inside()
        _, body = await _read(client[0])
        response = Response.parse(body)
        user = response.user.decode(errors="replace")
        known = await asyncio.to_thread(self.server.is_iam_user, user)
        if known and self.door.iam_auth:
            passed = await self._by_token(client, backend, response, greeting, user)
        else:
            passed = await self._by_password(client, backend, response)
        if not passed:
            await client[1].drain()
            return None
        if self.door.reads_only(self._named()[0]):
            backend[1].write(mysql_wire.packet(0, b"\x03SET SESSION TRANSACTION READ ONLY"))
            await _read(backend[0])
        return client

    async def _by_token(
        self, client: Stream, backend: Stream, response: Response, greeting: Greeting, user: str
    ) -> bool:
        client[1].write(mysql_wire.packet(3, mysql_wire.switch(mysql_wire.CLEAR_PASSWORD)))
        number, secret = await _read(client[0])
        token = secret.rstrip(b"\0").decode(errors="replace")
        hosts = self._named()
        if not self.admission.token_is_good(self.door, user, hosts, self.port, token):
            client[1].write(mysql_wire.packet(number + 1, _denied(user)))
            return False
        login = response.with_password(self.server.secret, greeting.salt)
        backend[1].write(mysql_wire.packet(1, login.encode()))
        _, answer = await _read(backend[0])
        client[1].write(mysql_wire.packet(number + 1, answer))
        return answer[:1] == _OK

    async def _by_password(self, client: Stream, backend: Stream, response: Response) -> bool:
        """Let the two talk it out; the client is one packet ahead: it asked for TLS."""
        backend[1].write(mysql_wire.packet(1, response.encode()))
        while True:
            number, answer = await _read(backend[0])
            client[1].write(mysql_wire.packet(number + 1, answer))
            if answer[:1] in (_OK, _ERROR):
                return answer[:1] == _OK
            number, answer = await _read(client[0])
            backend[1].write(mysql_wire.packet(number - 1, answer))


def _denied(user: str) -> bytes:
    text = f"Access denied for user '{user}'@'{CLIENT}' (using password: YES)"
    return mysql_wire.error(_DENIED, "28000", text)


def _size(head: bytes) -> int:
    size = int.from_bytes(head[:3], "little")
    if size > mysql_wire.LONGEST:
        raise ValueError("no such packet")
    return size


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """(number, body) of the next packet."""
    head = await reader.readexactly(4)
    return head[3], await reader.readexactly(_size(head))
