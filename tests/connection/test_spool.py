"""Rows kept aside come out as they went in, from memory and from the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.connection.protocol import Row
from rolebrowser.connection.spool import Spool

chunks = st.lists(
    st.lists(st.tuples(st.none() | st.text(max_size=5)), min_size=1, max_size=4), max_size=6
)


@given(chunks, st.lists(st.integers(0, 5), max_size=10))
def test_first_in_is_first_out(parts: list[list[Row]], takes: list[int]) -> None:
    spool = Spool()
    taken: list[Row] = []
    for place, part in enumerate(parts):
        spool.put(part)
        taken += spool.take(takes[place] if place < len(takes) else 0)
    taken += spool.take(1000)
    assert taken == [row for part in parts for row in part]
    assert (spool.rows, spool.size) == (0, 0)


def test_large_rows_go_to_a_file_and_come_back_in_order() -> None:
    spool = Spool()
    rows: list[Row] = [(str(n), f"{n:01000}", None, "\ud800") for n in range(5000)]
    for start in range(0, 5000, 20):
        spool.put(rows[start : start + 20])
    assert spool.rows == 5000
    assert spool.size > 4_000_000
    back: list[Row] = []
    while page := spool.take(77):
        back += page
        spool.put(rows[:1]) if len(back) == 77 else None
    assert back == [*rows, rows[0]]
    spool.close()
    assert spool.take(5) == ()


def test_rows_taken_as_fast_as_they_come_never_touch_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_file() -> None:
        raise OSError("a file was made")

    monkeypatch.setattr("rolebrowser.connection.spool.RowFile", no_file)
    spool = Spool()
    rows: list[Row] = [(f"{n:01000}",) for n in range(500)]
    spool.put(rows[:1])
    for _ in range(100):
        spool.put(rows)
        assert len(spool.take(500)) == 500
    assert spool.size < 1_000_000
