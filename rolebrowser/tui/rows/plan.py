"""A plan's steps as rows: the tree at the left, each step's figures in columns. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rolebrowser.connection.plan import FAR_OFF, Plan, PlanNode
from rolebrowser.connection.plan_text import whole
from rolebrowser.tui.line import Line, Span, span

WIDE = 96
"""Cells from which on there is room for every column."""
_BAR = "▏▎▍▌▋▊▉█"
_VERY_FAR = 100
_GUIDES = 8
"""Levels of a tree that are drawn; of deeper ones the last, with how deep they are."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanRow:
    """A visible step.

    Attributes:
        number: the step's place in `Plan.walk`'s order.
        path: as `Plan.walk` gives it.
        share: its own part of the whole, 0 to 1; None where nothing is told.
        heaviest: no other step takes more.
        folded: what is below it isn't shown.
    """

    number: int
    node: PlanNode
    path: tuple[bool, ...]
    share: float | None
    heaviest: bool
    folded: bool


def plan_rows(plan: Plan, folded: Collection[int]) -> list[PlanRow]:
    """The steps that aren't below a folded one, from the top.

    Args:
        folded: steps by their number in `Plan.walk`'s order.
    """
    rows: list[PlanRow] = []
    hidden_below: int | None = None
    heaviest = plan.heaviest
    shares = plan.shares()
    for number, (path, node) in enumerate(plan.walk()):
        if hidden_below is not None and len(path) > hidden_below:
            continue
        hidden_below = len(path) if number in folded else None
        shut = hidden_below is not None
        rows.append(PlanRow(number, node, path, shares[number], node is heaviest, shut))
    return rows


def draw(row: PlanRow, width: int) -> Line:
    """A step's line for a width in cells."""
    node, never = row.node, row.node.loops == 0
    mark = "▸ " if row.folded else "▾ " if node.children else "· "
    title = "dim" if never else "bad" if row.heaviest else ""
    left = [span(_guides(row.path), "dim"), span(mark, "dim" if not row.folded else "accent")]
    left += [span("◆ ", "bad")] if row.heaviest else []
    left.append(span(node.title, title))
    if row.folded:
        left.append(span(f"  +{_below(node)}", "dim"))
    return Line(tuple(left), tuple(_figures(row, width)))


def heading(plan: Plan, width: int) -> Line:
    """The names of the columns."""
    names = _names(plan, width)
    return Line((span("Step", "heading"),), tuple(span(name, "heading") for name in names))


def _names(plan: Plan, width: int) -> list[str]:
    own = "own time" if plan.timed else "own cost"
    rows = ("rows expected → real", "rows → real") if plan.analyzed else ("rows expected", "rows")
    if width >= WIDE:
        total = "with below" if plan.timed else "cost"
        return [
            *(f"{total:>12}", f"{own:>12}", f"{'share':>16}"),
            *(f"{rows[0]:>24}", " " * 9, f"{'times':>8}"),
        ]
    return [f"{own:>9}", f"{'share':>9}", f"{rows[1]:>14}", " " * 8]


def summary(plan: Plan) -> str:
    """What is told of the whole, in a line."""
    parts = [f"{name.lower() if len(name) > 4 else name} {value}" for name, value in whole(plan)]
    far = sum(node.far_off for _, node in plan.walk())
    if far:
        parts.append(f"rows {FAR_OFF}× off in {far} step{'' if far == 1 else 's'}")
    return "  ·  ".join(parts)


def _guides(path: Sequence[bool]) -> str:
    if not path:
        return ""
    shown = path[-_GUIDES:]
    deeper = f"{len(path)}" if len(path) > _GUIDES else ""
    lines = "".join("  " if last else "│ " for last in shown[:-1])
    return deeper + lines + ("└─" if path[-1] else "├─")


def _below(node: PlanNode) -> int:
    return sum(1 for _ in Plan(node).walk()) - 1


def _figures(row: PlanRow, width: int) -> list[Span]:
    node, wide = row.node, width >= WIDE
    if node.loops == 0:
        room = 12 + 12 + 16 + 24 + 8 + 9 if wide else 9 + 9 + 14 + 8
        return [span(f"{'never executed':>{room - (17 if wide else 8)}}".ljust(room), "dim")]
    timed = node.own_milliseconds is not None
    own = duration(node.own_milliseconds) if timed else _cost(node.own_cost)
    total = duration(node.milliseconds) if timed else _cost(node.cost)
    weight = "bad" if row.heaviest else ""
    if wide:
        times = f"×{short(node.loops)}" if node.loops and node.loops > 1 else ""
        return [
            span(f"{total:>12}", "dim"),
            span(f"{own:>12}", weight),
            *_share(row.share, 10, weight),
            span(f"{_rows(node, 10):>24}"),
            _mark(node, 9),
            span(f"{times:>8}", "dim"),
        ]
    return [
        span(f"{own:>9}", weight),
        *_share(row.share, 3, weight),
        span(f"{_rows(node, 5):>14}"),
        _mark(node, 8),
    ]


def _share(share: float | None, cells: int, style: str) -> list[Span]:
    """A bar and its figure."""
    if share is None:
        return [span(" " * (cells + 6))]
    return [
        span(f" {bar(share, cells):<{cells}}", style or "accent"),
        span(f"{share:>5.0%}", style),
    ]


def bar(share: float, cells: int) -> str:
    """A bar of eighths of cells; a hundredth shows."""
    eighths = max(round(share * cells * 8), 1 if share >= 0.005 else 0)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_BAR[rest - 1] if rest else "")


def _rows(node: PlanNode, digits: int) -> str:
    number = short if digits < 10 else _grouped
    estimated = "?" if node.estimated is None else number(node.estimated)
    if node.actual is None:
        return "" if node.estimated is None else estimated
    return f"{estimated} → {number(node.actual)}"


def _mark(node: PlanNode, width: int) -> Span:
    """A sign for which way the rows were misjudged, a colour for how far."""
    off = node.misestimate
    if off is None or not node.far_off:
        return span(" " * width)
    text = f" {'▲' if off > 0 else '▼'}{short(abs(off))}×"
    return span(f"{text:<{width}}", "bad" if abs(off) >= _VERY_FAR else "warn")


def duration(milliseconds: float | None) -> str:
    """Milliseconds to read: "30 µs", "12.3 ms", "4.5 s", "3m20s"."""
    if milliseconds is None:
        return ""
    if milliseconds >= 100_000:
        minutes, seconds = divmod(round(milliseconds / 1000), 60)
        return f"{minutes}m{seconds:02d}s"
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    if 0 < milliseconds < 0.1:
        return f"{milliseconds * 1000:.0f} µs"
    digits = 2 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:.{digits}f} ms"


def _cost(cost: float | None) -> str:
    if cost is None:
        return ""
    return short(cost) if cost >= 10_000 else f"{cost:,.1f}"


def short(number: float) -> str:
    """At most five characters: "950", "9,999", "12k", "1.2M"; fractions as "0.3"."""
    if number < 10 and number != int(number):
        return f"{number:.1f}"
    if round(number) < 10_000:
        return f"{number:,.0f}"
    for unit in "kMGT":
        number /= 1000
        if round(number) < 1000 or unit == "T":
            return f"{number:.0f}{unit}" if number >= 10 else f"{number:.1f}{unit}"
    raise AssertionError


def _grouped(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.2f}"
