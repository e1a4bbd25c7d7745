"""Alt and a letter as xterm, tmux and most terminals send it: Escape and the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_alt_and_a_letter_act_and_type_nothing(visit: Callable[..., Any]) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("SELECT  17")
    terminal.wait_for("│SELECT  17 ")

    terminal.send("\x1bq")
    terminal.wait_for("│SELECT 17 ")
    terminal.send("\x14SELECT 2")
    terminal.wait_for("│SELECT 2 ", "[2 ")
    terminal.send("\x1bw")
    terminal.wait_for("Close the editor")
    terminal.press("c")
    terminal.wait_gone("[2 ")
    terminal.wait_for("│SELECT 17 ")
    terminal.send("\x1be")
    terminal.wait_for("EXPLAIN", "Result")
    terminal.wait_for("│SELECT 17 ")
    terminal.send("\x1bx")
    terminal.wait_for("EXPLAIN ANALYZE")
    terminal.wait_for("│SELECT 17 ")
    terminal.send("\x1ba")
    terminal.wait_for("Commit by hand")
    terminal.press("f5")
    terminal.wait_for("SELECT 1  ·  1 row", "in transaction")
    terminal.send("\x1br")
    terminal.wait_for("Rolled back.")
    terminal.press("f5")
    terminal.wait_for("in transaction", "SELECT 1  ·  1 row")
    terminal.send("\x1bc")
    terminal.wait_for("Committed.")
    terminal.wait_for("│SELECT 17 ")
    terminal.press("ctrl+q")


def test_alt_and_a_letter_in_a_line_of_text_type_nothing(visit: Callable[..., Any]) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("/", "adm")
    terminal.wait_for("adm")
    terminal.send("\x1bz")
    # Textual waits for the rest of an escape sequence: what comes later stands behind it.
    terminal.read(0.3)
    terminal.press("i")
    terminal.wait_for("admi")
    terminal.press("ctrl+q")


def test_alt_and_a_letter_held_down_repeat_and_type_nothing(visit: Callable[..., Any]) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("SELECT  17")
    terminal.wait_for("│SELECT  17 ")
    # Three in one read, and one more before Textual has waited for it.
    terminal.send("\x1ba\x1ba\x1ba")
    terminal.read(0.03)
    terminal.send("\x1bq")
    terminal.wait_for("│SELECT 17 ", "commit by hand")
    terminal.press("ctrl+q")
