"""Keys that come faster than the program draws: each goes where the keys before it lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_what_is_typed_right_behind_a_new_editors_key_stands_in_it(run: Callable[..., Any]) -> None:
    terminal = run("demo")
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("SELECT 1")
    terminal.wait_for("SELECT 1")
    terminal.send("\x14SELECT 2\x14SELECT 3")
    terminal.wait_for("│SELECT 3", "1 SELECT 1", "2 SELECT 2", "[3 ")
    terminal.send("\x1b[1;3D\x1b[1;3D1\x1b[1;3C")
    terminal.wait_for("│SELECT 2", "[2 SELECT 2]")
    terminal.send("\x1b[1;3D")
    terminal.wait_for("│SELECT 11", "[1 ")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
