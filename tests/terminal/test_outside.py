"""The person's own editor, in a real terminal; the app is whole again afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def _editor(tmp_path: Path, script: str) -> str:
    path = tmp_path / "my editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"'{path}' --wait"


def test_the_text_goes_out_and_comes_back(visit: Callable[..., Any], tmp_path: Path) -> None:
    script = (
        'test "$1" = --wait || exit 9\n'
        f'cp "$2" {tmp_path}/seen; stat -c %a "$2" > {tmp_path}/mode\n'
        f'echo "${{NO_COLOR-unset}}" > {tmp_path}/color\n'
        'printf "EDITING NOW, press Enter"; read line\n'
        'printf "SELECT 6*7 AS answer\\n" > "$2"'
    )
    terminal = visit(NO_COLOR="1", EDITOR=_editor(tmp_path, script))
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("SELECT 1")
    terminal.wait_for("SELECT 1")
    terminal.press("\x07")
    terminal.wait_for("EDITING NOW")
    terminal.press("enter")
    terminal.wait_for("SELECT 6*7 AS answer", "Role name")
    assert (tmp_path / "seen").read_text() == "SELECT 1"
    assert (tmp_path / "mode").read_text() == "600\n"
    assert (tmp_path / "color").read_text() == "1\n"
    terminal.press("f5")
    terminal.wait_for("42", "SELECT 1  ·  1 row")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def test_an_editor_that_fails_costs_nothing(visit: Callable[..., Any], tmp_path: Path) -> None:
    terminal = visit(VISUAL=_editor(tmp_path, 'echo spoilt > "$2"; exit 3'))
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("SELECT 'mine'")
    terminal.wait_for("SELECT 'mine'")
    terminal.press("\x07")
    terminal.wait_for("The editor ended with code 3", "SELECT 'mine'")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
