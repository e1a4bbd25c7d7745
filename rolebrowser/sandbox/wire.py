"""AWS's answers on the wire: query-protocol XML, JSON, and errors in both. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from rolebrowser.sandbox.ledger import Credential
from rolebrowser.sandbox.signature import Signed


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    content_type: str = "text/xml"
    headers: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, read.

    Attributes:
        query: the first value of each parameter.
        headers: names in lower case.
        base: scheme, host and port the client used.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str


@dataclass(frozen=True, slots=True)
class Call:
    """A signed AWS call whose signer is known.

    Attributes:
        form: body and query of the query protocol, the first value of each parameter.
        authorise: raises Refused unless the signer may do an action to a resource.
    """

    signed: Signed
    action: str
    form: Mapping[str, str]
    body: bytes
    caller: Credential
    authorise: Callable[[str, str], None]


class Refused(Exception):
    """A request AWS turns away.

    Args:
        code: AWS's own, e.g. "AccessDenied".
        status: of HTTP.
    """

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def members(form: Mapping[str, str], name: str) -> list[str]:
    """A list of the query protocol: NAME.member.1, NAME.member.2 …"""
    found: list[str] = []
    while (value := form.get(f"{name}.member.{len(found) + 1}")) is not None:
        found.append(value)
    return found


def tags(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Tags of the query protocol, as (key, value)."""
    found: list[tuple[str, str]] = []
    while (key := form.get(f"Tags.member.{len(found) + 1}.Key")) is not None:
        found.append((key, form.get(f"Tags.member.{len(found) + 1}.Value", "")))
    return found


def error(refusal: Refused, *, as_json: bool) -> Answer:
    """The error in the protocol the client speaks."""
    request = str(uuid.uuid4())
    if as_json:
        body = json.dumps({"__type": refusal.code, "message": str(refusal)}).encode()
        headers = (("x-amzn-RequestId", request), ("x-amzn-ErrorType", refusal.code))
        return Answer(refusal.status, body, "application/x-amz-json-1.1", headers)
    text = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
        f"<Type>Sender</Type><Code>{escape(refusal.code)}</Code>"
        f"<Message>{escape(str(refusal))}</Message></Error>"
        f"<RequestId>{request}</RequestId></ErrorResponse>"
    )
    return Answer(refusal.status, text.encode())


def rest_error(refusal: Refused) -> Answer:
    """The error of a rest-json service."""
    body = json.dumps({"message": str(refusal), "error_description": str(refusal)}).encode()
    headers = (("x-amzn-RequestId", str(uuid.uuid4())), ("x-amzn-ErrorType", refusal.code))
    return Answer(refusal.status, body, "application/json", headers)


def result(action: str, inner: str) -> Answer:
    """An STS answer around its result's XML."""
    text = (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<{action}Result>{inner}</{action}Result>"
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    )
    return Answer(200, text.encode())


def element(name: str, text: str) -> str:
    """An XML element."""
    return f"<{name}>{escape(text)}</{name}>"
