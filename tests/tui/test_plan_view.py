"""A plan as a tree: what its rows say, and going about in it with the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from rolebrowser.connection.plan import Plan, PlanNode
from rolebrowser.sandbox import mariadb
from rolebrowser.tui.line import fit
from rolebrowser.tui.rows.plan import bar, draw, duration, heading, plan_rows, short, summary

if TYPE_CHECKING:
    from .conftest import AtTheApp

LEAF = PlanNode("Seq Scan on t", (), 10, 10, 5, 5000, 1, 90, 90)
IDLE = PlanNode("Index Scan on u", (), 1, 1, 4, None, 0)
JOIN = PlanNode("Hash Join", (), 20, 9, 300, 3, 2, 100, 10, (LEAF, IDLE))
PLAN = Plan(JOIN, 0.5, 100.25, (("JIT", "3 ms"),))


def text(spans: object) -> str:
    return "".join(each.text for each in spans)  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [76, 136])
def test_every_row_is_as_wide_as_the_heading_and_its_columns_stand_below_it(width: int) -> None:
    top = text(fit(heading(PLAN, width), width))
    rows = [text(fit(draw(row, width), width)) for row in plan_rows(PLAN, ())]
    assert {cell_len(row) for row in (top, *rows)} == {width}
    ends = top.index("own time") + len("own time")
    assert rows[0][:ends].endswith("10.0 ms")
    assert rows[1][:ends].endswith("90.0 ms")
    assert rows[0].count(" ms") == (2 if width > 100 else 1)


def test_what_is_slow_misjudged_or_idle_has_a_sign_and_a_colour() -> None:
    rows = plan_rows(PLAN, ())
    join, leaf, idle = (draw(row, 76) for row in rows)
    assert [(span.text.strip(), span.style) for span in (join.right[-1], leaf.right[-1])] == [
        *(("▼100×", "bad"), ("▲1,000×", "bad"))
    ]
    assert ("◆ ", "bad") in [(span.text, span.style) for span in leaf.left]
    assert "◆" not in text(join.left)
    assert "never executed" in text(idle.right)
    assert summary(PLAN) == (
        "planning 0.500 ms  ·  execution 100.250 ms  ·  JIT 3 ms  ·  rows 10× off in 2 steps"
    )


def test_what_is_below_a_folded_step_is_hidden_and_counted() -> None:
    rows = plan_rows(PLAN, {0})
    assert len(rows) == 1
    assert "▸ Hash Join  +2" in text(draw(rows[0], 76).left)


def test_a_deep_tree_leaves_room_for_its_titles() -> None:
    node = LEAF
    for _ in range(40):
        node = PlanNode("Append", children=(node,))
    deepest = draw(plan_rows(Plan(node), ())[-1], 76)
    assert "Seq Scan on t" in text(fit(deepest, 76))
    assert text(deepest.left).startswith("40")


def test_figures_are_short() -> None:
    assert [short(each) for each in (0, 0.25, 9999, 10_000, 999_499, 1_250_000, 5e15)] == [
        *("0", "0.2", "9,999", "10k", "999k", "1.2M", "5000T")
    ]
    assert [duration(each) for each in (0.0, 0.0312, 1.5, 12.34, 450, 4500, 200_000)] == [
        *("0.00 ms", "31 µs", "1.50 ms", "12.3 ms", "450 ms", "4.5 s", "3m20s")
    ]
    assert [bar(each, 4) for each in (0, 0.006, 0.5, 1)] == ["", "▏", "██", "████"]


ORDERS = (
    "SELECT o.status, count(*) FROM sales.orders o JOIN generate_series(1, 3000) g"
    " ON g % 50 = o.id % 50 GROUP BY o.status ORDER BY 2 DESC"
)


async def test_an_analyzed_plan_is_gone_about_in_folded_and_copied(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(80, 24)) as person:
        await person.write(ORDERS)
        await person.press("alt+x")
        await person.sees("own time", "rows → real", "◆", "▲", "execution")
        await person.press("left")
        await person.sees("▸ Sort")
        await person.loses("Scan on orders")
        await person.press("right", "right")
        await person.sees("Scan on orders")
        await person.press("n", "enter")
        await person.sees("rows estimated", "more than estimated")
        await person.press("escape")
        await person.loses("rows estimated")
        await person.press("z")
        await person.loses("Scan on orders")
        await person.press("s", "enter")
        await person.sees("part of the plan's time")
        await person.press("escape")
        await person.loses("part of the plan")
        await person.press("y")
        await person.hears("plan was sent")
        assert "◆ slowest" in person.app.clipboard
        assert "more than estimated" in person.app.clipboard


async def test_a_plan_without_times_weighs_costs(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 45)) as person:
        await person.write(ORDERS)
        await person.press("alt+e")
        seen = await person.sees("own cost", "rows expected", "◆")
        assert "→ real" not in seen
        assert person.connection.carrier("plan").unavailable("next_far")  # type: ignore[union-attr]


@pytest.mark.skipif(not mariadb.available(), reason="mariadbd is not installed")
async def test_mariadbs_plan_is_the_same_tree(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(80, 24)) as person:
        await person.press("7")
        await person.sees("inventory", "idle")
        await person.write(
            "SELECT a.seq % 7 AS k, count(*) FROM seq_1_to_5000 a JOIN (SELECT DISTINCT seq % 100"
            " AS n FROM seq_1_to_3000) d ON d.n = a.seq WHERE a.seq % 50 = 0 GROUP BY k"
        )
        await person.press("alt+x")
        await person.sees("query block 1", "own time", "materialized", "◆", "▼")
