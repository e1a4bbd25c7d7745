"""A client's visit to a front door: what is the same whatever it speaks.

How one logs in and is relayed is in `gateway_postgres` and `gateway_mysql`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rolebrowser.sandbox import gateway_stream
from rolebrowser.sandbox.gateway_admission import Admission
from rolebrowser.sandbox.gateway_door import Door, Faults
from rolebrowser.sandbox.gateway_stream import Stream


@dataclass(eq=False, kw_only=True)
class Visit:
    """One connection, from its first byte to its last.

    Attributes:
        client: non-blocking; the visit closes it.
        port: the one the client dialled.
        certificate: PEM file to show.
    """

    door: Door
    faults: Faults
    client: socket.socket
    port: int
    admission: Admission
    certificate: Path
    _writer: asyncio.StreamWriter | None = None
    _sni: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """All of it; returns when the connection is over. Raises OSError, ValueError …"""
        if self.faults.down:
            return
        if self.faults.stall:
            await asyncio.sleep(3600)
        if self.faults.garbage:
            await gateway_stream.last_word(self.client, b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        await self._receive()

    async def end(self) -> None:
        """Close it politely: what is buffered is sent, TLS says goodbye; then in any case."""
        try:
            if self._writer is not None:
                await gateway_stream.close(self._writer)
        finally:
            self.client.close()

    def cut(self) -> None:
        """Drop it without a word, as a broken network does."""
        if self._writer is not None:
            self._writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            self.client.shutdown(socket.SHUT_RDWR)

    async def _receive(self) -> None:
        """Let the client in and relay what it says, or turn it away."""
        raise NotImplementedError

    async def _take_inside(self, alpn: Sequence[str] = ()) -> Stream:
        """The client inside TLS."""
        stream = await gateway_stream.encrypt(self.client, self.certificate, self._sni, alpn)
        self._writer = stream[1]
        return stream

    def _named(self) -> tuple[str, ...]:
        """The door's hosts that the client may mean by the name it gave in TLS."""
        return self.door.named(self._sni[-1] if self._sni else "")
