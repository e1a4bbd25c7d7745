"""token_check.py: what botocore signs is good, for one login, for a while; nothing else is."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolebrowser.sandbox.ledger import Credential
from rolebrowser.sandbox.token_check import Login, check

HOST = "orders.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"
LOGIN = Login((HOST,), 5432, "app_oncall", "eu-west-1", "333333333333", "cluster-ORDERS")
ARN = "arn:aws:rds-db:eu-west-1:333333333333:dbuser:cluster-ORDERS/"


def held(**changes: object) -> Credential:
    credential = Credential(
        access_key="ASIAEXAMPLEEXAMPLE00",
        secret_key="secret/with+signs",
        account="333333333333",
        principal="arn:aws:sts::333333333333:assumed-role/OnCall/alice",
        token="FwoGZXIvYXdzE/very+long==",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    return dataclasses.replace(credential, **changes)  # type: ignore[arg-type]


def signed(
    credential: Credential,
    *,
    user: str = "app_oncall",
    service: str = "rds-db",
    expires: int = 900,
    **parameters: str,
) -> str:
    """A token by botocore's signer."""
    keys = Credentials(credential.access_key, credential.secret_key, credential.token or None)
    parameters = {"Action": "connect", "DBUser": user, **parameters}
    request = AWSRequest("GET", f"https://{HOST}:5432/", params=parameters)
    SigV4QueryAuth(keys, service, "eu-west-1", expires=expires).add_auth(request)
    assert request.url is not None
    return request.url.removeprefix("https://")


def verdict(
    token: str,
    credential: Credential,
    login: Login = LOGIN,
    *,
    later: float = 0,
    allowed: bool = True,
) -> str:
    asked: list[str] = []

    def policies_allow(_: Credential, arn: str) -> bool:
        asked.append(arn)
        return allowed

    reason = check(
        token,
        login,
        now=datetime.now(UTC) + timedelta(seconds=later),
        find={credential.access_key: credential}.get,
        allowed=policies_allow,
    )
    assert asked in ([], [ARN + login.user])
    assert reason or asked, "a good token's permission is always asked for"
    return reason


@pytest.mark.parametrize("user", ["app_oncall", "o'brien & söhne", "a/b+c d~e*", "%41", "="])
@pytest.mark.parametrize("temporary", [True, False])
def test_what_botocore_signs_is_good(user: str, temporary: bool) -> None:
    credential = held() if temporary else held(token="", expires_at=None)
    login = dataclasses.replace(LOGIN, user=user)
    assert verdict(signed(credential, user=user), credential, login) == ""


def test_no_byte_of_a_token_can_change() -> None:
    credential = held()
    token = signed(credential)
    assert verdict(token, credential) == ""
    for place, char in enumerate(token):
        for other in {chr(ord(char) ^ 0x20), chr(ord(char) ^ 1), "", char * 2, "+", "%"} - {char}:
            forged = token[:place] + other + token[place + 1 :]
            assert verdict(forged, credential), f"{other!r} for {char!r} at {place}"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hosts": ("elsewhere.example.com",)}, f"signed for {HOST}:5432"),
        ({"port": 5433}, f"signed for {HOST}:5432"),
        ({"user": "dbadmin"}, "signed for user app_oncall"),
        ({"region": "us-east-1"}, "not .*/us-east-1/rds-db/aws4_request"),
        ({"account": "222222222222"}, "signed in account 333333333333"),
    ],
)
def test_a_token_is_good_for_one_login_only(changes: dict[str, object], reason: str) -> None:
    credential = held()
    login = dataclasses.replace(LOGIN, **changes)  # type: ignore[arg-type]
    assert re.search(reason, verdict(signed(credential), credential, login))


@pytest.mark.parametrize(
    ("later", "reason"),
    [(898, ""), (905, "expired"), (-240, ""), (-400, "from the future")],
)
def test_a_token_lives_fifteen_minutes_by_the_sandboxs_clock(later: float, reason: str) -> None:
    credential = held()
    assert verdict(signed(credential), credential, later=later) == reason


@pytest.mark.parametrize("expires", [901, 3600, 604800, 0, -5])
def test_a_token_may_not_ask_for_longer_or_for_nothing(expires: int) -> None:
    credential = held()
    reason = verdict(signed(credential, expires=expires), credential)
    assert reason == f"asks to last {expires} s"


def test_a_token_dies_with_its_session() -> None:
    credential = held()
    token = signed(credential)
    over = dataclasses.replace(credential, expires_at=datetime.now(UTC))
    assert verdict(token, over) == "the session that signed it has expired"


def test_another_sessions_token_or_secret_does_not_verify() -> None:
    credential = held()
    assert verdict(signed(held(token="another")), credential) == "another session token"
    assert verdict(signed(held(token="")), credential) == "another session token"
    guessed = signed(held(secret_key="guessed"))
    assert verdict(guessed, credential) == "the signature does not match"
    unknown = held(access_key="ASIAUNKNOWN000000000")
    assert verdict(signed(unknown), credential) == "unknown access key"


def test_a_token_for_another_service_does_not_open_a_database() -> None:
    credential = held()
    assert "rds-db" in verdict(signed(credential, service="rds"), credential)


def test_without_rds_db_connect_a_perfect_token_is_refused() -> None:
    credential = held()
    reason = verdict(signed(credential), credential, allowed=False)
    assert reason == f"rds-db:connect on {ARN}app_oncall is not allowed"


@pytest.mark.parametrize("extra", ["&DBUser=dbadmin", "&Action=connect", "&x", "&", "&x=%zz"])
def test_nothing_can_be_added_to_a_token(extra: str) -> None:
    credential = held()
    assert verdict(signed(credential) + extra, credential)


@pytest.mark.parametrize(
    "text",
    ["", "right", "/?", f"{HOST}:5432/?", f"{HOST}:5432/?Action=connect", "\x00", "?&=", "é/?ü=ö"],
)
def test_what_is_no_token_at_all_is_refused(text: str) -> None:
    assert verdict(text, held())


def test_fields_out_of_shape_are_refused_before_any_arithmetic() -> None:
    credential = held()
    token = signed(credential)
    for name, value in (
        ("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"),
        ("X-Amz-SignedHeaders", "host;range"),
        ("X-Amz-Date", "yesterday"),
        ("X-Amz-Expires", "soon"),
        ("X-Amz-Credential", "ASIAEXAMPLEEXAMPLE00"),
    ):
        start = token.index(f"{name}=") + len(name) + 1
        end = token.index("&", start)
        assert verdict(token[:start] + quote(value, safe="") + token[end:], credential), name
