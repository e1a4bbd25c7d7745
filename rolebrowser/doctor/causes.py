"""What an error means: ours of any step → a `Cause`. Pure.

By type and code first; by the words only where AWS or a database says nothing else (the texts are
those of shared/reference/rds-iam-auth.md, "Why it fails").
"""

from __future__ import annotations

import re

from rolebrowser.doctor.finding import Cause, CheckName, Finding, failed
from rolebrowser.errors import (
    AssumeRoleDenied,
    AwsError,
    ConnectionLost,
    CredentialsError,
    DatabaseUnavailable,
    LoginRefused,
    LoginRequired,
    MfaRequired,
    ProfileError,
    RolebrowserError,
    RouteError,
    SessionExpired,
    TimedOut,
    TlsError,
    UnknownName,
)
from rolebrowser.identity.aws_errors import CLOCK, CLOCK_TEXTS, DENIED, THROTTLED, WRONG_CODE

_ORGANISATION = (
    *("service control policy", "resource control policy", "permissions boundary"),
    "session policy",
)


_BY_TYPE: tuple[tuple[type[RolebrowserError], Cause], ...] = (
    (SessionExpired, Cause.SESSION_EXPIRED),
    (LoginRequired, Cause.SSO_LOGIN),
    (ProfileError, Cause.PROFILE),
    (TimedOut, Cause.AWS),
)


def of_aws(error: RolebrowserError) -> Cause:
    """Of an error on the way to credentials, or of an AWS call."""
    said = f"{error.what} {error.why}"
    for kind, cause in _BY_TYPE:
        if isinstance(error, kind):
            return cause
    if isinstance(error, MfaRequired):
        return Cause.MFA_CODE if error.code == WRONG_CODE else Cause.MFA
    if isinstance(error, AssumeRoleDenied):
        return _of_assuming(said)
    if isinstance(error, CredentialsError):
        return Cause.CLOCK if error.code in CLOCK or _off(said) else Cause.KEYS
    if isinstance(error, UnknownName) and error.kind == "profile":
        return Cause.PROFILE
    return _of_call(error, said) if isinstance(error, AwsError) else Cause.OTHER


def _of_assuming(said: str) -> Cause:
    if "DurationSeconds" in said or "hour session limit" in said:
        return Cause.DURATION
    if any(words in said for words in _ORGANISATION):
        return Cause.ORGANISATION
    return Cause.ASSUME_ROLE


def _off(said: str) -> bool:
    return "clock is off" in said or any(words in said for words in CLOCK_TEXTS)


def _of_call(error: AwsError, said: str) -> Cause:
    if error.code in ("NoRegionError", "InvalidRegionError"):
        return Cause.REGION
    if error.code in THROTTLED or "Rate exceeded" in said:
        return Cause.THROTTLED
    if error.code in DENIED:
        return Cause.ORGANISATION if any(w in said for w in _ORGANISATION) else Cause.DESCRIBE
    return Cause.AWS if "can't be reached" in said else Cause.OTHER


def of_database(error: RolebrowserError) -> Cause:
    """Of an error while the database was looked for."""
    if isinstance(error, DatabaseUnavailable):
        return Cause.STATUS
    if isinstance(error, UnknownName):
        return Cause.NO_DATABASE
    return of_aws(error)


_ROUTES = {
    "dns": Cause.DNS,
    "timeout": Cause.TIMEOUT,
    "refused": Cause.REFUSED,
    "unreachable": Cause.UNREACHABLE,
    "route-program": Cause.ROUTE_PROGRAM,
    "route-target": Cause.ROUTE_TARGET,
    "route-denied": Cause.ROUTE_DENIED,
    "route-login": Cause.ROUTE_LOGIN,
    "route-host-key": Cause.ROUTE_HOST_KEY,
}


def of_network(error: RolebrowserError) -> Cause:
    """Of an error on the way through the network, TLS included."""
    if isinstance(error, RouteError):
        return _ROUTES.get(error.code, Cause.ROUTE)
    if isinstance(error, TlsError):
        return Cause(error.code) if error.code in set(Cause) else Cause.UNTRUSTED
    if isinstance(error, TimedOut):
        return Cause.TIMEOUT
    if isinstance(error, ConnectionLost):
        return Cause.GARBAGE if error.code == "garbage" else Cause.HUNG_UP
    return Cause.ROUTE


def of_route(error: RolebrowserError) -> Cause:
    """Of an error while a tunnel was opened."""
    if isinstance(error, RouteError):
        return _ROUTES.get(error.code, Cause.ROUTE)
    return Cause.ROUTE if isinstance(error, TimedOut) else of_aws(error)


_POSTGRES = (
    ("no encryption", Cause.ENCRYPTION),
    ("PAM authentication failed", Cause.IAM_REFUSED),
    ("password authentication failed", Cause.PASSWORD),
    ("is not permitted to log in", Cause.NOLOGIN),
    ("permission denied for database", Cause.NO_CONNECT),
    ("too many connections", Cause.FULL),
    ("remaining connection slots", Cause.FULL),
    ("too many clients", Cause.FULL),
    ("the database system is", Cause.STARTING),
)
_MYSQL = {
    "1045": Cause.ACCESS_DENIED,
    "1698": Cause.ACCESS_DENIED,
    "1044": Cause.NO_CONNECT,
    "1049": Cause.NO_DBNAME,
    "1040": Cause.FULL,
    "1203": Cause.FULL,
    "1129": Cause.HOST_BLOCKED,
    "1130": Cause.ACCESS_DENIED,
    "1105": Cause.ENCRYPTION,
    "3159": Cause.ENCRYPTION,
    "3118": Cause.NOLOGIN,
    "4151": Cause.NOLOGIN,
    "1524": Cause.NOT_IAM_USER,
}

_MISSING = re.compile(r'\b(?P<what>role|database) ".*" does not exist', re.DOTALL)


def of_login(error: RolebrowserError) -> Cause:
    """Of a database's refusal."""
    if not isinstance(error, LoginRefused):
        return of_network(error)
    if error.code in _MYSQL:
        return _MYSQL[error.code]
    said = f"{error.why} {error.what}"
    for words, cause in _POSTGRES:
        if words in said:
            return cause
    if missing := _MISSING.search(said):
        return Cause.NO_DBNAME if missing["what"] == "database" else Cause.NO_USER
    return Cause.OTHER


def because(check: CheckName, cause: Cause, error: RolebrowserError) -> Finding:
    """A check that failed with an error, in the error's words."""
    evidence = " ".join(part for part in (error.what, error.why) if part)
    return failed(check, cause, evidence, error.fix)
