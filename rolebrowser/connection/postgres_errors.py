"""libpq's and PostgreSQL's failures → our errors.

Texts and causes: shared/reference/rds-iam-auth.md, "Why it fails", rows 13 to 27.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolebrowser.connection.effects import Effects
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
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import redact

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a FATAL at login means: libpq gives no SQLSTATE there, so the words tell.

    Attributes:
        plain: the fix for a plain URL, to which no token is sent; empty = the same.
    """

    words: str
    code: str
    fix: str
    plain: str = ""


_REFUSALS = (
    _Refusal(
        "PAM authentication failed",
        "28000",
        "IAM said no: the doctor looks at rds-db:connect, the token and the session in turn.",
        "This user logs in with a token, which no plain URL is sent: name the database's id, with "
        "-p PROFILE and -u USER.",
    ),
    _Refusal(
        "no encryption", "28000", "The server takes TLS only; use sslmode=require or stricter."
    ),
    _Refusal("no pg_hba.conf entry", "28000", "The server lets nobody in from this address."),
    _Refusal("is not permitted to log in", "28000", "ALTER ROLE … LOGIN, or another user."),
    _Refusal(
        "password authentication failed",
        "28P01",
        "With a token: the user isn't in rds_iam, or IAM authentication is off.",
        "Check the user and the password: the URL's, else PGPASSWORD's or the password file's.",
    ),
    _Refusal("permission denied for database", "42501", "GRANT CONNECT ON DATABASE … TO the user."),
    _Refusal("too many connections", "53300", "Close some connections, or go through RDS Proxy."),
    _Refusal("remaining connection slots", "53300", "Close some connections, or use RDS Proxy."),
    _Refusal("sorry, too many clients", "53300", "Close some connections, or use RDS Proxy."),
    _Refusal("the database system is", "57P03", "It starts, stops or fails over: try again soon."),
    _Refusal("is not currently accepting connections", "55000", "Choose another database."),
)
_ROLE_OR_DATABASE = re.compile(r"^(role|database) .* does not exist", re.S)

_FATAL = re.compile(r"(?:FATAL|PANIC):\s+(?P<text>[^\n]*)")
_PREFIX = re.compile(r"^(?:connection failed: )?connection to server (?:at|on) .*? failed: ", re.S)
_TLS = re.compile(r"certificate|SSL error|SSL SYSCALL|does not support SSL|SSL negotiation", re.I)
_NO_NAME = re.compile(
    r"could not translate host name|Name or service not known|nodename nor|resolve host", re.I
)
_TIMEOUT = re.compile(r"timeout expired|timed out|timeout", re.I)
_REFUSED = re.compile(r"Connection refused|No such file or directory|No route to host", re.I)
_UNREACHABLE = re.compile(r"unreachable|Permission denied|Can't assign", re.I)
_CUT = re.compile(
    r"server closed the connection|Connection reset|unexpected eof|Broken pipe|closed unexpectedly",
    re.I,
)
_SERVICE = re.compile(r"definition of service|service file", re.I)
_GARBAGE = re.compile(
    r"received invalid|expected .* from server|lost synchronization|invalid message|"
    r"error response during SSL exchange|unexpected message",
    re.I,
)
_TLS_FIXES = (
    (
        "does not match host name",
        "Use the endpoint's own name: a CNAME or a tunnel's name isn't in the certificate.",
    ),
    (
        "does not support SSL",
        "Something that isn't the database answers there, or TLS is off. Don't connect without it.",
    ),
    (
        "root certificate file",
        "The CA bundle isn't where it was: rolebrowser fetches it anew, or set ca_bundle.",
    ),
    (
        "certificate verify failed",
        # libpq doesn't say which: the doctor looks at the certificate itself.
        "The certificate's CA isn't in the bundle, or has expired, or somebody stands between: the "
        "doctor tells which.",
    ),
)


def login_error(error: psycopg.Error, address: Address) -> RolebrowserError:
    """Why a connection didn't come about."""
    text = redact(str(error)).strip()
    fatal = _FATAL.search(text)
    if fatal is not None:
        return _refused(error, address, fatal["text"].strip())
    return _unreached(text, address)


def _refused(error: psycopg.Error, address: Address, said: str) -> LoginRefused:
    what = f"The database turned {address.user} away."
    for known in _REFUSALS:
        if known.words in said:
            fix = (known.plain if address.plain else "") or known.fix
            return LoginRefused(
                what, why=f"FATAL: {said}", fix=fix, code=error.sqlstate or known.code
            )
    code, fix = error.sqlstate or "", ""
    if missing := _ROLE_OR_DATABASE.match(said):
        fix = f"Check the name; the {missing[1]} may be on another server."
        code = code or ("3D000" if missing[1] == "database" else "28000")
    return LoginRefused(what, why=f"FATAL: {said}", fix=fix, code=code)


def _unreached(text: str, address: Address) -> RolebrowserError:
    where = address.where
    why = _PREFIX.sub("", text.splitlines()[0] if text else "")
    if _NO_NAME.search(text):
        fix = "Check the name, the VPN, and whether the database still exists."
        return RouteError(f"The name {address.host} can't be looked up.", why=why, fix=fix)
    if _SERVICE.search(text):
        return RouteError(
            "libpq's service file was in the way.", why=why, fix="Unset PGSERVICE and try again."
        )
    if _GARBAGE.search(text):
        fix = "Something that isn't the database answers there; don't connect to it."
        what = f"{where} doesn't speak PostgreSQL's protocol."
        return ConnectionLost(what, why=why, fix=fix, code="garbage")
    if _TLS.search(text) and not (_CUT.search(text) or _TIMEOUT.search(text)):
        fix = next((fix for words, fix in _TLS_FIXES if words in text), "Check ca_bundle.")
        return TlsError(
            f"TLS with {where} was not acceptable; nothing secret was sent.", why=why, fix=fix
        )
    if _TIMEOUT.search(text):
        return unanswered(address, why)
    if _REFUSED.search(text):
        fix = "Nothing listens there: is the database running, the tunnel up, the port right?"
        return RouteError(f"{where} refused the connection.", why=why, fix=fix)
    if _UNREACHABLE.search(text):
        fix = "Check the network, the VPN and the route."
        return RouteError(f"{where} can't be reached.", why=why, fix=fix)
    if _CUT.search(text):
        fix = "Try again; if it stays so, look at the database's own log."
        return ConnectionLost(f"{where} hung up before the login.", why=why, fix=fix)
    return LoginRefused(f"Connecting to {where} failed.", why=why)


def refuse_text(statement: str) -> None:
    """Raise StatementError for characters that can't go over the wire."""
    if "\0" in statement:
        raise StatementError(
            "The statement holds a NUL character, where PostgreSQL would stop reading.",
            fix="Take the character out.",
            position=statement.index("\0") + 1,
        )
    if not statement.isascii() and any("\ud800" <= char <= "\udfff" for char in statement):
        raise StatementError(
            "The statement holds bytes that aren't text.", fix="Take them out, or escape them."
        )


def refuse_unsendable(statement: str, effects: Effects) -> None:
    """Raise StatementError for what can't go over the wire as it stands."""
    refuse_text(statement)
    if effects.copies_in:
        raise StatementError(
            "COPY … FROM STDIN has no data.",
            fix="Put its lines below the semicolon, and \\. on a line of its own at their end.",
        )
    if effects.client_copy:
        raise StatementError(
            "COPY to the client doesn't go through here.",
            fix="Use \\copy … to 'FILE', or psql: rolebrowser shell.",
        )


def is_fatal(error: psycopg.Error) -> bool:
    """Whether the server, or libpq, ended the connection with this."""
    return error.sqlstate is None or error.diag.severity_nonlocalized in ("FATAL", "PANIC")


def statement_error(
    error: psycopg.Error, settings: Settings, read_only: str = ""
) -> StatementError:
    """A statement's refusal, with the server's detail, hint and position.

    Args:
        read_only: what to do where it is one for writing.
    """
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
        fix=fix or _statement_fix(error, what, settings, read_only),
        code=error.sqlstate or "",
        position=int(position) if position and position.isdigit() else None,
        severity=diag.severity_nonlocalized or "ERROR",
    )


def _statement_fix(error: psycopg.Error, what: str, settings: Settings, read_only: str) -> str:
    if error.sqlstate == "57014" and "statement timeout" in what:
        limit = f"{settings.statement_timeout:g} s"
        return f"The limit is timeouts.statement in config.toml, {limit}; SET statement_timeout."
    if error.sqlstate == "25P02":
        return "What the transaction had done is lost. ROLLBACK ends it; in the pane Alt+R does."
    if error.sqlstate == "25006":
        return read_only
    if error.sqlstate == "42601" and "multiple commands" in what:
        return "One statement at a time: put a semicolon between them and run them in order."
    return ""


def lost(text: str) -> ConnectionLost:
    """The connection ended by itself."""
    said = redact(text).strip().splitlines()
    return ConnectionLost(
        "The connection to the database was lost.",
        why=said[0] if said else "",
        fix="Reconnect. A statement that was running may or may not have taken effect.",
    )


def closed() -> ConnectionLost:
    """The connection was closed by us."""
    return ConnectionLost("The connection is closed.", fix="Connect again.")
