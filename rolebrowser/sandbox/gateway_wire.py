"""The bytes of PostgreSQL's protocol that a front door needs. Pure.

Source: the manual, "Frontend/Backend Protocol", Message Formats.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
CLEARTEXT_REQUEST = b"R" + struct.pack("!ii", 8, 3)
LONGEST = 65_536
"""A startup or password message beyond this is garbage, bytes."""


@dataclass(frozen=True, slots=True)
class Startup:
    """A StartupMessage: protocol version and parameters."""

    version: int
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """A parameter's value, or an empty string."""
        return dict(self.parameters).get(name, "")

    def with_option(self, option: str) -> Startup:
        """The same with one more command-line option for the backend."""
        parameters = dict(self.parameters)
        parameters["options"] = f"{parameters.get('options', '')} {option}".strip()
        return Startup(self.version, tuple(parameters.items()))

    def encode(self) -> bytes:
        """The message as sent."""
        body = struct.pack("!i", self.version)
        for name, value in self.parameters:
            body += name.encode() + b"\0" + value.encode() + b"\0"
        body += b"\0"
        return struct.pack("!i", len(body) + 4) + body


def parse_startup(version: int, body: bytes) -> Startup:
    """The parameters after the version. Raises ValueError for garbage."""
    parts = body.rstrip(b"\0").split(b"\0")
    if len(parts) % 2:
        # An empty last value was stripped along with the terminator.
        parts.append(b"")
    texts = [part.decode() for part in parts]
    pairs = tuple(zip(texts[::2], texts[1::2], strict=True))
    if not dict(pairs).get("user"):
        raise ValueError("no user")
    return Startup(version, pairs)


def error(message: str, code: str, severity: str = "FATAL") -> bytes:
    """An ErrorResponse."""
    fields = (("S", severity), ("V", severity), ("C", code), ("M", message))
    body = b"".join(name.encode() + text.encode() + b"\0" for name, text in fields) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body
