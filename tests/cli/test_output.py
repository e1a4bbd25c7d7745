"""cli/output.py: tables for people, JSON for scripts."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
from datetime import UTC, datetime, timedelta, timezone

import pytest

from rolebrowser.cli import folding, output

ROWS = [
    {"name": "a", "when": None, "many": ["x", "y"], "hidden": 1},
    {"name": "広い\x1b[31m", "when": "2026", "many": [], "hidden": 2},
]


def test_json_is_one_array_with_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    output.records(ROWS, ("name",), as_json=True)
    assert json.loads(capsys.readouterr().out) == ROWS


def test_columns_are_aligned_whatever_the_width_and_nothing_hostile_comes_through(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.records(ROWS, ("name", "when", "many"), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "NAME       WHEN  MANY",
        "a          -     x; y",
        "広い␛[31m  2026  -",
    ]


def test_no_rows_are_a_heading_or_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    output.records([], ("name",), as_json=False)
    output.records([], ("name",), as_json=True)
    assert capsys.readouterr().out == "NAME\n[]\n"


@pytest.mark.parametrize("value", [True, False])
def test_truth_is_said_in_words(value: bool, capsys: pytest.CaptureFixture[str]) -> None:
    output.records([{"iam_auth": value}], ("iam_auth",), as_json=False)
    assert capsys.readouterr().out == f"IAM AUTH\n{'yes' if value else 'no'}\n"


def test_times_are_utc_to_the_second() -> None:
    here = timezone(timedelta(hours=2))
    assert output.iso(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=here)) == "2026-01-02T01:04:05Z"
    assert output.iso(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00Z"
    assert output.iso(None) is None


WIDE = [
    ["NAME", "ARN", "REASONS"],
    ["a", "arn:aws:iam::111111111111:role/Developer", "statement 2 of Databases allows it"],
    ["b", "arn:aws:iam::111111111111:role/WithoutAnyBreaksAtAll", "広い" * 10],
]


def test_a_table_is_folded_between_words_to_the_width_it_has() -> None:
    assert list(folding.table(WIDE[:2], 42)) == [
        "NAME  ARN                REASONS",
        "a     arn:aws:iam::      statement 2 of",
        "      111111111111:      Databases allows",
        "      role/Developer     it",
    ]


def test_the_widest_column_goes_below_its_row_where_there_is_no_room_for_all() -> None:
    assert list(folding.table([*WIDE[:2], ["c", "-", "none"]], 36)) == [
        "NAME  REASONS",
        "a     statement 2 of Databases",
        "      allows it",
        "    ARN: arn:aws:iam::111111111111:",
        "    role/Developer",
        "c     none",
    ]


def test_the_widest_column_goes_below_its_row_where_that_takes_fewer_lines() -> None:
    way = "app → oncall → readers → view sales.paid_invoices (as its owner orders_owner)"
    lines = [
        ["ROLE", "OBJECT", "VIA"],
        ["app", "sales.paid_invoices", way],
        ["app", "sales.promotions", "app → PUBLIC"],
    ]
    assert list(folding.table(lines, 40)) == [
        "ROLE  OBJECT",
        "app   sales.paid_invoices",
        "    VIA: app → oncall → readers → view",
        "    sales.paid_invoices (as its owner",
        "    orders_owner)",
        "app   sales.promotions",
        "    VIA: app → PUBLIC",
    ]


def test_a_column_that_says_nothing_makes_room() -> None:
    lines = [["NAME", "ENDS AT", "ACCOUNT", "PROBLEM"], ["a", "-", "111111111111", ""]]
    assert list(folding.table(lines, 18)) == ["NAME  ACCOUNT", "a     111111111111"]
    assert next(folding.table(lines, 80)) == "NAME  ENDS AT  ACCOUNT       PROBLEM"


@pytest.mark.parametrize("columns", range(22, 140))
def test_a_folded_table_fits_and_loses_nothing(columns: int) -> None:
    lines = list(folding.table(WIDE, columns))
    assert max(map(folding.width, lines)) <= columns
    together = "".join("".join(lines).split())
    for char in "".join("".join(WIDE[2]).split()):
        assert char in together
    assert sum(line.count("広") for line in lines) == 10


@pytest.mark.parametrize("columns", [80, 40])
def test_a_terminal_is_folded_for_and_a_pipe_is_not(columns: int) -> None:
    rows = [{"name": "a", "arn": "arn:aws:iam::111111111111:role/Developer", "why": "words " * 20}]
    call = f"records({rows!r}, ('name', 'arn', 'why'), as_json=False)"
    program = f"from rolebrowser.cli.output import records; {call}"
    environ = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    piped = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ, check=True
    )
    assert len(piped.stdout.splitlines()) == 2
    primary, secondary = pty.openpty()
    termios.tcsetwinsize(secondary, (24, columns))
    done = subprocess.Popen([sys.executable, "-c", program], stdout=secondary, env=environ)
    os.close(secondary)
    seen = b""
    with contextlib.suppress(OSError):  # the other side is closed
        while data := os.read(primary, 4096):
            seen += data
    os.close(primary)
    assert done.wait(60) == 0
    lines = seen.decode().splitlines()
    assert len(lines) > 2
    assert max(map(len, lines)) <= columns
