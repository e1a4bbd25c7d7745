"""A program that shows hostile text in every widget and dialog, one after the other, and ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config
from rolebrowser.connection.completion import Candidate
from rolebrowser.connection.loaded import Loaded
from rolebrowser.connection.plan import Plan, PlanNode
from rolebrowser.connection.protocol import Column as ResultColumn
from rolebrowser.connection.protocol import Notice, Outcome, Page
from rolebrowser.database.instances import Instance, Reach
from rolebrowser.database.known_hits import Found, Wanted
from rolebrowser.database.org_search import Hit, Progress
from rolebrowser.doctor.finding import Cause, CheckName, failed
from rolebrowser.errors import RolebrowserError
from rolebrowser.grants.picture import (
    Cell,
    Letter,
    Level,
    ObjectHead,
    Origin,
    RoleHead,
    RoleKind,
)
from rolebrowser.identity import policy_principal
from rolebrowser.identity.durations import Limits
from rolebrowser.identity.model import Kind, Lifetime, Problem, Profile, Role, State
from rolebrowser.identity.policy_document import parse
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.prompts import LoginRequest, MfaRequest
from rolebrowser.identity.trust import Caller
from rolebrowser.identity.why import Why, of_role
from rolebrowser.queries import Query
from rolebrowser.route import Route
from rolebrowser.target import Target
from rolebrowser.tui import matrix_cells
from rolebrowser.tui.choice import Choice as Chosen
from rolebrowser.tui.dialogs import doctor, everywhere
from rolebrowser.tui.dialogs.about import AboutDialog
from rolebrowser.tui.dialogs.ask import AskDialog
from rolebrowser.tui.dialogs.cell import CellDialog
from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog
from rolebrowser.tui.dialogs.copy_as import CopyDialog
from rolebrowser.tui.dialogs.doctor import DoctorDialog
from rolebrowser.tui.dialogs.duration import DurationDialog
from rolebrowser.tui.dialogs.everywhere import EverywhereDialog
from rolebrowser.tui.dialogs.export import ExportDialog
from rolebrowser.tui.dialogs.find import FindDialog
from rolebrowser.tui.dialogs.help import HelpDialog, KeyLines
from rolebrowser.tui.dialogs.login import LoginDialog
from rolebrowser.tui.dialogs.mfa import MfaDialog
from rolebrowser.tui.dialogs.pick import Pick, PickDialog
from rolebrowser.tui.dialogs.progress import ProgressDialog
from rolebrowser.tui.dialogs.route import RouteDialog
from rolebrowser.tui.dialogs.text import TextDialog
from rolebrowser.tui.dialogs.why import WhyDialog
from rolebrowser.tui.line import line, span
from rolebrowser.tui.rows import statements as rows
from rolebrowser.tui.rows.about import Facts
from rolebrowser.tui.rows.context import Context
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.theme import DARK
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.completion_list import CompletionList
from rolebrowser.tui.widgets.context_bar import ContextBar
from rolebrowser.tui.widgets.failure import Failure
from rolebrowser.tui.widgets.grant_matrix import GrantMatrix
from rolebrowser.tui.widgets.line_view import LineView
from rolebrowser.tui.widgets.note_line import NoteLine
from rolebrowser.tui.widgets.plan_view import PlanTree, PlanView
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.result_pane import ResultPane
from rolebrowser.tui.widgets.result_tabs import ResultTabs
from rolebrowser.tui.widgets.row_list import RowList
from rolebrowser.tui.widgets.search_line import SearchLine
from rolebrowser.tui.widgets.sql_editor import SqlEditor
from rolebrowser.tui.widgets.tab_strip import TabStrip
from rolebrowser.tui.widgets.text_view import TextView
from rolebrowser.tui.widgets.typed_line import TypedLine
from rolebrowser.tui.widgets.virtual_grid import VirtualGrid

HOSTILE = (
    "[/foo] [bold]b[/] [@click=app.quit]press[/] $error "
    "\x1b[31mred\x1b[0m \x1b]0;owned\x07 \x1b]52;c;b3duZWQ=\x07 \x9b31mc1 \x08\x7f "
    "\u202ebidi\u2066isolate\u2069 zero\u200bwidth\ufeff 広い 🎉 e\u0301"
)
MANY = "\n".join([HOSTILE] * 3)
_ERROR = RolebrowserError(HOSTILE, why=MANY, fix=HOSTILE)
_PAGE = Page(((HOSTILE, MANY, None), (None, "", HOSTILE)), more=False)
_COLUMNS = tuple(ResultColumn(f"{name}{HOSTILE}", HOSTILE) for name in "abc")
_OUTCOME = Outcome(
    HOSTILE, status=HOSTILE, columns=_COLUMNS, page=_PAGE, notices=(Notice(HOSTILE, HOSTILE),)
)


def _grid() -> Widget:
    grid = ResultGrid()
    grid.call_later(grid.load, Loaded(_COLUMNS, _PAGE))
    return grid


def _text() -> Widget:
    view = TextView()
    view.call_later(view.load, MANY)
    return view


def _pane() -> Widget:
    pane = ResultPane(HOSTILE)
    pane.call_later(pane.say, MANY)
    pane.call_later(pane.show, _OUTCOME)
    return pane


_PLAN = Plan(
    PlanNode(
        HOSTILE,
        ((HOSTILE, MANY),),
        *(10, 5, 1, 5000, 1, 9, 5),
        children=(PlanNode(MANY, loops=0), PlanNode(HOSTILE, milliseconds=4, own_milliseconds=4)),
    ),
    remarks=((HOSTILE, HOSTILE),),
)


def _plan() -> Widget:
    pane = ResultPane(HOSTILE)
    pane.call_later(pane.show_plan, _PLAN, HOSTILE)
    return pane


def _steps() -> Widget:
    tree = PlanTree()
    tree.call_later(tree.load, _PLAN)
    return tree


def _drawn() -> Widget:
    grid = VirtualGrid()
    grid.call_later(grid.load, Loaded(_COLUMNS, _PAGE))
    return grid


def _search() -> Widget:
    line = SearchLine(lambda text: None)
    line.call_later(setattr, line, "value", HOSTILE)
    return line


def _records() -> Widget:
    grid = _grid()
    grid.call_later(grid.call_later, grid.action_vertical)  # type: ignore[attr-defined]
    return grid


def _tabs() -> Widget:
    tabs = ResultTabs(HOSTILE)

    def fill() -> None:
        for _ in range(2):
            tabs.open(MANY).show(_OUTCOME)

    tabs.call_later(fill)
    return tabs


def _list() -> Widget:
    rows: RowList[str] = RowList(
        lambda text, now: line(span(text), right=(span(text, "dim"),)), empty=HOSTILE
    )
    rows.call_later(rows.set_items, [HOSTILE, HOSTILE])
    return rows


def _column() -> Widget:
    column: Column[str] = Column(
        HOSTILE,
        lambda text, now: line(text),
        filtered=lambda rows, pattern: list(rows),
        identify=str,
        id="column",
    )
    column.call_later(column.show, [HOSTILE])
    column.call_later(column.note, HOSTILE)
    return column


def _bar() -> Widget:
    bar = ContextBar()
    bar.context = Context(
        (HOSTILE, HOSTILE), mode="READ-ONLY", notes=(HOSTILE,), session_ends=datetime.now(UTC)
    )
    return bar


def _editor() -> Widget:
    editor = SqlEditor()
    editor.call_later(editor.take, MANY)
    return editor


def _candidates() -> Widget:
    candidates = CompletionList(lambda: None)
    candidates.call_later(
        candidates.show,
        [Candidate(HOSTILE, HOSTILE, "table", HOSTILE), Candidate("x", MANY, "column", MANY)],
        Offset(2, 2),
    )
    return candidates


def _failure() -> Widget:
    steps = [Check(Step.LOGIN, Status.FAIL, HOSTILE, HOSTILE)]
    return Failure(HOSTILE, steps, _ERROR)


class _Lives:
    def lifetime(self, profile: str, role: str) -> Lifetime:
        return Lifetime(State.VALID, datetime.now(UTC), datetime.now(UTC))

    def portal(self, sso_session: str) -> Lifetime:
        return Lifetime(State.NEEDS_LOGIN)


def _facts() -> Facts:
    problem = Problem(HOSTILE, HOSTILE, 1)
    profile = Profile(
        HOSTILE,
        Kind.ROLE,
        region=HOSTILE,
        source=HOSTILE,
        account=HOSTILE,
        role_arn=HOSTILE,
        mfa_serial=HOSTILE,
        chain=(HOSTILE,),
        problem=problem,
        warnings=(problem,),
        settings=((HOSTILE, HOSTILE),),
        file=HOSTILE,
        line=1,
    )
    role = Role(HOSTILE, reasons=(HOSTILE,), trusted_entity=HOSTILE)
    profiles = Profiles((HOSTILE,), _known={HOSTILE: profile})
    return Facts(profile, profiles, _Lives(), role, guarded=True)


def _why() -> Why:
    """Hostile in the trust policy, in the name of the caller and of the role."""
    statement = {"Sid": HOSTILE, "Effect": HOSTILE, "Action": HOSTILE, "Principal": {"AWS": MANY}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    caller = Caller(policy_principal.parse(HOSTILE), (parse(HOSTILE, trust),))
    return of_role(caller, Role(HOSTILE, trust=trust), notes=(HOSTILE,))


class _Examined(DoctorDialog):
    """Its findings are there already, and there is nobody to examine."""

    CSS_PATH = Path(doctor.__file__).with_name("dialog.tcss")

    def action_again(self) -> None:
        finding = failed(CheckName.LOGIN, Cause.OTHER, MANY, MANY)
        self.post_message(self.Reported(finding))


class _Everywhere(EverywhereDialog):
    """What was found before, and an account that has failed since."""

    CSS_PATH = Path(everywhere.__file__).with_name("dialog.tcss")

    def on_mount(self) -> None:
        progress = Progress(HOSTILE, 1, 2, problem=MANY, missing=(HOSTILE,))
        self.call_later(self._come, self._turn, progress)


class _Holdings:
    """What the dialog above asks of the app's."""

    account_names: ClassVar[Mapping[str, str]] = {HOSTILE: HOSTILE}

    def named_regions(self) -> tuple[str, ...]:
        return (HOSTILE,)

    def found_before(self, wanted: Wanted) -> Found:
        hit = Hit(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
        return Found((hit,), datetime.now(UTC))


class _Row:
    """Everything, in every way."""

    def cell(self, number: int) -> Cell:
        return Cell((Letter("r", Origin.DIRECT, True), None), locked=True, note=HOSTILE)


def _matrix() -> Widget:
    matrix = GrantMatrix()
    roles = [RoleHead(n, HOSTILE, kind) for n, kind in enumerate(RoleKind)]
    level = Level(HOSTILE, "ra")
    heads = [ObjectHead(n, HOSTILE, HOSTILE, HOSTILE, rls=True) for n in range(2)]
    columns = matrix_cells.columns(heads, level)
    rows = {role.number: _Row() for role in roles}
    matrix.call_later(matrix.load, roles, columns, level, rows)
    return matrix


def _note() -> NoteLine:
    made = NoteLine(HOSTILE, id="note")
    made.show([HOSTILE, MANY])
    return made


SHOWN: Mapping[type, Callable[[], Widget]] = {
    RowList: _list,
    Column: _column,
    ContextBar: _bar,
    LineView: lambda: LineView(lambda now: [line(HOSTILE), line(MANY)]),
    TextView: _text,
    PlanView: _plan,
    PlanTree: _steps,
    VirtualGrid: _drawn,
    ResultGrid: _records,
    SearchLine: _search,
    TypedLine: lambda: TypedLine(lambda: None, placeholder=HOSTILE),
    ResultPane: _pane,
    ResultTabs: _tabs,
    SqlEditor: _editor,
    CompletionList: _candidates,
    GrantMatrix: _matrix,
    EverywhereDialog: lambda: _Everywhere(Chosen()),
    PickDialog: lambda: PickDialog(HOSTILE, [Pick(HOSTILE, HOSTILE, None)]),
    TabStrip: lambda: TabStrip([HOSTILE, HOSTILE]),
    Failure: _failure,
    AskDialog: lambda: AskDialog(HOSTILE, MANY, value=HOSTILE, must_equal=HOSTILE),
    ChoiceDialog: lambda: ChoiceDialog(HOSTILE, MANY, (Choice("a", HOSTILE), Choice("b", HOSTILE))),
    CellDialog: lambda: CellDialog(_COLUMNS[0], MANY),
    CopyDialog: lambda: CopyDialog(Loaded(_COLUMNS, _PAGE), (0, 1), HOSTILE),
    ExportDialog: lambda: ExportDialog(HOSTILE),
    ProgressDialog: lambda: ProgressDialog(HOSTILE, lambda report, cancel: cancel.wait(1)),
    TextDialog: lambda: TextDialog(HOSTILE, MANY),
    DoctorDialog: lambda: _Examined(Target(database=HOSTILE), HOSTILE, Config()),
    RouteDialog: lambda: RouteDialog(
        HOSTILE,
        [Route(endpoint=HOSTILE, ssh=HOSTILE, name=HOSTILE)],
        current=f"{HOSTILE}1",
        usual=HOSTILE,
        find=lambda cancel: Reach((Instance(HOSTILE, HOSTILE),), HOSTILE, (HOSTILE,)),
    ),
    KeyLines: lambda: KeyLines(((HOSTILE, HOSTILE),)),
    NoteLine: _note,
    HelpDialog: lambda: HelpDialog(((HOSTILE, ((HOSTILE, HOSTILE),)),)),
    FindDialog: lambda: FindDialog(
        HOSTILE,
        [Query(HOSTILE, MANY), Query("x", HOSTILE)],
        rows.draw_query,
        lambda query: query.text,
        empty=HOSTILE,
    ),
    LoginDialog: lambda: LoginDialog(
        LoginRequest(HOSTILE, HOSTILE, HOSTILE, datetime.now(UTC), HOSTILE, HOSTILE)
    ),
    DurationDialog: lambda: DurationDialog(HOSTILE, Limits(3600, 7200, HOSTILE)),
    AboutDialog: lambda: AboutDialog(HOSTILE, _facts()),
    WhyDialog: lambda: WhyDialog(HOSTILE, _why(), trying=True),
    MfaDialog: lambda: MfaDialog(MfaRequest(HOSTILE, HOSTILE, HOSTILE, refused=HOSTILE)),
}


class Gallery(App[None]):
    """Shows each in turn, with a toast, then says so and ends."""

    CSS = "Widget { max-height: 40; }"
    holdings = _Holdings()

    def on_mount(self) -> None:
        """Begin."""
        self.register_theme(DARK)
        self.theme = DARK.name
        self.run_worker(self._tour())

    async def _tour(self) -> None:
        for make in SHOWN.values():
            made = make()
            if isinstance(made, Screen):
                await self.push_screen(made)
            else:
                room = ActionScreen()
                await self.push_screen(room)
                await room.mount(made)
                room.tell(MANY)
                if made.focusable:
                    made.focus()
            await asyncio.sleep(0.2)
            await self.pop_screen()
        self.exit(message="Everything was shown.")


if __name__ == "__main__":
    Gallery().run()
