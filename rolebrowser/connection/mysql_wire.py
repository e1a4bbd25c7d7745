"""The start of MySQL's client/server protocol, as bytes. Pure.

Source: MySQL's documentation, "Connection Phase": HandshakeV10, SSLRequest, HandshakeResponse41,
AuthSwitchRequest, ERR_Packet.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

from rolebrowser.frozen import dataclass

CLEAR_PASSWORD = b"mysql_clear_password"
NATIVE_PASSWORD = b"mysql_native_password"
LONGEST = 65_536
"""Bytes of a packet before anybody has logged in; more is no client."""

CONNECT_WITH_DB = 1 << 3
COMPRESS = 1 << 5
LOCAL_FILES = 1 << 7
INTERACTIVE = 1 << 10
SSL = 1 << 11
_SECURE_CONNECTION = 1 << 15
MULTI_STATEMENTS = 1 << 16
PS_MULTI_RESULTS = 1 << 18
_PLUGIN_AUTH = 1 << 19
_CONNECT_ATTRS = 1 << 20
_LENENC_AUTH = 1 << 21
_ZSTD = 1 << 26
TLS_CLIENT = 1 << 9 | SSL | _SECURE_CONNECTION | _PLUGIN_AUTH
"""The least a client says of itself that asks for TLS: protocol 4.1, and how it will log in."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """HandshakeV10.

    Attributes:
        salt: 20 bytes.
        mariadb: MariaDB's own capabilities, in what MySQL reserves.
    """

    version: bytes
    thread: int
    salt: bytes
    capabilities: int
    charset: int
    status: int
    mariadb: bytes
    plugin: bytes

    @classmethod
    def parse(cls, body: bytes) -> Greeting:
        """Raises ValueError for anything else, a server's refusal included."""
        if body[:1] != b"\x0a":
            raise ValueError("no greeting")
        version, _, rest = body[1:].partition(b"\0")
        if len(rest) < 31:
            raise ValueError("a greeting that is cut short")
        thread, salt, low, charset, status, high, _length, mariadb = struct.unpack_from(
            "<I8sxHBHHB10s", rest
        )
        more, _, plugin = rest[31:].partition(b"\0")
        return cls(
            version,
            thread,
            salt + more[:12],
            low | high << 16,
            charset,
            status,
            mariadb,
            plugin.rstrip(b"\0"),
        )

    def encode(self) -> bytes:
        """The packet's body."""
        return (
            b"\x0a"
            + self.version
            + b"\0"
            + struct.pack(
                "<I8sxHBHHB10s",
                self.thread,
                self.salt[:8],
                self.capabilities & 0xFFFF,
                self.charset,
                self.status,
                self.capabilities >> 16,
                21,
                self.mariadb,
            )
            + self.salt[8:]
            + b"\0"
            + self.plugin
            + b"\0"
        )

    def of_a_door(self, *, tls: bool) -> Greeting:
        """What a door says instead: TLS or none, nothing compressed, passwords hashed."""
        capabilities = self.capabilities & ~(COMPRESS | _ZSTD | SSL)
        return replace(
            self, capabilities=capabilities | (SSL if tls else 0), plugin=NATIVE_PASSWORD
        )


@dataclass(frozen=True, slots=True)
class Response:
    """HandshakeResponse41."""

    capabilities: int
    max_packet: int
    charset: int
    reserved: bytes
    user: bytes
    auth: bytes
    dbname: bytes
    plugin: bytes
    attributes: bytes

    @classmethod
    def parse(cls, body: bytes) -> Response:
        """Raises ValueError for what is cut short."""
        try:
            capabilities, max_packet, charset, reserved = struct.unpack_from("<IIB23s", body)
            user, at = _until_nul(body, 32)
            if capabilities & _LENENC_AUTH:
                length, at = _length(body, at)
            elif capabilities & _SECURE_CONNECTION:
                length, at = body[at], at + 1
            else:
                length = body.index(b"\0", at) - at
            auth, at = body[at : at + length], at + length
            if not capabilities & (_LENENC_AUTH | _SECURE_CONNECTION):
                at += 1
            dbname = plugin = b""
            if capabilities & CONNECT_WITH_DB:
                dbname, at = _until_nul(body, at)
            if capabilities & _PLUGIN_AUTH:
                plugin, at = _until_nul(body, at)
        except (struct.error, IndexError) as error:
            raise ValueError("a response that is cut short") from error
        return cls(
            capabilities, max_packet, charset, reserved, user, auth, dbname, plugin, body[at:]
        )

    def encode(self) -> bytes:
        """The packet's body, as a client without TLS sends it."""
        capabilities = (self.capabilities & ~(SSL | _LENENC_AUTH)) | _SECURE_CONNECTION
        body = struct.pack("<IIB23s", capabilities, self.max_packet, self.charset, self.reserved)
        body += self.user + b"\0" + bytes([len(self.auth)]) + self.auth
        if capabilities & CONNECT_WITH_DB:
            body += self.dbname + b"\0"
        if capabilities & _PLUGIN_AUTH:
            body += self.plugin + b"\0"
        return body + (self.attributes if capabilities & _CONNECT_ATTRS else b"")

    def with_password(self, password: str, salt: bytes) -> Response:
        """The same login by mysql_native_password."""
        return replace(self, auth=native(password, salt), plugin=NATIVE_PASSWORD)


def _until_nul(body: bytes, at: int) -> tuple[bytes, int]:
    end = body.index(b"\0", at)
    return body[at:end], end + 1


def _length(body: bytes, at: int) -> tuple[int, int]:
    """A length-encoded integer, as far as a password may need it."""
    first = body[at]
    if first < 0xFB:
        return first, at + 1
    if first == 0xFC:
        return int.from_bytes(body[at + 1 : at + 3], "little"), at + 3
    raise ValueError("a password too long to be one")


def native(password: str, salt: bytes) -> bytes:
    """SHA1(password) XOR SHA1(salt + SHA1(SHA1(password)))."""
    if not password:
        return b""
    once = hashlib.sha1(password.encode()).digest()
    mixed = hashlib.sha1(salt + hashlib.sha1(once).digest()).digest()
    return bytes(a ^ b for a, b in zip(once, mixed, strict=True))


def packet(number: int, body: bytes) -> bytes:
    """A packet with its header; `number` is its place in the conversation."""
    return len(body).to_bytes(3, "little") + bytes([number & 0xFF]) + body


def switch(plugin: bytes, data: bytes = b"") -> bytes:
    """AuthSwitchRequest's body."""
    return b"\xfe" + plugin + b"\0" + data


def ok(status: int) -> bytes:
    """OK_Packet's body: nothing affected, nothing inserted, no warnings."""
    return b"\x00\x00\x00" + struct.pack("<HH", status, 0)


def error(number: int, state: str, message: str) -> bytes:
    """ERR_Packet's body; an empty `state` leaves it out, as before a greeting."""
    marked = b"#" + state.encode() if state else b""
    return b"\xff" + struct.pack("<H", number) + marked + message.encode()
