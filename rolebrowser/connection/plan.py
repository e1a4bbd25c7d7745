"""Plans: a tree of steps with their figures, whoever the server is. Pure.

`plan_postgres.py`, `plan_mysql.py` and `plan_iterators.py` read them, `plan_text.py` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from rolebrowser.frozen import dataclass

FAR_OFF = 10
"""The factor from which on a misestimate is pointed at."""


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One step of a plan.

    Attributes:
        title: what it does, on what: "Index Scan using orders_pkey on orders o".
        details: further facts with their names: conditions, keys, buffers.
        cost: the planner's total as it tells it, in its own units; None where it gives none.
        own_cost: the same without the steps below it, over all executions that it expects.
        estimated: rows the planner expected of one execution; None = unknown.
        actual: rows it gave per execution; None unless analyzed, and of a step never executed.
        loops: executions; None unless analyzed; 0 = never executed.
        milliseconds: by the clock, over all executions, the steps below it included; None unless
            timed.
        own_milliseconds: the same without the steps below it; never negative.
    """

    title: str
    details: tuple[tuple[str, str], ...] = ()
    cost: float | None = None
    own_cost: float | None = None
    estimated: float | None = None
    actual: float | None = None
    loops: float | None = None
    milliseconds: float | None = None
    own_milliseconds: float | None = None
    children: tuple[PlanNode, ...] = ()

    @property
    def misestimate(self) -> float | None:
        """By what factor the rows were misjudged: 100.0 = a hundred times more than expected,
        -100.0 = than a hundredth of it; 1.0 = right. None unless both are known."""
        if self.estimated is None or self.actual is None:
            return None
        estimated, actual = max(self.estimated, 1.0), max(self.actual, 1.0)
        return actual / estimated if actual >= estimated else -estimated / actual

    @property
    def far_off(self) -> bool:
        """The rows were misjudged so far that it is to be pointed at."""
        return abs(self.misestimate or 0.0) >= FAR_OFF


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
        return any(node.loops is not None or node.actual is not None for _, node in self.walk())

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

    def shares(self) -> list[float | None]:
        """What part of the whole is each step's own, from 0 to 1, in `walk`'s order: of the time,
        if it was timed, else of the cost. None where neither is told."""
        timed = self.timed
        weights = [_weight(node, timed) for _, node in self.walk()]
        total = sum(each or 0.0 for each in weights)
        return [None if each is None or total <= 0 else each / total for each in weights]

    def share(self, node: PlanNode) -> float | None:
        """The part of one of its steps."""
        pairs = zip(self.walk(), self.shares(), strict=True)
        return next(share for (_, each), share in pairs if each is node)

    @property
    def timed(self) -> bool:
        """The steps' times are known."""
        return any(node.own_milliseconds for _, node in self.walk())

    @property
    def heaviest(self) -> PlanNode | None:
        """The step that takes most by itself, of the time or else of the cost; None where nothing
        is told, or there is but one step."""
        timed = self.timed
        weights = [(node, _weight(node, timed) or 0.0) for _, node in self.walk()]
        node, weight = max(weights, key=lambda each: each[1])
        return node if weight > 0 and len(weights) > 1 else None


def _weight(node: PlanNode, timed: bool) -> float | None:
    return node.own_milliseconds if timed else node.own_cost
