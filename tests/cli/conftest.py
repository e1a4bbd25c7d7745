"""The command line, called within this process or as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.cli import asking
from rolebrowser.cli.main import run as run_command_line
from rolebrowser.sandbox.process import SandboxProcess


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Rolebrowser = Callable[..., Done]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def rolebrowser(
    clean_env: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Rolebrowser:
    """Runs a command with an empty home and nobody at a terminal."""
    monkeypatch.setattr(asking, "has_terminal", lambda: False)

    def go(*arguments: str) -> Done:
        code = run_command_line(arguments)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return go


@pytest.fixture
def in_sandbox(sandbox_env: SandboxProcess, rolebrowser: Rolebrowser) -> Rolebrowser:
    """The same in the sandbox's world."""
    return rolebrowser


@pytest.fixture
def program(clean_env: Path) -> Rolebrowser:
    """Runs a command as a program of its own, in the environment of this process."""

    def go(*arguments: str, text: str | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "rolebrowser", *arguments],
            cwd=REPOSITORY,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return go
