"""Plans as text, to read and to copy. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rolebrowser.connection.plan import Plan, PlanNode


def detail(value: Any) -> str:
    """A fact as text."""
    if isinstance(value, list):
        return ", ".join(detail(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)


def branches(path: Sequence[bool]) -> str:
    """What is drawn before a step's title, from `Plan.walk`'s path."""
    if not path:
        return ""
    return "".join("   " if last else "│  " for last in path[:-1]) + ("└─ " if path[-1] else "├─ ")


def number(value: float) -> str:
    """Rows and the like: "12,345", "0.33"."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


def plan_text(plan: Plan) -> str:
    """A plan as a tree with its figures, one step a line, its facts below it."""
    lines: list[str] = []
    heaviest = plan.heaviest
    for path, node in plan.walk():
        most = ", ◆ slowest" if plan.timed else ", ◆ most of the cost"
        figures = _figures(node) + (most if node is heaviest else "")
        lines.append(f"{branches(path)}{node.title}  ({figures})".removesuffix("  ()"))
        inner = "".join("   " if last else "│  " for last in path) + (
            "│ " if node.children else "  "
        )
        lines += [f"{inner}{name}: {value}" for name, value in node.details]
    lines += [f"{name}: {value}" for name, value in whole(plan)]
    return "\n".join(lines) + "\n"


def whole(plan: Plan) -> list[tuple[str, str]]:
    """What is told of the whole plan."""
    times = (("Planning", plan.planning), ("Execution", plan.execution))
    found = [(name, f"{value:,.3f} ms") for name, value in times if value is not None]
    return found + list(plan.remarks)


def _figures(node: PlanNode) -> str:
    parts = [f"cost {node.cost:,.2f}"] if node.cost is not None else []
    if node.loops == 0:
        return ", ".join([*parts, "never executed"])
    if node.milliseconds is not None:
        own = f", itself {node.own_milliseconds:,.3f} ms" if node.own_milliseconds else ""
        parts.append(f"{node.milliseconds:,.3f} ms{own}")
    if node.actual is not None:
        parts.append(f"rows {number(node.actual)}")
    if node.estimated is not None:
        parts.append(f"estimated {number(node.estimated)}")
    if node.loops is not None and node.loops > 1:
        parts.append(f"{node.loops:,g} times")
    if node.far_off:
        parts.append(misjudged(node))
    return ", ".join(parts)


def misjudged(node: PlanNode) -> str:
    """By how much the rows were misjudged, as "▲ 120× more than estimated"; empty if unknown."""
    off = node.misestimate
    if off is None:
        return ""
    sign, word = ("▲", "more") if off > 0 else ("▼", "fewer")
    return f"{sign} {abs(off):,.0f}× {word} than estimated"


def node_text(plan: Plan, node: PlanNode) -> str:
    """All that is known of one step, a line each."""
    share, whose = plan.share(node), "time" if plan.timed else "cost"
    figures = (
        ("", "never executed" if node.loops == 0 else ""),
        (f"part of the plan's {whose}: ", "" if share is None else f"{share:.0%}"),
        ("time by itself: ", _milliseconds(node.own_milliseconds)),
        ("time with all below it: ", _milliseconds(node.milliseconds)),
        ("cost: ", "" if node.cost is None else f"{node.cost:,.2f}"),
        ("rows estimated: ", "" if node.estimated is None else number(node.estimated)),
        ("rows really: ", "" if node.actual is None else number(node.actual)),
        ("", misjudged(node) if node.far_off else ""),
        ("executed: ", f"{node.loops:,g} times; rows are of one" if (node.loops or 0) > 1 else ""),
    )
    told = [f"{name}{value}" for name, value in figures if value]
    facts = [f"{name}: {value}" for name, value in node.details]
    return "\n".join([node.title, "", *told, *([""] if facts else []), *facts])


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.3f} ms"
