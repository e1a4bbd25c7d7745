"""Rows in the forms people paste: nothing is lost, and what reads them back reads the same."""

from __future__ import annotations

import csv
import io
import json

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection.encode import Form, encoded, encoder, json_value, unique
from rolebrowser.connection.protocol import Column, Row
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.target import Engine

COLUMNS = (Column("id", "int4", numeric=True), Column('a "b"', "text"))
ROWS: list[Row] = [("1", 'x, "y"\nz'), ("2", None), ("3", ""), ("-4.5e3", "it's \\ | 広")]
text = st.none() | st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6
)


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


def test_the_forms_side_by_side() -> None:
    assert encoded(Form.TEXT, COLUMNS, ROWS[1:3]) == "2\t\n3\t\n"
    assert encoded(Form.CSV, COLUMNS, ROWS[:3]) == ('id,"a ""b"""\n1,"x, ""y""\nz"\n2,\n3,""\n')
    assert encoded(Form.JSON_LINES, COLUMNS, ROWS[1:3]) == (
        '{"id": 2, "a \\"b\\"": null}\n{"id": 3, "a \\"b\\"": ""}\n'
    )
    assert encoded(Form.INSERT, COLUMNS, ROWS[1:], table="t") == (
        """INSERT INTO t ("id", "a ""b""\") VALUES (2, NULL);\n"""
        """INSERT INTO t ("id", "a ""b""\") VALUES (3, '');\n"""
        """INSERT INTO t ("id", "a ""b""\") VALUES (-4.5e3, 'it''s \\ | 広');\n"""
    )
    assert encoded(Form.MARKDOWN, COLUMNS, ROWS) == (
        '| id | a "b" |\n| --: | --- |\n| 1 | x, "y"<br>z |\n'
        "| 2 | *NULL* |\n| 3 |  |\n| -4.5e3 | it's \\\\ \\| 広 |\n"
    )


def test_mysql_literals_escape_backslashes_too() -> None:
    told = encoded(Form.INSERT, [Column("a`b")], [("\\'",)], engine=Engine.MYSQL)
    assert told == "INSERT INTO table_name (`a``b`) VALUES ('\\\\''');\n"


def test_json_is_one_array_however_many_pages() -> None:
    made = encoder(Form.JSON, COLUMNS)
    parts = [made.head(), made.body([]), made.body(ROWS[:1]), made.body(ROWS[1:]), made.foot()]
    assert [row["id"] for row in json.loads("".join(parts))] == [1, 2, 3, -4500.0]
    assert encoded(Form.JSON, COLUMNS, []) == "[]\n"


@given(st.lists(st.tuples(text, text), max_size=4))
def test_csv_and_json_come_back_as_they_went(rows: list[Row]) -> None:
    columns = (Column("a", "text"), Column("b", "jsonb"))
    back = list(csv.reader(io.StringIO(encoded(Form.CSV, columns, rows), newline="")))
    assert back[1:] == [[value or "" for value in row] for row in rows]
    lines = encoded(Form.JSON_LINES, (columns[0], Column("b")), rows).split("\n")[:-1]
    assert [tuple(json.loads(line).values()) for line in lines] == rows


def test_csv_is_copys_byte_for_byte(postgres_server: PostgresServer) -> None:
    values = ["", "a", 'q"q', "a,b", "\r", "\n", " x ", "\\.", "NULL", "é", None]
    with psycopg.connect(postgres_server.dsn()) as connection:
        connection.execute("CREATE TEMP TABLE csv (v text, w text)")
        for value in values:
            connection.execute("INSERT INTO csv VALUES (%s, %s)", (value, value))
        for names in (["v"], ["v", "w"]):
            query = f"COPY (SELECT {', '.join(names)} FROM csv) TO STDOUT (FORMAT csv, HEADER)"
            with connection.cursor().copy(query) as copy:  # type: ignore[arg-type]
                theirs = b"".join(copy)
            rows: list[Row] = [(value,) * len(names) for value in values]
            ours = encoded(Form.CSV, [Column(name) for name in names], rows)
            assert ours.encode() == theirs


def test_inserts_are_taken_by_the_server(postgres_server: PostgresServer) -> None:
    columns = (Column("N", "int8"), Column('a "b"', "text"), Column("f", "float8"))
    rows: list[Row] = [("1", "it's \\n", "NaN"), (None, "", "1e-05"), ("2", "$$ -- ;", "Infinity")]
    with psycopg.connect(postgres_server.dsn()) as connection:
        connection.execute('CREATE TEMP TABLE taken ("N" int8, "a ""b""" text, f float8)')
        connection.execute(encoded(Form.INSERT, columns, rows, table="taken"))  # type: ignore[arg-type]
        back = connection.execute("SELECT * FROM taken").fetchall()
    assert [row[:2] for row in back] == [(1, "it's \\n"), (None, ""), (2, "$$ -- ;")]


def test_rows_without_columns_are_empty_lines_of_csv() -> None:
    assert encoded(Form.CSV, (), [(), ()]) == "\n\n\n"
    assert encoded(Form.CSV, (), []) == "\n"
