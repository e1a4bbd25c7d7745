"""PlanView: a statement's plan as a tree to go about in, its columns' names on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.message import Message

from rolebrowser.connection.plan import Plan
from rolebrowser.connection.plan_text import node_text, plan_text
from rolebrowser.tui.acting import Acting
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.line import Line
from rolebrowser.tui.rows import plan as rows
from rolebrowser.tui.rows.plan import PlanRow
from rolebrowser.tui.widgets.line_view import LineView
from rolebrowser.tui.widgets.row_list import RowList


class PlanTree(Acting, RowList[PlanRow]):
    """The steps: the arrows go about, fold and unfold."""

    DEFAULT_CSS = """
    PlanTree { scrollbar-gutter: stable; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("plan")]

    @dataclass
    class DetailsWanted(Message):
        """A person wants all that is known of a step."""

        title: str
        text: str

    @dataclass
    class Copied(Message):
        """A person asked for the whole plan on the clipboard."""

        text: str
        what: str = "plan"

    def __init__(self) -> None:
        super().__init__(self._row)
        self._plan: Plan | None = None
        self._folded: set[int] = set()

    def _row(self, row: PlanRow, now: datetime) -> Line:
        return rows.draw(row, self.size.width)

    def load(self, plan: Plan) -> None:
        """Show a plan, all of it unfolded."""
        self._plan, self._folded = plan, set()
        self.cursor = 0
        self._arrange()

    def _arrange(self) -> None:
        if self._plan is not None:
            self.set_items(rows.plan_rows(self._plan, self._folded), keep=lambda row: row.number)

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if self._plan is None:
            return "There is no plan."
        if name == "heaviest" and self._plan.heaviest is None:
            return "The plan tells neither times nor costs to compare."
        if name in ("next_far", "previous_far") and not self._far():
            return "No step's rows were misjudged far."
        return ""

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def action_unfold(self) -> None:
        """Show what is below the step, or go there."""
        row = self.current
        if row is None:
            return
        if row.folded:
            self._folded.discard(row.number)
            self._arrange()
        elif row.node.children:
            self.action_cursor(1)

    def action_fold(self) -> None:
        """Hide what is below the step, or go to the one above it."""
        row = self.current
        if row is None:
            return
        if row.node.children and not row.folded:
            self._folded.add(row.number)
            self._arrange()
        elif row.path:
            above = len(row.path) - 1
            before = [each for each in self.items[: self.cursor] if len(each.path) == above]
            self.move_to(lambda each: each is before[-1])

    def action_fold_all(self) -> None:
        """Fold everything below the first step's, or unfold it all."""
        if self._plan is None:
            return
        deep = {
            number
            for number, (path, node) in enumerate(self._plan.walk())
            if path and node.children
        }
        self._folded = set() if self._folded else deep
        self._arrange()

    def action_heaviest(self) -> None:
        """To the step that takes most by itself."""
        if self._plan is not None and (wanted := self._plan.heaviest) is not None:
            nodes = [node for _, node in self._plan.walk()]
            self._go(next(n for n, node in enumerate(nodes) if node is wanted))

    def action_next_far(self) -> None:
        """To the next step whose rows were misjudged far, round."""
        here = self.current.number if self.current is not None else -1
        far = self._far()
        self._go(next((n for n in far if n > here), far[0]))

    def action_previous_far(self) -> None:
        """To the one before."""
        here = self.current.number if self.current is not None else 0
        far = self._far()
        self._go(next((n for n in reversed(far) if n < here), far[-1]))

    def _far(self) -> list[int]:
        nodes = enumerate(self._plan.walk()) if self._plan is not None else ()
        return [number for number, (_, node) in nodes if node.far_off]

    def _go(self, number: int) -> None:
        """To a step, unfolded if it is hidden."""
        if not self.move_to(lambda row: row.number == number):
            self._folded.clear()
            self._arrange()
            self.move_to(lambda row: row.number == number)

    def action_details(self) -> None:
        """All that is known of the step."""
        if self._plan is not None and self.current is not None:
            node = self.current.node
            self.post_message(self.DetailsWanted("Step", node_text(self._plan, node)))

    def action_select(self) -> None:
        """A second click."""
        self.action_details()

    def action_copy_plan(self) -> None:
        """The whole plan as text."""
        if self._plan is not None:
            self.post_message(self.Copied(plan_text(self._plan)))


class PlanView(Vertical):
    """The columns' names and the tree below them."""

    DEFAULT_CSS = """
    PlanView { height: 1fr; background: $surface; }
    PlanView > LineView { height: 1; padding: 0 2 0 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._plan: Plan | None = None
        self._names = LineView(self._heading)
        self.steps = PlanTree()

    def compose(self) -> ComposeResult:
        """Names, steps."""
        yield self._names
        yield self.steps

    def on_mount(self) -> None:
        """Have what is around it drawn as having the focus.

        The tree gets it before it is mounted, so that the next key finds it, and had no parent to
        tell of it then.
        """
        if self.steps.has_focus:
            self.post_message(DescendantFocus(self.steps))

    def load(self, plan: Plan) -> None:
        """Show a plan."""
        self._plan = plan
        self.steps.load(plan)
        self._names.refresh()

    def _heading(self, now: datetime) -> list[Line]:
        return [rows.heading(self._plan, self.size.width)] if self._plan is not None else []
