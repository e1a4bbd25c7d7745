"""The Grants tab in a real terminal, from the matrix to a fix in the editor."""

from __future__ import annotations

import pytest

from .conftest import Run


@pytest.mark.parametrize(("columns", "lines"), [(140, 45), (80, 24)])
def test_from_a_refused_statement_to_the_grant_that_would_help(
    run: Run, columns: int, lines: int
) -> None:
    terminal = run("demo", columns=columns, lines=lines)
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "READ-ONLY")
    terminal.press("SELECT * FROM finance.invoices")
    terminal.wait_for("SELECT * FROM finance.invoices")
    terminal.press("f5")
    terminal.wait_for("permission denied", "w says why")
    terminal.press("w")
    terminal.wait_for("lacks USAGE on schema finance", "Verified")
    terminal.press("/", "give it", "enter", "f")
    terminal.wait_for("[SQL]", "GRANT USAGE ON SCHEMA finance TO app_oncall;")


def test_the_matrix_is_walked_filtered_and_zoomed_without_colour(run: Run) -> None:
    terminal = run("demo", NO_COLOR="1")
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("f7", "f7")
    terminal.wait_for("40 roles × 17 tables", "a·······✗", "PUBLIC")
    terminal.press("/", "auditor", "tab", "salaries", "enter")
    terminal.wait_for("1 role × 1 table", "arwdDxtm⇒", "auditor ⇒ SET ROLE finance_team")
    terminal.press("esc")
    terminal.wait_for("40 roles × 17 tables")
    terminal.press("z")
    terminal.wait_for("[schemas]", "9/10")
    terminal.press("e")
    terminal.wait_for("What auditor is and can do", "It is NOINHERIT", "finance_team")
