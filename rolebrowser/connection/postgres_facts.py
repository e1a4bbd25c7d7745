"""What is known of an open connection: what the server told, psql 18's `\\conninfo`, its TLS."""

from __future__ import annotations

import contextlib
import ctypes
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rolebrowser.connection.protocol import Address, Row, ServerInfo
from rolebrowser.target import Engine

if TYPE_CHECKING:
    import psycopg


def server_info(connection: psycopg.Connection[Any], address: Address, row: Row) -> ServerInfo:
    """What the server said of itself.

    Args:
        row: as `postgres_login.set_up` gives it.
    """
    version, number, user, dbname, recovery, pid, aurora = (value or "" for value in row)
    return ServerInfo(
        engine=Engine.POSTGRES,
        flavor="Aurora PostgreSQL" if aurora == "True" else "PostgreSQL",
        version=version.split()[0],
        version_number=int(number),
        user=user,
        dbname=dbname,
        host=address.host,
        port=address.port,
        backend_pid=int(pid),
        in_recovery=recovery == "True",
        tls=tls(connection),
        facts=facts(connection),
    )


def facts(connection: psycopg.Connection[Any]) -> tuple[tuple[str, str], ...]:
    """`\\conninfo`'s rows up to what only the server knows, in psql 18's words and order."""
    info, pgconn = connection.info, connection.pgconn
    if info.host.startswith(("/", "@")):
        where = [("Socket Directory", info.host)]
    else:
        where = [("Host", info.host), ("Host Address", info.hostaddr)]
    tls = [("SSL Connection", _word(pgconn.ssl_in_use))]
    if pgconn.ssl_in_use:
        tls += [
            ("SSL Library", ssl_attribute(connection, "library") or "unknown"),
            ("SSL Protocol", ssl_attribute(connection, "protocol") or "unknown"),
            ("SSL Key Bits", ssl_attribute(connection, "key_bits") or "unknown"),
            ("SSL Cipher", ssl_attribute(connection, "cipher") or "unknown"),
            ("SSL Compression", _word(ssl_attribute(connection, "compression") not in ("", "off"))),
            ("ALPN", ssl_attribute(connection, "alpn") or "none"),
        ]
    return (
        ("Database", info.dbname),
        ("Client User", info.user),
        *where,
        ("Server Port", str(info.port)),
        ("Options", info.options),
        ("Protocol Version", "3.0"),
        ("Password Used", _word(pgconn.used_password)),
        ("GSSAPI Authenticated", _word(pgconn.used_gssapi)),
        ("Backend PID", str(info.backend_pid)),
        *tls,
    )


def tls(connection: psycopg.Connection[Any]) -> str:
    """ "TLSv1.3 TLS_AES_256_GCM_SHA384"; "TLS" when the details can't be asked; empty without."""
    if not connection.pgconn.ssl_in_use:
        return ""
    words = (ssl_attribute(connection, "protocol"), ssl_attribute(connection, "cipher"))
    return " ".join(word for word in words if word) or "TLS"


def ssl_attribute(connection: psycopg.Connection[Any], name: str) -> str:
    """PQsslAttribute, which psycopg doesn't wrap; empty when it can't be called.

    libpq is a dependency of psycopg's extension module (or what its ctypes module loaded), so the
    symbol is looked up through that, whatever file the library is.
    """
    from psycopg import pq

    pgconn: Any = connection.pgconn
    with contextlib.suppress(AttributeError, ImportError, OSError):
        library = _libpq(pq.__impl__)
        library.PQsslAttribute.restype = ctypes.c_char_p
        library.PQsslAttribute.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
        value = library.PQsslAttribute(pgconn.pgconn_ptr, name.encode())
        return value.decode(errors="replace") if value else ""
    return ""


@cache
def _libpq(implementation: str) -> ctypes.CDLL:
    if implementation == "python":
        return import_module("psycopg.pq._pq_ctypes").pq
    from psycopg.pq import PGconn

    return ctypes.CDLL(import_module(PGconn.__module__).__file__)


def _word(holds: object) -> str:
    return "true" if holds else "false"
