"""Which tabs a strip draws when there is no room for all."""

from __future__ import annotations

import pytest

from rolebrowser.tui.widgets.tab_strip import visible


@pytest.mark.parametrize(
    ("widths", "active", "room", "expected"),
    [
        ([], 0, 10, range(0)),
        ([5, 5, 5], 1, 15, range(3)),
        ([5, 5, 5, 5], 3, 15, range(2, 4)),
        ([5, 5, 5, 5], 0, 15, range(2)),
        ([5, 5, 5, 5], 2, 19, range(3)),
        ([50, 50], 1, 10, range(1, 2)),
    ],
)
def test_the_active_tab_shows_and_as_many_neighbours_as_fit(
    widths: list[int], active: int, room: int, expected: range
) -> None:
    assert visible(widths, active, room) == expected
