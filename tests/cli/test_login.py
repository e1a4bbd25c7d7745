"""`rolebrowser login`, and logins that other commands turn out to need."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def portal(
    sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxProcess]:
    sandbox_env.control("sso", answer="", interval=1)
    # No browser of this machine may come up.
    monkeypatch.setenv("BROWSER", "false %s")
    yield sandbox_env
    sandbox_env.control("sso", answer="", interval=1, end_sessions=True)


def test_the_code_is_shown_and_the_login_waits_for_it(portal: SandboxProcess) -> None:
    command = [sys.executable, "-m", "rolebrowser", "login", "-p", "corp-dev", "--no-browser"]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    said = ""
    while "Waiting until" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    found = re.search(r"user_code=(\S+)\n.* code  (\S+)\n", said)
    assert found is not None
    assert found[1] == found[2]
    portal.control("sso", approve=found[2])
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert "Logged in to corp; the portal's token is good until 20" in err


@pytest.mark.parametrize(
    ("option", "status", "words"),
    [("--allow", 0, "Logged in to corp"), ("--deny", 1, "was denied in the browser")],
)
def test_a_terminal_without_a_browser_decides_a_login_of_the_demo(
    portal: SandboxProcess, program: Rolebrowser, option: str, status: int, words: str
) -> None:
    command = [sys.executable, "-m", "rolebrowser", "login", "-p", "corp-dev", "--no-browser"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "demo --allow" in line)
        address = line.split("'")[1]
        assert program("demo", option, address).code == 0
        rest = process.stderr.read()
    assert process.returncode == status, rest
    assert words in rest
    again = program("demo", option, address)
    assert again.code == 1
    assert "No login with the code" in again.err


@pytest.mark.parametrize(
    "address", ["https://corp.awsapps.com/start?user_code=AB", "http://127.0.0.1:1/device", "x"]
)
def test_only_the_demos_own_portal_is_told_a_decision(program: Rolebrowser, address: str) -> None:
    done = program("demo", "--allow", address)
    assert (done.code, done.out) == (1, "")
    assert "That is no address of the demo's portal." in done.err


def test_after_a_login_every_profile_of_it_works(
    in_sandbox: Rolebrowser, portal: SandboxProcess
) -> None:
    portal.control("sso", answer="approve")
    assert in_sandbox("login", "-p", "corp-dev", "--no-browser").code == 0
    states = {row["name"]: row["state"] for row in in_sandbox("profiles", "--json").json}
    assert (states["corp-dev"], states["corp-prod"]) == ("not-started", "not-started")
    assert states["legacy-sso"] == "needs-login"
    assert in_sandbox("env", "-p", "corp-prod").code == 0


def test_login_is_asked_for_anew_though_the_cache_holds_one(
    in_sandbox: Rolebrowser, portal: SandboxProcess
) -> None:
    portal.control("sso", answer="approve")
    before = portal.control("sso")["logins"]
    for _ in range(2):
        assert in_sandbox("login", "-p", "corp-dev", "--no-browser").code == 0
    assert portal.control("sso")["logins"] == before + 2


def test_a_script_without_a_terminal_never_hangs_in_a_login(
    program: Rolebrowser, portal: SandboxProcess
) -> None:
    done = program("env", "-p", "corp-dev")
    assert (done.code, done.out) == (1, "")
    assert "rolebrowser login -p corp-dev" in done.err


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("engineer", "Only profiles with SSO"),
        ("staging", "Only profiles with SSO"),
        ("orphan", "'gone' doesn't exist"),
        ("corp", "'corp-dev'"),
    ],
)
def test_what_has_no_login_says_so(name: str, word: str, in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("login", "-p", name)
    assert (done.code, done.out) == (1, "")
    assert word in done.err
