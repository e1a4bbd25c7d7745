"""Which keys the bottom line has room for."""

from __future__ import annotations

import pytest

from rolebrowser.tui.widgets.key_bar import Key, fitting

KEYS = [
    Key("/", "Filter", "filter"),
    Key("r", "Refresh", "refresh", spare=2),
    Key("a", "Roles", "roles", spare=1),
    Key("c", "Connect", "connect"),
    Key("?", "Help", "help"),
]


@pytest.mark.parametrize(
    ("width", "shown"),
    [(49, "/rac?"), (48, "/ac?"), (37, "/c?"), (28, "/?"), (17, "?"), (3, "?")],
)
def test_spare_keys_make_way_for_the_others_and_help_always_stays(width: int, shown: str) -> None:
    assert "".join(key.key for key in fitting(KEYS, width)) == shown
