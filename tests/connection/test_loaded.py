"""Sorting and searching what is loaded."""

from __future__ import annotations

import random

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.connection import row_store
from rolebrowser.connection.loaded import Loaded, matches
from rolebrowser.connection.protocol import Column, Page, Row
from rolebrowser.errors import Cancelled

COLUMNS = (Column("n", "numeric", numeric=True), Column("t", "text"))


def loaded(*rows: Row, more: bool = False) -> Loaded:
    return Loaded(COLUMNS, Page(rows, 0, more))


def arrange(these: Loaded, column: int, *, descending: bool = False) -> list[Row]:
    order = these.sorted_by(column, descending=descending, cancel=Cancel())
    these.take_order(order, column, descending=descending)
    return list(these)


def test_numbers_sort_as_numbers_and_nulls_as_postgresql_sorts_them() -> None:
    values = ("10", "9", None, "-1.5", "NaN", "Infinity", "9007199254740993", "9007199254740992")
    these = loaded(*((value, "x") for value in values))
    up = [row[0] for row in arrange(these, 0)]
    assert up == [
        *("-1.5", "9", "10", "9007199254740992", "9007199254740993", "Infinity", "NaN", None)
    ]
    assert [row[0] for row in arrange(these, 0, descending=True)] == up[::-1]
    these.unsort()
    assert [row[0] for row in these] == list(values)


def test_equal_rows_keep_the_servers_order_both_ways() -> None:
    rows = [(str(n), "same") for n in range(5)]
    assert arrange(loaded(*rows), 1) == rows
    assert arrange(loaded(*rows), 1, descending=True) == rows


def test_later_pages_stand_behind_what_was_sorted() -> None:
    these = loaded(("2", ""), ("1", ""), more=True)
    arrange(these, 0)
    these.append(Page((("0", ""),), 2, more=False))
    assert [row[0] for row in these] == ["1", "2", "0"]
    assert these.sorting is not None
    assert these.sorting.count == 2
    assert [row for page in these.pages(2) for row in page] == [("2", ""), ("1", ""), ("0", "")]


def test_sorted_rows_are_found_in_the_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_store, "_IN_MEMORY", 1000)
    numbers = random.sample(range(10_000), 3000)
    these = Loaded(COLUMNS)
    for start in range(0, 3000, 500):
        page = tuple((str(n), "x") for n in numbers[start : start + 500])
        these.append(Page(page, start, more=True))
    assert [int(row[0] or 0) for row in arrange(these, 0)] == sorted(numbers)


def test_searching_goes_round_both_ways() -> None:
    these = loaded(("1", "apple"), ("2", None), ("3", "Pineapple"), ("4", "pear"))

    def walk(pattern: str, start: tuple[int, int], *, backwards: bool = False) -> list[object]:
        places: list[object] = []
        here: tuple[int, int] | None = start
        for _ in range(3):
            assert here is not None
            here = these.find(pattern, here, backwards=backwards, cancel=Cancel())
            places.append(here)
            if here is None:
                break
        return places

    assert walk("apple", (0, 0)) == [(0, 1), (2, 1), (0, 1)]
    assert walk("apple", (0, 0), backwards=True) == [(2, 1), (0, 1), (2, 1)]
    assert walk("Pine", (0, 0)) == [(2, 1), (2, 1), (2, 1)]
    assert walk("nowhere", (0, 0)) == [None]


def test_capitals_matter_only_when_asked_for() -> None:
    assert matches("ORDERS", "ord")
    assert not matches("orders", "ORD")
    assert not matches(None, "null")
    assert not matches("x", "")


def test_long_work_can_be_cancelled() -> None:
    these, cancel = loaded(("1", "x")), Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        these.sorted_by(0, descending=False, cancel=cancel)
    with pytest.raises(Cancelled):
        these.find("y", (0, 0), backwards=False, cancel=cancel)
