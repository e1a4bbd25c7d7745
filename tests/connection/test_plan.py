"""Plans of every server's form: what a step took by itself, and where the rows were misjudged."""

from __future__ import annotations

import json

import pytest

from rolebrowser.connection.plan import Plan, PlanNode
from rolebrowser.connection.plan_mysql import parse_mysql
from rolebrowser.connection.plan_postgres import parse_postgres
from rolebrowser.connection.plan_text import node_text, plan_text


def titles(plan: Plan) -> list[str]:
    return [f"{'  ' * len(path)}{node.title}" for path, node in plan.walk()]


def find(plan: Plan, word: str) -> PlanNode:
    return next(node for _, node in plan.walk() if word in node.title)


def postgres(**plan: object) -> Plan:
    return parse_postgres(json.dumps([{"Plan": plan}]))


def step(kind: str, time: float, *below: object, **more: object) -> dict[str, object]:
    figures = {"Node Type": kind, "Actual Total Time": time, "Actual Loops": 1}
    return {**figures, "Actual Rows": 1, "Plan Rows": 1, "Plans": list(below), **more}


def test_side_by_side_processes_are_not_counted_as_time_by_the_clock() -> None:
    scan = step("Seq Scan", 90.0, **{"Actual Loops": 3})
    plan = postgres(**step("Gather", 100.0, scan, **{"Workers Launched": 2}))
    assert find(plan, "Seq Scan").milliseconds == 90
    assert plan.root.own_milliseconds == 10
    assert plan.heaviest is find(plan, "Seq Scan")


def test_a_ctes_time_is_counted_once_and_not_to_who_reads_it() -> None:
    made = step("Seq Scan", 80.0, **{"Subplan Name": "CTE c", "Relation Name": "t"})
    read = step("CTE Scan", 85.0, **{"CTE Name": "c"})
    plan = postgres(**step("Aggregate", 100.0, made, read))
    assert plan.root.own_milliseconds == 15
    assert find(plan, "CTE Scan").own_milliseconds == 5
    assert sum(plan.share(node) or 0 for _, node in plan.walk()) == pytest.approx(1)


def test_a_limit_and_a_repeated_step_get_no_more_than_the_whole_costs() -> None:
    inner = {"Node Type": "Index Scan", "Total Cost": 2.0, "Plan Rows": 1}
    outer = {"Node Type": "Seq Scan", "Total Cost": 10.0, "Plan Rows": 40}
    loop = {"Node Type": "Nested Loop", "Total Cost": 95.0, "Plans": [outer, inner]}
    plan = postgres(**{"Node Type": "Limit", "Total Cost": 95.0, "Plans": [loop]})
    assert find(plan, "Index Scan").own_cost == 80
    assert find(plan, "Nested Loop").own_cost == 5
    assert plan.heaviest is find(plan, "Index Scan")
    cut = postgres(**{"Node Type": "Limit", "Total Cost": 1.0, "Plans": [loop]})
    assert sum(node.own_cost or 0 for _, node in cut.walk()) == pytest.approx(1)


MYSQL_1 = {
    "query_block": {
        "select_id": 1,
        "cost_info": {"query_cost": "1247.65"},
        "ordering_operation": {
            "using_filesort": True,
            "cost_info": {"sort_cost": "100.00"},
            "nested_loop": [
                {
                    "table": {
                        "table_name": "orders",
                        "access_type": "ALL",
                        "rows_examined_per_scan": 10000,
                        "rows_produced_per_join": 1000,
                        "filtered": "10.00",
                        "cost_info": {
                            "read_cost": "900.00",
                            "eval_cost": "100.00",
                            "prefix_cost": "1000.00",
                        },
                    }
                },
                {
                    "table": {
                        "table_name": "c",
                        "access_type": "eq_ref",
                        "key": "PRIMARY",
                        "rows_examined_per_scan": 1,
                        "filtered": "100.00",
                        "cost_info": {"read_cost": "40.00", "eval_cost": "7.65"},
                        "attached_condition": "c.x > 1",
                    }
                },
            ],
        },
    }
}


def test_mysqls_first_json_has_costs_and_rows_after_the_conditions() -> None:
    plan = parse_mysql(json.dumps(MYSQL_1))
    assert titles(plan) == [
        "query block 1",
        "  ordering operation",
        "    Full scan on orders",
        "    Unique lookup on c using PRIMARY",
    ]
    orders = find(plan, "orders")
    assert (orders.cost, orders.own_cost, orders.estimated) == (1000, 1000, 1000)
    assert find(plan, "ordering").own_cost == 100
    assert plan.share(orders) == pytest.approx(1000 / 1247.65)
    assert plan.heaviest is orders
    assert not plan.analyzed
    assert ("attached_condition", "c.x > 1") in find(plan, "on c").details


MYSQL_2 = {
    "query": "/* select#1 */ select …",
    "json_schema_version": "2.0",
    "query_plan": {
        "operation": "Nested loop inner join",
        "access_type": "join",
        "estimated_rows": 6.0,
        "estimated_total_cost": 2.2,
        "actual_rows": 600.0,
        "actual_loops": 1,
        "actual_last_row_ms": 0.9,
        "inputs": [
            {
                "operation": "Table scan on a",
                "table_name": "a",
                "estimated_rows": 2.0,
                "estimated_total_cost": 0.45,
                "actual_rows": 2.0,
                "actual_loops": 1,
                "actual_last_row_ms": 0.1,
            },
            {
                "operation": "Index lookup on b using k",
                "condition": "(b.x = 1)",
                "estimated_rows": 3.0,
                "estimated_total_cost": 0.8,
                "actual_rows": 300.0,
                "actual_loops": 2,
                "actual_last_row_ms": 0.3,
            },
            {"operation": "Materialize", "actual_rows": None, "actual_loops": None},
        ],
    },
}


def test_mysqls_second_json_tells_figures_of_one_execution() -> None:
    plan = parse_mysql(json.dumps(MYSQL_2))
    lookup = find(plan, "lookup on b")
    assert lookup.milliseconds == pytest.approx(0.6)
    assert plan.root.own_milliseconds == pytest.approx(0.2)
    assert lookup.misestimate == 100
    assert lookup.details == (("condition", "(b.x = 1)"),)
    assert find(plan, "Materialize").loops == 0


MYSQL_TREE = """\
-> Limit: 5 row(s)  (cost=1.2e+3 rows=5) (actual time=2.1..9.25 rows=5 loops=1)
    -> Nested loop inner join  (cost=1200 rows=700) (actual time=2.1..9 rows=5 loops=1)
        -> Filter: (o.n > 3)  (cost=0.85..12.5 rows=6) (actual time=0.05..1 rows=60 loops=1)
            -> Table scan on o  (cost=12.5 rows=18) (actual time=0.04..0.5 rows=180 loops=1)
        -> Single-row index lookup on c using PRIMARY (id=o.c)  (cost=0.25 rows=1) \
(actual time=0.1..0.1 rows=1 loops=60)
        -> Hash  (never executed)
"""


def test_mysqls_tree_of_explain_analyze_is_read() -> None:
    plan = parse_mysql(MYSQL_TREE)
    assert [title.strip()[:11] for title in titles(plan)] == [
        *("Limit: 5 ro", "Nested loop", "Filter: (o.", "Table scan ", "Single-row ", "Hash")
    ]
    lookup = find(plan, "Single-row")
    assert (lookup.title, lookup.loops) == (
        "Single-row index lookup on c using PRIMARY (id=o.c)",
        60,
    )
    assert lookup.milliseconds == pytest.approx(6)
    assert find(plan, "Nested").own_milliseconds == pytest.approx(2)
    assert find(plan, "Filter").misestimate == 10
    assert find(plan, "Filter").cost == 12.5
    assert plan.root.cost == 1200
    assert find(plan, "Hash").loops == 0
    assert plan.heaviest is lookup


def test_a_plan_and_a_step_are_written_with_what_matters_marked() -> None:
    plan = parse_mysql(MYSQL_TREE)
    text = plan_text(plan)
    assert "▲ 10× more than estimated" in text
    assert "loops" not in text
    assert text.count("◆ slowest") == 1
    assert "Hash  (never executed)" in text
    told = node_text(plan, find(plan, "Single-row"))
    assert "executed: 60 times" in told
    assert "part of the plan's time: 65%" in told
