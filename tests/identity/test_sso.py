"""SSO logins from inside, at the sandbox's portal."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.errors import AwsError, Cancelled, LoginRequired, ProfileError, RolebrowserError
from rolebrowser.identity import credentials, sso
from rolebrowser.identity.cache_names import portal_key, session_key
from rolebrowser.identity.caches import cli_cache, sso_cache
from rolebrowser.identity.credentials import identify
from rolebrowser.identity.model import Session, State
from rolebrowser.identity.prompts import LoginRequest
from rolebrowser.identity.sessions import lifetime
from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Machine, Person

DEVELOPER = "assumed-role/AWSReservedSSO_Developer_0123456789abcdef/alice@corp.example"
DEFAULTS = {"answer": "", "slow_downs": 0, "interval": 1, "token_seconds": 3600}


@pytest.fixture
def portal(machine: Machine, sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    """The portal, polled without waits."""
    sandbox.control("sso", **{**DEFAULTS, "interval": 0, "code_seconds": 600})
    yield sandbox
    sandbox.control("sso", **DEFAULTS, code_seconds=600, end_sessions=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the server names is obeyed; where it names none, or says slow down, it is seconds.
    monkeypatch.setattr(sso, "INTERVAL", 0.2)


def approve(portal: SandboxProcess) -> Callable[[LoginRequest], object]:
    return lambda request: portal.control("sso", approve=request.code)


def counts(portal: SandboxProcess) -> dict[str, Any]:
    found: dict[str, Any] = portal.control("sso")
    return found


def token(machine: Machine, profile: str = "corp-dev") -> dict[str, Any]:
    profiles = machine.profiles
    key = portal_key(profiles.sso(profiles.named(profile)))
    body: dict[str, Any] = json.loads((sso_cache(machine.aws_dir) / f"{key}.json").read_text())
    return body


def rewrite(machine: Machine, **changes: str) -> None:
    profiles = machine.profiles
    key = portal_key(profiles.sso(profiles.named("corp-dev")))
    path = sso_cache(machine.aws_dir) / f"{key}.json"
    path.write_text(json.dumps({**token(machine), **changes}))


def state(machine: Machine, name: str) -> State:
    profiles = machine.profiles
    now = datetime.now(UTC)
    return lifetime(profiles.named(name), profiles, machine.cached(), now, {}).state


@pytest.mark.parametrize("name", ["corp-dev", "legacy-sso"])
def test_a_login_from_inside_makes_the_profile_work_here_and_in_the_stock_cli(
    name: str, machine: Machine, portal: SandboxProcess
) -> None:
    assert state(machine, name) is State.NEEDS_LOGIN
    session = machine.resolve(name, at_browser=approve(portal))
    assert identify(session).arn.endswith(DEVELOPER)
    (shown,) = machine.person.shown
    assert shown.complete_url == f"{shown.url}?user_code={shown.code}"
    assert shown.expires_at - datetime.now(UTC) > timedelta(minutes=9)
    assert machine.person.taken == 1
    assert state(machine, name) is State.VALID
    who = machine.aws("sts", "get-caller-identity", "--profile", name, "--query", "Arn")
    assert DEVELOPER in who.stdout, who.stderr
    machine.resolve(name)


def test_the_portals_token_is_kept_as_the_cli_keeps_it(
    machine: Machine, portal: SandboxProcess
) -> None:
    machine.resolve("corp-dev", at_browser=approve(portal))
    body = token(machine)
    assert set(body) == {
        "startUrl",
        "region",
        "accessToken",
        "expiresAt",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
        "refreshToken",
    }
    assert body["expiresAt"].endswith("Z")
    (file,) = sso_cache(machine.aws_dir).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    profiles = machine.profiles
    corp = profiles.named("corp-dev")
    role = cli_cache(machine.aws_dir) / f"{session_key(corp, profiles.sso(corp))}.json"
    assert json.loads(role.read_text())["ProviderType"] == "sso"


def test_a_legacy_login_has_no_refresh_token(machine: Machine, portal: SandboxProcess) -> None:
    machine.resolve("legacy-sso", at_browser=approve(portal))
    assert "refreshToken" not in token(machine, "legacy-sso")


def test_both_clocks_are_known_after_a_login(machine: Machine, portal: SandboxProcess) -> None:
    machine.resolve("corp-prod", at_browser=approve(portal))
    profiles = machine.profiles
    now = datetime.now(UTC)
    known = lifetime(profiles.named("corp-prod"), profiles, machine.cached(), now, {})
    assert known.expires_at is not None
    assert known.portal_expires_at is not None
    assert 1700 < (known.expires_at - now).total_seconds() <= 1801
    assert 3500 < (known.portal_expires_at - now).total_seconds() <= 3601


def test_one_login_serves_every_profile_of_the_session(
    machine: Machine, portal: SandboxProcess
) -> None:
    machine.resolve("corp-dev", at_browser=approve(portal))
    assert identify(machine.resolve("corp-prod")).account == "333333333333"


def test_profiles_that_wait_at_once_share_one_login(
    machine: Machine, portal: SandboxProcess
) -> None:
    before = counts(portal)["logins"]
    approved = threading.Event()

    def slowly(request: LoginRequest) -> None:
        approved.wait(0.5)
        portal.control("sso", approve=request.code)

    people = [Person(at_browser=slowly) for _ in range(3)]
    results: list[Session | RolebrowserError] = []

    def go(name: str, person: Person) -> None:
        try:
            results.append(
                credentials.resolve(
                    name,
                    "",
                    profiles=machine.profiles,
                    aws_dir=machine.aws_dir,
                    prompts=person,
                )
            )
        except RolebrowserError as error:
            results.append(error)

    names = ("corp-dev", "corp-prod", "corp-dev")
    threads = [threading.Thread(target=go, args=each) for each in zip(names, people, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [type(each) for each in results] == [Session] * 3, results
    assert sum(len(person.shown) for person in people) == 1
    assert counts(portal)["logins"] == before + 1


def test_who_waits_behind_a_login_that_was_given_up_gets_their_own(
    machine: Machine, portal: SandboxProcess
) -> None:
    first_shown, cancel = threading.Event(), Cancel()
    first = Person(at_browser=lambda request: first_shown.set())
    second = Person(at_browser=approve(portal))
    door = sso.Door.of(machine.profiles.sso(machine.profiles.named("corp-dev")), "corp-dev")
    outcome: list[object] = []

    def go(person: Person, cancel: Cancel) -> None:
        try:
            outcome.append(sso.log_in(door, aws_dir=machine.aws_dir, prompts=person, cancel=cancel))
        except Cancelled:
            outcome.append("cancelled")

    one = threading.Thread(target=go, args=(first, cancel))
    one.start()
    assert first_shown.wait(60)
    two = threading.Thread(target=go, args=(second, Cancel()))
    two.start()
    time.sleep(0.3)
    assert not second.shown
    cancel.cancel()
    one.join(10)
    two.join(10)
    assert outcome[0] == "cancelled"
    assert isinstance(outcome[1], datetime)
    assert (first.taken, second.taken) == (1, 1)


def test_a_token_of_another_program_ends_the_wait(machine: Machine, portal: SandboxProcess) -> None:
    machine.resolve("corp-dev", at_browser=approve(portal))
    good = token(machine)
    rewrite(machine, expiresAt="2020-01-01T00:00:00Z")
    door = sso.Door.of(machine.profiles.sso(machine.profiles.named("corp-dev")), "corp-dev")

    def elsewhere(request: LoginRequest) -> None:
        rewrite(machine, **good)

    before = counts(portal)["logins"]
    ends = sso.log_in(door, aws_dir=machine.aws_dir, prompts=Person(at_browser=elsewhere))
    assert ends > datetime.now(UTC)
    assert counts(portal)["logins"] == before


def test_a_token_that_is_over_is_renewed_without_a_person(
    machine: Machine, portal: SandboxProcess
) -> None:
    machine.resolve("corp-dev", at_browser=approve(portal))
    before, refreshed = token(machine), counts(portal)["refreshes"]
    rewrite(machine, expiresAt="2020-01-01T00:00:00Z")
    machine.resolve("corp-prod")
    assert counts(portal)["refreshes"] == refreshed + 1
    after = token(machine)
    assert after["accessToken"] != before["accessToken"]
    assert after["refreshToken"] != before["refreshToken"]


def test_a_session_the_portal_ended_is_logged_in_to_anew_once(
    machine: Machine, portal: SandboxProcess
) -> None:
    machine.resolve("corp-dev", at_browser=approve(portal))
    portal.control("sso", end_sessions=True)
    # By its own word it is good for long: the file must be replaced all the same.
    rewrite(machine, expiresAt="2099-01-01T00:00:00Z")
    session = machine.resolve("corp-prod", at_browser=approve(portal))
    assert len(machine.person.shown) == 1
    assert identify(session).account == "333333333333"
    assert token(machine)["expiresAt"] < "2099"


def test_without_anybody_to_log_in_no_login_is_started(
    machine: Machine, portal: SandboxProcess
) -> None:
    before = counts(portal)["registrations"]
    with pytest.raises(LoginRequired, match="rolebrowser login -p corp-dev") as caught:
        machine.resolve("corp-dev")
    assert "aws sso login --sso-session corp" in caught.value.fix
    assert counts(portal)["registrations"] == before


def test_a_denied_login_says_so(machine: Machine, portal: SandboxProcess) -> None:
    with pytest.raises(LoginRequired, match="was denied in the browser"):
        machine.resolve(
            "corp-dev", at_browser=lambda request: portal.control("sso", deny=request.code)
        )
    assert machine.person.taken == 1
    assert not sso_cache(machine.aws_dir).exists()


def test_a_login_nobody_approves_ends_with_its_code(
    machine: Machine, portal: SandboxProcess
) -> None:
    portal.control("sso", code_seconds=1)
    started = time.monotonic()
    with pytest.raises(LoginRequired, match="Nobody approved"):
        machine.resolve("corp-dev", at_browser=lambda request: None)
    assert time.monotonic() - started < 60
    assert machine.person.taken == 1


def test_slow_down_is_obeyed(machine: Machine, portal: SandboxProcess) -> None:
    portal.control("sso", slow_downs=2)
    started = time.monotonic()
    machine.resolve("corp-dev", at_browser=approve(portal))
    assert time.monotonic() - started > 0.6


def test_a_login_can_be_given_up(machine: Machine, portal: SandboxProcess) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        machine.resolve("corp-dev", at_browser=lambda request: cancel.cancel(), cancel=cancel)
    assert machine.person.taken == 1


def test_a_network_that_goes_away_for_a_while_costs_no_login(
    machine: Machine, portal: SandboxProcess
) -> None:
    def away(request: LoginRequest) -> None:
        portal.control("throttle", requests=4)
        portal.control("sso", approve=request.code)

    session = machine.resolve("corp-dev", at_browser=away)
    assert identify(session).arn.endswith(DEVELOPER)


def test_a_network_that_stays_away_is_said(machine: Machine, portal: SandboxProcess) -> None:
    machine.patch.setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:9")
    with pytest.raises(AwsError, match="Registering with the SSO portal"):
        machine.resolve("corp-dev", at_browser=approve(portal))


def test_a_role_the_portal_doesnt_give_is_no_login_problem(
    machine: Machine, portal: SandboxProcess
) -> None:
    machine.add(
        "[profile corp-none]\nsso_session = corp\nsso_account_id = 333333333333\n"
        "sso_role_name = Nobody\n"
    )
    with pytest.raises(AwsError, match="No access"):
        machine.resolve("corp-none", at_browser=approve(portal))
    assert len(machine.person.shown) == 1


def test_a_role_on_top_of_sso_has_its_source_logged_in_once(
    machine: Machine, portal: SandboxProcess
) -> None:
    reader = "arn:aws:iam::222222222222:role/Developer"
    machine.add(f"[profile on-sso]\nrole_arn = {reader}\nsource_profile = corp-dev\n")
    with pytest.raises(RolebrowserError) as refused:
        machine.resolve("on-sso", at_browser=approve(portal))
    assert "not authorized to perform: sts:AssumeRole" in str(refused.value)
    assert len(machine.person.shown) == 1


def test_a_directory_that_cant_be_written_is_said_before_the_login_is_lost(
    machine: Machine, portal: SandboxProcess
) -> None:
    machine.aws_dir.mkdir()
    (machine.aws_dir / "sso").write_text("in the way")
    with pytest.raises(AwsError, match="can't be kept"):
        machine.resolve("corp-dev", at_browser=approve(portal))


def test_an_incomplete_door_is_a_profile_error() -> None:
    with pytest.raises(ProfileError, match="lacks sso_region"):
        sso.Door.of({"sso_start_url": "x"}, "p")


def test_scopes_belong_to_sso_sessions_only() -> None:
    settings = {
        "sso_start_url": "u",
        "sso_region": "r",
        "sso_registration_scopes": "a, b,,",
    }
    assert sso.Door.of(settings, "p").scopes == ()
    assert sso.Door.of({**settings, "sso_session": "s"}, "p").scopes == ("a", "b")
