"""Sessions from inside the UI: SSO logins, codes, lengths, forgetting, what is known."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rolebrowser.config import load
from rolebrowser.identity.cache_names import role_key
from rolebrowser.identity.caches import cli_cache, sso_cache
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.holdings import Holdings
from rolebrowser.tui.rows import who
from rolebrowser.tui.widgets.key_bar import KeyBar
from tests.person import sit_down

from .conftest import AtTheApp, Person


@pytest.fixture
def portal(
    sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxProcess]:
    """The SSO portal; no browser of this machine comes up."""
    monkeypatch.setenv("BROWSER", "false %s")
    # On a busy machine `false` takes longer to fail than a browser may take to come.
    monkeypatch.setattr("rolebrowser.identity.browser._STARTING", 60.0)
    sandbox_env.control("sso", answer="", slow_downs=0, interval=0.2, code_seconds=600)
    yield sandbox_env
    sandbox_env.control("sso", answer="", slow_downs=0, interval=1, end_sessions=True)
    sandbox_env.control("sso", code_seconds=600)


def stand_on(person: Person, name: str) -> None:
    """Put the cursor of the left column on a profile, an SSO login or a bookmark."""

    def named(row: who.WhoRow) -> bool:
        match row:
            case who.ProfileRow():
                return row.profile.name == name
            case who.PortalRow():
                return row.session.name == name
            case who.BookmarkRow():
                return row.bookmark.name == name
        return False

    column = person.find("#who")
    assert column.rows.move_to(named)  # type: ignore[attr-defined]


def code_on(text: str) -> str:
    """The code of a login on the screen."""
    found = re.search(r"\b([A-Z]{4}-[A-Z]{4})\b", text.split("shows this code")[1])
    assert found is not None, text
    return found[1]


async def test_enter_on_an_sso_profile_logs_in_and_goes_on(
    at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "corp-dev")
        await person.press("enter")
        seen = await person.sees("SSO login: corp", "No browser comes up on this machine")
        assert "every other profile of corp" in seen
        code = code_on(seen)
        await person.press("y")
        assert person.app.clipboard.endswith(f"user_code={code}")
        await person.press("c")
        assert person.app.clipboard == code
        portal.control("sso", approve=code)
        await person.sees("├ writer", " aws ")
        assert "SSO login: corp" not in person.text
        # One login for all: the other profile of it needs none any more.
        assert person.app.holdings.lifetime("corp-prod", "").state == "not-started"


async def test_the_login_row_shows_the_portals_clock_and_enter_on_it_logs_in(
    at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    portal.control("sso", answer="approve")
    async with at_the_app("") as person:
        assert re.search(r"corp  SSO login .* needs login ⇥", person.text)
        stand_on(person, "corp")
        await person.press("enter")
        await person.hears("Logged in to corp, until")
        await person.until(
            lambda: bool(re.search(r"corp  SSO login .* 5\dm ●", person.text)), "the login's clock"
        )


async def test_in_the_demo_a_key_allows_the_login(
    at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "corp-dev")
        await person.press("L")
        await person.sees("SSO login: corp", "a allows it from here, d denies it")
        await person.press("a")
        await person.until(
            lambda: person.app.holdings.portal("corp").state == "valid", "the login to end"
        )


async def test_esc_gives_a_login_up(at_the_app: AtTheApp, portal: SandboxProcess) -> None:
    async with at_the_app("") as person:
        stand_on(person, "corp-dev")
        await person.press("enter")
        await person.sees("SSO login: corp")
        await person.press("escape")
        await person.loses("SSO login: corp")
        await person.sees("Choose a profile or role on the")


async def test_a_browser_that_fails_once_the_login_was_given_up_is_no_fault(
    at_the_app: AtTheApp, portal: SandboxProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fails = tmp_path / "fails"
    waits = f"while [ ! -e {fails} ]; do sleep 0.05; done; false"
    script = tmp_path / "browser"
    script.write_text(f"#!/bin/sh\n{waits}\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    faults: list[object] = []
    monkeypatch.setattr(threading, "excepthook", faults.append)
    async with at_the_app("") as person:
        stand_on(person, "corp-dev")
        await person.press("enter")
        await person.sees("SSO login: corp")
        (starting,) = (each for each in threading.enumerate() if each.name == "browser")
        await person.press("escape")
        await person.loses("SSO login: corp")
        fails.touch()
        await person.until(lambda: not starting.is_alive(), "the browser's end")
    assert faults == []


@pytest.mark.parametrize(
    ("switch", "sentence"),
    [
        ({"answer": "deny"}, "was denied in the browser"),
        ({"code_seconds": 1}, "in time."),
    ],
)
async def test_a_login_that_fails_says_how(
    switch: dict[str, object], sentence: str, at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    portal.control("sso", **switch)
    async with at_the_app("") as person:
        stand_on(person, "corp-dev")
        await person.press("L")
        await person.sees(sentence)
        assert "SSO login: corp" not in person.text


async def test_a_portal_that_asks_for_patience_is_quoted(
    at_the_app: AtTheApp, portal: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rolebrowser.identity.sso.INTERVAL", 0.5)
    portal.control("sso", slow_downs=1)
    async with at_the_app("") as person:
        stand_on(person, "corp-dev")
        await person.press("L")
        seen = await person.sees("The portal asks for patience")
        portal.control("sso", approve=code_on(seen))
        await person.hears("Logged in to corp")


async def test_a_login_that_ends_elsewhere_leaves_the_help_on_top_alone(
    at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    async with at_the_app("1") as person:
        await person.press("f8")
        await person.sees("BOOKMARKS")
        stand_on(person, "corp-dev")
        await person.press("L")
        code = code_on(await person.sees("shows this code"))
        await person.press("f8")
        await person.sees("Role name")
        portal.control("sso", approve=code)
        await person.until(
            lambda: person.app.holdings.portal("corp").state == "valid", "the login to end"
        )
        assert "Role name" in person.text
        await person.press("f8")
        await person.loses("shows this code")


async def test_a_length_is_chosen_its_cap_said_before(
    at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "staging-reader")
        await person.press("T")
        seen = await person.sees("A role assumed from a role lasts one hour at most.")
        assert "at most 1h." in seen
        await person.press("home", "enter")
        await person.hears("The session of staging-reader is fresh.")
        await person.sees("14m ●")
        stand_on(person, "engineer")
        await person.press("T")
        await person.sees("Its keys don't expire")


async def test_a_session_is_forgotten_and_all_of_them_once_confirmed(
    at_the_app: AtTheApp, portal: SandboxProcess
) -> None:
    portal.control("sso", answer="approve")
    async with at_the_app("") as person:
        stand_on(person, "staging")
        await person.press("R")
        await person.hears("The session of staging is fresh.")
        assert list(cli_cache(load().aws_dir).glob("*.json"))
        await person.press("x")
        await person.sees("Forget staging's session?")
        await person.press("escape")
        await person.loses("Forget staging's session?")
        assert list(cli_cache(load().aws_dir).glob("*.json"))
        await person.press("x")
        await person.sees("Forget staging's session?")
        await person.press("f")
        await person.hears("Forgot the session of staging.")
        assert not list(cli_cache(load().aws_dir).glob("*.json"))
        await person.press("x")
        await person.sees("Forget staging's session?")
        await person.press("f")
        await person.hears("No session of staging is kept.")
        await person.press("R")
        await person.until(lambda: bool(person.app.holdings.session("staging", "")))
        stand_on(person, "corp")
        await person.press("R")
        await person.hears("Logged in to corp")
        await person.press("X")
        await person.sees("Type forget to confirm.")
        await person.type("forget")
        await person.press("enter")
        await person.hears("Forgot 1 cached session and 1 SSO login.")
        assert not list(sso_cache(load().aws_dir).glob("*.json"))
        assert person.app.holdings.session("staging", "") is None


async def test_what_cannot_be_forgotten_is_said(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "staging")
        await person.press("R")
        await person.hears("The session of staging is fresh.")
        (entry,) = cli_cache(load().aws_dir).glob("*.json")
        # What unlink(2) refuses root, too.
        entry.unlink()
        entry.mkdir()
        await person.press("x")
        await person.sees("Forget staging's session?")
        await person.press("f")
        await person.hears("can't be removed: it may still be used.")
        await person.press("X")
        await person.sees("Type forget to confirm.")
        await person.type("forget")
        person.app.said.clear()
        await person.press("enter")
        await person.hears("can't be removed: it may still be used.")
        assert person.app.holdings.session("staging", "") is None


async def test_a_code_that_was_used_before_is_asked_for_anew(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    def key(person: Person) -> str:
        held = person.app.holdings.session("production", "")
        return held.access_key if held is not None else ""

    sandbox_env.control("mfa", one_time_codes=["111111", "222222"])
    try:
        async with at_the_app("") as person:
            stand_on(person, "production")
            await person.press("R")
            await person.sees("MFA code")
            await person.type("111111\n")
            await person.hears("The session of production is fresh.")
            first = key(person)
            await person.press("R")
            await person.sees("MFA code")
            await person.type("111111\n")
            await person.sees("Each works once: wait for the next.")
            await person.type("222222\n")
            await person.until(lambda: key(person) != first, "another session")
    finally:
        sandbox_env.control("mfa", one_time_codes=None)


async def test_i_says_everything_known_of_a_profile(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "production")
        await person.press("i")
        seen = await person.sees("MFA device", "arn:aws:iam::111111111111:mfa/alice")
        for expected in (
            "role: a role, assumed with the session of engineer",
            "arn:aws:iam::333333333333:role/OnCall",
            "counts as production",
            "needs an MFA code",
            "1h usually, at most 12h.",
            "└─ ∞ engineer: static",
            "cli/cache/",
        ):
            assert expected in seen
        await person.press("y")
        assert "MFA device arn:aws:iam::111111111111:mfa/alice" in person.app.clipboard
        await person.press("escape")
        stand_on(person, "orphan")
        await person.press("i")
        seen = await person.sees("Its source_profile 'gone' doesn't exist.")
        assert re.search(r"aws-config:\d+", seen)


async def test_lines_for_a_shell_and_a_program_are_copied(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "orders-staging")
        await person.press("e")
        assert person.app.clipboard == 'eval "$(rolebrowser env -p staging)"'
        stand_on(person, "production")
        await person.press("E")
        assert person.app.clipboard == "rolebrowser exec -p production -- "
        await person.press("o")
        await person.sees("MFA code")


async def test_keys_of_the_environment_in_the_way_are_mentioned_once(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASHADOW")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    async with at_the_app("") as person:
        stand_on(person, "staging")
        await person.press("R")
        await person.hears("AWS_ACCESS_KEY_ID is set; it is left aside for the profile staging.")


async def test_an_account_aws_does_not_confirm_is_told(
    at_the_app: AtTheApp,
    sandbox_env: SandboxProcess,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = tmp_path_factory.mktemp("aws") / "config"
    own.write_text(
        "[profile engineer]\nregion = eu-west-1\naws_account_id = 999999999999\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    async with at_the_app("") as person:
        stand_on(person, "engineer")
        await person.press("R")
        await person.hears("says account 999999999999, AWS says 111111111111.")


async def test_what_a_credential_process_complains_of_is_shown(
    at_the_app: AtTheApp,
    sandbox_env: SandboxProcess,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("aws")
    script = directory / "tool"
    script.write_text("#!/bin/sh\necho 'the vault is locked' >&2\nexit 3\n", encoding="utf-8")
    script.chmod(0o755)
    own = directory / "config"
    own.write_text(
        f"[profile broken-tool]\nregion = eu-west-1\ncredential_process = {script}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    async with at_the_app("") as person:
        stand_on(person, "broken-tool")
        await person.press("enter")
        await person.sees("vault is locked", "The credential_process of")


async def test_the_time_left_counts_down_by_itself(clean_env: Path) -> None:
    role = "arn:aws:iam::222222222222:role/Developer"
    cache = cli_cache(clean_env / ".aws")
    cache.mkdir(parents=True)
    keys = {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}
    ends = datetime.now(UTC) + timedelta(minutes=5)
    body = {"Credentials": {**keys, "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SUTC}"}}
    (cache / f"{role_key({'RoleArn': role})}.json").write_text(json.dumps(body))
    (clean_env / ".aws" / "config").write_text(
        f"[profile base]\naws_access_key_id = A\naws_secret_access_key = s\n"
        f"[profile dev]\nrole_arn = {role}\nsource_profile = base\n"
    )
    seen: list[int] = []

    def counted() -> bool:
        found = re.search(r"dev .* 4m (\d\d)s", person.text)
        if found is not None and int(found[1]) not in seen:
            seen.append(int(found[1]))
        return len(seen) > 2

    async with sit_down(RolebrowserApp(Holdings(load())), first="dev") as person:
        await person.until(counted, "three seconds of the countdown")
    assert seen == sorted(seen, reverse=True)


async def test_what_a_credential_process_waits_for_is_shown_meanwhile(
    at_the_app: AtTheApp,
    sandbox_env: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = tmp_path / "tool"
    script.write_text("#!/bin/sh\necho 'open https://idp.example/ABC' >&2\nexec sleep 600\n")
    script.chmod(0o755)
    own = tmp_path / "config"
    own.write_text(f"[profile tool]\nregion = eu-west-1\ncredential_process = {script}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own))
    async with at_the_app("") as person:
        stand_on(person, "tool")
        await person.press("enter")
        await person.hears("tool says: open https://idp.example/ABC")
        await person.press("escape")
        await person.sees("Stopped. r asks again.")


async def test_a_login_made_by_another_program_shows_by_itself(
    at_the_app: AtTheApp, portal: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rolebrowser.tui.screens.browser.LOOK", 0.3)
    portal.control("sso", answer="approve")
    async with at_the_app("") as person:
        command = [sys.executable, "-m", "rolebrowser", "login", "-p", "corp-dev", "--no-browser"]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0
        await person.until(
            lambda: bool(re.search(r"corp  SSO login .* 5\dm ●", person.text)), "the login's clock"
        )


async def test_what_is_used_is_found_first_the_next_time(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        stand_on(person, "vendor-without-id")
        await person.press("enter")
        await person.until(lambda: "vendor-without-id" in person.app.holdings.visits())
    async with at_the_app("") as person:
        await person.press("slash")
        await person.type("vend")
        await person.until(
            lambda: person.text.find("│ vendor-without-id") < person.text.find("│ vendor  "),
            "the profile used before, above the other",
        )
        assert "├ vendor" not in person.text


async def test_the_session_of_an_open_connection_is_renewed_without_a_word(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rolebrowser.identity.sessions.RENEW_BEFORE", timedelta(hours=2))
    monkeypatch.setattr("rolebrowser.tui.screens.session_keeping.LOOK", 0.5)
    async with at_the_app("1") as person:
        first = person.app.holdings.session("production-readonly", "")
        assert first is not None

        def renewed() -> bool:
            now = person.app.holdings.session("production-readonly", "")
            return now is not None and now.access_key != first.access_key

        await person.until(renewed, "another session")
        # The next login takes the new one.
        await person.press("f3")
        await person.hears("Connected again with a fresh token")


async def test_a_session_that_needs_a_code_is_left_to_the_person(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rolebrowser.identity.sessions.RENEW_BEFORE", timedelta(hours=2))
    monkeypatch.setattr("rolebrowser.tui.screens.session_keeping.LOOK", 0.2)
    async with at_the_app("") as person:
        await person.press("3")
        await person.sees("MFA code")
        await person.type("123456\n")
        await person.sees("Role name")
        first = person.app.holdings.session("production", "")
        await asyncio.sleep(1)
        assert person.app.holdings.session("production", "") is first
        assert "MFA code" not in person.text


async def test_the_keys_shown_follow_what_the_cursor_is_on(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    def bright(person: Person, key: str) -> bool:
        shown = person.app.screen.query_one(KeyBar)._keys
        return any(each.key == key for each in shown)

    async with at_the_app("") as person:
        stand_on(person, "corp")
        await person.until(lambda: bright(person, "R") and not bright(person, "i"))
        stand_on(person, "staging")
        await person.until(lambda: bright(person, "i") and not bright(person, "c"))
        seen = await person.sees("Filter", "R Renew")
        assert seen.index("Filter") < seen.index("R Renew")


async def test_credentials_of_the_machine_are_told_where_a_profile_has_none(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", os.environ["AWS_ENDPOINT_URL"])
    async with at_the_app("") as person:
        stand_on(person, "no-credentials")
        await person.sees("auto ↻")
        await person.press("R")
        await person.hears("The profile no-credentials has no credentials of its own: these are")
