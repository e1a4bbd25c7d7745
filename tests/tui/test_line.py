"""What of a row gives way where room is short."""

from __future__ import annotations

import pytest

from rolebrowser.tui.line import fit, line, named, span

ROW = line(
    span("1 "),
    named("orders-production-admin"),
    span("  dbadmin"),
    right=(span("ready"),),
)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "1 orders-production-admin  dbadmin ready"),
        (39, "1 orders-production-admin  dbadm… ready"),
        # A letter or two say nothing, and the name is whole: nothing stands right behind it.
        (36, "1 orders-production-admin  …   ready"),
        (32, "1 orders-production-admin  ready"),
        (31, "1 orders-production-admin ready"),
        # Names that begin alike are told from each other by their ends.
        (30, "1 orders-product…n-admin ready"),
        (18, "1 orders…min ready"),
        (16, "1 orders-… ready"),
        (12, "1 ord… ready"),
    ],
)
def test_a_name_keeps_both_ends_and_what_follows_it_goes_first(width: int, shown: str) -> None:
    assert "".join(each.text for each in fit(ROW, width)) == shown
