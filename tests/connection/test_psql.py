"""psql's layouts held to the real psql 18: generated tables, and the width of every character."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolebrowser.connection import psql
from rolebrowser.connection.protocol import Column, Row
from rolebrowser.connection.psql_widths import char_width

RealPsql = Callable[..., str]

_SURROGATES = (0xD800, 0xDFFF)
# U+xxFFFE and U+xxFFFF are no characters: the server's own output of them is broken.
texts = st.text(
    st.one_of(
        st.sampled_from("ab \t\n\r\x01\x7f\x85\x9b|+é字🎉\u0301\u200b\u202e\u3000ﾊ"),
        st.characters(codec="utf-8", exclude_characters="\0").filter(
            lambda char: ord(char) & 0xFFFE != 0xFFFE
        ),
    ),
    max_size=12,
)
cells = st.one_of(st.none(), texts)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[Row]]:
    """Columns (some right-aligned) and rows of anything."""
    width = draw(st.integers(1, 4))
    names = st.text(st.sampled_from("abc 字é\n"), min_size=1, max_size=8)
    columns = [Column(draw(names)) for _ in range(width)]
    rows = draw(st.lists(st.tuples(*[cells] * width), max_size=4))
    return columns, rows


def _sql(columns: list[Column], rows: list[Row]) -> str:
    names = ", ".join('"' + column.name.replace('"', '""') + '"' for column in columns)
    lists = [
        "("
        + ", ".join("NULL" if v is None else f"'{v.replace(chr(39), chr(39) * 2)}'" for v in row)
        + ")"
        for row in rows or [tuple(None for _ in columns)]
    ]
    # Casts keep the type text where a column holds nothing but NULL.
    blank = "(" + ", ".join("''::text" for _ in columns) + ")"
    limit = f"OFFSET 1 LIMIT {len(rows)}"
    return f"SELECT * FROM (VALUES {', '.join([blank, *lists])}) AS t({names}) {limit}"


many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@many
@given(tables())
def test_an_aligned_table_is_psqls_byte_for_byte(
    real_psql: RealPsql, table: tuple[list[Column], list[Row]]
) -> None:
    columns, rows = table
    assert psql.aligned(columns, rows) == real_psql(_sql(columns, rows))


@many
@given(tables())
def test_an_expanded_table_is_psqls_byte_for_byte(
    real_psql: RealPsql, table: tuple[list[Column], list[Row]]
) -> None:
    columns, rows = table
    assert psql.expanded(columns, rows) == real_psql(_sql(columns, rows), "-x")


@pytest.mark.parametrize(
    ("name", "row", "count"),
    [
        ("a", ("\n",), 1),
        ("a", ("x\ny",), 1),
        ("a", ("x\ny",), 12),
        ("aaaaaaa", ("x\ny",), 101),
        ("aaaaaaaaaaaa", ("x\ny",), 1),
        ("a\nb", ("x\ny",), 1),
        ("aaaaaaaaaaa\nb", ("x\n",), 1),
        ("a", ("123456789\n",), 1),
        ("a", ("1234567890\n",), 1),
        ("a", ("x",), 101),
        ("aaaaaaaaaaa", (None,), 1),
        ("aaaaaaaaaaaaa", ("x",), 1),
    ],
)
def test_an_expanded_value_is_as_wide_as_its_records_label(
    real_psql: RealPsql, name: str, row: Row, count: int
) -> None:
    columns, rows = [Column(name)], [row] * count
    assert psql.expanded(columns, rows) == real_psql(_sql(columns, rows), "-x")


def test_numbers_stand_right_and_null_is_empty(real_psql: RealPsql) -> None:
    sql = "SELECT 1 AS n, NULL::int AS \"a long name\", 'x' AS t UNION ALL SELECT 1000, 7, NULL"
    columns = [Column("n", "int4", True), Column("a long name", "int4", True), Column("t", "text")]
    rows: list[Row] = [("1", None, "x"), ("1000", "7", None)]
    assert psql.aligned(columns, rows) == real_psql(sql)
    assert psql.expanded(columns, rows) == real_psql(sql, "-x")


def test_every_character_is_as_wide_as_psql_takes_it(real_psql: RealPsql) -> None:
    printed = real_psql(
        "SELECT chr(i) AS c, i FROM generate_series(160, 1114111) i "
        "WHERE i NOT BETWEEN 55296 AND 57343 AND i & 65534 <> 65534"
    )
    wrong: list[str] = []
    for line in printed.split("\n")[2:-3]:
        left, _, number = line.rpartition("|")
        # The column is two wide, with a blank on either side: what isn't padding is the character.
        measured = 2 - (len(left) - 3)
        if measured != char_width(chr(int(number))):
            wrong.append(f"U+{int(number):04X}: {measured}")
    assert wrong == []
