"""A client of PostgreSQL at a front door.

Up to TLS the bytes are read from the bare socket, never more of them than were asked for: what a
client sends ahead of the handshake can't be taken for something it said inside (CVE-2021-23214).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass

from rolebrowser.sandbox import gateway_stream, gateway_wire
from rolebrowser.sandbox.gateway_admission import away
from rolebrowser.sandbox.gateway_door import Refusal
from rolebrowser.sandbox.gateway_stream import Stream
from rolebrowser.sandbox.gateway_visit import Visit
from rolebrowser.sandbox.gateway_wire import Startup
from rolebrowser.sandbox.postgres import PostgresServer

_LOGIN_SECONDS = 60.0
"""PostgreSQL's authentication_timeout."""
_TLS_RECORD = b"\x16"
"""First byte of a TLS handshake: a client of PostgreSQL 17's `sslnegotiation=direct`."""


@dataclass(eq=False, kw_only=True)
class PostgresVisit(Visit):
    """One connection of a client of PostgreSQL."""

    server: PostgresServer

    async def _receive(self) -> None:
        async with asyncio.timeout(_LOGIN_SECONDS):
            client = await self._negotiate()
            if client is None:
                return
            backend = await self._log_in(*client)
        if backend is not None:
            await gateway_stream.relay(client, backend)

    async def _negotiate(self) -> Stream | None:
        """The client inside TLS; None when it is done without."""
        loop = asyncio.get_running_loop()
        while True:
            if await _first_byte(self.client) == _TLS_RECORD:
                return await self._encrypt(direct=True)
            length, code = struct.unpack("!ii", await gateway_stream.take(self.client, 8))
            _check_length(length, 8)
            if code == gateway_wire.SSL_REQUEST and not self.faults.no_tls:
                return await self._encrypt(direct=False)
            if code in (gateway_wire.SSL_REQUEST, gateway_wire.GSS_REQUEST):
                await loop.sock_sendall(self.client, b"N")
                continue
            body = await gateway_stream.take(self.client, length - 8)
            if code == gateway_wire.CANCEL_REQUEST:
                await self._forward_cancel(struct.pack("!ii", length, code) + body)
                return None
            try:
                self.admission.screen(gateway_wire.parse_startup(code, body), encrypted=False)
            except Refusal as refusal:
                await gateway_stream.last_word(
                    self.client, gateway_wire.error(str(refusal), refusal.code)
                )
            return None

    async def _encrypt(self, *, direct: bool) -> Stream | None:
        loop = asyncio.get_running_loop()
        if not direct:
            if _waiting(self.client):
                text = "received unencrypted data after SSL request"
                await gateway_stream.last_word(self.client, gateway_wire.error(text, "08P01"))
                return None
            await loop.sock_sendall(self.client, b"S")
        stream = await self._take_inside(["postgresql"])
        chosen = stream[1].transport.get_extra_info("ssl_object").selected_alpn_protocol()
        # The manual, "SSL Session Encryption": direct negotiation requires ALPN.
        return stream if chosen or not direct else None

    async def _log_in(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Stream | None:
        """The backend that the client has logged in to; None when it was turned away."""
        length, code = struct.unpack("!ii", await reader.readexactly(8))
        _check_length(length, 8)
        body = await reader.readexactly(length - 8)
        if code == gateway_wire.CANCEL_REQUEST:
            await self._forward_cancel(struct.pack("!ii", length, code) + body)
            return None
        startup = gateway_wire.parse_startup(code, body)
        try:
            self.admission.screen(startup, encrypted=True)
            if self.door.proxy and startup.get("options"):
                # RDS User Guide, "Limitations for RDS Proxy with PostgreSQL".
                raise Refusal(
                    "Feature not supported: RDS Proxy currently doesn’t support "
                    "command-line options.",
                    "0A000",
                )
            writer.write(gateway_wire.CLEARTEXT_REQUEST)
            secret = await _password(reader)
            hosts = self._named()
            user = startup.get("user")
            await self.admission.admit(self.door, user, hosts, self.port, secret)
            return await self._backend(self._as_endpoint(startup, hosts, secret))
        except Refusal as refusal:
            writer.write(gateway_wire.error(str(refusal), refusal.code))
            await writer.drain()
            return None

    def _as_endpoint(self, startup: Startup, hosts: tuple[str, ...], secret: str) -> Startup:
        """The startup message, read-only where the endpoint is a reader's.

        A client that told no name in TLS is known by the one its token was signed for.
        """
        host = hosts[0] if len(hosts) == 1 else secret.partition(":")[0]
        if self.door.reads_only(host):
            return startup.with_option("-c default_transaction_read_only=on")
        return startup

    async def _backend(self, startup: Startup) -> Stream:
        try:
            reader, writer = await self._connect()
        except OSError:
            raise away() from None
        writer.write(startup.encode())
        return reader, writer

    async def _connect(self) -> Stream:
        path = f"{self.server.socket_dir}/.s.PGSQL.{self.server.port}"
        return await asyncio.open_unix_connection(path, limit=gateway_stream.CHUNK)

    async def _forward_cancel(self, packet: bytes) -> None:
        reader, backend = await self._connect()
        try:
            backend.write(packet)
            # The server closes when the signal is sent: only then may the client hear the end.
            await reader.read()
        finally:
            backend.close()


def _check_length(length: int, least: int) -> None:
    if not least <= length <= gateway_wire.LONGEST:
        raise ValueError("no such message")


async def _first_byte(client: socket.socket) -> bytes:
    """The next byte, left where it is; empty at the end."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(client, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(client)
    return client.recv(1, socket.MSG_PEEK)


def _waiting(client: socket.socket) -> bool:
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


async def _password(reader: asyncio.StreamReader) -> str:
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    _check_length(length, 4)
    if kind != b"p":
        raise ValueError("no password message")
    return (await reader.readexactly(length - 4)).rstrip(b"\0").decode()
