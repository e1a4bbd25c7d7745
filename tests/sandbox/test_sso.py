"""IAM Identity Center in small, driven by botocore's own clients and a browser's requests."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.sandbox.sso import DEVICE_GRANT

START = "https://corp.awsapps.example/start"
DEFAULTS = {
    "answer": "",
    "slow_downs": 0,
    "interval": 0,
    "code_seconds": 600,
    "token_seconds": 3600,
    "session_seconds": 28800,
}


@pytest.fixture
def portal(sandbox_env: SandboxProcess) -> Iterator[SandboxProcess]:
    """The sandbox with its SSO as it should be, without waits between polls."""
    sandbox_env.control("sso", **DEFAULTS)
    yield sandbox_env
    sandbox_env.control("sso", **{**DEFAULTS, "interval": 1})


def client(service: str) -> Any:
    config = Config(signature_version=UNSIGNED, retries={"max_attempts": 0})
    return botocore.session.Session().create_client(service, "eu-west-1", config=config)


class Device:
    """A program that logs in."""

    def __init__(self, scopes: tuple[str, ...] = ("sso:account:access",)) -> None:
        self.oidc = client("sso-oidc")
        more = {"scopes": list(scopes)} if scopes else {}
        made = self.oidc.register_client(clientName="t", clientType="public", **more)
        self.keys = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
        self.started = self.oidc.start_device_authorization(**self.keys, startUrl=START)

    def poll(self) -> Any:
        code = self.started["deviceCode"]
        return self.oidc.create_token(**self.keys, grantType=DEVICE_GRANT, deviceCode=code)

    def refresh(self, token: str) -> Any:
        return self.oidc.create_token(**self.keys, grantType="refresh_token", refreshToken=token)


def fetch(url: str, **form: str) -> tuple[int, str]:
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(url, data, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_login_waits_for_the_person_and_then_opens_the_portal(portal: SandboxProcess) -> None:
    device = Device()
    with pytest.raises(device.oidc.exceptions.AuthorizationPendingException):
        device.poll()
    page = device.started["verificationUriComplete"]
    code = device.started["userCode"]
    assert code in fetch(page)[1]
    assert fetch(device.started["verificationUri"], user_code=code, decision="approve")[0] == 200
    token = device.poll()
    assert token["expiresIn"] == 3600
    sso = client("sso")
    accounts = sso.list_accounts(accessToken=token["accessToken"])["accountList"]
    assert [each["accountName"] for each in accounts] == ["staging", "production"]
    roles = sso.list_account_roles(accessToken=token["accessToken"], accountId="222222222222")
    assert [each["roleName"] for each in roles["roleList"]] == ["Developer", "DatabaseReader"]
    given = sso.get_role_credentials(
        accessToken=token["accessToken"], accountId="222222222222", roleName="Developer"
    )["roleCredentials"]
    assert 3590 < given["expiration"] / 1000 - time.time() <= 3601
    sts: Any = botocore.session.Session().create_client(
        "sts",
        "eu-west-1",
        aws_access_key_id=given["accessKeyId"],
        aws_secret_access_key=given["secretAccessKey"],
        aws_session_token=given["sessionToken"],
    )
    assert sts.get_caller_identity()["Arn"] == (
        "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/"
        "alice@corp.example"
    )
    sso.logout(accessToken=token["accessToken"])
    with pytest.raises(sso.exceptions.UnauthorizedException):
        sso.list_accounts(accessToken=token["accessToken"])


def test_a_denied_login_is_refused(portal: SandboxProcess) -> None:
    device = Device()
    code = device.started["userCode"]
    fetch(device.started["verificationUri"], user_code=code.lower(), decision="deny")
    with pytest.raises(device.oidc.exceptions.AccessDeniedException):
        device.poll()


def test_a_code_nobody_used_expires(portal: SandboxProcess) -> None:
    device = Device()
    portal.control("clock", seconds=601)
    try:
        with pytest.raises(device.oidc.exceptions.ExpiredTokenException):
            device.poll()
        assert fetch(device.started["verificationUriComplete"])[0] == 400
    finally:
        portal.control("clock", seconds=-601)


def test_who_polls_too_fast_is_slowed_down(portal: SandboxProcess) -> None:
    portal.control("sso", interval=5, answer="approve")
    device = Device()
    device.started["interval"] = 5
    portal.control("sso", slow_downs=1)
    with pytest.raises(device.oidc.exceptions.SlowDownException):
        device.poll()
    with pytest.raises(device.oidc.exceptions.SlowDownException):
        device.poll()


def test_a_refresh_token_works_once_and_only_for_its_client(portal: SandboxProcess) -> None:
    portal.control("sso", answer="approve")
    device, other = Device(), Device()
    first = device.poll()
    with pytest.raises(other.oidc.exceptions.InvalidGrantException):
        other.refresh(first["refreshToken"])
    second = device.refresh(first["refreshToken"])
    assert second["accessToken"] != first["accessToken"]
    with pytest.raises(device.oidc.exceptions.InvalidGrantException):
        device.refresh(first["refreshToken"])


def test_without_scopes_there_is_nothing_to_refresh(portal: SandboxProcess) -> None:
    portal.control("sso", answer="approve")
    token = Device(scopes=()).poll()
    assert "refreshToken" not in token
    assert token["expiresIn"] == 28800


def test_strangers_are_refused(portal: SandboxProcess) -> None:
    device = Device()
    oidc = device.oidc
    with pytest.raises(oidc.exceptions.InvalidClientException):
        oidc.start_device_authorization(clientId="x", clientSecret="y", startUrl=START)
    with pytest.raises(oidc.exceptions.InvalidRequestException):
        oidc.start_device_authorization(**device.keys, startUrl="https://elsewhere.example")
    portal.control("sso", answer="approve")
    token = Device().poll()["accessToken"]
    with pytest.raises(client("sso").exceptions.ClientError, match="ForbiddenException"):
        client("sso").get_role_credentials(
            accessToken=token, accountId="333333333333", roleName="Developer"
        )
    assert fetch(device.started["verificationUri"], user_code="<b>", decision="approve")[0] == 400


def test_lists_come_in_pages(portal: SandboxProcess) -> None:
    portal.control("sso", answer="approve")
    token = Device().poll()["accessToken"]
    pages = (
        client("sso")
        .get_paginator("list_accounts")
        .paginate(accessToken=token, PaginationConfig={"PageSize": 1})
    )
    assert [len(page["accountList"]) for page in pages] == [1, 1]


def test_a_throttled_portal_says_so_in_its_own_words(portal: SandboxProcess) -> None:
    portal.control("sso", answer="approve")
    device = Device()
    portal.control("throttle", requests=1)
    with pytest.raises(device.oidc.exceptions.ClientError, match="TooManyRequests"):
        device.poll()
    assert device.poll()["accessToken"]
