"""MariaDB's and MySQL's plans: EXPLAIN FORMAT=JSON, ANALYZE FORMAT=JSON, EXPLAIN ANALYZE. Pure.

MariaDB's manual, "ANALYZE FORMAT=JSON"; MySQL's, "EXPLAIN Statement" and "EXPLAIN Output Format".
Their trees differ from version to version: each object below another becomes a step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rolebrowser.connection.plan import Plan, PlanNode
from rolebrowser.connection.plan_iterators import Step, settled
from rolebrowser.connection.plan_text import detail


def parse_mysql(text: str) -> Plan:
    """What MariaDB or MySQL answered. Raises ValueError for anything else."""
    if text.lstrip().startswith("->"):
        return Plan(settled(_read_tree(text)))
    try:
        found = json.loads(text)
        if "query_block" not in found:
            return Plan(settled(_iterator(found.get("query_plan", found))))
        block = found["query_block"]
        planning = found.get("query_optimization", {}).get("r_total_time_ms")
        return Plan(_node("query_block", block), planning, block.get("r_total_time_ms"))
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ValueError(f"this is no plan in JSON: {error}") from None


# ── blocks: MariaDB's JSON, and MySQL's first ────────────────────────────────────────────────────

_FIGURES = frozenset(
    (
        *("table_name", "key", "r_loops", "select_id", "operation", "message", "sort_key"),
        *("r_total_time_ms", "r_table_time_ms", "r_other_time_ms", "cost"),
    )
)
_FACTS = ("cost_info", "r_engine_stats")
"""Objects that are facts and no steps."""
_ACCESS = {
    "ALL": "Full scan",
    "index": "Full index scan",
    "range": "Range scan",
    "ref": "Lookup",
    "eq_ref": "Unique lookup",
    "ref_or_null": "Lookup (or NULL)",
    "const": "One row",
    "system": "One row",
    "fulltext": "Fulltext search",
    "index_merge": "Index merge",
}


def _node(name: str, found: Mapping[str, Any], more: tuple[tuple[str, str], ...] = ()) -> PlanNode:
    children = tuple(_children(found))
    details = [
        (f"{key}.{inner}" if inner else key, detail(value))
        for key, inner, value in _facts(found)
        if key not in _FIGURES and value not in (None, False, "")
    ]
    cost, own_cost = _costs(name, found, children)
    time, own_time = _times(name, found, children)
    loops = found.get("r_loops")
    return PlanNode(
        _title(name, found),
        (*more, *details),
        cost,
        own_cost,
        _rows(found, ("rows", "rows_examined_per_scan"), "filtered"),
        None if loops == 0 else _rows(found, ("r_rows", "r_output_rows"), "r_filtered"),
        loops,
        time,
        own_time,
        children,
    )


def _children(found: Mapping[str, Any]) -> Iterator[PlanNode]:
    for key, value in found.items():
        if isinstance(value, dict) and key not in _FACTS:
            yield _node(key, value)
        elif isinstance(value, list):
            for each in (each for each in value if isinstance(each, dict)):
                facts = tuple(
                    (name, detail(fact))
                    for name, fact in each.items()
                    if not isinstance(fact, dict) and fact not in (None, False)
                )
                for name, below in each.items():
                    if isinstance(below, dict):
                        yield _node(name, below, facts)


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, value in found.items():
        if key in _FACTS:
            yield from ((key, inner, fact) for inner, fact in value.items())
        elif not isinstance(value, dict) and not _is_objects(value):
            yield key, "", value


def _title(name: str, found: Mapping[str, Any]) -> str:
    words = name.replace("_", " ")
    if name == "query_block":
        words = f"{found['operation'].lower()} block" if "operation" in found else "query block"
        return f"{words} {found['select_id']}" if "select_id" in found else words
    if "table_name" not in found:
        rest = found.get("message") or found.get("sort_key")
        return f"{words}: {rest}" if rest else words
    access = found.get("access_type", "")
    doing = next((verb for verb in ("delete", "insert", "update") if found.get(verb)), "")
    title = f"{_ACCESS.get(access, access or words)} on {found['table_name']}"
    title = f"{doing.capitalize()}: {title}" if doing else title
    return f"{title} using {found['key']}" if found.get("key") else title


def _rows(found: Mapping[str, Any], names: tuple[str, ...], filtered: str) -> float | None:
    """Rows that one execution hands on: what is read, less what its conditions leave out."""
    read = next((found[name] for name in names if found.get(name) is not None), None)
    part = found.get(filtered)
    return None if read is None else float(read) * float(100 if part is None else part) / 100


def _costs(
    name: str, found: Mapping[str, Any], children: tuple[PlanNode, ...]
) -> tuple[float | None, float | None]:
    """What is told, and what of it is the step's own."""
    info = found.get("cost_info", {})
    own = [float(info[key]) for key in ("read_cost", "eval_cost", "sort_cost") if key in info]
    told = found.get("cost", info.get("query_cost", info.get("prefix_cost")))
    total = float(told) if told is not None else None
    if own:
        return total, sum(own)
    if name != "query_block" or total is None:
        return total, total
    below = sum(node.own_cost or 0.0 for child in children for _, node in Plan(child).walk())
    return total, max(0.0, total - below)


def _times(
    name: str, found: Mapping[str, Any], children: tuple[PlanNode, ...]
) -> tuple[float | None, float | None]:
    """Milliseconds over all executions, with and without what is below.

    A block tells the time of all that is in it, any other step its own (seen in MariaDB 10.11).
    """
    below = sum(child.milliseconds or 0.0 for child in children)
    parts = [found.get(f"r_{part}_time_ms") for part in ("table", "other")]
    told = [part for part in parts if part is not None] or [
        part for part in (found.get("r_total_time_ms"),) if part is not None
    ]
    if not told:
        return (below or None), None
    time = float(sum(told))
    if name == "query_block":
        return time, max(0.0, time - below)
    return time + below, time


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


# ── iterators: MySQL's second JSON, and EXPLAIN ANALYZE's tree ───────────────────────────────────

_TOLD = frozenset(
    (
        *("operation", "estimated_total_cost", "estimated_first_row_cost", "estimated_rows"),
        *("actual_rows", "actual_loops", "actual_first_row_ms", "actual_last_row_ms", "query"),
        *("json_schema_version", "query_type"),
    )
)


def _iterator(found: Mapping[str, Any]) -> Step:
    title = str(found["operation"])
    analyzed = "actual_loops" in found
    return Step(
        title,
        tuple(
            (key, detail(value))
            for key, value in found.items()
            if key not in _TOLD and value not in (None, False, "") and not _is_objects(value)
        ),
        found.get("estimated_total_cost"),
        found.get("estimated_rows"),
        found.get("actual_rows"),
        (found["actual_loops"] or 0) if analyzed else None,
        found.get("actual_last_row_ms"),
        again=title.startswith("Nested loop"),
        below=[
            _iterator(each)
            for key, inputs in found.items()
            if key.startswith("inputs") and isinstance(inputs, list)
            for each in inputs
        ],
    )


_NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_LINE = re.compile(
    rf"(?P<indent> *)-> (?P<title>.*?)"
    rf"(?:  \((?:cost=(?:{_NUMBER}\.\.)?(?P<cost>{_NUMBER}) )?rows=(?P<rows>{_NUMBER})\))?"
    rf"(?: +(?:\(actual time={_NUMBER}\.\.(?P<time>{_NUMBER}) rows=(?P<actual>{_NUMBER})"
    rf" loops=(?P<loops>\d+)\)|(?P<never>\(never executed\))))?"
)
_HEADING = "Select #"
"""A subquery's, which has no figures of its own."""
_DEEPER = 4
"""Blanks a step of the tree stands further in than the one above it."""


def _read_tree(text: str) -> Step:
    """EXPLAIN ANALYZE's tree: a step a line, the select list's subqueries beside the root."""
    lines = [found for line in text.splitlines() if (found := _LINE.fullmatch(line.rstrip()))]
    if not lines:
        raise ValueError("this is no plan: it has no step that can be read")
    root = _branch(lines, 0)
    beside = (_branch(lines, place) for place in range(1, len(lines)) if not lines[place]["indent"])
    return replace(root, below=[*root.below, *(replace(each, makes=each.title) for each in beside)])


def _branch(lines: list[re.Match[str]], place: int) -> Step:
    found = lines[place]
    depth = len(found["indent"])
    below: list[Step] = []
    for number in range(place + 1, len(lines)):
        inside = len(lines[number]["indent"])
        if inside <= depth:
            break
        if inside == depth + _DEEPER:
            below.append(_branch(lines, number))
    loops = 0.0 if found["never"] else _float(found["loops"])
    each = _float(found["time"])
    if found["title"].startswith(_HEADING) and below:
        loops, each = below[0].loops, below[0].each
    return Step(
        found["title"],
        (),
        _float(found["cost"]),
        _float(found["rows"]),
        _float(found["actual"]),
        loops,
        each,
        again=found["title"].startswith("Nested loop"),
        below=below,
    )


def _float(text: str | None) -> float | None:
    return None if text is None else float(text)
