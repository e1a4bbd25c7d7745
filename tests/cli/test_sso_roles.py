"""`rolebrowser roles --sso`: what a login opens, asked of the portal, account by account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Rolebrowser


@pytest.fixture
def logged_in(
    in_sandbox: Rolebrowser, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxProcess]:
    monkeypatch.setenv("BROWSER", "false %s")
    sandbox_env.control("sso", answer="approve", interval=1)
    assert in_sandbox("login", "-p", "corp-dev", "--no-browser").code == 0
    yield sandbox_env
    sandbox_env.control("sso", answer="", closed_account="", end_sessions=True)


def test_every_account_and_role_of_a_login_is_listed(
    in_sandbox: Rolebrowser, logged_in: SandboxProcess
) -> None:
    done = in_sandbox("roles", "--sso", "-p", "corp-dev", "--json")
    assert done.code == 0
    assert [(row["account_name"], row["role"], row["profile"]) for row in done.json] == [
        ("production", "OnCall", "corp-prod"),
        ("production", "OnCallReadOnly", None),
        ("staging", "DatabaseReader", None),
        ("staging", "Developer", "corp-dev"),
    ]
    assert {(row["verdict"], row["source"], row["login"]) for row in done.json} == {
        ("allow", "sso", "corp")
    }


def test_what_was_listed_is_kept_with_its_age_until_it_is_asked_for_anew(
    in_sandbox: Rolebrowser, logged_in: SandboxProcess
) -> None:
    first = in_sandbox("roles", "--sso", "-p", "corp-dev", "--json", "--fresh")
    logged_in.control("sso", closed_account="222222222222")
    again = in_sandbox("roles", "--sso", "-p", "corp-dev", "--json")
    assert again.json == first.json
    assert "corp: as listed just now" in again.err
    fresh = in_sandbox("roles", "--sso", "-p", "corp-dev", "--json", "--fresh")
    assert {row["account_name"] for row in fresh.json} == {"production"}
    # One account that fails costs itself, and says so.
    assert "staging (222222222222): " in fresh.err


def test_a_portal_that_is_throttled_is_waited_for(
    in_sandbox: Rolebrowser, logged_in: SandboxProcess
) -> None:
    logged_in.control("throttle", requests=3)
    done = in_sandbox("roles", "--sso", "-p", "corp-dev", "--json", "--fresh")
    assert (done.code, len(done.json)) == (0, 4)


def test_without_a_login_the_command_for_one_is_named(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("roles", "--sso", "-p", "corp-dev")
    assert (done.code, done.out) == (1, "")
    assert "rolebrowser login -p corp-dev" in done.err


def test_logins_that_are_over_are_told_where_another_answers(
    in_sandbox: Rolebrowser, logged_in: SandboxProcess
) -> None:
    done = in_sandbox("roles", "--sso", "--json")
    assert (done.code, len(done.json)) == (0, 4)
    assert "https://legacy.awsapps.example/start" in done.err
