"""Lifetimes from files and memory alone, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.cache_names import (
    Login,
    Portal,
    Snapshot,
    extra_role_key,
    login_key,
    portal_key,
    role_key,
    session_key,
)
from rolebrowser.identity.model import Lifetime, Session, State
from rolebrowser.identity.profiles import Profiles, parse
from rolebrowser.identity.sessions import (
    at,
    describe,
    describe_portal,
    lifetime,
    next_change,
    usable_until,
)
from rolebrowser.safetext import Secret

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
ARN = "arn:aws:iam::123456789012:role/"
MFA = "arn:aws:iam::123456789012:mfa/alice"
CONFIG = f"""
[profile keys]
aws_access_key_id = x
aws_secret_access_key = y
[profile temporary]
aws_access_key_id = x
aws_secret_access_key = y
aws_session_token = z
[profile saml]
aws_access_key_id = x
aws_secret_access_key = y
aws_session_token = z
x_security_token_expires = 2026-11-23T20:52:30Z
[profile role]
role_arn = {ARN}Role
source_profile = keys
[profile mfa]
role_arn = {ARN}Mfa
source_profile = keys
mfa_serial = {MFA}
[profile behind-mfa]
role_arn = {ARN}Behind
source_profile = mfa
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
[profile behind-sso]
role_arn = {ARN}BehindSso
source_profile = sso
[profile legacy]
sso_start_url = https://legacy/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://corp/start
sso_region = eu-west-1
[profile web]
role_arn = {ARN}Web
web_identity_token_file = /token
[profile process]
credential_process = /bin/tool
[profile login]
login_session = arn:aws:iam::123456789012:user/alice
[profile nothing]
region = eu-west-1
[profile broken]
role_arn = {ARN}Broken
[profile both]
role_arn = {ARN}Both
source_profile = mfa
aws_access_key_id = x
aws_secret_access_key = y
[profile behind-both]
role_arn = {ARN}BehindBoth
source_profile = both
"""
PROFILES = parse(CONFIG)


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def role_ends(**ends: datetime) -> Snapshot:
    """A snapshot in which these profiles' sessions are cached."""
    roles = {}
    for name, end in ends.items():
        profile = PROFILES.named(name.replace("_", "-"))
        roles[session_key(profile, PROFILES.sso(profile))] = end
    return Snapshot(roles)


def look(
    name: str,
    cached: Snapshot | None = None,
    held: Mapping[tuple[str, str], Session] | None = None,
    role: str = "",
    profiles: Profiles = PROFILES,
) -> Lifetime:
    return lifetime(profiles.named(name), profiles, cached or Snapshot(), NOW, held or {}, role)


def session(ends: datetime | None, token: str = "t") -> Session:
    return Session("p", "r", "ASIA", Secret("s"), Secret(token) if token else None, ends)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("keys", State.NONE),
        ("temporary", State.UNKNOWN),
        ("saml", State.VALID),
        ("role", State.NOT_STARTED),
        ("mfa", State.NEEDS_MFA),
        ("behind-mfa", State.NEEDS_MFA),
        ("sso", State.NEEDS_LOGIN),
        ("behind-sso", State.NEEDS_LOGIN),
        ("legacy", State.NEEDS_LOGIN),
        ("web", State.NOT_STARTED),
        ("process", State.UNKNOWN),
        ("login", State.NEEDS_LOGIN),
        ("nothing", State.AUTO),
        ("broken", State.BROKEN),
        ("both", State.NEEDS_MFA),
        ("behind-both", State.NOT_STARTED),
    ],
)
def test_with_empty_caches_each_kind_says_what_it_needs(name: str, state: State) -> None:
    assert look(name).state is state


def test_a_profile_without_keys_and_metadata_has_none() -> None:
    profiles = parse("[profile a]\n", environ={"AWS_EC2_METADATA_DISABLED": "true"})
    assert look("a", profiles=profiles).state is State.MISSING


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, Lifetime(State.NONE)),
        ({"AWS_SESSION_TOKEN": "t"}, Lifetime(State.UNKNOWN)),
        (
            {"AWS_SESSION_TOKEN": "t", "AWS_CREDENTIAL_EXPIRATION": "2026-11-23T20:05:00Z"},
            Lifetime(State.EXPIRING, minutes(5)),
        ),
    ],
)
def test_keys_of_the_environment_end_only_if_it_says_so(
    environ: dict[str, str], expected: Lifetime
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    assert look("(environment)", profiles=parse("", environ=keys | environ)) == expected


def test_a_cached_role_is_known_to_the_second() -> None:
    assert look("mfa", role_ends(mfa=minutes(52))) == Lifetime(State.VALID, minutes(52))
    assert look("role", role_ends(role=minutes(9))) == Lifetime(State.EXPIRING, minutes(9))
    assert look("role", role_ends(role=minutes(-9))) == Lifetime(State.EXPIRED, minutes(-9))


def test_what_a_person_must_do_goes_before_expired() -> None:
    assert look("mfa", role_ends(mfa=minutes(-9))) == Lifetime(State.NEEDS_MFA, minutes(-9))


def test_a_cached_hop_spares_the_code_unless_botocore_would_renew_it() -> None:
    assert look("behind-mfa", role_ends(mfa=minutes(30))).state is State.NOT_STARTED
    assert look("behind-mfa", role_ends(mfa=minutes(14))).state is State.NEEDS_MFA


def test_sso_shows_both_clocks() -> None:
    portals = {portal_key({"sso_session": "corp"}): Portal(minutes(300))}
    cached = Snapshot(role_ends(sso=minutes(40)).roles, portals)
    assert look("sso", cached) == Lifetime(State.VALID, minutes(40), minutes(300))
    assert look("sso", Snapshot({}, portals)).state is State.NOT_STARTED
    assert look("behind-sso", Snapshot({}, portals)).state is State.NOT_STARTED


def test_an_sso_role_outlives_its_portal_token() -> None:
    portals = {portal_key({"sso_session": "corp"}): Portal(minutes(-1))}
    cached = Snapshot(role_ends(sso=minutes(40)).roles, portals)
    assert look("sso", cached) == Lifetime(State.VALID, minutes(40), minutes(-1))


def test_a_portal_token_that_can_be_refreshed_needs_no_login() -> None:
    name = portal_key({"sso_session": "corp"})
    refreshable = Snapshot({}, {name: Portal(minutes(-5), minutes(9999))})
    assert look("sso", refreshable).state is State.NOT_STARTED
    over = Snapshot({}, {name: Portal(minutes(-5), minutes(-1))})
    assert look("sso", over).state is State.NEEDS_LOGIN


def test_legacy_sso_is_never_refreshed() -> None:
    name = portal_key({"sso_start_url": "https://legacy/start"})
    cached = Snapshot({}, {name: Portal(minutes(-5), minutes(9999))})
    assert look("legacy", cached).state is State.NEEDS_LOGIN


@pytest.mark.parametrize(
    ("login", "state"),
    [
        (Login(minutes(5), True), State.EXPIRING),
        (Login(minutes(-5), True), State.NOT_STARTED),
        (Login(minutes(-5), False), State.NEEDS_LOGIN),
        (Login(minutes(-721), True), State.NEEDS_LOGIN),
    ],
)
def test_aws_login_is_refreshed_for_twelve_hours(login: Login, state: State) -> None:
    name = login_key(PROFILES.named("login"))
    assert look("login", Snapshot(logins={name: login})).state is state


def test_a_role_on_top_is_known_by_profile_and_arn() -> None:
    cached = Snapshot({extra_role_key("keys", ARN + "X"): minutes(20)})
    assert look("keys", cached, role=ARN + "X") == Lifetime(State.VALID, minutes(20))
    assert look("role", cached, role=ARN + "X").state is State.NOT_STARTED
    assert look("mfa", cached, role=ARN + "X").state is State.NEEDS_MFA
    other = Snapshot({role_key({"RoleArn": ARN + "X"}): minutes(20)})
    assert look("keys", other, role=ARN + "X").state is State.NOT_STARTED


def test_what_is_held_counts_and_the_later_end_wins() -> None:
    held = {("role", ""): session(minutes(30))}
    assert look("role", None, held) == Lifetime(State.VALID, minutes(30))
    assert look("role", role_ends(role=minutes(50)), held).expires_at == minutes(50)
    assert look("role", role_ends(role=minutes(10)), held).expires_at == minutes(30)
    over = {("role", ""): session(minutes(-1))}
    assert look("role", None, over) == Lifetime(State.EXPIRED, minutes(-1))
    assert look("mfa", None, {("mfa", ""): session(minutes(-1))}).state is State.NEEDS_MFA
    assert look("process", None, {("process", ""): session(None)}).state is State.UNKNOWN
    assert look("process", None, {("process", ""): session(None, "")}).state is State.NONE


def test_time_alone_moves_the_state() -> None:
    known = Lifetime(State.VALID, minutes(52))
    assert at(known, minutes(41)).state is State.VALID
    assert at(known, minutes(43)).state is State.EXPIRING
    assert at(known, minutes(52)).state is State.EXPIRED
    assert at(Lifetime(State.NEEDS_MFA, minutes(-5)), minutes(9)).state is State.NEEDS_MFA


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3 * 86_400 + 4 * 3600 + 59, "3d 04h"),
        (86_400, "1d 00h"),
        (86_399, "23h 59m"),
        (3840, "1h 04m"),
        (3599, "59m"),
        (600, "10m"),
        (599, "9m 59s"),
        (432, "7m 12s"),
        (9, "0m 09s"),
        (0, "expired now"),
        (-59, "expired now"),
        (-60, "expired 1m ago"),
        (-10_801, "expired 3h ago"),
        (-86_400 * 40, "expired 40d ago"),
    ],
)
def test_time_left_is_told_in_a_few_characters(seconds: int, text: str) -> None:
    ends = NOW + timedelta(seconds=seconds)
    assert describe(Lifetime(State.VALID, ends), NOW) == text
    assert describe_portal(Lifetime(State.NEEDS_LOGIN, None, ends), NOW) == text


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State.NONE, "static"),
        (State.NEEDS_MFA, "needs MFA"),
        (State.NEEDS_LOGIN, "needs login"),
        (State.NOT_STARTED, "ready"),
        (State.UNKNOWN, "unknown"),
        (State.AUTO, "auto"),
        (State.MISSING, "no keys"),
        (State.BROKEN, "broken"),
    ],
)
def test_what_has_no_countdown_has_a_word(state: State, text: str) -> None:
    assert describe(Lifetime(state, minutes(5)), NOW) == text
    assert next_change(Lifetime(state, minutes(5)), NOW) is None


@given(
    left=st.one_of(st.integers(-200_000, 400_000), st.integers(-100, 700)),
    micro=st.integers(0, 999_999),
    part=st.floats(0, 0.999999),
)
def test_the_text_holds_until_the_next_change_and_not_longer(
    left: int, micro: int, part: float
) -> None:
    known = Lifetime(State.VALID, NOW + timedelta(seconds=left, microseconds=micro))
    change = next_change(known, NOW)
    assert change is not None
    assert change > NOW
    text = describe(known, NOW)
    between = min(NOW + (change - NOW) * part, change - timedelta(microseconds=1))
    assert describe(known, between) == text
    assert describe(known, change) != text


def test_a_token_is_usable_until_it_or_its_session_ends() -> None:
    assert usable_until(session(None), NOW) == minutes(15)
    assert usable_until(session(minutes(60)), NOW) == minutes(15)
    assert usable_until(session(minutes(3)), NOW) == minutes(3)


def test_a_clock_that_goes_back_gives_the_time_back_and_nothing_fails() -> None:
    known = Lifetime(State.VALID, NOW + timedelta(minutes=30))
    later = at(known, NOW + timedelta(hours=1))
    assert later.state is State.EXPIRED
    back = NOW - timedelta(days=400)
    for life in (known, later):
        again = at(life, back)
        assert again.state is State.VALID
        assert describe(again, back).startswith("400d")
        change = next_change(again, back)
        assert change is not None
        assert change > back
