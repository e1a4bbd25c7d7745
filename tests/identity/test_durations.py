"""How long a session may be asked for."""

from __future__ import annotations

import pytest

from rolebrowser.identity import durations
from rolebrowser.identity.profiles import parse

CONFIG = """
[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = x
[profile role]
role_arn = arn:aws:iam::222222222222:role/R
source_profile = keys
duration_seconds = 7200
[profile chained]
role_arn = arn:aws:iam::222222222222:role/S
source_profile = role
[profile sso]
sso_start_url = https://x
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = R
[profile none]
[profile machine]
role_arn = arn:aws:iam::222222222222:role/S
credential_source = Ec2InstanceMetadata
"""
ROLE = "arn:aws:iam::222222222222:role/T"
PROFILES = parse(CONFIG)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1h", 3600), ("90m", 5400), ("1h30m", 5400), ("3600", 3600), ("900s", 900), (" 12H ", 43200)],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert durations.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "1d", "h", "-1h", "1.5h", "14m", "12h1s", "1h 30m x"])
def test_what_is_none_or_outside_awss_limits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|outside"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("name", "role", "maximum", "usual", "longest"),
    [
        ("role", "", 0, 7200, 43200),
        ("role", "", 14_400, 7200, 14_400),
        ("role", ROLE, 14_400, 3600, 3600),
        ("chained", "", 14_400, 3600, 3600),
        ("keys", ROLE, 14_400, 3600, 14_400),
        ("sso", ROLE, 0, 3600, 3600),
        ("none", ROLE, 14_400, 3600, 3600),
        ("machine", "", 14_400, 3600, 3600),
        ("sso", "", 0, 0, 0),
        ("keys", "", 0, 0, 0),
    ],
)
def test_the_cap_is_known_before_asking(
    name: str, role: str, maximum: int, usual: int, longest: int
) -> None:
    found = durations.limits(PROFILES.named(name), role, maximum)
    assert (found.usual, found.longest) == (usual, longest)
    assert found.reason


def test_what_is_offered_ends_with_the_longest() -> None:
    assert durations.Limits(3600, 5400).offered == (900, 1800, 3600, 5400)
    assert durations.limits(PROFILES.named("chained")).offered == (900, 1800, 3600)
    assert durations.limits(PROFILES.named("keys")).offered == ()


@pytest.mark.parametrize(
    ("seconds", "text"), [(900, "15m"), (3600, "1h"), (5400, "1h 30m"), (30, "30s")]
)
def test_durations_are_said(seconds: int, text: str) -> None:
    assert durations.words(seconds) == text


@pytest.mark.parametrize(
    ("name", "role", "asked", "given", "word"),
    [
        ("role", "", 1800, 1800, ""),
        ("chained", "", 7200, 3600, "cut to 1h"),
        ("role", ROLE, 7200, 3600, "cut to 1h"),
        ("sso", "", 7200, 0, "left aside"),
        ("keys", "", 900, 0, "left aside"),
        ("keys", "", 0, 0, ""),
    ],
)
def test_a_wish_is_cut_to_what_is_possible(
    name: str, role: str, asked: int, given: int, word: str
) -> None:
    seconds, said = durations.chosen(PROFILES.named(name), role, asked)
    assert seconds == given
    assert word in said
    assert bool(word) == bool(said)
