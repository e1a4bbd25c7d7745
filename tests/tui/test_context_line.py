"""The line on top: what goes when space is short, and what never does. Table-tested, pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rolebrowser.tui.line import fit
from rolebrowser.tui.rows.context import Context, describe

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
INSIDE = Context(
    ("ProductionOnCall", "orders-production", "app_oncall"),
    "orders-production",
    guarded=True,
    mode="READ-ONLY",
    session_ends=NOW + timedelta(minutes=52, seconds=10),
    token_ends=NOW + timedelta(minutes=14, seconds=59),
    calm=("idle",),
)


def at(context: Context, width: int) -> str:
    return "".join(each.text for each in fit(describe(context, NOW, width), width))


def test_with_room_everything_is_said() -> None:
    said = " ".join(at(INSIDE, 140).split())
    assert said.startswith("rolebrowser ▸ ProductionOnCall ▸ orders-production ▸ app_oncall idle")
    assert said.endswith("▲PRODUCTION READ-ONLY aws 52m10s token 14m59s")


def test_at_80_columns_database_user_mode_state_and_both_clocks_are_there() -> None:
    said = at(INSIDE, 80)
    for each in ("orders-production ▸ app_oncall", "idle", "▲PROD", "READ-ONLY", "52m", "14m"):
        assert each in said


@pytest.mark.parametrize("mode", ["READ-ONLY", "READ-WRITE"])
@pytest.mark.parametrize("notes", [(), ("running 12s",), ("in transaction",)])
def test_database_mode_and_what_is_under_way_are_never_cut(
    mode: str, notes: tuple[str, ...]
) -> None:
    context = Context(
        INSIDE.crumbs,
        INSIDE.database,
        mode=mode,
        session_ends=INSIDE.session_ends,
        token_ends=INSIDE.token_ends,
        notes=notes,
        route="ssm bastion-host-1",
    )
    for width in range(48, 141):
        said = at(context, width)
        assert all(each in said for each in ("orders-production", mode, *notes)), (width, said)


def test_a_database_too_long_for_the_line_is_cut_itself_and_nothing_else_left_in_its_place() -> (
    None
):
    long = Context(("role", "x" * 63, "user"), "x" * 63, mode="READ-ONLY", calm=("idle",))
    said = at(long, 50)
    assert "xxxxxxxxxx" in said
    assert "READ-ONLY" in said
    assert "role" not in said


def test_seconds_of_the_last_minutes_stay() -> None:
    soon = Context(("a", "db", "b"), "db", session_ends=NOW + timedelta(minutes=9, seconds=5))
    assert "9m05s" in at(soon, 24)
