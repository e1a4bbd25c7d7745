"""Streams of the front doors: into TLS, both ways through, and to their end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

CHUNK = 262_144
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def encrypt(
    client: socket.socket, certificate: Path, names: list[str], alpn: Sequence[str] = ()
) -> Stream:
    """Take a client into TLS, as the server.

    Args:
        client: non-blocking.
        certificate: PEM file of key and certificate.
        names: gets the name the client tells (SNI), "" for none.
        alpn: protocols to offer.

    Raises OSError, ssl.SSLError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    if alpn:
        context.set_alpn_protocols(alpn)

    def remember(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        names.append(name or "")

    context.sni_callback = remember  # type: ignore[assignment]
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def take(client: socket.socket, count: int) -> bytes:
    """Exactly so many bytes of a bare socket, never more. Raises EOFError."""
    loop = asyncio.get_running_loop()
    taken = b""
    while len(taken) < count:
        part = await loop.sock_recv(client, count - len(taken))
        if not part:
            raise EOFError
        taken += part
    return taken


async def last_word(client: socket.socket, message: bytes) -> None:
    """A message in the clear, and an end the client can read before it is cut."""
    await asyncio.get_running_loop().sock_sendall(client, message)
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_WR)


async def relay(client: Stream, backend: Stream) -> None:
    """Both ways until either side ends; the rest of the server's last words still arrives."""
    ways = [
        asyncio.create_task(_pump(client[0], backend[1])),
        asyncio.create_task(_pump(backend[0], client[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        backend[1].transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(CHUNK):
            sink.write(chunk)
            await sink.drain()


async def close(writer: asyncio.StreamWriter) -> None:
    """Politely, within a second; then in any case, also when cancelled meanwhile."""
    try:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                writer.close()
                await writer.wait_closed()
    finally:
        writer.transport.abort()
