"""cli/results.py: rows as JSON, errors as psql says them."""

from __future__ import annotations

import json

import pytest

from rolebrowser.cli.results import complain, json_value, show, unique
from rolebrowser.connection.protocol import Column, Notice, Outcome
from rolebrowser.errors import StatementError


@pytest.mark.parametrize(
    ("type_name", "value", "expected"),
    [
        ("int4", None, "null"),
        ("int8", "9223372036854775807", "9223372036854775807"),
        ("numeric", "1.10", "1.10"),
        ("numeric", "0.1234567890123456789012345", "0.1234567890123456789012345"),
        ("numeric", "NaN", '"NaN"'),
        ("float8", "-Infinity", '"-Infinity"'),
        ("float8", "1e-05", "1e-05"),
        ("bool", "t", "true"),
        ("bool", "f", "false"),
        ("text", "1", '"1"'),
        ("text", 'a "b"\n', '"a \\"b\\"\\n"'),
        ("text", "広", '"広"'),
        ("jsonb", '{"a": 1.50}', '{"a": 1.50}'),
        ("json", "NaN", '"NaN"'),
        ("json", "not json", '"not json"'),
        ("money", "$1.00", '"$1.00"'),
        ("", "5", '"5"'),
    ],
)
def test_a_cell_as_json_loses_nothing(type_name: str, value: str | None, expected: str) -> None:
    assert json_value(Column("c", type_name), value) == expected
    json.loads(expected)


def test_columns_of_one_name_are_told_apart() -> None:
    columns = [Column(name) for name in ("a", "b", "a", "a_2", "a")]
    assert unique(columns) == ["a", "b", "a_2", "a_2_2", "a_3"]


def outcome() -> Outcome:
    return Outcome("SELECT", "SELECT 2", (Column("a", "int4"), Column("b", "text")))


def test_json_is_one_array_whatever_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    show(outcome(), [(("1", "x"),), (("2", None),), ()], "json")
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_no_rows_are_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    show(outcome(), [()], "json")
    assert json.loads(capsys.readouterr().out) == []


def test_csv_quotes_and_keeps_null_apart_from_empty(capsys: pytest.CaptureFixture[str]) -> None:
    show(outcome(), [(("1", 'a,"b"'), ("2", None))], "csv")
    assert capsys.readouterr().out == 'a,b\n1,"a,""b"""\n2,\n'


def test_a_statement_without_rows_leaves_csv_alone(capsys: pytest.CaptureFixture[str]) -> None:
    show(Outcome("SET x", "SET"), [()], "csv")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "SET\n")


def test_notices_go_to_stderr_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    notice = Notice("NOTICE", "hello \x1b[31m")
    show(Outcome("DO", "DO", notices=(notice,)), [()], None)
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
    complain(StatementError("no", position=position), statement)
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
