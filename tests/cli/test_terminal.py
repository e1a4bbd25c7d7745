"""Questions of commands in a real terminal, data staying out of their way."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.sandbox.process import SandboxProcess

REPOSITORY = Path(__file__).parents[2]


class Person:
    """Somebody at a terminal in which a command runs; its stdout goes to a file."""

    def __init__(self, out: Path, *command: str) -> None:
        self._out = out
        self._primary, secondary = pty.openpty()
        with out.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rolebrowser", *command],
                cwd=REPOSITORY,
                stdin=secondary,
                stdout=file,
                stderr=secondary,
                preexec_fn=_controlling,
            )
        os.close(secondary)
        self.seen = ""

    def until(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """Read until `pattern` shows."""
        ends = time.monotonic() + seconds
        while (found := re.search(pattern, self.seen)) is None:
            assert time.monotonic() < ends, self.seen
            if select.select([self._primary], [], [], 0.2)[0]:
                self.seen += os.read(self._primary, 4096).decode()
        return found

    def type(self, text: str) -> None:
        os.write(self._primary, text.encode())

    def leave(self) -> tuple[int, str]:
        """(exit code, stdout) once it has ended."""
        try:
            return self._process.wait(60), self._out.read_text()
        finally:
            os.close(self._primary)


def _controlling() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def portal(
    sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxProcess]:
    sandbox_env.control("sso", answer="", interval=1)
    monkeypatch.setenv("BROWSER", "false %s")
    yield sandbox_env
    sandbox_env.control("sso", answer="", interval=1, end_sessions=True)


def test_an_sso_login_is_shown_where_a_command_needs_one(
    portal: SandboxProcess, tmp_path: Path
) -> None:
    person = Person(tmp_path / "out", "env", "-p", "corp-dev", "--shell", "json")
    code = person.until(r"code  (\w{4}-\w{4})\s")[1]
    person.until("Ctrl\\+C gives up")
    portal.control("sso", approve=code)
    status, out = person.leave()
    assert status == 0
    assert json.loads(out)["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_ctrl_c_gives_a_login_up(portal: SandboxProcess, tmp_path: Path) -> None:
    person = Person(tmp_path / "out", "login", "-p", "corp-dev", "--no-browser")
    person.until("Ctrl\\+C gives up")
    person.type("\x03")
    assert person.leave() == (130, "")


def test_an_mfa_code_is_asked_for_unseen_and_a_wrong_one_again(
    sandbox_env: SandboxProcess, tmp_path: Path
) -> None:
    person = Person(tmp_path / "out", "credential-process", "-p", "production")
    person.until(r"MFA code for OnCall \(arn:aws:iam::111111111111:mfa/alice\): ")
    person.type("000000\n")
    person.until("not accepted.*MFA code for OnCall")
    person.type("123456\n")
    status, out = person.leave()
    assert status == 0
    assert json.loads(out)["Version"] == 1
    assert "123456" not in person.seen


def test_production_is_marked_where_somebody_reads(
    sandbox_env: SandboxProcess, tmp_path: Path
) -> None:
    person = Person(tmp_path / "out", "exec", "-p", "production-readonly", "--", "echo", "done")
    person.until("production-readonly counts as production")
    assert person.leave() == (0, "done\n")
