"""Parts of a result for the clipboard."""

from __future__ import annotations

import pytest

from rolebrowser.connection.copying import Part, copied, table_of
from rolebrowser.connection.encode import Form
from rolebrowser.connection.loaded import Loaded
from rolebrowser.connection.protocol import Column, Page
from rolebrowser.target import Engine

LOADED = Loaded(
    (Column("id", "int4", numeric=True), Column("name", "text")),
    Page((("1", "one"), ("2", None), ("3", ""))),
)


def test_each_part_is_what_it_says() -> None:
    def text(part: Part) -> str:
        return copied(LOADED, (1, 0), part, Form.TEXT)

    assert text(Part.CELL) == "2"
    assert text(Part.ROW) == "2\t"
    assert text(Part.COLUMN) == "1\n2\n3\n"
    assert text(Part.ALL) == "1\tone\n2\t\n3\t\n"


def test_a_cell_in_a_form_has_its_columns_name() -> None:
    assert copied(LOADED, (2, 1), Part.CELL, Form.CSV) == 'name\n""'
    assert copied(LOADED, (1, 1), Part.CELL, Form.JSON) == '[\n{"name": null}\n]'


def test_rows_are_copied_in_the_order_they_are_shown_in() -> None:
    loaded = Loaded(LOADED.columns, Page((("1", "a"), ("2", "b"))))
    loaded.take_order((1, 0), 0, descending=True)
    assert copied(loaded, (0, 0), Part.COLUMN, Form.TEXT) == "2\n1\n"


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("SELECT * FROM orders", "orders"),
        ('SELECT * FROM sales."Big Orders" o WHERE x = 1', 'sales."Big Orders"'),
        ("select a from b.c.d limit 5", "b.c.d"),
        ("SELECT * FROM a, b", ""),
        ("SELECT * FROM a JOIN b USING (id)", ""),
        ("SELECT * FROM generate_series(1, 2)", ""),
        ("SELECT 1", ""),
        ("SELECT * FROM", ""),
        ("SELECT * FROM a UNION SELECT * FROM b", ""),
    ],
)
def test_the_table_of_the_inserts_is_the_one_that_was_read(statement: str, table: str) -> None:
    assert table_of(statement) == table


def test_mysql_names_keep_their_marks() -> None:
    assert table_of("SELECT * FROM `my db`.`t`", Engine.MYSQL) == "`my db`.`t`"
