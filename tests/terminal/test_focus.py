"""Where the keys go on the SQL page: never nowhere, and never only into the editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def in_the_editor(visit: Callable[..., Any]) -> Any:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    return terminal


def test_f6_reaches_an_error_and_comes_back(visit: Callable[..., Any]) -> None:
    terminal = in_the_editor(visit)
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


def test_f2_gives_the_editor_the_focus_of_what_it_hides(visit: Callable[..., Any]) -> None:
    terminal = in_the_editor(visit)
    terminal.press("f6", "f2")
    terminal.wait_gone("Role name")
    terminal.press("SELECT 2")
    terminal.wait_for("│SELECT 2")
    terminal.press("ctrl+q")


def test_f6_goes_into_a_plan_and_its_keys_work_there(visit: Callable[..., Any]) -> None:
    terminal = in_the_editor(visit)
    terminal.press("SELECT * FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace")
    terminal.wait_for("relnamespace")
    terminal.send("\x1be")
    terminal.wait_for("Hash Join", "Seq Scan", "Details")
    # Out of the plan, into the editor, and by F6 back.
    terminal.send("\x1b[17~-- typed")
    terminal.wait_for("relnamespace-- typed")
    terminal.press("f6")
    terminal.wait_for("Fold all")
    terminal.press("z")
    terminal.wait_gone("Seq Scan on pg_namespace")
    terminal.press("z", "\r")
    terminal.wait_for("Step", "Esc closes")
    terminal.press("esc", "ctrl+q")
