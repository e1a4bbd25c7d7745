"""cli/results.py: rows as JSON, errors as psql says them."""

from __future__ import annotations

import json

import pytest

from rolebrowser.cli.results import Sink, complain, show
from rolebrowser.connection.protocol import Column, Notice, Outcome
from rolebrowser.errors import StatementError


def outcome() -> Outcome:
    return Outcome("SELECT", "SELECT 2", (Column("a", "int4"), Column("b", "text")))


def test_json_is_one_array_whatever_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    show(outcome(), [(("1", "x"),), (("2", None),), ()], Sink("json"))
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_no_rows_are_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    show(outcome(), [()], Sink("json"))
    assert json.loads(capsys.readouterr().out) == []


def test_csv_quotes_and_keeps_null_apart_from_empty(capsys: pytest.CaptureFixture[str]) -> None:
    show(outcome(), [(("1", 'a,"b"'), ("2", None))], Sink("csv"))
    assert capsys.readouterr().out == 'a,b\n1,"a,""b"""\n2,\n'


def test_a_statement_without_rows_leaves_csv_alone(capsys: pytest.CaptureFixture[str]) -> None:
    show(Outcome("SET x", "SET"), [()], Sink("csv"))
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "SET\n")


def test_notices_go_to_stderr_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    notice = Notice("NOTICE", "hello \x1b[31m")
    show(Outcome("DO", "DO", notices=(notice,)), [()], Sink())
    said = capsys.readouterr()
    assert (said.out, said.err) == ("DO\n", "NOTICE:  hello ␛[31m\n")


@pytest.mark.parametrize(
    ("statement", "position", "expected"),
    [
        ("SELECT x", 8, "LINE 1: SELECT x\n               ^\n"),
        ("SELECT 1,\n\tfoo", 12, "LINE 2:  foo\n         ^\n"),
        ("SELECT '広', x", 13, "LINE 1: SELECT '広', x\n                     ^\n"),
        ("SELECT", 7, "LINE 1: SELECT\n              ^\n"),
        ("SELECT", 99, ""),
        ("SELECT", None, ""),
    ],
)
def test_the_place_of_an_error_is_pointed_at(
    statement: str, position: int | None, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    complain(StatementError("no", code="42601", position=position), statement)
    assert capsys.readouterr().err == "ERROR:  no\n" + expected


def test_of_a_long_line_the_surroundings_of_the_error_are_quoted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    statement = "SELECT " + "a, " * 100 + "wrong, " + "b, " * 100 + "1"
    complain(StatementError("no", position=statement.index("wrong") + 1), statement)
    _, line, caret = capsys.readouterr().err.splitlines()
    assert line.startswith("LINE 1: ...")
    assert line.endswith("...")
    assert line[caret.index("^") :].startswith("wrong")
    assert len(line) < 80


def test_a_password_in_an_error_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    statement = "ALTER USER me PASSWORD 'hunter2' x"
    complain(StatementError("no", position=34), statement)
    assert "hunter2" not in capsys.readouterr().err
