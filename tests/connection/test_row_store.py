"""Loaded rows come back by their place, from memory and from the file, and memory stays flat."""

from __future__ import annotations

import random
import threading
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection import row_store
from rolebrowser.connection.protocol import Row
from rolebrowser.connection.row_store import RowStore


@given(st.lists(st.integers(0, 90), max_size=8), st.integers(0, 5000))
def test_every_row_is_at_its_place(pages: list[int], in_memory: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_store, "_IN_MEMORY", in_memory)
        store = RowStore()
        rows: list[Row] = []
        for count in pages:
            page: list[Row] = [(str(len(rows) + n), None, "\ud800é") for n in range(count)]
            rows += page
            store.extend(page)
    assert len(store) == len(rows)
    assert list(store) == rows
    assert [store.row(place) for place in reversed(range(len(rows)))] == rows[::-1]
    with pytest.raises(IndexError):
        store.row(len(rows))


def test_a_million_rows_take_a_few_megabytes() -> None:
    page: list[Row] = [(str(n), "x" * 30) for n in range(500)]
    tracemalloc.start()
    try:
        store = RowStore()
        for _ in range(400):
            store.extend(page)
        at_first = tracemalloc.get_traced_memory()[0]
        for _ in range(1600):
            store.extend(page)
        grown = tracemalloc.get_traced_memory()[0] - at_first
    finally:
        tracemalloc.stop()
    assert len(store) == 1_000_000
    assert store.row(999_999) == page[-1]
    assert grown < 1 << 20
    store.close()
    assert len(store) == 0


def test_rows_can_be_read_while_others_come() -> None:
    store = RowStore()
    page: list[Row] = [(str(n), "y" * 200) for n in range(100)]
    wrong: list[object] = []

    def read() -> None:
        for _ in range(3000):
            if count := len(store):
                place = random.randrange(count)
                if store.row(place) != page[place % 100]:
                    wrong.append(place)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(1500):
        store.extend(page)
    reader.join()
    assert not wrong
