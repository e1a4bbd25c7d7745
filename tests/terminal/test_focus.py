"""Where the keys go on the SQL page: never nowhere, and never only into the editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def in_the_editor(run: Callable[..., Any]) -> Any:
    terminal = run("demo")
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    return terminal


def test_f6_reaches_an_error_and_comes_back(run: Callable[..., Any]) -> None:
    terminal = in_the_editor(run)
    terminal.press("SELECT 1/0")
    terminal.wait_for("│SELECT 1/0")
    terminal.press("f2")
    terminal.wait_gone("Role name")
    terminal.press("f5")
    terminal.wait_for("division by zero")
    terminal.press("f6")
    terminal.press("?")
    terminal.wait_for("Show or hide")
    terminal.press("esc")
    terminal.wait_gone("Show or hide")
    terminal.press("f6", "6")
    terminal.wait_for("│SELECT 1/06")
    terminal.press("ctrl+q")


def test_f2_gives_the_editor_the_focus_of_what_it_hides(run: Callable[..., Any]) -> None:
    terminal = in_the_editor(run)
    terminal.press("f6", "f2")
    terminal.wait_gone("Role name")
    terminal.press("SELECT 2")
    terminal.wait_for("│SELECT 2")
    terminal.press("ctrl+q")
