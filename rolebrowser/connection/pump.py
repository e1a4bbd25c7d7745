"""Passes bytes on between two connected sockets, either of which may be TLS, until one ends."""

from __future__ import annotations

import select
import socket
import ssl
from dataclasses import dataclass, field

_CHUNK = 64 * 1024
_HELD = 1024 * 1024
"""Bytes held for a side that doesn't read; the other side waits then."""


@dataclass(eq=False)
class _Side:
    """One socket and what is to be written to it.

    Attributes:
        wants_read, wants_write: TLS can go on only when the socket can be read, or written.
    """

    plug: socket.socket
    waiting: bytearray = field(default_factory=bytearray)
    ended: bool = False
    wants_read: bool = False
    wants_write: bool = False

    def read(self) -> bytes:
        """What is there; nothing when that is less than a TLS record. Sets `ended`."""
        self.wants_write = False
        try:
            data = self.plug.recv(_CHUNK)
        except ssl.SSLWantWriteError:
            self.wants_write = True
            return b""
        except (ssl.SSLWantReadError, BlockingIOError):
            return b""
        self.ended = not data
        return data

    def write(self) -> None:
        """As much of what waits as goes."""
        self.wants_read = False
        try:
            sent = self.plug.send(self.waiting[:_CHUNK])
        except ssl.SSLWantReadError:
            self.wants_read = True
        except (ssl.SSLWantWriteError, BlockingIOError):
            return
        else:
            del self.waiting[:sent]

    @property
    def buffered(self) -> bool:
        """Whether TLS holds bytes that `select` doesn't see."""
        return isinstance(self.plug, ssl.SSLSocket) and self.plug.pending() > 0


def pump(one: socket.socket, other: socket.socket) -> None:
    """Pass on both ways; returns when a side has ended and what it said was delivered.

    One thread for both ways: a TLS connection may not be used by two at once.

    Raises:
        OSError: a side broke.
    """
    for plug in (one, other):
        plug.setblocking(False)
    left, right = _Side(one), _Side(other)
    pairs = ((left, right), (right, left))
    while not (left.ended and not right.waiting) and not (right.ended and not left.waiting):
        readable, writable = _ready(pairs)
        for source, sink in pairs:
            if source in readable:
                sink.waiting += source.read()
            if sink.waiting and (sink in writable or (sink.wants_read and sink in readable)):
                sink.write()


def _ready(pairs: tuple[tuple[_Side, _Side], ...]) -> tuple[set[_Side], set[_Side]]:
    """Sides that can be read and written now; waits for one."""
    sources = {
        source.plug: source
        for source, sink in pairs
        if not source.ended and len(sink.waiting) < _HELD
    }
    sinks = {
        sink.plug: sink
        for _, sink in pairs
        if (sink.waiting and not sink.wants_read) or sink.wants_write
    }
    held = {side for side in sources.values() if side.buffered}
    readable, writable, _ = select.select(list(sources), list(sinks), [], 0 if held else None)
    written = {sinks[plug] for plug in writable}
    retried = {side for side in written if side.wants_write and side.plug in sources}
    return {sources[plug] for plug in readable} | held | retried, written
