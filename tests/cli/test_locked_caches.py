"""Caches that the modes of their files keep from us: said or passed over, never fatal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox.process import SandboxProcess
from tests import unprivileged

Rolebrowser = Callable[..., Any]


@pytest.fixture
def cache(in_sandbox: Rolebrowser, clean_env: Path) -> Iterator[Path]:
    """The CLI's cache with a session of `staging` in it."""
    assert in_sandbox("env", "-p", "staging").code == 0
    found = clean_env / ".aws" / "cli" / "cache"
    yield found
    found.chmod(0o700)


def state_of(name: str) -> str:
    listed = unprivileged.run("profiles")
    assert listed.returncode == 0, listed.stderr
    return next(line for line in listed.stdout.splitlines() if line.split()[:1] == [name])


def test_a_session_that_may_not_be_read_is_replaced(cache: Path) -> None:
    (entry,) = cache.iterdir()
    before = entry.read_bytes()
    entry.chmod(0)
    assert "ready" in state_of("staging")
    done = unprivileged.run("env", "-p", "staging")
    assert done.returncode == 0
    assert entry.read_bytes() != before
    assert "59m" in state_of("staging")


def test_a_directory_that_may_not_be_looked_into_costs_a_sentence(cache: Path) -> None:
    cache.chmod(0)
    assert "ready" in state_of("staging")
    done = unprivileged.run("env", "-p", "staging")
    assert done.returncode == 0
    assert "AWS_SESSION_TOKEN" in done.stdout
    assert f"The session is not kept: {cache}: Permission denied." in done.stderr


@pytest.mark.parametrize("mode", [0o000, 0o500], ids=["unreadable", "read-only"])
@pytest.mark.parametrize("options", [("-p", "staging"), ("--all",)], ids=["one", "all"])
def test_what_cannot_be_forgotten_is_not_called_forgotten(
    options: tuple[str, ...], mode: int, cache: Path
) -> None:
    cache.chmod(mode)
    done = unprivileged.run("forget", *options)
    assert done.returncode == 1
    assert f"What is kept in {cache} can't be removed" in done.stderr
    assert "Permission denied" in done.stderr
    assert "unexpected" not in done.stderr
    cache.chmod(0o700)
    assert len(list(cache.iterdir())) == 1


def test_logins_are_forgotten_though_a_session_cannot_be(cache: Path, clean_env: Path) -> None:
    logins = clean_env / ".aws" / "sso" / "cache"
    logins.mkdir(parents=True)
    # sha1("corp"): the world's sso-session.
    login = logins / "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
    login.write_text('{"accessToken": "x", "expiresAt": "2099-01-01T00:00:00Z"}')
    cache.chmod(0o500)
    done = unprivileged.run("forget", "--all")
    assert done.returncode == 1
    assert f"What is kept in {cache} can't be removed" in done.stderr
    assert not login.exists()


def test_an_sso_login_that_cannot_be_forgotten_is_said(
    in_sandbox: Rolebrowser, sandbox: SandboxProcess, clean_env: Path
) -> None:
    sandbox.control("sso", answer="approve")
    try:
        assert in_sandbox("login", "-p", "corp-dev", "--no-browser").code == 0
    finally:
        sandbox.control("sso", answer="", end_sessions=True)
    logins = clean_env / ".aws" / "sso" / "cache"
    logins.chmod(0o500)
    try:
        done = unprivileged.run("forget", "--all")
    finally:
        logins.chmod(0o700)
    assert done.returncode == 1
    assert f"What is kept in {logins} can't be removed" in done.stderr
