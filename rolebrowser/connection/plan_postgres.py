"""PostgreSQL's plans: EXPLAIN (FORMAT JSON). Pure.

PostgreSQL's manual, "Using EXPLAIN"; titles as its text format has them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rolebrowser.connection.plan import Plan
from rolebrowser.connection.plan_iterators import Step, settled
from rolebrowser.connection.plan_text import detail


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
            settled(_step(found["Plan"])),
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


def _step(found: Mapping[str, Any]) -> Step:
    kind, subplan = str(found["Node Type"]), str(found.get("Subplan Name") or "")
    loops = found.get("Actual Loops")
    details = [
        (name, detail(value))
        for name, value in found.items()
        if name not in _SHOWN_ELSEWHERE and value not in (False, 0, 0.0, "", [])
    ]
    return Step(
        _title(found),
        tuple(details),
        found.get("Total Cost"),
        found.get("Plan Rows"),
        found.get("Actual Rows") if loops else None,
        loops,
        found.get("Actual Total Time"),
        again=kind == "Nested Loop",
        processes=1 + int(found.get("Workers Launched") or 0),
        makes=subplan if subplan.startswith("CTE ") else "",
        reads=f"CTE {found['CTE Name']}" if kind == "CTE Scan" else "",
        below=[_step(child) for child in found.get("Plans", ())],
    )


_AGGREGATES = {"Sorted": "GroupAggregate", "Hashed": "HashAggregate", "Mixed": "MixedAggregate"}


def _title(found: Mapping[str, Any]) -> str:
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
