"""The front before moto: who signed this, may they, and has their session ended?

A WSGI application. STS is answered here (`sts.py`), everything else by moto once it is allowed.
Faults for tests come in at `/_sandbox/NAME` with the sandbox's control secret.
"""

from __future__ import annotations

import hmac
import io
import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http.client import responses
from typing import Any, Protocol
from urllib.parse import parse_qsl

from rolebrowser.identity import regions
from rolebrowser.identity.policy import Decision
from rolebrowser.sandbox import gatekeeper, signature, sts, wire
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.organisation import Guardrails
from rolebrowser.sandbox.wire import Answer, Call, Refused

_UNSIGNED = {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}
_LARGEST = 10 * 1024 * 1024

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Control = Callable[[str, dict[str, Any]], object]


class OpenDoor(Protocol):
    """A service that is called without a signature."""

    def takes(self, request: wire.Request) -> bool:
        """Whether a request is for it."""
        ...

    def respond(self, request: wire.Request) -> Answer:
        """The answer. Raises Refused."""
        ...


class Front:
    """The application.

    Args:
        behind: moto's.
        beside: what moto lacks; each answers a call, or leaves it.
        control: does what `/_sandbox/NAME` asks for; its answer is sent back as JSON.
        open_doors: what is called without a signature: the federation endpoint, SSO.
        guardrails: the organization's limits.
        secret: must come with a control request, as `Authorization: Bearer …`.

    Attributes:
        throttle: how many of the next requests are answered with Throttling.
        latency: seconds each request waits.
    """

    def __init__(
        self,
        behind: Wsgi,
        ledger: Ledger,
        clock: Clock,
        service: sts.Sts,
        control: Control,
        secret: str,
        beside: Sequence[Callable[[Call], Answer | None]],
        open_doors: Sequence[OpenDoor],
        guardrails: Guardrails,
    ) -> None:
        self._behind = behind
        self._ledger = ledger
        self._clock = clock
        self._sts = service
        self._control = control
        self._secret = secret
        self._beside = beside
        self._open_doors = open_doors
        self._guardrails = guardrails
        self._lock = threading.Lock()
        self.throttle = 0
        self.latency = 0.0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        body = _body(environ)
        headers = _headers(environ)
        if environ.get("PATH_INFO", "").startswith("/_sandbox/"):
            return self._send(self._controlled(environ, headers, body), start)
        if self.latency:
            time.sleep(self.latency)
        try:
            answer = self._opened(environ, headers, body) or self._answer(environ, headers, body)
        except Refused as refusal:
            as_json = "json" in headers.get("content-type", "")
            answer = wire.error(refusal, as_json=as_json)
        if answer is not None:
            return self._send(answer, start)
        environ["wsgi.input"] = io.BytesIO(body)

        def undated(status: str, given: list[tuple[str, str]], *more: Any) -> Any:
            # The server that carries this writes the Date: one, and the sandbox's.
            kept = [(name, value) for name, value in given if name.lower() != "date"]
            return start(status, kept, *more)

        return self._behind(environ, undated)

    def _send(self, answer: Answer, start: Callable[..., Any]) -> list[bytes]:
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *answer.headers,
        ]
        start(f"{answer.status} {responses.get(answer.status, 'Unknown')}", headers)
        return [answer.body]

    def _controlled(self, environ: dict[str, Any], headers: dict[str, str], body: bytes) -> Answer:
        given = headers.get("authorization", "")
        if not hmac.compare_digest(given, f"Bearer {self._secret}"):
            return Answer(403, b"{}", "application/json")
        name = environ["PATH_INFO"].removeprefix("/_sandbox/")
        try:
            said = self._control(name, json.loads(body or b"{}"))
        except (KeyError, TypeError, ValueError) as error:
            return Answer(400, json.dumps({"error": str(error)}).encode(), "application/json")
        return Answer(200, json.dumps(said).encode(), "application/json")

    def _opened(
        self, environ: dict[str, Any], headers: dict[str, str], body: bytes
    ) -> Answer | None:
        """The answer of a door that asks for no signature, if the request is for one."""
        if signature.parse(headers.get("authorization", "")) is not None:
            return None
        request = wire.Request(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "/"),
            dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
            headers,
            body,
            f"{environ['wsgi.url_scheme']}://{headers.get('host', '127.0.0.1')}",
        )
        for door in self._open_doors:
            if door.takes(request):
                try:
                    self._throttled("TooManyRequestsException", 429)
                    return door.respond(request)
                except Refused as refusal:
                    return wire.rest_error(refusal)
        return None

    def _answer(
        self, environ: dict[str, Any], headers: dict[str, str], body: bytes
    ) -> Answer | None:
        """STS's answer; None = moto may answer."""
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        form |= dict(parse_qsl(environ.get("QUERY_STRING", "")))
        action = form.get("Action", "") or headers.get("x-amz-target", "").rpartition(".")[2]
        signed = signature.parse(headers.get("authorization", ""))
        self._throttled()
        if signed is None:
            if action in _UNSIGNED:
                return self._sts.answer(action, form, None)
            raise Refused("MissingAuthenticationToken", "Missing Authentication Token")
        caller = self._caller(signed, environ, headers, body)
        if signed.service == "sts":
            return self._sts.answer(action, form, caller)
        as_json = "json" in headers.get("content-type", "")

        def authorise(action: str, resource: str) -> None:
            self._authorise(caller, action, resource, as_json=as_json)

        call = Call(signed, action, form, body, caller, authorise)
        for service in self._beside:
            answered = service(call)
            if answered is not None:
                return answered
        authorise(f"{signed.service}:{action}", "*")
        return None

    def _throttled(self, code: str = "Throttling", status: int = 400) -> None:
        with self._lock:
            if self.throttle > 0:
                self.throttle -= 1
                raise Refused(code, "Rate exceeded", status)

    def _caller(
        self,
        signed: signature.Signed,
        environ: dict[str, Any],
        headers: dict[str, str],
        body: bytes,
    ) -> Credential:
        credential = self._ledger.find(signed.access_key)
        invalid = "The security token included in the request is invalid."
        if credential is None:
            raise Refused("InvalidClientTokenId", invalid)
        if signed.region not in regions.known():
            raise Refused(
                "SignatureDoesNotMatch", "Credential should be scoped to a valid region. "
            )
        off = signature.clock_problem(headers.get("x-amz-date", ""), self._clock.now())
        if off:
            raise Refused("SignatureDoesNotMatch", off)
        if headers.get("x-amz-security-token", "") != credential.token:
            raise Refused("InvalidClientTokenId", invalid)
        good = signature.matches(
            signed,
            credential.secret_key,
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "/"),
            environ.get("QUERY_STRING", ""),
            headers,
            body,
        )
        if not good:
            raise Refused(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details.",
            )
        if credential.expires_at is not None and self._clock.now() >= credential.expires_at:
            raise Refused("ExpiredToken", "The security token included in the request is expired")
        return credential

    def _authorise(self, caller: Credential, action: str, resource: str, *, as_json: bool) -> None:
        limits = self._guardrails.levels(caller.account)
        answer = gatekeeper.decide(caller, action, resource, self._clock.now(), scps=limits)
        if answer.decision is not Decision.ALLOW:
            on = "" if resource == "*" else f" on resource: {resource}"
            raise Refused(
                "AccessDeniedException" if as_json else "AccessDenied",
                f"User: {caller.principal} is not authorized to perform: {action}{on} "
                f"{gatekeeper.refusal(answer, action)}",
                400 if as_json else 403,
            )


def _body(environ: dict[str, Any]) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    return environ["wsgi.input"].read(min(length, _LARGEST)) if length else b""


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = str(environ[name])
    return found
