"""Names of cache files against the known vectors and botocore's own computation."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.credentials import AssumeRoleProvider, SSOCredentialFetcher
from botocore.exceptions import SSOTokenLoadError
from botocore.utils import SSOTokenLoader, generate_login_cache_key
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.cache_names import (
    extra_role_key,
    login_key,
    parse_time,
    portal_key,
    role_arguments,
    role_key,
    session_key,
    sso_role_key,
)
from rolebrowser.identity.profiles import parse

ARN = "arn:aws:iam::123456789012:role/Admin"


def test_the_known_vectors() -> None:
    assert role_key({"RoleArn": ARN}) == "51e7b105b5040ce662656c8dc6ab4de70c4de7ad"
    sso = {"sso_account_id": "123456789012", "sso_role_name": "Admin", "sso_session": "corp"}
    assert sso_role_key(sso) == "8457bc68cf9d4aa8d629a61563948e8bd3159d49"
    assert portal_key(sso) == "ee0bfd2552fbd840c02cc48b6e823320543c450f"


values = st.text(alphabet="abcXYZ019 é🐘-_./", min_size=1, max_size=12).map(str.strip)


@given(
    settings=st.fixed_dictionaries(
        {"role_arn": values.filter(bool)},
        optional={
            "external_id": values,
            "mfa_serial": values,
            "role_session_name": values,
            "duration_seconds": st.sampled_from(["3600", " 900 ", "1_800", "1h", "", "-1"]),
        },
    )
)
def test_a_role_sessions_name_is_botocores(settings: dict[str, str]) -> None:
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    text = f"[profile a]\nsource_profile = k\n{lines}[profile k]\naws_access_key_id=x\n"
    text += "aws_secret_access_key=y\n"
    profile = parse(text).named("a")
    assert role_key(role_arguments(profile)) == _botocores_role_key(settings)


class Asked(dict[str, Any]):
    """A cache that has whatever it is asked for, and remembers the name."""

    name = ""

    def __contains__(self, key: object) -> bool:
        self.name = str(key)
        return True

    def __getitem__(self, key: str) -> Any:
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
        return {"Credentials": {**keys, "Expiration": datetime(2100, 1, 1, tzinfo=UTC)}}


def no_client(*arguments: Any, **more: Any) -> Any:
    raise AssertionError("nothing may be sent")


def _botocores_role_key(settings: dict[str, str]) -> str:
    """The name AssumeRoleProvider looks for with such a profile."""
    config = {
        "profiles": {
            "a": {**settings, "source_profile": "k"},
            "k": {"aws_access_key_id": "x", "aws_secret_access_key": "y"},
        }
    }
    cache = Asked()
    provider = AssumeRoleProvider(lambda: config, no_client, cache, "a")
    found = provider.load()
    assert found is not None
    found.get_frozen_credentials()
    return cache.name


@given(account=values, role=values, session=values, url=values, legacy=st.booleans())
def test_sso_names_are_botocores(
    account: str, role: str, session: str, url: str, legacy: bool
) -> None:
    name = None if legacy or not session else session
    settings = {"sso_account_id": account, "sso_role_name": role, "sso_start_url": url}
    if name:
        settings["sso_session"] = name
    cache = Asked()
    fetcher = SSOCredentialFetcher(
        url, "eu-west-1", role, account, no_client, cache=cache, sso_session_name=name
    )
    fetcher.fetch_credentials()
    portals = Asked()
    with contextlib.suppress(SSOTokenLoadError):
        SSOTokenLoader(portals)(url, session_name=name)
    assert (sso_role_key(settings), portal_key(settings)) == (cache.name, portals.name)


def test_a_login_sessions_name_is_botocores() -> None:
    arn = "arn:aws:iam::123456789012:user/alice"
    profile = parse(f"[profile a]\nlogin_session = {arn}\n").named("a")
    assert login_key(profile) == generate_login_cache_key(arn)


def test_web_identity_names_leave_out_what_it_ignores() -> None:
    text = f"[profile a]\nrole_arn={ARN}\nweb_identity_token_file=/t\nduration_seconds=900\n"
    assert session_key(parse(text).named("a"), {}) == role_key({"RoleArn": ARN})


def test_a_role_on_top_has_a_name_for_each_profile() -> None:
    names = {extra_role_key("a", ARN), extra_role_key("b", ARN), role_key({"RoleArn": ARN})}
    assert len(names) == 3


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T20:00:00UTC",
        "2026-11-23T20:00:00Z",
        "2026-11-23T21:00:00+01:00",
        "2026-11-23 20:00:00",
        "2026-11-23T20:00:00+0000",
        "2026-11-23T20:00:00.000000+00:00",
    ],
)
def test_every_way_a_cache_writes_a_time_is_read(text: str) -> None:
    assert parse_time(text) == datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


@given(value=st.one_of(st.text(), st.integers(), st.none(), st.binary()))
def test_whatever_stands_there_instead_of_a_time_is_none(value: object) -> None:
    found = parse_time(value)
    assert found is None or found.tzinfo is UTC


def test_the_ends_of_time_are_no_error() -> None:
    assert parse_time("0001-01-01T00:00:00+14:00") is None
