"""The Grants tab in a real terminal, from the matrix to a fix in the editor."""

from __future__ import annotations

import pytest

from .conftest import Run


@pytest.mark.parametrize(("columns", "lines"), [(140, 45), (80, 24)])
def test_from_a_refused_statement_to_the_grant_that_would_help(
    visit: Run, columns: int, lines: int
) -> None:
    terminal = visit(columns=columns, lines=lines)
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "READ-ONLY")
    terminal.press("SELECT * FROM finance.invoices")
    terminal.wait_for("SELECT * FROM finance.invoices")
    terminal.press("f5")
    terminal.wait_for("permission denied", "w says why")
    terminal.press("w")
    terminal.wait_for("lacks USAGE on schema finance", "What would give it")
    terminal.send("/give it\rf")  # in one piece, as over a slow line
    terminal.wait_for("[SQL]", "GRANT USAGE ON SCHEMA finance TO app_oncall;")


def test_the_matrix_is_walked_filtered_and_zoomed_without_colour(visit: Run) -> None:
    terminal = visit(NO_COLOR="1")
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name")
    terminal.press("f7", "f7")
    terminal.wait_for("39 of 55 roles × 17 tables", "a·······✗", "PUBLIC")
    # In one piece, as a slow line delivers it: what is behind Tab is for the other field.
    terminal.send("/auditor\tsalaries\r")
    terminal.wait_for("1 of 55 roles × 1 table", "arwdDxtm⇒", "auditor ⇒ SET ROLE finance_team")
    terminal.press("esc")
    terminal.wait_for("39 of 55 roles × 17 tables")
    terminal.press("z")
    terminal.wait_for("[schemas]", "9/10")
    terminal.press("e")
    terminal.wait_for("What auditor is and can do", "It is NOINHERIT", "finance_team")
