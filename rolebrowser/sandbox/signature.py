"""Is a request signed by whom it says? The verifier's side of Signature Version 4. Pure.

Source: AWS, "Signature Version 4 for API requests" (header form).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

SKEW = timedelta(minutes=5)
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,]+)/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What an Authorization header says."""

    access_key: str
    scope: str
    headers: tuple[str, ...]
    signature: str

    @property
    def service(self) -> str:
        """The service in the scope, e.g. "sts"."""
        return self.scope.split("/")[2] if self.scope.count("/") == 3 else ""

    @property
    def region(self) -> str:
        """The region in the scope."""
        return self.scope.split("/")[1] if self.scope.count("/") == 3 else ""


def parse(authorization: str) -> Signed | None:
    """The header taken apart; None when it isn't a Signature Version 4."""
    found = _HEADER.match(authorization)
    if found is None:
        return None
    return Signed(
        found["key"], found["scope"], tuple(found["headers"].split(";")), found["signature"]
    )


def clock_problem(amz_date: str, now: datetime) -> str:
    """AWS's words for a clock that is off; empty when it is within five minutes."""
    try:
        made = datetime.strptime(amz_date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return "Date must be in ISO-8601 'basic format'."
    stamp = "%Y%m%dT%H%M%SZ"
    if made < now - SKEW:
        oldest = (now - SKEW).strftime(stamp)
        return (
            f"Signature expired: {amz_date} is now earlier than {oldest} "
            f"({now.strftime(stamp)} - 5 min.)"
        )
    if made > now + SKEW:
        newest = (now + SKEW).strftime(stamp)
        return (
            f"Signature not yet current: {amz_date} is still later than {newest} "
            f"({now.strftime(stamp)} + 5 min.)"
        )
    return ""


def matches(
    signed: Signed,
    secret: str,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
) -> bool:
    """Whether the signature is the one this secret makes.

    Args:
        headers: by lower-case name.
    """
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical_query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    canonical_headers = "".join(
        f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed.headers
    )
    payload = headers.get("x-amz-content-sha256") or hashlib.sha256(body).hexdigest()
    request = "\n".join(
        (
            method,
            quote(path, safe="/-_.~"),
            canonical_query,
            canonical_headers,
            ";".join(signed.headers),
            payload,
        )
    )
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{headers.get('x-amz-date', '')}\n{signed.scope}\n{digest}"
    key = b"AWS4" + secret.encode()
    for part in signed.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), signed.signature)


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
