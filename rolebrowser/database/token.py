"""RDS IAM auth tokens: presigned locally, no network. Pure: credentials and the time are given.

The signature is botocore's own (`SigV4QueryAuth`, service `rds-db`), so a token is byte for byte
what `botocore.signers.generate_db_auth_token` makes at the same second.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rolebrowser.database.model import Token
from rolebrowser.errors import SessionExpired
from rolebrowser.identity.model import Session
from rolebrowser.safetext import Secret

LIFETIME = timedelta(seconds=900)
"""How long RDS accepts a token (User Guide, "IAM database authentication")."""

MARGIN = timedelta(seconds=10)
"""Credentials that end sooner than this sign nothing: the token would be dead on arrival."""


def presign(session: Session, host: str, port: int, user: str, region: str, now: datetime) -> Token:
    """Sign a token for `user` at `host:port`.

    Args:
        session: the credentials that sign; the token dies with them.
        host, port: the endpoint's real name and port as RDS knows them, never a tunnel's.
        region: the database's region.
        now: aware UTC.

    Raises:
        SessionExpired: the credentials are over, or will be within `MARGIN`. AWS would sign
            happily, and the database would then refuse without saying why (aws-cli#4613).
    """
    refuse_expired(session, now)
    ends = now + LIFETIME
    if session.expires_at is not None:
        ends = min(ends, session.expires_at)
    value = Secret(_signed_url(session, host, port, user, region, now))
    return Token(value, host, port, user, region, expires_at=ends)


def is_over(session: Session, now: datetime) -> bool:
    """Whether a session is over at `now`, or as good as over: it signs nothing."""
    return session.expires_at is not None and session.expires_at - now <= MARGIN


def refuse_expired(session: Session, now: datetime) -> None:
    """Raise `SessionExpired` when `is_over`."""
    if session.expires_at is None or not is_over(session, now):
        return
    whose = f"The session of profile {session.profile!r}" if session.profile else "The session"
    when = session.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    over = "expired" if session.expires_at <= now else "ends within seconds,"
    raise SessionExpired(
        f"{whose} {over} at {when}; no token was signed with it.",
        why="A token made from expired credentials is refused by the database without a reason.",
        fix="Renew the session (log in again), then retry.",
        code="ExpiredToken",
    )


def _signed_url(
    session: Session, host: str, port: int, user: str, region: str, now: datetime
) -> str:
    from botocore.auth import SIGV4_TIMESTAMP, SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import ReadOnlyCredentials

    token = session.token.reveal() if session.token else None
    keys = ReadOnlyCredentials(session.access_key, session.secret_key.reveal(), token)
    # Any: the steps of add_auth are botocore's own names, which its stubs leave out.
    signer: Any = SigV4QueryAuth(keys, "rds-db", region, expires=int(LIFETIME.total_seconds()))
    scheme = "https://"
    request = AWSRequest(
        method="GET",
        url=f"{scheme}{host}:{port}/",
        params={"Action": "connect", "DBUser": user},
    )
    # The body of SigV4Auth.add_auth, but with the time given instead of read from the clock, and
    # without its debug log of the canonical request, which holds the session token.
    request.context["timestamp"] = now.strftime(SIGV4_TIMESTAMP)
    signer._modify_request_before_signing(request)
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(to_sign, request))
    return str(request.url).removeprefix(scheme)
