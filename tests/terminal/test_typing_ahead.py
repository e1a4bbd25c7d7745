"""Keys that come faster than the program draws: each goes where the keys before it lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_what_is_typed_right_behind_a_new_editors_key_stands_in_it(
    visit: Callable[..., Any],
) -> None:
    terminal = visit()
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


def test_what_is_typed_right_behind_a_slash_is_what_is_looked_for(
    visit: Callable[..., Any],
) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.send("/prod")
    terminal.wait_for("│prod ")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def test_what_is_typed_right_behind_a_slash_is_searched_in_the_rows(
    visit: Callable[..., Any],
) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("SELECT 'abc'", "f5")
    terminal.wait_for("│ abc ")
    terminal.send("/cye")
    terminal.wait_for("│cye ")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def test_what_is_taken_back_among_what_is_typed_is_not_run(visit: Callable[..., Any]) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    # Backspace, Ctrl+U to the line's start, Left, and F5, all in one piece.
    terminal.send("SELECT 9\x7f8\x15SELECT 43\x7f22\x7f AS answr\x1b[De\x1b[15~")
    terminal.wait_for("│ answer ", "     42 ")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
