"""A TLS handshake with a database, and no more: what certificate answers, and is it good?

The drivers say "certificate verify failed" for many causes; here they are told apart by OpenSSL's
own code, and the certificate that wasn't good is looked at all the same. Nothing secret is sent.

Sources: PostgreSQL's manual, "SSL Session Encryption"; MySQL's, "SSLRequest"; OpenSSL,
X509_STORE_CTX_get_error.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from typing import Any

from rolebrowser.connection import mysql_wire
from rolebrowser.connection.mysql_errors import FIXES
from rolebrowser.errors import ConnectionLost, LoginRefused, RouteError, TimedOut, TlsError
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import redact
from rolebrowser.target import Engine

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_NAME, _EXPIRED, _NOT_YET = 62, 10, 9
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME; Python has no name for it."""
_NOBODY = "Something that isn't the database answers there; don't connect to it."


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of itself.

    Attributes:
        names: those it is good for.
        issuer: its issuer's common name.
        ends: as OpenSSL writes it: "Nov 24 02:33:31 2027 GMT".
    """

    names: tuple[str, ...]
    issuer: str
    ends: str


@dataclass(frozen=True, slots=True)
class Shaken:
    """A handshake that went well."""

    version: str
    certificate: Certificate


def shake(
    engine: Engine,
    host: str,
    address: tuple[str, int],
    context: ssl.SSLContext,
    *,
    seconds: float,
) -> Shaken:
    """Shake hands and hang up.

    Args:
        host: the endpoint's real name, which the certificate must be for.
        address: where TCP goes.
        context: verifies chain and host name.
        seconds: for all of it; 0 = a day.

    Raises:
        TlsError: `code` says why: "certificate-name", "certificate-expired", "untrusted",
            "no-tls", "garbage"; `why` holds what the certificate says of itself.
        LoginRefused: a MySQL server refuses this host before TLS; `code` is its number.
        RouteError, TimedOut, ConnectionLost.
    """
    ends = time.monotonic() + (seconds or 86_400.0)
    try:
        with _ready(engine, address, ends) as plain:
            return _wrapped(plain, host, context, ends)
    except ssl.SSLCertVerificationError as error:
        raise _distrusted(error, engine, host, address, ends) from None
    except ssl.SSLError as error:
        why = redact(error.reason or str(error))
        what = f"TLS with {host} failed."
        raise TlsError(what, why=why, fix=_NOBODY, code="garbage") from None
    except TimeoutError:
        raise TimedOut(
            f"{host} let TCP in, and then said nothing for {seconds:g} seconds.",
            fix="The server, or a proxy in front of it, hangs: look at its state and load.",
        ) from None
    except ConnectionRefusedError as error:
        raise RouteError(f"{host} refused.", why=str(error), code="refused") from None
    except (EOFError, OSError) as error:
        raise ConnectionLost(
            f"{host} let TCP in, and hung up before TLS.",
            why=str(error),
            fix="Try again; if it stays so, look at the database's own log, or for a proxy.",
        ) from None


def _ready(engine: Engine, address: tuple[str, int], ends: float) -> socket.socket:
    """A socket on which the server waits for the TLS handshake."""
    plain = socket.create_connection(address, timeout=_left(ends))
    try:
        if engine is Engine.MYSQL:
            _ask_mysql(plain, ends)
        else:
            _ask_postgres(plain, ends)
    except BaseException:
        plain.close()
        raise
    return plain


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _ask_postgres(plain: socket.socket, ends: float) -> None:
    plain.sendall(_SSL_REQUEST)
    answer = _take(plain, 1, ends)
    if answer == b"N":
        raise _no_tls()
    if answer != b"S":
        raise TlsError(
            "What answers there doesn't speak PostgreSQL's protocol.",
            why=f"Its first byte is {answer!r}.",
            fix=_NOBODY,
            code="garbage",
        )


def _ask_mysql(plain: socket.socket, ends: float) -> None:
    size = int.from_bytes(_take(plain, 4, ends)[:3], "little")
    body = _take(plain, size, ends) if size <= mysql_wire.LONGEST else b""
    if body[:1] == b"\xff" and len(body) > 2:
        number, text = struct.unpack_from("<H", body, 1)[0], body[3:].decode(errors="replace")
        raise LoginRefused(
            "The server turns this host away.",
            why=f"ERROR {number}: {text}",
            fix=FIXES.get(number, ""),
            code=str(number),
        )
    try:
        greeting = mysql_wire.Greeting.parse(body)
    except ValueError:
        raise TlsError(
            "What answers there doesn't speak MySQL's protocol.", fix=_NOBODY, code="garbage"
        ) from None
    if not greeting.capabilities & mysql_wire.SSL:
        raise _no_tls()
    request = struct.pack("<IIB23s", mysql_wire.TLS_CLIENT, 1 << 24, 45, b"")
    plain.sendall(mysql_wire.packet(1, request))


def _no_tls() -> TlsError:
    return TlsError(
        "What answers there offers no TLS.",
        fix="RDS always does: it is something else, or a proxy in between. Don't connect to it.",
        code="no-tls",
    )


def _take(plain: socket.socket, size: int, ends: float) -> bytes:
    found = b""
    while len(found) < size:
        plain.settimeout(_left(ends))
        more = plain.recv(size - len(found))
        if not more:
            raise EOFError("the other side hung up")
        found += more
    return found


def _wrapped(plain: socket.socket, host: str, context: ssl.SSLContext, ends: float) -> Shaken:
    plain.settimeout(_left(ends))
    with context.wrap_socket(plain, server_hostname=host) as wrapped:
        return Shaken(wrapped.version() or "", _certificate(wrapped.getpeercert()))


def _certificate(said: Any) -> Certificate:
    said = said or {}
    issuer = {key: value for part in said.get("issuer", ()) for key, value in part}
    names = tuple(name for kind, name in said.get("subjectAltName", ()) if kind == "DNS")
    return Certificate(names, issuer.get("commonName", ""), said.get("notAfter", ""))


def _distrusted(
    error: ssl.SSLCertVerificationError,
    engine: Engine,
    host: str,
    address: tuple[str, int],
    ends: float,
) -> TlsError:
    seen = _look_anyhow(engine, host, address, ends)
    names = ", ".join(seen.names) or "no name"
    why = f"OpenSSL: {error.verify_message}."
    if error.verify_code == _NAME:
        return TlsError(
            f"The certificate is not for {host}.",
            why=f"It is for {names}.",
            fix="Use the endpoint's own name, not a CNAME or a tunnel's; behind a tunnel set the "
            "route's address instead.",
            code="certificate-name",
        )
    if error.verify_code in (_EXPIRED, _NOT_YET):
        return TlsError(
            "The certificate has expired or isn't valid yet.",
            why=f"{why} It ends {seen.ends}, issued by {seen.issuer}.",
            fix="Rotate it: aws rds modify-db-instance --db-instance-identifier … "
            "--ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately",
            code="certificate-expired",
        )
    return TlsError(
        "The certificate's CA is not one that is trusted here.",
        why=f"{why} It was issued by {seen.issuer or 'nobody named'}, for {names}.",
        fix="RDS's own CAs are in the bundle: somebody stands between (a proxy that opens TLS?), "
        "or ca_bundle in config.toml names another file.",
        code="untrusted",
    )


def _look_anyhow(engine: Engine, host: str, address: tuple[str, int], ends: float) -> Certificate:
    """What a certificate that isn't good says of itself; empty where it can't be had.

    Python tells of verified certificates only: so it is fetched, and then trusted by itself.
    """
    fetching = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    fetching.check_hostname = False
    fetching.verify_mode = ssl.CERT_NONE
    try:
        with (
            _ready(engine, address, ends) as plain,
            fetching.wrap_socket(plain, server_hostname=host) as wrapped,
        ):
            leaf = ssl.DER_cert_to_PEM_cert(wrapped.getpeercert(binary_form=True) or b"")
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname = False
        trusting.load_verify_locations(cadata=leaf)
        trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        trusting.verify_flags |= _NO_CHECK_TIME
        with _ready(engine, address, ends) as plain:
            return _wrapped(plain, host, trusting, ends).certificate
    except (OSError, EOFError, ValueError, TlsError, LoginRefused):
        return Certificate((), "", "")
