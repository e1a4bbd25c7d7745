"""Which keys the bottom line has room for."""

from __future__ import annotations

import pytest

from rolebrowser.tui.widgets.key_bar import Key, fitting

KEYS = [
    Key("/", "Filter", "filter"),
    Key("r", "Refresh", "refresh", rank=3),
    Key("a", "Roles", "roles", rank=2),
    Key("c", "Connect", "connect"),
    Key("?", "Help", "help"),
]


@pytest.mark.parametrize(
    ("width", "shown"),
    [(49, "/rac?"), (48, "/ac?"), (37, "/c?"), (28, "/?"), (17, "?"), (3, "?")],
)
def test_keys_of_a_later_rank_make_way_and_help_always_stays(width: int, shown: str) -> None:
    assert "".join(key.key for key in fitting(KEYS, width)) == shown
