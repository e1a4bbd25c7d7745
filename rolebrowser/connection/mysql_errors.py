"""PyMySQL's, MySQL's and MariaDB's failures → our errors.

Texts and causes: shared/reference/rds-iam-auth.md, "Why it fails", rows 28 to 31.
"""

from __future__ import annotations

import errno
import re
import ssl

from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.connection.unanswered import unanswered
from rolebrowser.errors import (
    ConnectionLost,
    LoginRefused,
    RolebrowserError,
    RouteError,
    StatementError,
    TlsError,
)
from rolebrowser.safetext import redact

ACCESS_DENIED = 1045
_KILLED = 1317
"""Stopped by KILL QUERY."""
_TIMED_OUT = frozenset((3024, 1969))
"""Stopped by max_execution_time, max_statement_time."""
_READ_ONLY = frozenset((1792, 1290, 1836))
_LOST = frozenset((2006, 2013, 2055, 1927, 1053, 4031))
"""Gone away, lost, killed, shutting down."""

FIXES = {
    1045: "With a token: the user must be IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS', "
    "exist for this host, and rds-db:connect must be allowed.",
    1044: "GRANT something on that database to the user.",
    1049: "Check the database's name.",
    1040: "Close some connections, or go through RDS Proxy.",
    1203: "Close some of the user's connections.",
    1129: "From a host that gets in: mysqladmin flush-hosts, or FLUSH HOSTS; then find out what "
    "here connects and gives up (max_connect_errors).",
    3159: "Turn TLS on: ssl-mode=VERIFY_IDENTITY with the server's CA.",
    1130: "The account's host part doesn't match where this comes from.",
    1524: "The server lacks the plugin the account is identified with.",
    3118: "On the server: ALTER USER … ACCOUNT UNLOCK.",
    4151: "On the server: ALTER USER … ACCOUNT UNLOCK.",
}
_PLAIN_DENIED = (
    "Check the user, the password (the URL's, else MYSQL_PWD's) and that the account is there for "
    "the host this comes from."
)
"""Where no token is sent."""


def login_error(error: Exception, address: Address) -> RolebrowserError:
    """Why a connection didn't come about."""
    number, text = parts(error)
    original = getattr(error, "original_exception", None)
    if isinstance(original, OSError):
        return unreached(original, address)
    if number == 2026 or (number == 2059 and "SSL" in text):
        return TlsError(
            f"{address.where} offers no TLS; nothing secret was sent.",
            why=text,
            fix="Something that isn't the database answers there, or TLS is off.",
        )
    if number in _LOST or number in (2003, 2012):
        if "timed out" in text:
            return unanswered(address, text, silent=number != 2003)
        return ConnectionLost(
            f"{address.where} hung up before the login.",
            why=text,
            fix="Try again; if it stays so, look at the database's own log.",
        )
    if not number:
        return garbage(address, text)
    denied = number == ACCESS_DENIED and address.plain
    return LoginRefused(
        f"The database turned {address.user} away.",
        why=f"ERROR {number}: {text}",
        fix=_PLAIN_DENIED if denied else FIXES.get(number, ""),
        code=str(number),
    )


def unreached(error: OSError, address: Address) -> RolebrowserError:
    """DNS, TCP or TLS failed."""
    where, why = address.where, redact(str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message or why
        fix = (
            "Use the endpoint's own name: a CNAME or a tunnel's name isn't in the certificate."
            if "match" in why.lower()
            else "The certificate's CA isn't in the bundle, or has expired, or somebody stands "
            "between."
        )
        return TlsError(
            f"TLS with {where} was not acceptable; nothing secret was sent.", why=why, fix=fix
        )
    if isinstance(error, ssl.SSLError):
        return TlsError(
            f"TLS with {where} failed; nothing secret was sent.",
            why=why,
            fix="Something that isn't the database answers there, or it speaks an old TLS.",
        )
    if error.__class__.__name__ == "gaierror":
        return RouteError(
            f"The name {address.dial_host or address.host} can't be looked up.",
            why=why,
            fix="Check the name, the VPN, and whether the database still exists.",
        )
    if isinstance(error, TimeoutError):
        return unanswered(address, why)
    if error.errno == errno.ECONNREFUSED:
        return RouteError(
            f"{where} refused the connection.",
            why=why,
            fix="Nothing listens there: is the database running, the tunnel up, the port right?",
        )
    if isinstance(error, ConnectionError):
        return ConnectionLost(f"{where} hung up before the login.", why=why, fix="Try again.")
    return RouteError(
        f"{where} can't be reached.", why=why, fix="Check the network, the VPN and the route."
    )


def garbage(address: Address, why: str = "") -> ConnectionLost:
    """What answers is no MySQL."""
    return ConnectionLost(
        f"{address.where} doesn't speak MySQL's protocol.",
        why=why,
        fix="Something that isn't the database answers there; don't connect to it.",
        code="garbage",
    )


def parts(error: Exception) -> tuple[int, str]:
    """The error number and text of a driver's error; 0 when there is none."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = str(error.args[-1]) if error.args else str(error)
    return number, redact(text).strip()


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone with this error."""
    number, _ = parts(error)
    return number in _LOST or number == 0


def was_killed(error: Exception) -> bool:
    """Whether the server stopped the statement because it was asked to."""
    return parts(error)[0] == _KILLED


def statement_error(error: Exception, settings: Settings, read_only: str = "") -> StatementError:
    """A statement's refusal.

    Args:
        read_only: what to do where it is one for writing.
    """
    number, text = parts(error)
    fix = ""
    if number in _TIMED_OUT:
        fix = f"The limit is timeouts.statement in config.toml, {settings.statement_timeout:g} s."
    elif number in _READ_ONLY:
        fix = read_only
    return StatementError(text, code=str(number), fix=fix, position=None)


def lost(text: str) -> ConnectionLost:
    """The connection ended by itself."""
    return ConnectionLost(
        "The connection to the database was lost.",
        why=redact(text).strip(),
        fix="Reconnect. A statement that was running may or may not have taken effect.",
    )


def closed() -> ConnectionLost:
    """The connection was closed by us."""
    return ConnectionLost("The connection is closed.", fix="Connect again.")


_HASHES = re.compile(
    r"(IDENTIFIED\s+(?:BY\s+PASSWORD|WITH\s+\S+\s+AS|VIA\s+\S+\s+USING))\s+'[^']*'", re.I
)


def without_hashes(text: str) -> str:
    """SHOW GRANTS and SHOW CREATE USER with the passwords' hashes taken out."""
    return _HASHES.sub(r"\1 '***'", text)
