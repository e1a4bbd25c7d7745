"""Ways into a session that a person touches: the installed program, a terminal, real keys."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Terminal

    Run = Callable[..., Terminal]

# What a person does in a browser: open the page, read the code on it, press a button.
BROWSER = """
    import sys, re, urllib.parse, urllib.request
    page = urllib.request.urlopen(sys.argv[1]).read().decode()
    code = re.search(r"<code>(.*?)</code>", page)[1]
    form = urllib.parse.urlencode({{"user_code": code, "decision": "{decision}"}}).encode()
    urllib.request.urlopen(sys.argv[1].partition("?")[0], form).read()
    print("what a browser prints must not reach the screen")
"""


def browser(directory: Path, decision: str) -> str:
    """BROWSER for a browser that decides by itself."""
    script = directory / "browser.py"
    script.write_text(textwrap.dedent(BROWSER.format(decision=decision)), encoding="utf-8")
    return f"{sys.executable} {script} %s"


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (80, 24)])
def test_an_sso_profile_is_logged_in_by_enter_and_its_databases_come(
    visit: Run, tmp_path: Path, columns: int, lines: int
) -> None:
    terminal = visit(BROWSER=browser(tmp_path, "approve"), columns=columns, lines=lines)
    terminal.wait_for("BOOKMARKS")
    terminal.press("/", "corp-dev", "enter")
    terminal.wait_for("├ writer", "aws 5")
    assert re.search(r"aws 5\dm", terminal.text)
    assert "SSO login: corp" not in terminal.text
    assert b"what a browser prints" not in terminal.raw


def test_an_sso_login_denied_in_the_browser_is_said(visit: Run, tmp_path: Path) -> None:
    terminal = visit(BROWSER=browser(tmp_path, "deny"))
    terminal.wait_for("BOOKMARKS")
    terminal.press("/", "corp-dev", "enter")
    terminal.wait_for("login corp was denied in", "Try again, and allow it there.")


def test_without_a_browser_the_code_is_shown_and_esc_gives_up(visit: Run) -> None:
    terminal = visit(columns=80, lines=24)
    terminal.wait_for("BOOKMARKS")
    terminal.press("/", "corp-dev", "enter")
    terminal.wait_for("SSO login: corp", "user_code=", "No browser comes up on this machine")
    terminal.press("y")
    terminal.wait_for("clipboard")
    assert b"\x1b]52;c;" in terminal.raw
    terminal.press("esc")
    terminal.wait_gone("SSO login: corp")


def test_a_renewal_asks_for_the_code_of_the_device_and_again_for_a_wrong_one(visit: Run) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS", "needs MFA #")
    terminal.press("down", "down", "R")
    terminal.wait_for("MFA code", "role/OnCall", "device arn:aws:iam::111111111111:mfa/alice")
    terminal.press("000000", "enter")
    terminal.wait_for("not accepted")
    terminal.press("123456", "enter")
    terminal.wait_for("The session of production is fresh.")
    terminal.wait_for("m ●")
    assert b"123456" not in terminal.raw


def test_esc_at_the_mfa_code_of_a_bookmark_goes_back_to_the_browser(visit: Run) -> None:
    terminal = visit()
    terminal.wait_for("BOOKMARKS", "needs MFA #")
    terminal.press("3")
    terminal.wait_for("MFA code")
    terminal.press("esc")
    terminal.wait_gone("MFA code")
    # The program is still there, and so is everything in it.
    terminal.press("2")
    terminal.wait_for("Role name", "orders-staging")
