"""database/token.py against botocore's own signer and the rules of rds-iam-auth.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import botocore.session
import pytest

from rolebrowser.database.token import presign
from rolebrowser.errors import SessionExpired
from rolebrowser.identity.model import Session
from rolebrowser.safetext import Secret

NOW = datetime(2026, 11, 23, 20, 15, 30, tzinfo=UTC)
HOST = "orders.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"


def session(**changes: object) -> Session:
    values: dict[str, object] = {
        "profile": "staging",
        "region": "eu-west-1",
        "access_key": "ASIAEXAMPLEEXAMPLE00",
        "secret_key": Secret("a secret/with+signs"),
        "token": Secret("FwoGZXIvYXdzE/very+long=="),
        "expires_at": NOW + timedelta(hours=1),
    }
    return Session(**{**values, **changes})  # type: ignore[arg-type]


def botocores_token(
    held: Session, port: int, user: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: NOW.replace(tzinfo=None))
    client: Any = botocore.session.Session().create_client(
        "rds",
        region_name="eu-west-1",
        aws_access_key_id=held.access_key,
        aws_secret_access_key=held.secret_key.reveal(),
        aws_session_token=held.token.reveal() if held.token else None,
    )
    return client.generate_db_auth_token(DBHostname=HOST, Port=port, DBUsername=user, Region=region)


@pytest.mark.parametrize("user", ["app_oncall", "o'brien & söhne", "a/b+c d~e*", "%41"])
@pytest.mark.parametrize("port", [5432, 443, 31337])
@pytest.mark.parametrize("temporary", [True, False])
def test_the_token_is_botocores_byte_for_byte(
    user: str, port: int, temporary: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = session() if temporary else session(token=None, expires_at=None)
    expected = botocores_token(held, port, user, "us-east-1", monkeypatch)
    assert presign(held, HOST, port, user, "us-east-1", NOW).value.reveal() == expected


def test_the_token_says_what_it_is_for_and_for_how_long() -> None:
    token = presign(session(), HOST, 5432, "app", "eu-west-1", NOW)
    parts = urlsplit("https://" + token.value.reveal())
    query = parse_qs(parts.query)
    assert (parts.hostname, parts.port) == (HOST, 5432)
    assert query["DBUser"] == ["app"]
    assert query["X-Amz-Expires"] == ["900"]
    assert query["X-Amz-Credential"] == [
        "ASIAEXAMPLEEXAMPLE00/20261123/eu-west-1/rds-db/aws4_request"
    ]


@pytest.mark.parametrize(
    ("session_seconds", "token_seconds"), [(None, 900), (3600, 900), (300, 300), (11, 11)]
)
def test_the_token_ends_after_fifteen_minutes_or_with_its_session(
    session_seconds: float | None, token_seconds: float
) -> None:
    ends = None if session_seconds is None else NOW + timedelta(seconds=session_seconds)
    token = presign(session(expires_at=ends), HOST, 5432, "app", "eu-west-1", NOW)
    assert token.expires_at == NOW + timedelta(seconds=token_seconds)


@pytest.mark.parametrize("seconds", [-86400, -1, 0, 5, 10])
def test_credentials_that_are_over_or_end_within_seconds_sign_nothing(seconds: float) -> None:
    held = session(expires_at=NOW + timedelta(seconds=seconds))
    with pytest.raises(SessionExpired) as caught:
        presign(held, HOST, 5432, "app", "eu-west-1", NOW)
    assert "'staging'" in caught.value.what
    assert caught.value.fix


def test_no_repr_shows_the_token() -> None:
    token = presign(session(), HOST, 5432, "app", "eu-west-1", NOW)
    assert "Signature" not in repr(token)
    assert "Signature" not in f"{token}"
