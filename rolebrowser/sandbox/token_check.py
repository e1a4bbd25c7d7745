"""Is this RDS IAM auth token good for this login? Pure: everything it must know is given.

The verifier's own arithmetic (AWS, "Signature Version 4 signing process", query-string form), not
botocore's signer: what clients sign is held against a second reading of the rules.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from rolebrowser.sandbox.ledger import Credential

MAX_SECONDS = 900
_EMPTY_HASH = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Login:
    """Where the token is used.

    Attributes:
        hosts: names the endpoint reached goes by; one when the client told by SNI which.
        port: the one the client dialled.
        user: of the startup message.
    """

    hosts: tuple[str, ...]
    port: int
    user: str
    region: str
    account: str
    resource_id: str


def check(
    token: str,
    login: Login,
    *,
    now: datetime,
    find: Callable[[str], Credential | None],
    allowed: Callable[[Credential, str], bool],
) -> str:
    """Why the token is refused; empty when it is good.

    The reason is for the sandbox's log: on the wire RDS says "PAM authentication failed" whatever
    it was.

    Args:
        now: aware UTC.
        find: the credential of an access key.
        allowed: whether a credential's policies allow rds-db:connect on a resource ARN.
    """
    place, slash, query = token.partition("/?")
    fields = dict(parse_qsl(query, keep_blank_values=True))
    if not slash or not _canonical(query, fields):
        return "not a token"
    host, _, port = place.rpartition(":")
    if host not in login.hosts or port != str(login.port):
        return f"signed for {place}"
    if fields.get("Action") != "connect" or fields.get("DBUser") != login.user:
        return f"signed for user {fields.get('DBUser')}"
    key, _, scope = fields.get("X-Amz-Credential", "").partition("/")
    credential = find(key)
    if credential is None:
        return "unknown access key"
    return (
        _shape_problem(fields)
        or _scope_problem(scope, fields, login.region)
        or _time_problem(fields, now)
        or _credential_problem(credential, fields, login, now)
        or _signature_problem(place, fields, scope, credential)
        or _permission_problem(credential, login, allowed)
    )


def _canonical(query: str, fields: dict[str, str]) -> bool:
    """Whether the query is written as a signer writes it: each field once, upper-case escapes.

    AWS decodes before it verifies, so that `%2f` would do for `%2F` there; every SDK writes the
    canonical form, and holding tokens to it means that no byte of one can change.
    """
    parts = query.split("&")
    return len(parts) == len(fields) and set(parts) == {
        _pair(name, value) for name, value in fields.items()
    }


def _pair(name: str, value: str) -> str:
    return f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"


def _shape_problem(fields: dict[str, str]) -> str:
    if "X-Amz-Signature" not in fields:
        return "not signed"
    if fields.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return f"algorithm {fields.get('X-Amz-Algorithm')}"
    signed = fields.get("X-Amz-SignedHeaders")
    return "" if signed == "host" else f"signed headers {signed}, not host"


def _scope_problem(scope: str, fields: dict[str, str], region: str) -> str:
    wanted = f"{fields.get('X-Amz-Date', '')[:8]}/{region}/rds-db/aws4_request"
    return "" if scope == wanted else f"scope {scope}, not {wanted}"


def _time_problem(fields: dict[str, str], now: datetime) -> str:
    try:
        signed = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lasts = int(fields["X-Amz-Expires"])
    except (KeyError, ValueError):
        return "no readable time"
    if not 0 < lasts <= MAX_SECONDS:
        return f"asks to last {lasts} s"
    if now > signed + timedelta(seconds=lasts):
        return "expired"
    if signed > now + timedelta(minutes=5):
        return "from the future"
    return ""


def _credential_problem(
    credential: Credential, fields: dict[str, str], login: Login, now: datetime
) -> str:
    if fields.get("X-Amz-Security-Token", "") != credential.token:
        return "another session token"
    if credential.expires_at is not None and now >= credential.expires_at:
        return "the session that signed it has expired"
    if credential.account != login.account:
        return f"signed in account {credential.account}"
    return ""


def _signature_problem(
    place: str, fields: dict[str, str], scope: str, credential: Credential
) -> str:
    unsigned = sorted((name, value) for name, value in fields.items() if name != "X-Amz-Signature")
    canonical_query = "&".join(_pair(name, value) for name, value in unsigned)
    request = f"GET\n/\n{canonical_query}\nhost:{place}\n\nhost\n{_EMPTY_HASH}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{fields.get('X-Amz-Date', '')}\n{scope}\n{digest}"
    key = b"AWS4" + credential.secret_key.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    good = hmac.compare_digest(signature, fields["X-Amz-Signature"])
    return "" if good else "the signature does not match"


def _permission_problem(
    credential: Credential, login: Login, allowed: Callable[[Credential, str], bool]
) -> str:
    arn = f"arn:aws:rds-db:{login.region}:{login.account}:dbuser:{login.resource_id}/{login.user}"
    return "" if allowed(credential, arn) else f"rds-db:connect on {arn} is not allowed"
