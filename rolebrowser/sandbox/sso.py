"""IAM Identity Center: the OIDC service's device flow, and the portal behind it.

Wire: botocore's service models of sso-oidc and sso. Flow: RFC 8628, with AWS's error names.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.sso_page import device_page
from rolebrowser.sandbox.sts import Sts
from rolebrowser.sandbox.wire import Answer, Refused, Request
from rolebrowser.sandbox.world_sso import ACCOUNTS, ASSIGNED, PORTALS, SSO_USER

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_REGISTERED = timedelta(days=90)
_PATHS = {
    ("POST", "/client/register"),
    ("POST", "/device_authorization"),
    ("POST", "/token"),
    ("GET", "/federation/credentials"),
    ("GET", "/assignment/accounts"),
    ("GET", "/assignment/roles"),
    ("POST", "/logout"),
    ("GET", "/device"),
    ("POST", "/device"),
}


@dataclass(frozen=True, slots=True)
class _Client:
    secret: str
    scopes: tuple[str, ...]
    ends: datetime


@dataclass(slots=True)
class _Device:
    """A login that waits. `answer`: "" = nobody decided, "approve", "deny"."""

    user_code: str
    client: str
    ends: datetime
    answer: str = ""
    interval: float = 1.0
    polled: datetime | None = None


@dataclass(slots=True)
class _Login:
    """A portal session; `until` ends the access token, `ends` the whole."""

    client: str
    until: datetime
    ends: datetime
    refresh: str = ""


class Sso:
    """The services and the page on which a person approves. Thread-safe.

    Attributes:
        answer: "approve" or "deny" decides each login by itself, "" leaves it to the page.
        closed_account: whose roles are not told.
        slow_downs: how many of the next polls are told to slow down.
        interval: seconds between polls, told to clients.
        code_seconds: life of a device code.
        token_seconds: of an access token that can be refreshed; others live `session_seconds`.
        session_seconds: of a portal session.
        registrations, logins, refreshes: how many there were.
    """

    def __init__(self, clock: Clock, service: Sts) -> None:
        self._clock = clock
        self._sts = service
        self._lock = threading.RLock()
        self._clients: dict[str, _Client] = {}
        self._devices: dict[str, _Device] = {}
        self._logins: dict[str, _Login] = {}
        self.answer = ""
        self.closed_account = ""
        self.slow_downs = 0
        self.interval = 1.0
        self.code_seconds = 600
        self.token_seconds = 3600
        self.session_seconds = 8 * 3600
        self.registrations = self.logins = self.refreshes = 0

    def knows(self, client: str) -> bool:
        """Whether a program registered under that id."""
        with self._lock:
            return client in self._clients

    def takes(self, request: Request) -> bool:
        """Whether a request is for these services."""
        return (request.method, request.path) in _PATHS

    def respond(self, request: Request) -> Answer:
        """The answer. Raises Refused."""
        with self._lock:
            match request.path:
                case "/client/register":
                    return _json(self._register(_body(request)))
                case "/device_authorization":
                    return _json(self._start(_body(request), request.base))
                case "/token":
                    return _json(self._token(_body(request)))
                case "/device":
                    return self._page(request)
            return _json(self._portal(request))

    def control(self, settings: Mapping[str, Any]) -> object:
        """Change attributes, decide waiting logins, and say how things are."""
        with self._lock:
            for name, value in settings.items():
                if name not in ("approve", "deny", "end_sessions"):
                    setattr(self, name, type(getattr(self, name))(value))
            for decision in ("approve", "deny"):
                self._decide(str(settings.get(decision, "")), decision)
            if settings.get("end_sessions"):
                self._logins.clear()
            return {
                "waiting": [each.user_code for each in self._devices.values() if not each.answer],
                "registrations": self.registrations,
                "logins": self.logins,
                "refreshes": self.refreshes,
            }

    def _decide(self, user_code: str, decision: str) -> bool:
        for device in self._devices.values():
            if device.user_code == user_code and not device.answer:
                device.answer = decision
                return True
        return False

    def _register(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if body.get("clientType") != "public" or not body.get("clientName"):
            raise Refused("InvalidClientMetadataException", "clientType must be public", 400)
        self.registrations += 1
        name, secret, now = secrets.token_urlsafe(16), secrets.token_urlsafe(32), self._clock.now()
        scopes = tuple(str(each) for each in body.get("scopes") or ())
        self._clients[name] = _Client(secret, scopes, now + _REGISTERED)
        return {
            "clientId": name,
            "clientSecret": secret,
            "clientIdIssuedAt": int(now.timestamp()),
            "clientSecretExpiresAt": int((now + _REGISTERED).timestamp()),
        }

    def _client(self, body: Mapping[str, Any]) -> tuple[str, _Client]:
        name = str(body.get("clientId", ""))
        client = self._clients.get(name)
        if client is None or client.secret != body.get("clientSecret"):
            raise Refused("InvalidClientException", "Invalid client", 401)
        if client.ends <= self._clock.now():
            raise Refused("InvalidClientException", "Client registration has expired", 401)
        return name, client

    def _start(self, body: Mapping[str, Any], base: str) -> Mapping[str, Any]:
        name, _ = self._client(body)
        if body.get("startUrl") not in PORTALS:
            raise Refused("InvalidRequestException", "Invalid startUrl", 400)
        halves = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
        code, user_code = secrets.token_urlsafe(32), "-".join(halves)
        ends = self._clock.now() + timedelta(seconds=self.code_seconds)
        self._devices[code] = _Device(user_code, name, ends, self.answer, self.interval)
        return {
            "deviceCode": code,
            "userCode": user_code,
            "verificationUri": f"{base}/device",
            "verificationUriComplete": f"{base}/device?user_code={user_code}",
            "expiresIn": self.code_seconds,
            "interval": int(self.interval),
        }

    def _token(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        name, client = self._client(body)
        match body.get("grantType"):
            case "refresh_token":
                return self._refreshed(str(body.get("refreshToken", "")), name, client)
            case grant if grant == DEVICE_GRANT:
                return self._polled(str(body.get("deviceCode", "")), name, client)
        raise Refused("UnsupportedGrantTypeException", "Unsupported grant type", 400)

    def _polled(self, code: str, name: str, client: _Client) -> Mapping[str, Any]:
        device, now = self._devices.get(code), self._clock.now()
        if device is None or device.client != name:
            raise Refused("InvalidGrantException", "Invalid device code", 400)
        if device.ends <= now:
            raise Refused("ExpiredTokenException", "Device code has expired", 400)
        self._too_soon(device, now)
        match device.answer:
            case "approve":
                del self._devices[code]
                self.logins += 1
                ends = now + timedelta(seconds=self.session_seconds)
                return self._logged_in(name, client, ends, now)
            case "deny":
                raise Refused("AccessDeniedException", "Authorization was denied", 400)
        raise Refused("AuthorizationPendingException", "Authorization is pending", 400)

    def _too_soon(self, device: _Device, now: datetime) -> None:
        before, device.polled = device.polled, now
        # A network makes polls drift together a little.
        early = before is not None and (now - before).total_seconds() < device.interval * 0.8
        if self.slow_downs > 0 or early:
            self.slow_downs = max(0, self.slow_downs - 1)
            device.interval += 5 if early else 0
            raise Refused("SlowDownException", "Slow down", 400)

    def _refreshed(self, refresh: str, name: str, client: _Client) -> Mapping[str, Any]:
        now = self._clock.now()
        for token, login in self._logins.items():
            if refresh and login.refresh == refresh and login.client == name and login.ends > now:
                self.refreshes += 1
                del self._logins[token]
                return self._logged_in(name, client, login.ends, now)
        raise Refused("InvalidGrantException", "Invalid refresh token", 400)

    def _logged_in(
        self, name: str, client: _Client, ends: datetime, now: datetime
    ) -> Mapping[str, Any]:
        """A new access token; with a refresh token when scopes were registered, as AWS does."""
        access = "aoa" + secrets.token_urlsafe(48)
        until = min(ends, now + timedelta(seconds=self.token_seconds)) if client.scopes else ends
        login = _Login(name, until, ends, secrets.token_urlsafe(48) if client.scopes else "")
        self._logins[access] = login
        answer = {
            "accessToken": access,
            "tokenType": "Bearer",
            "expiresIn": int((until - now).total_seconds()),
        }
        return answer | ({"refreshToken": login.refresh} if login.refresh else {})

    def _page(self, request: Request) -> Answer:
        return device_page(request, self._known, self._decide)

    def _known(self, user_code: str) -> bool:
        now = self._clock.now()
        waiting = (each for each in self._devices.values() if not each.answer and each.ends > now)
        return any(each.user_code == user_code for each in waiting)

    def _portal(self, request: Request) -> Mapping[str, Any]:
        token = request.headers.get("x-amz-sso-bearer-token", "")
        login = self._logins.get(token)
        if login is None or login.until <= self._clock.now():
            raise Refused("UnauthorizedException", "Session token not found or invalid", 401)
        match request.path:
            case "/logout":
                del self._logins[token]
                return {}
            case "/assignment/accounts":
                return _paged(request, "accountList", _accounts())
            case "/assignment/roles":
                account = request.query.get("account_id", "")
                if account == self.closed_account:
                    raise Refused("ForbiddenException", "No access", 403)
                return _paged(request, "roleList", _roles(account))
        return self._role_credentials(request.query)

    def _role_credentials(self, query: Mapping[str, str]) -> Mapping[str, Any]:
        account, name = query.get("account_id", ""), query.get("role_name", "")
        for each in ASSIGNED:
            if (each.role.account, each.name) == (account, name):
                made = self._sts.service_session(each.role.arn, SSO_USER, each.role.max_seconds)
                ends = made.expires_at.timestamp() if made.expires_at is not None else 0
                keys = {
                    "accessKeyId": made.access_key,
                    "secretAccessKey": made.secret_key,
                    "sessionToken": made.token,
                    "expiration": int(ends * 1000),
                }
                return {"roleCredentials": keys}
        raise Refused("ForbiddenException", "No access", 403)


def _accounts() -> list[Mapping[str, str]]:
    assigned = {each.role.account for each in ASSIGNED}
    return [
        {"accountId": account, "accountName": name, "emailAddress": address}
        for account, (name, address) in ACCOUNTS.items()
        if account in assigned
    ]


def _roles(account: str) -> list[Mapping[str, str]]:
    found = [each for each in ASSIGNED if each.role.account == account]
    return [{"roleName": each.name, "accountId": account} for each in found]


def _paged(request: Request, name: str, rows: list[Mapping[str, str]]) -> Mapping[str, Any]:
    try:
        size = int(request.query.get("max_result", "100"))
        start = int(request.query.get("next_token", "0"))
    except ValueError:
        raise Refused("InvalidRequestException", "Invalid page", 400) from None
    more = {"nextToken": str(start + size)} if start + size < len(rows) else {}
    return {name: rows[start : start + size], **more}


def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("InvalidRequestException", "Invalid request", 400)
    return body


def _json(body: Mapping[str, Any]) -> Answer:
    return Answer(200, json.dumps(body).encode(), "application/json")
