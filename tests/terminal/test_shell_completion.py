"""Tab in the real shells, after the README's line: commands, then what a command takes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from rolebrowser.sandbox.process import SandboxProcess

from .conftest import PROGRAM, Run

SHELLS = {
    "bash": (("--norc", "-i"), 'eval "$(_ROLEBROWSER_COMPLETE=bash_source rolebrowser)"'),
    "zsh": (
        ("-f", "-i"),
        "autoload -Uz compinit; compinit -u; "
        'eval "$(_ROLEBROWSER_COMPLETE=zsh_source rolebrowser)"',
    ),
    "fish": (("--no-config",), "_ROLEBROWSER_COMPLETE=fish_source rolebrowser | source"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_commands_and_bookmarks(
    run: Run, sandbox: SandboxProcess, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    arguments, setup = SHELLS[shell]
    path = f"{Path(PROGRAM).parent}:{os.environ['PATH']}"
    terminal = run(
        *arguments, program=shell, **sandbox.wait_ready() | {"PATH": path, "PS1": "ready> "}
    )
    terminal.press(f"{setup}; echo set-up-4''2", "enter")
    terminal.wait_for("set-up-42")
    terminal.press("rolebrowser prof", "tab")
    terminal.wait_for("rolebrowser profiles")
    terminal.press("--js", "tab")
    terminal.wait_for("rolebrowser profiles --json")
    terminal.press("\x15", "rolebrowser sql orders-production-a", "tab")
    terminal.wait_for("rolebrowser sql orders-production-admin")
    terminal.press("\x15", "exit", "enter")
    terminal.wait_exit()


def test_the_readme_says_what_was_tried() -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text().replace("\\|", "|")
    for arguments in SHELLS.values():
        assert arguments[1].rpartition("; ")[2] in readme
