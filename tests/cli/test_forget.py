"""`rolebrowser forget`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
READER = "arn:aws:iam::222222222222:role/team/DatabaseReader"


def kept(home: Path) -> int:
    """How many cached sessions and logins there are."""
    return len(list((home / ".aws").glob("*/cache/*.json")))


def test_a_session_is_forgotten_once(in_sandbox: Rolebrowser, clean_env: Path) -> None:
    for more in ((), ("--role", READER)):
        assert in_sandbox("env", "-p", "staging", *more).code == 0
    assert kept(clean_env) == 2
    for more in (("--role", READER), ()):
        done = in_sandbox("forget", "-p", "staging", *more)
        assert (done.code, done.out) == (0, "")
        assert "Forgot the session of" in done.err
    assert kept(clean_env) == 0
    assert in_sandbox("forget", "-p", "staging").code == 1


def test_a_session_of_a_chosen_length_is_forgotten_too(
    in_sandbox: Rolebrowser, clean_env: Path
) -> None:
    assert in_sandbox("env", "-p", "staging", "--duration", "2h").code == 0
    assert in_sandbox("forget", "-p", "staging").code == 0
    assert kept(clean_env) == 0


def test_forgetting_all_takes_the_sso_logins_too_and_leaves_what_is_not_ours(
    in_sandbox: Rolebrowser, sandbox: SandboxProcess, clean_env: Path
) -> None:
    sandbox.control("sso", answer="approve")
    try:
        assert in_sandbox("login", "-p", "corp-dev", "--no-browser").code == 0
    finally:
        sandbox.control("sso", answer="", end_sessions=True)
    assert in_sandbox("env", "-p", "staging").code == 0
    stranger = clean_env / ".aws" / "cli" / "cache" / "stranger.json"
    stranger.write_text("{}")
    done = in_sandbox("forget", "--all")
    assert "Forgot 1 session and 1 SSO login." in done.err
    assert list((clean_env / ".aws").glob("*/cache/*.json")) == [stranger]


@pytest.mark.parametrize("options", [(), ("-p", "staging", "--all"), ("--all", "--role", READER)])
def test_what_to_forget_must_be_plain(options: tuple[str, ...], in_sandbox: Rolebrowser) -> None:
    assert in_sandbox("forget", *options).code == 2


def test_an_unknown_profile_is_no_session(in_sandbox: Rolebrowser) -> None:
    assert "'staging'" in in_sandbox("forget", "-p", "stagin").err
