"""Walking through a result: records, sorting, searching, widths, notices, as a person does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolebrowser.connection.loaded import Loaded
from rolebrowser.connection.protocol import Column, Notice, Outcome, Page, Row
from rolebrowser.tui.widgets.grid_layout import HEADER, RecordLayout, TableLayout
from rolebrowser.tui.widgets.result_pane import sorted_text, summary

if TYPE_CHECKING:
    from .conftest import AtTheApp

COLUMNS = (Column("id", "int4", numeric=True), Column("name", "text"))
ROWS: tuple[Row, ...] = (("1", "one"), ("2", None), ("3", ""))


def test_the_status_line_never_claims_an_end_it_has_not_seen() -> None:
    outcome = Outcome("SELECT", columns=COLUMNS, seconds=0.012)
    assert summary(outcome, 500, more=True) == "≥ 500 rows  ·  12 ms"
    ended = Outcome("SELECT", "SELECT 1", COLUMNS, seconds=12.34, notices=(Notice("NOTICE", "x"),))
    assert summary(ended, 1, more=False) == "SELECT 1  ·  1 row  ·  12.3 s  ·  1 notice"


def test_it_says_that_only_loaded_rows_are_sorted() -> None:
    loaded = Loaded(COLUMNS, Page(ROWS, 0, more=True))
    loaded.take_order((2, 1, 0), 1, descending=True)
    text = sorted_text(loaded.sorting, COLUMNS, 3, True)
    assert text == "sorted here by name ▼, the first 3 loaded rows"
    assert sorted_text(loaded.sorting, COLUMNS, 3, False) == "sorted here by name ▼"
    text = sorted_text(loaded.sorting, COLUMNS, 5, False)
    assert text == "sorted here by name ▼, the first 3 of 5 rows"
    assert sorted_text(None, COLUMNS, 3, False) == ""


def test_a_table_knows_where_its_cells_are() -> None:
    table = TableLayout(Loaded(COLUMNS, Page(ROWS)))
    table.measure(ROWS)
    assert table.size(80) == (5 + 7, 3)
    assert table.at(0, 1) == (1, 0)
    assert table.at(5, 2) == (2, 1)
    assert table.at(500, 2) == (2, 1)
    region = table.region((2, 1))
    assert table.at(region.x, region.y) == (2, 1)
    assert table.moved((1, 1), 1, -1) == (2, 0)
    table.resize(1, 8)
    table.measure([("4", "x" * 100)])
    assert table.size(80).width == 5 + 15
    assert HEADER < 0


def test_records_are_walked_field_by_field_and_record_by_record() -> None:
    records = RecordLayout(Loaded(COLUMNS, Page(ROWS)))
    assert records.size(80) == (0, 9)  # as wide as there is room
    assert [records.at(0, line) for line in range(4)] == [(0, 0), (0, 0), (0, 1), (1, 0)]
    assert records.moved((0, 1), 1, 0) == (1, 0)
    assert records.moved((1, 0), -1, 0) == (0, 1)
    assert records.moved((1, 1), 0, 1) == (2, 1)
    assert records.moved((2, 1), 50, 0) == (2, 1)
    for place in ((0, 0), (1, 1), (2, 0)):
        region = records.region(place)
        assert records.at(0, region.bottom - 1) == place


async def test_x_shows_records_and_back(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT 1 AS id, NULL AS gone UNION ALL SELECT 2, 'here'", "gone")
        await person.press("x")
        await person.sees("[ RECORD 1 ]", " gone │ NULL", "[ RECORD 2 ]", " gone │ here")
        await person.press("down", "down", "right")
        assert person.grid.cursor == (1, 0)
        await person.press("x")
        await person.loses("RECORD")
        assert person.grid.cursor == (1, 0)


async def test_s_sorts_what_is_loaded_and_says_so(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT (g * 7) % 1100 AS n FROM generate_series(1, 1100) g", "≥ 500")
        await person.press("s")
        await person.sees("sorted here by n ▲, the first 500 loaded rows", "n ▲")
        first = sorted(g * 7 % 1100 for g in range(1, 501))[:3]
        assert [person.grid.row(place)[0] for place in range(3)] == [str(n) for n in first]
        await person.press("s")
        await person.sees("▼")
        await person.press("s")
        await person.loses("sorted")
        assert person.grid.row(0)[0] == "7"


async def test_a_search_goes_from_match_to_match(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        hits = "SELECT g, CASE WHEN g % 40 = 0 THEN 'Hit' END FROM generate_series(1, 100) g"
        await person.run(hits, "100 rows")
        await person.press("slash")
        await person.sees("capitals matter")
        await person.type("hit\n")
        await person.until(lambda: person.grid.cursor == (39, 1), "the first match")
        await person.press("n")
        await person.until(lambda: person.grid.cursor == (79, 1), "the second match")
        await person.press("n")
        await person.until(lambda: person.grid.cursor == (39, 1), "round the end")
        await person.press("N")
        await person.until(lambda: person.grid.cursor == (79, 1), "backwards")
        await person.press("slash", "ctrl+u")
        await person.type("miss\n")
        await person.sees("No cell of the 100 rows holds that")
        await person.press("slash", "ctrl+u")
        await person.type("77\n")
        await person.until(lambda: person.grid.cursor == (76, 0), "the only match")
        await person.press("n")
        await person.sees("No other loaded cell holds that")


async def test_columns_get_wider_and_narrower(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT repeat('x', 49) || 'abcdef' AS wide, 1 AS n", "wide")
        assert "xabcdef" not in person.text
        await person.press("greater_than_sign")
        await person.sees("xabcdef")
        await person.press(*["less_than_sign"] * 6)
        await person.sees("xxxxxxxxx…")


async def test_notices_are_shown_under_the_rows_and_for_statements_without_any(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        name = "x" * 70
        await person.run(f"SELECT 1 AS {name}", "NOTICE:  identifier", "truncated", "1 notice")
        await person.run(f"SET search_path = {name}", "NOTICE:  identifier", "SET", "1 notice")
