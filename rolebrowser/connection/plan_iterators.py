"""Plans whose steps pull rows from the steps below them, told per execution. Pure.

PostgreSQL's are such, and MySQL's since its iterators: EXPLAIN ANALYZE, and its second JSON format.
What is asked of a plan is what a step took by itself in the end; this works it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rolebrowser.connection.plan import PlanNode


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step as the server tells it, the steps below it included in each figure.

    Attributes:
        title, details, cost, estimated, actual, loops: as `PlanNode`'s.
        each: milliseconds of one execution.
        again: all steps below it but the first are executed once for each row of the first.
        processes: how many execute what is below it side by side; their loops are added up.
        makes: what it computes for whoever reads it, rather than for the step above: a CTE's name.
        reads: the name of what another step makes.
    """

    title: str
    details: tuple[tuple[str, str], ...] = ()
    cost: float | None = None
    estimated: float | None = None
    actual: float | None = None
    loops: float | None = None
    each: float | None = None
    again: bool = False
    processes: int = 1
    makes: str = ""
    reads: str = ""
    below: Sequence[Step] = field(default=())


def settled(root: Step) -> PlanNode:
    """The tree with what each step took by itself."""
    walls = dict(_walls(root, 1))
    makers = {step.makes: step for step in walls if step.makes}
    readers: dict[str, Step] = {}
    for step, wall in walls.items():
        best = readers.get(step.reads)
        if step.reads in makers and (best is None or (walls[best] or 0.0) < (wall or 0.0)):
            readers[step.reads] = step
    return _node(root, root.cost, walls, {readers[name]: makers[name] for name in readers})


def _walls(step: Step, processes: int) -> Iterator[tuple[Step, float | None]]:
    """Each step's milliseconds by the clock, over all its executions."""
    known = step.each is not None and step.loops is not None
    yield step, (step.each or 0.0) * (step.loops or 0.0) / processes if known else None
    for each in step.below:
        yield from _walls(each, processes * step.processes)


def _node(
    step: Step,
    budget: float | None,
    walls: dict[Step, float | None],
    sources: dict[Step, Step],
) -> PlanNode:
    """A settled step.

    Args:
        budget: what of the whole plan's cost falls to it and what is below it.
        sources: what a step reads that another made: its time is spent while it is read.
    """
    wall, own = walls[step], None
    if wall is not None:
        inside = [each for each in step.below if not each.makes]
        inside += [sources[step]] if step in sources else []
        own = max(0.0, wall - sum(walls[each] or 0.0 for each in inside))
    budgets = _budgets(step, budget)
    return PlanNode(
        step.title,
        step.details,
        step.cost,
        None if budget is None else max(0.0, budget - sum(each or 0.0 for each in budgets)),
        step.estimated,
        step.actual,
        step.loops,
        wall,
        own,
        tuple(
            _node(each, part, walls, sources)
            for each, part in zip(step.below, budgets, strict=True)
        ),
    )


def _budgets(step: Step, budget: float | None) -> list[float | None]:
    """What of a step's cost falls to each step below it.

    A repeated step tells the cost of one execution, and one that isn't run to its end (below a
    Limit) that of all of it: no more falls to it than is left.
    """
    left, found = budget, []
    first = step.below[0].estimated if step.below else None
    for place, each in enumerate(step.below):
        if each.cost is None or left is None:
            found.append(None)
            continue
        times = max(1.0, first or 1.0) if step.again and place else 1.0
        part = min(left, each.cost * times)
        left -= part
        found.append(part)
    return found
