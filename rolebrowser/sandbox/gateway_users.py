"""What the server behind the gateways knows of a user: is IAM for them, and is a password right."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from rolebrowser.sandbox.postgres import PostgresServer

_QUERY = """
SELECT coalesce(a.rolpassword, ''),
       coalesce(pg_has_role(a.oid, g.oid, 'MEMBER'), false) AND NOT a.rolsuper,
       coalesce(a.rolvaliduntil < now(), false)
FROM pg_authid a LEFT JOIN pg_roles g ON g.rolname = 'rds_iam'
WHERE a.rolname = %s
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A user as the server has it.

    Attributes:
        verifier: pg_authid.rolpassword; empty = no password.
        iam: a member, directly or nested, of rds_iam: then no password counts.
        lapsed: past VALID UNTIL, which ends the password (and nothing else).
    """

    verifier: str = field(repr=False)
    iam: bool
    lapsed: bool

    def password_is(self, password: str) -> bool:
        """Whether one may log in with that password."""
        return not self.lapsed and password_matches(self.verifier, password)


def look_up(server: PostgresServer, user: str) -> Known | None:
    """The user, or None when there is no such role. Raises psycopg.OperationalError."""
    import psycopg

    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        row = connection.execute(_QUERY, (user,)).fetchone()
    return None if row is None else Known(*row)


def password_matches(verifier: str, password: str) -> bool:
    """Whether a password fits a SCRAM-SHA-256 verifier (its shape: RFC 5803, the rest: 5802)."""
    try:
        method, parameters, keys = verifier.split("$")
        iterations, salt = parameters.split(":")
        stored = base64.b64decode(keys.split(":")[0])
    except ValueError:
        return False
    if method != "SCRAM-SHA-256":
        return False
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(salt), int(iterations)
    )
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), stored)
