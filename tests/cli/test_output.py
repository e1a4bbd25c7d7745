"""cli/output.py: tables for people, JSON for scripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from rolebrowser.cli import output

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
