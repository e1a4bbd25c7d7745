r"""SqlPage: `\du` and role_table_grants above, the editor below them, results under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from rolebrowser.check import Check
from rolebrowser.config import Config
from rolebrowser.connection.client_command import steps_at
from rolebrowser.connection.protocol import Transaction
from rolebrowser.connection.statements import Statement, split, statement_at
from rolebrowser.errors import RolebrowserError
from rolebrowser.opened import Opened
from rolebrowser.target import Engine
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.pages.sql_commands import Commands
from rolebrowser.tui.pages.sql_editor_keys import EDITOR_NAMES, EditorKeys
from rolebrowser.tui.pages.sql_editors import Editors
from rolebrowser.tui.pages.sql_overview import Overview
from rolebrowser.tui.pages.sql_runner import Runner
from rolebrowser.tui.pages.sql_writing import Writing
from rolebrowser.tui.widgets.result_pane import ResultPane, holds_focus
from rolebrowser.tui.widgets.result_tabs import ResultTabs

RUNNING = "A statement is running: Esc cancels it."
HINT = "F5 runs the statement at the cursor and goes to its rows. F6 comes back."


def offered(count: int, *, read_only: bool) -> str:
    """What stands under suggested statements: how they are run, should one want that. Pure."""
    key = "F5 runs it" if count < 2 else f"F9 runs all {count}"
    return f"suggested, not run · {'read-only: F4 lets you write, then ' if read_only else ''}{key}"


class SqlPage(EditorKeys, Page):
    """See the module. What each part does is its own: Overview, SqlEditor, ResultTabs, Runner."""

    # The editor's keys hold on the whole page, also where a result has the focus.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sql"), *bindings("editor")]

    def __init__(self, opened: Opened | None = None) -> None:
        super().__init__(opened, id="sql")
        self._overview = Overview(id="overview")
        self._editors = Editors(id="editor")
        self._results = ResultTabs(HINT, id="results")
        self._writing = Writing(self)
        self._runner = Runner(
            self,
            self._writing,
            Commands(self, self._editors),
            self._results,
            lambda: self.screen.show_context(),
        )

    def compose(self) -> ComposeResult:
        """Overview, editor, results."""
        yield self._overview
        with Vertical(id="work"):
            yield self._editors
            yield self._results

    @property
    def editors(self) -> Editors:
        """Where the statements are written."""
        return self._editors

    @property
    def results(self) -> ResultTabs:
        """What the statements gave."""
        return self._results

    def begin(self, config: Config) -> None:
        """Connecting begins; the page may have been there long before anybody knew where to."""
        self._editors.begin(config)

    def enter(self) -> None:
        """Ready to type, also before the connection is open."""
        self._editors.active.focus()

    def steps(self, reported: Sequence[Check]) -> None:
        """Show how far the connecting has come."""
        self._overview.steps(reported)

    def load(self) -> None:
        """Ask for the overview."""
        self._load()

    @work(exclusive=True, group="load", exit_on_error=False, description="overview")
    async def _load(self) -> None:
        self._editors.connected(self.connection)
        await self._overview.load(self)
        self.screen.appear()
        self.call_after_refresh(self.screen.settle)
        self.call_after_refresh(self._editors.colour)

    # ── running statements ───────────────────────────────────────────────────────────────────

    @property
    def running(self) -> float:
        """For how many seconds a statement has been running; 0 when none is."""
        return self._runner.running

    def take_altered(self) -> bool:
        """Whether something was set for the session that is gone; once."""
        altered, self._runner.altered = self._runner.altered, False
        return altered

    def tick(self) -> None:
        """A second has passed."""
        self._runner.tick()

    @work(exclusive=True, group="run", exit_on_error=False, description="run")
    async def _run(self, statements: list[Statement]) -> None:
        self._show_results()
        attended = self._attended
        self._editors.remember(statements, self.screen.name_shown)
        await self._runner.run(statements)
        self._editors.ran(statements, self._runner.endings)
        if attended == self._attended:
            self._go_to_result()

    def _go_to_result(self) -> None:
        """As harlequin: what can be walked takes the focus, after a sentence one writes on.

        A refusal that can be asked about is walked into by its `w`.
        """
        pane = self._results.active
        if pane.walks or self._runner.denied:
            pane.take_focus()
        else:
            self.screen.set_focus(self._editors.active)

    @property
    def _attended(self) -> object:
        """What a person is at: the text, as it stands, or what else has the focus.

        Who has gone on meanwhile is left there: what they type would be commands to a result.
        """
        editor, focused = self._editors.active, self.screen.focused
        if editor.has_focus:
            return editor, editor.text, editor.selection
        return None if focused is None or holds_focus(self._results) else focused

    def cancel(self) -> None:
        """Stop what is repeated, and ask the server to cancel what runs."""
        self.screen.tell(self._runner.cancel())

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name in EDITOR_NAMES:
            return self._editors.unavailable(name)
        if name in ("run", "run_all", "explain", "explain_analyze"):
            if self._opened is None:
                return "There is no connection yet."
            if self.running:
                return RUNNING
        if name in ("commit", "roll_back") and not self._in_transaction:
            # Whether one is open isn't known while its statement runs.
            return RUNNING if self.running else "No transaction is open."
        if name == "why" and not self._runner.denied:
            if self._runner.refusal:
                return "The server's refusal is all that is known of why."
            return "No permission was denied."
        return ""

    async def offer(self, text: str) -> None:
        """Put statements into an editor of their own, and say where they are read.

        Under a text without its semicolon they would be sent with it, as one.

        Not in a toast: that would cover them on a small terminal.
        """
        self.screen.add_class("-offered")
        editor = await self._editors.show(text)
        count = len(split(text, self.connection.info.engine))
        if count > 1:
            editor.move_cursor((0, 0))
        editor.border_subtitle = offered(count, read_only=self.connection.read_only)
        editor.focus()

    async def action_why(self) -> None:
        """Why the last statement was refused."""
        denied, refusal = self._runner.denied, self._runner.refusal
        await self.screen.explain(denied, refusal, await self._current_database())

    async def _current_database(self) -> str:
        """Where USE went: of MySQL and MariaDB, where bare names aren't the login's then."""
        if self.connection.info.engine is not Engine.MYSQL:
            return ""
        try:
            rows = await asyncio.wrap_future(self.connection.query("SELECT DATABASE()"))
        except RolebrowserError:
            # A connection that is gone says so itself; the names are then found by themselves.
            return ""
        return str(rows[0][0] or "")

    @property
    def _in_transaction(self) -> bool:
        states = (Transaction.OPEN, Transaction.FAILED)
        return self._opened is not None and self.connection.transaction in states

    @property
    def writing(self) -> bool:
        """True while the editor has focus."""
        return self._editors.active.has_focus

    def leave_editor(self) -> None:
        """Focus something from where a digit or `q` means what it says."""
        self.screen.remove_class("-offered")
        panes = self._other_panes()
        (panes[0] if panes else self._results.active).take_focus()

    def action_explain(self) -> None:
        """The plan of the statement at the cursor."""
        self._explain(analyze=False)

    def action_explain_analyze(self) -> None:
        """The same, executed."""
        self._explain(analyze=True)

    @work(exclusive=True, group="run", exit_on_error=False, description="explain")
    async def _explain(self, *, analyze: bool) -> None:
        editor = self._editors.active
        engine = self.connection.info.engine
        statement = statement_at(editor.text, editor.cursor_offset, engine)
        if statement is None or statement.backslash:
            self.screen.tell("Put the cursor into a statement first.", "warning")
            return
        self._show_results()
        attended = self._attended
        await self._runner.explain(statement, analyze=analyze)
        if attended == self._attended:
            self._go_to_result()

    def action_run(self) -> None:
        """Run the selection, else the statement at the cursor."""
        self._when_typed(self._run_here)

    def action_run_all(self) -> None:
        """Run everything in the editor."""
        self._when_typed(self._run_everything)

    def _when_typed(self, act: Callable[[], None]) -> None:
        """Do it once the editor has taken in what was typed before the key.

        A key with priority overtakes the letters still on their way to the editor: half of a
        statement would run, a DELETE without its WHERE.
        """

        def then() -> None:
            self._editors.active.stop_completing()
            if not self.unavailable("run"):
                act()

        self._editors.active.call_later(then)

    def _run_here(self) -> None:
        selected = self._editors.active.selected_text
        if selected.strip():
            self._run(split(selected, self.connection.info.engine))
            return
        editor, engine = self._editors.active, self.connection.info.engine
        statement = statement_at(editor.text, editor.cursor_offset, engine)
        if statement is None:
            self.screen.tell("Type a statement first.", "warning")
        else:
            self._run(steps_at(split(editor.text, engine), statement))

    def _run_everything(self) -> None:
        statements = split(self._editors.active.text, self.connection.info.engine)
        if statements:
            self._run(statements)

    @work(group="end", exit_on_error=False, description="commit")
    async def action_commit(self) -> None:
        """Keep what the open transaction did."""
        await self._end(commit=True)

    @work(group="end", exit_on_error=False, description="roll back")
    async def action_roll_back(self) -> None:
        """Undo what the open transaction did."""
        await self._end(commit=False)

    async def _end(self, *, commit: bool) -> None:
        fate = await self._writing.end(commit=commit)
        self.screen.tell(f"{fate[0].upper()}{fate[1:]}.")
        self.screen.show_context()

    @property
    def manual(self) -> bool:
        """Whether each statement begins a transaction that the person ends."""
        return self._writing.manual

    def action_autocommit(self) -> None:
        """Switch between committing by itself and by hand."""
        self._writing.manual = not self._writing.manual
        self.screen.tell(
            "Commit by hand: the first statement begins a transaction, Alt+C or Alt+R ends it."
            if self._writing.manual
            else "Autocommit: statements outside a transaction are kept at once; changes ask first."
        )
        self.screen.show_context()

    def action_next_pane(self) -> None:
        """Into the result, and back; without a result, as `action_next_list`."""
        result = self._results.active
        if holds_focus(self._results):
            self.screen.set_focus(self._editors.active)
        elif self._results.has_result and result.region and not holds_focus(self._overview):
            result.take_focus()
        else:
            self.action_next_list()

    def action_next_list(self) -> None:
        """Through the lists of the overview, and back into the editor."""
        lists = self._lists()
        inside = next((n for n, pane in enumerate(lists) if holds_focus(pane)), -1)
        if lists[inside + 1 :]:
            lists[inside + 1].take_focus()
        else:
            self.screen.set_focus(self._editors.active)

    def _lists(self) -> list[ResultPane]:
        return [each for each in self._overview.panes if each.has_content and each.region]

    def _other_panes(self) -> list[ResultPane]:
        """Those in view in which there is something to read or do, an error too."""
        result = self._results.active
        shows = self._results.has_result and result.region
        return [result, *self._lists()] if shows else self._lists()

    def action_overview(self) -> None:
        """Show or hide the overview."""
        self.screen.toggle_class("-no-overview")
        self.screen.remove_class("-offered")
        if self.screen.has_class("-no-overview"):
            gone = holds_focus(self._overview)
        else:
            gone = self.screen.has_class("-short") and holds_focus(self._results)
        if gone:
            self.screen.set_focus(self._editors.active)

    def _show_results(self) -> None:
        """On a short terminal, results take the overview's place."""
        self.screen.remove_class("-offered")
        self._editors.active.border_subtitle = ""
        if self.screen.has_class("-short"):
            self.screen.add_class("-no-overview")
