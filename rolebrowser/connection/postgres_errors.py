"""libpq's and PostgreSQL's failures → our errors.

Texts and causes: shared/reference/rds-iam-auth.md, "Why it fails", rows 13 to 27.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolebrowser.connection.protocol import Address
from rolebrowser.errors import (
    ConnectionLost,
    LoginRefused,
    RolebrowserError,
    RouteError,
    StatementError,
    TimedOut,
    TlsError,
)
from rolebrowser.safetext import redact

if TYPE_CHECKING:
    import psycopg

_TLS = re.compile(
    r"certificate|SSL error|SSL SYSCALL|does not support SSL|SSL negotiation|tls", re.I
)
_NO_NAME = re.compile(r"could not translate host name|Name or service not known|nodename nor", re.I)
_TIMEOUT = re.compile(r"timeout expired|timed out", re.I)
_REFUSED = re.compile(r"Connection refused", re.I)
_CUT = re.compile(r"server closed the connection|Connection reset|unexpected eof", re.I)
_FATAL = re.compile(r"FATAL:\s+(?P<text>.*)", re.S)
_PREFIX = re.compile(r"^(?:connection failed: )?connection to server at .*? failed: ", re.S)


def login_error(error: psycopg.Error, address: Address) -> RolebrowserError:
    """Why a connection didn't come about."""
    text = redact(str(error)).strip()
    where = f"{address.host}:{address.dial_port or address.port}"
    fatal = _FATAL.search(text)
    if fatal is not None:
        said = fatal["text"].strip().splitlines()[0]
        what = f"The database turned {address.user} away."
        return LoginRefused(what, why=f"FATAL: {said}", code=_login_code(error, said))
    why = _PREFIX.sub("", text)
    if _NO_NAME.search(text):
        fix = "Check the name, the VPN, and whether the database still exists."
        return RouteError(f"The name {address.host} can't be looked up.", why=why, fix=fix)
    if _TIMEOUT.search(text):
        fix = "A security group, a private subnet or a missing VPN drops the packets silently."
        return TimedOut(f"{where} did not answer in time.", why=why, fix=fix)
    if _REFUSED.search(text):
        fix = "Nothing listens there: is the database running, the tunnel up, the port right?"
        return RouteError(f"{where} refused the connection.", why=why, fix=fix)
    if _TLS.search(text):
        fix = "Nothing secret was sent. Check ca_bundle and what stands between you and RDS."
        return TlsError(f"TLS with {where} was not acceptable.", why=why, fix=fix)
    if _CUT.search(text):
        fix = "Try again; if it stays so, look at the database's own log."
        return ConnectionLost(f"{where} hung up before the login.", why=why, fix=fix)
    return LoginRefused(f"Connecting to {where} failed.", why=why)


def _login_code(error: psycopg.Error, said: str) -> str:
    if error.sqlstate:
        return error.sqlstate
    # psycopg has no SQLSTATE for a failed connection: the words tell.
    for words, code in (
        ("PAM authentication failed", "28000"),
        ("no pg_hba.conf entry", "28000"),
        ("is not permitted to log in", "28000"),
        ("password authentication failed", "28P01"),
        ("permission denied for database", "42501"),
        ("too many connections", "53300"),
        ("remaining connection slots", "53300"),
        ("the database system is", "57P03"),
    ):
        if words in said:
            return code
    if "does not exist" in said:
        return "3D000" if said.startswith("database") else "28000"
    return ""


def statement_error(error: psycopg.Error) -> StatementError:
    """A statement's refusal, with the server's detail, hint and position."""
    diag = error.diag
    what = redact(diag.message_primary or str(error).strip())
    why = "\n".join(
        f"{label}: {redact(text)}"
        for label, text in (("DETAIL", diag.message_detail), ("CONTEXT", diag.context))
        if text
    )
    fix = f"HINT: {redact(diag.message_hint)}" if diag.message_hint else ""
    position = diag.statement_position
    return StatementError(
        what,
        why=why,
        fix=fix,
        code=error.sqlstate or "",
        position=int(position) if position and position.isdigit() else None,
        severity=diag.severity_nonlocalized or "ERROR",
    )


def lost(text: str) -> ConnectionLost:
    """The connection ended by itself."""
    said = redact(text).strip().splitlines()
    return ConnectionLost(
        "The connection to the database was lost.",
        why=said[0] if said else "",
        fix="Reconnect. A statement that was running may or may not have taken effect.",
    )
