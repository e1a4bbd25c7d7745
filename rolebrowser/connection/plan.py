"""Plans: what EXPLAIN (FORMAT JSON) says, as a tree of nodes with their figures. Pure.

PostgreSQL's manual, "Using EXPLAIN"; MySQL's and MariaDB's "EXPLAIN FORMAT=JSON".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One step of a plan.

    Attributes:
        title: what it does, on what: "Index Scan using orders_pkey on orders o".
        details: further facts with their names: conditions, keys, buffers.
        cost: the planner's total, in its own units; None where it gives none.
        estimated: rows the planner expected of one execution; None = unknown.
        actual: rows it gave per execution; None unless analyzed, and of a step never executed.
        loops: executions; None unless analyzed; 0 = never executed.
        milliseconds: over all executions, the steps below it included; None unless timed.
    """

    title: str
    details: tuple[tuple[str, str], ...] = ()
    cost: float | None = None
    estimated: float | None = None
    actual: float | None = None
    loops: float | None = None
    milliseconds: float | None = None
    children: tuple[PlanNode, ...] = ()

    @property
    def own_milliseconds(self) -> float | None:
        """Time of the step itself, without the steps below it; never negative."""
        if self.milliseconds is None:
            return None
        below = sum(child.milliseconds or 0.0 for child in self.children)
        return max(0.0, self.milliseconds - below)

    @property
    def misestimate(self) -> float | None:
        """By what factor the rows were misjudged: 100.0 = a hundred times more than expected,
        -100.0 = than a hundredth of it; 1.0 = right. None unless both are known."""
        if self.estimated is None or self.actual is None:
            return None
        estimated, actual = max(self.estimated, 1.0), max(self.actual, 1.0)
        return actual / estimated if actual >= estimated else -estimated / actual


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement's plan.

    Attributes:
        root: its last step.
        planning, execution: milliseconds; None where not told.
        remarks: further facts about the whole: triggers, JIT.
    """

    root: PlanNode
    planning: float | None = None
    execution: float | None = None
    remarks: tuple[tuple[str, str], ...] = field(default=())

    @property
    def analyzed(self) -> bool:
        """The statement was executed."""
        return any(node.loops is not None for _, node in self.walk())

    def walk(self) -> Iterator[tuple[tuple[bool, ...], PlanNode]]:
        """Every step from the top, with for each step on its path whether it is the last child."""
        stack: list[tuple[tuple[bool, ...], PlanNode]] = [((), self.root)]
        while stack:
            path, node = stack.pop()
            yield path, node
            last = len(node.children) - 1
            stack += [
                ((*path, n == last), child) for n, child in reversed([*enumerate(node.children)])
            ]


def parse_postgres(text: str) -> Plan:
    """PostgreSQL's EXPLAIN (FORMAT JSON). Raises ValueError for anything else."""
    try:
        (found,) = json.loads(text)
        remarks = [
            (f"Trigger {each.get('Trigger Name')}", f"{each.get('Time')} ms")
            for each in found.get("Triggers", ())
        ]
        if timing := found.get("JIT", {}).get("Timing"):
            remarks.append(("JIT", f"{timing.get('Total')} ms"))
        return Plan(
            _postgres_node(found["Plan"]),
            found.get("Planning Time"),
            found.get("Execution Time"),
            tuple(remarks),
        )
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ValueError(f"this is no plan in JSON: {error}") from None


_SHOWN_ELSEWHERE = frozenset(
    (
        *("Node Type", "Plans", "Startup Cost", "Total Cost", "Plan Rows", "Plan Width"),
        *("Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"),
        *("Relation Name", "Schema", "Alias", "Index Name", "Join Type", "Parent Relationship"),
        *("Partial Mode", "Strategy", "Subplan Name", "Scan Direction", "Operation", "CTE Name"),
        *("Function Name", "Command"),
    )
)


def _postgres_node(found: Mapping[str, Any]) -> PlanNode:
    loops = found.get("Actual Loops")
    executed, time = bool(loops), found.get("Actual Total Time")
    details = [
        (name, _detail(value))
        for name, value in found.items()
        if name not in _SHOWN_ELSEWHERE and value not in (False, 0, 0.0, "", [])
    ]
    return PlanNode(
        _postgres_title(found),
        tuple(details),
        found.get("Total Cost"),
        found.get("Plan Rows"),
        found.get("Actual Rows") if executed else None,
        loops,
        time * loops if time is not None and loops is not None else None,
        tuple(_postgres_node(child) for child in found.get("Plans", ())),
    )


_AGGREGATES = {"Sorted": "GroupAggregate", "Hashed": "HashAggregate", "Mixed": "MixedAggregate"}


def _postgres_title(found: Mapping[str, Any]) -> str:
    """As EXPLAIN's text format puts it (ExplainNode in PostgreSQL's explain.c)."""
    kind = str(found["Node Type"])
    if kind == "Aggregate":
        kind = _AGGREGATES.get(found.get("Strategy", ""), kind)
    if found.get("Partial Mode") in ("Partial", "Finalize"):
        kind = f"{found['Partial Mode']} {kind}"
    if kind == "ModifyTable":
        kind = str(found.get("Operation", kind))
    if (join := found.get("Join Type", "Inner")) != "Inner":
        kind = kind.replace(" Join", "") + f" {join} Join"
    if found.get("Parallel Aware"):
        kind = f"Parallel {kind}"
    if found.get("Scan Direction") == "Backward":
        kind += " Backward"
    parts = [kind]
    if "Index Name" in found:
        parts.append(("on " if kind.startswith("Bitmap") else "using ") + found["Index Name"])
    names = (found.get(key) for key in ("Relation Name", "CTE Name", "Function Name"))
    if (name := next((each for each in names if each), None)) is not None:
        alias = found.get("Alias", name)
        parts.append(f"on {name}" if alias == name else f"on {name} {alias}")
    title = " ".join(parts)
    below = found.get("Subplan Name") or ""
    return f"{below}: {title}" if below else title


def _detail(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_detail(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)


# ── MySQL and MariaDB ────────────────────────────────────────────────────────────────────────────

_MYSQL_FIGURES = frozenset(
    (
        *("table_name", "access_type", "key", "rows", "rows_examined_per_scan", "r_rows"),
        *("r_loops", "r_total_time_ms", "cost", "cost_info", "select_id"),
    )
)


def parse_mysql(text: str) -> Plan:
    """MySQL's or MariaDB's EXPLAIN (or ANALYZE) FORMAT=JSON. Raises ValueError for anything else.

    Their trees differ from version to version: each object below another becomes a step.
    """
    try:
        block = json.loads(text)["query_block"]
        return Plan(_mysql_node("query_block", block), None, block.get("r_total_time_ms"))
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ValueError(f"this is no plan in JSON: {error}") from None


def _mysql_node(name: str, found: Mapping[str, Any]) -> PlanNode:
    children: list[PlanNode] = []
    details: list[tuple[str, str]] = []
    for key, value in found.items():
        if isinstance(value, dict) and key != "cost_info":
            children.append(_mysql_node(key, value))
        elif _is_objects(value):
            children += [child for each in value for child in _mysql_node(key, each).children]
        elif key not in _MYSQL_FIGURES and value not in (None, False, ""):
            details.append((key, _detail(value)))
    title = name.replace("_", " ")
    if "table_name" in found:
        title = f"{found.get('access_type', 'scan')} on {found['table_name']}"
        if "key" in found:
            title += f" using {found['key']}"
    costs = found.get("cost_info", {})
    cost = found.get("cost", costs.get("query_cost", costs.get("prefix_cost")))
    return PlanNode(
        title,
        tuple(details),
        float(cost) if cost is not None else None,
        found.get("rows", found.get("rows_examined_per_scan")),
        found.get("r_rows"),
        found.get("r_loops"),
        found.get("r_total_time_ms"),
        tuple(children),
    )


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


# ── as text ──────────────────────────────────────────────────────────────────────────────────────


def branches(path: Sequence[bool]) -> str:
    """What is drawn before a step's title, from `Plan.walk`'s path."""
    if not path:
        return ""
    return "".join("   " if last else "│  " for last in path[:-1]) + ("└─ " if path[-1] else "├─ ")


_FAR_OFF = 10
"""The factor from which on a misestimate is pointed at."""


def plan_text(plan: Plan) -> str:
    """A plan as a tree with its figures, one step a line, its facts below it."""
    lines: list[str] = []
    for path, node in plan.walk():
        lines.append(f"{branches(path)}{node.title}  ({_figures(node)})")
        inner = "".join("   " if last else "│  " for last in path) + (
            "│ " if node.children else "  "
        )
        lines += [f"{inner}{name}: {value}" for name, value in node.details]
    times = (("Planning", plan.planning), ("Execution", plan.execution))
    lines += [f"{name}: {value:,.3f} ms" for name, value in times if value is not None]
    lines += [f"{name}: {value}" for name, value in plan.remarks]
    return "\n".join(lines) + "\n"


def _figures(node: PlanNode) -> str:
    parts = [f"cost {node.cost:,.2f}"] if node.cost is not None else []
    if node.loops == 0:
        return ", ".join([*parts, "never executed"])
    if node.milliseconds is not None and node.own_milliseconds is not None:
        parts.append(f"{node.milliseconds:,.3f} ms, itself {node.own_milliseconds:,.3f} ms")
    if node.actual is not None:
        parts.append(f"rows {node.actual:,g}")
    if node.estimated is not None:
        parts.append(f"estimated {node.estimated:,g}")
    if node.loops is not None and node.loops > 1:
        parts.append(f"{node.loops:,g} times")
    off = node.misestimate
    if off is not None and abs(off) >= _FAR_OFF:
        parts.append(f"▲ {abs(off):,.0f}× {'more' if off > 0 else 'fewer'} than estimated")
    return ", ".join(parts)
