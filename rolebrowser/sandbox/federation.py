"""The federation endpoint: sign-in tokens for the web console, and the console as far as it goes.

Rules: IAM User Guide, "Enable custom identity broker access to the AWS console".
"""

from __future__ import annotations

import json
import secrets
import threading
from datetime import datetime, timedelta
from html import escape

from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.wire import Answer, Request

_LIFE = timedelta(minutes=15)


class Federation:
    """`/federation`: getSigninToken and login. Thread-safe."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[Credential, datetime]] = {}

    def takes(self, request: Request) -> bool:
        """Whether a request is for the federation endpoint."""
        return request.path == "/federation"

    def respond(self, request: Request) -> Answer:
        """The answer."""
        match request.query.get("Action"):
            case "getSigninToken":
                return self._token(request)
            case "login":
                return self._login(request)
        return _page(400, "Invalid action")

    def _token(self, request: Request) -> Answer:
        credential = self._held(request.query.get("Session", ""))
        if credential is None or not credential.role:
            return _page(400, "The credentials are not valid for a console sign-in.")
        if credential.chained and "SessionDuration" in request.query:
            return _page(400, "SessionDuration is not allowed for roles assumed by role chaining.")
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._tokens[token] = (credential, self._clock.now() + _LIFE)
        return Answer(200, json.dumps({"SigninToken": token}).encode(), "application/json")

    def _held(self, session: str) -> Credential | None:
        try:
            given = json.loads(session)
            keys = [given["sessionId"], given["sessionKey"], given["sessionToken"]]
        except (ValueError, KeyError, TypeError):
            return None
        found = self._ledger.find(str(keys[0]))
        if found is None or [found.secret_key, found.token] != keys[1:]:
            return None
        over = found.expires_at is not None and found.expires_at <= self._clock.now()
        return None if over else found

    def _login(self, request: Request) -> Answer:
        with self._lock:
            known = self._tokens.get(request.query.get("SigninToken", ""))
        if known is None or known[1] <= self._clock.now():
            return _page(400, "The sign-in token is not valid or has expired.")
        where = request.query.get("Destination", "")
        return _page(200, f"Signed in as {known[0].principal}", f"On to {where}")


def _page(status: int, heading: str, text: str = "") -> Answer:
    body = f"<!doctype html><title>Console</title><h1>{escape(heading)}</h1><p>{escape(text)}</p>"
    return Answer(status, body.encode(), "text/html; charset=utf-8")
