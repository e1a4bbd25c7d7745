"""What works, but not as one would think."""

from __future__ import annotations

import pytest

from rolebrowser.identity import surprises
from rolebrowser.identity.model import Identity, Kind
from rolebrowser.identity.profiles import parse

PROFILES = parse(
    """
[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = x
aws_account_id = 222222222222
[profile role]
role_arn = arn:aws:iam::333333333333:role/R
source_profile = keys
[profile empty]
region = eu-west-1
[profile on-instance]
role_arn = arn:aws:iam::333333333333:role/R
credential_source = Ec2InstanceMetadata
""",
    environ={},
)
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA"}


@pytest.mark.parametrize(
    ("name", "environ", "words"),
    [
        ("keys", {}, ""),
        ("keys", KEYS, "left aside for the profile keys"),
        ("", KEYS, ""),
        ("", {**KEYS, "AWS_PROFILE": "role"}, "wins over AWS_PROFILE=role"),
        ("", {**KEYS, "AWS_DEFAULT_PROFILE": "role"}, "wins over AWS_PROFILE=role"),
    ],
)
def test_keys_of_the_environment_are_spoken_of(
    name: str, environ: dict[str, str], words: str
) -> None:
    said = surprises.shadowed(PROFILES.get(name), environ)
    assert words in said
    assert bool(words) == bool(said)


@pytest.mark.parametrize(
    ("name", "method", "words"),
    [
        ("empty", "iam-role", "this machine's own"),
        ("empty", "container-role", "this container's own"),
        ("empty", "env", ""),
        ("on-instance", "iam-role", ""),
        ("", "iam-role", ""),
    ],
)
def test_falling_through_to_the_machine_is_said(name: str, method: str, words: str) -> None:
    said = surprises.fallen_through(PROFILES.get(name), method)
    assert words in said
    assert bool(words) == bool(said)


def test_only_a_claimed_account_is_in_doubt() -> None:
    keys, role = PROFILES.named("keys"), PROFILES.named("role")
    assert surprises.account_in_doubt(keys, "")
    assert not surprises.account_in_doubt(keys, "arn:aws:iam::1:role/R")
    assert not surprises.account_in_doubt(role, "")
    assert not surprises.account_in_doubt(PROFILES.named("empty"), "")
    assert "AWS says 444444444444" in surprises.wrong_account(keys, Identity("444444444444", "a"))
    assert surprises.wrong_account(keys, Identity("222222222222", "a")) == ""


def test_an_sso_address_without_account_and_role_is_said_to_give_nothing() -> None:
    text = "[profile a]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\n"
    profile = parse(text).named("a")
    assert profile.kind is Kind.NONE
    assert profile.warnings[0].line == 2
    assert "sso_start_url alone gives no credentials" in profile.warnings[0].text
