"""The main job as a person does it: the demo, a digit, `\\du` on screen, a query, out again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Terminal

    Run = Callable[..., Terminal]


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (80, 24)])
def test_from_start_through_a_digit_to_du_a_query_and_out(
    run: Run, columns: int, lines: int
) -> None:
    terminal = run("demo", columns=columns, lines=lines)
    terminal.wait_for("sandbox is starting")
    terminal.wait_for("BOOKMARKS", "orders-production", "staging")
    terminal.press("1")
    terminal.wait_for("Role name", "READ-ONLY", "role_table_grants")
    terminal.press("SELECT 6*7 AS answer, current_user", "f5")
    terminal.wait_for("42", "SELECT 1  ·  1 row")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    assert b"\x1b[?1049l" in terminal.raw  # the normal screen is back
    assert terminal.raw.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?25h" in terminal.raw[-200:]
    terminal.wait_clean()


def test_no_hostile_byte_reaches_the_terminal(visit: Run) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press("SELECT * FROM public.hostile", "f5")
    terminal.wait_for("6 rows", "[@click=app.quit]press[/]", "[/foo]")
    terminal.press("right", "enter")
    terminal.wait_for("y copies")
    terminal.press("esc")
    terminal.wait_gone("y copies")
    terminal.press("f7")
    terminal.wait_for("List of role grants")
    written = bytes(terminal.raw)
    assert b"\x1b]52" not in written  # no clipboard access by what was looked at
    assert b"\x1b]0;owned" not in written
    assert b"\x1b[31mred" not in written
    for char in ("\x9b", "\u202e", "\u2066", "\u200b", "\ufeff"):
        assert char.encode() not in written


def test_an_mfa_code_is_asked_for_and_a_wrong_one_again(visit: Run) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("3")
    terminal.wait_for("MFA code", "mfa/alice")
    terminal.press("000000", "enter")
    terminal.wait_for("not accepted")
    terminal.press("123456", "enter")
    terminal.wait_for("Role name", "dbadmin", "PRODUCTION")
    terminal.press("f4")
    terminal.wait_for("Type orders to allow writing")
    terminal.press("orders", "enter")
    terminal.wait_for("READ-WRITE")


def test_a_refused_login_says_what_to_do_and_the_browser_is_still_there(visit: Run) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("4")
    terminal.wait_for("password authentication failed", "GRANT rds_iam TO billing_app;")
    terminal.press("esc")
    terminal.wait_gone("GRANT rds_iam")
    terminal.wait_for("BOOKMARKS")


def test_walking_the_columns_by_hand_reaches_the_database(visit: Run) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("/", "staging", "enter")
    terminal.wait_for("├ writer", "no IAM")
    terminal.press("/", "orders-staging", "enter")
    terminal.wait_for("another user")
    terminal.press("u", "app_oncall_ro", "enter")
    terminal.wait_for("Role name", "app_oncall_ro", "READ-ONLY")


def test_the_sandbox_goes_when_the_ui_is_killed(run: Run) -> None:
    terminal = run("demo")
    terminal.wait_for("BOOKMARKS")
    assert terminal.leftovers
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait_clean()


def test_without_any_config_the_first_screen_says_what_to_do(run: Run) -> None:
    terminal = run()
    terminal.wait_for("No AWS profile was found", "Press D")
    terminal.press("D")
    terminal.wait_for("BOOKMARKS", "orders-production")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def test_a_tiny_terminal_gets_a_sentence(run: Run) -> None:
    terminal = run(columns=20, lines=5)
    terminal.wait_for("Make the terminal")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def test_a_malformed_config_is_named_with_its_line(run: Run, tmp_path) -> None:  # type: ignore[no-untyped-def]
    config = tmp_path / "config.toml"
    config.write_text("read_only = true\n[guard\n")
    terminal = run(ROLEBROWSER_CONFIG=str(config))
    assert terminal.wait_exit() == 1
    assert "is not valid TOML" in terminal.text
    assert "line 2" in terminal.text
    assert "Traceback" not in terminal.text
