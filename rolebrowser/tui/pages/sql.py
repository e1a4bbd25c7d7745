r"""SqlPage: `\du` and role_table_grants above, the editor below them, results under it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from rolebrowser.check import Check
from rolebrowser.connect import Opened
from rolebrowser.connection.statements import Statement, split, statement_at
from rolebrowser.errors import Cancelled, ConnectionLost, RolebrowserError, StatementError
from rolebrowser.grants import seen
from rolebrowser.tui.actions import bindings
from rolebrowser.tui.dialogs.small import TextDialog
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.rows import checks
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.result_pane import ResultPane
from rolebrowser.tui.widgets.sql_editor import SqlEditor


class SqlPage(Page):
    """See the module. Before the connection is there, its steps show where `\\du` will."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sql")]

    def __init__(self, opened: Opened | None = None) -> None:
        super().__init__(opened, id="sql")
        self._running_since = 0.0
        self._du = ResultPane("\\du", as_text=True, id="du")
        self._seen = ResultPane("role_table_grants", id="seen")
        self._editor = SqlEditor(id="editor")
        self._results = ResultPane("Results", id="results")

    def compose(self) -> ComposeResult:
        """Overview, editor, results."""
        with Horizontal(id="overview"):
            yield self._du
            yield self._seen
        with Vertical(id="work"):
            yield self._editor
            yield self._results

    def on_mount(self) -> None:
        """Ready to type in before the connection is open."""
        self._results.say("F5 runs the statement at the cursor.")
        super().on_mount()

    def enter(self) -> None:
        """Ready to type."""
        self._editor.focus()

    def steps(self, reported: Sequence[Check]) -> None:
        """Show how far the connecting has come."""
        lines = checks.plain(reported)
        self._du.say("\n".join(["Connecting …", "", *lines, "", "Esc cancels"]))

    @property
    def running(self) -> float:
        """For how many seconds a statement has been running; 0 when none is."""
        return time.monotonic() - self._running_since if self._running_since else 0.0

    # ── the overview ─────────────────────────────────────────────────────────────────────────

    def load(self) -> None:
        """Ask for the overview."""
        self._load()

    @work(exclusive=True, group="load", exit_on_error=False, description="overview")
    async def _load(self) -> None:
        connection = self.connection
        self._seen.title(f"{seen.title(connection)} as seen by {connection.info.user}")
        self._seen.say("Asking the database …")
        grants = asyncio.wrap_future(seen.role_table_grants(connection))
        await self.fill(self._du, "\\du")
        try:
            self._seen.show(await grants)
        except RolebrowserError as error:
            self._seen.say(str(error), error=True)
        self.call_after_refresh(self._editor.colour)

    # ── running statements ───────────────────────────────────────────────────────────────────

    @work(exclusive=True, group="run", exit_on_error=False, description="run")
    async def _run(self, statements: list[Statement]) -> None:
        self._show_results()
        self._running_since = time.monotonic()
        self.screen.show_context()
        try:
            for statement in statements:
                self._results.say(f"Running …  Esc cancels.\n\n{statement.text[:400]}")
                if statement.backslash:
                    outcome = await self.ask(statement.text)
                else:
                    outcome = await asyncio.wrap_future(self.connection.run(statement.text))
                self._results.show(outcome)
            self._results.focus_content()
        except StatementError as error:
            self._refused(error)
        except ConnectionLost as error:
            self._results.say(f"{error}\n\nF3 logs in anew; text and results stay.", error=True)
        except (Cancelled, RolebrowserError) as error:
            self._results.say(str(error), error=True)
        finally:
            self._running_since = 0.0
            self.screen.show_context()

    def _refused(self, error: StatementError) -> None:
        code = f"  ({error.code})" if error.code else ""
        where = f"\nat character {error.position}" if error.position else ""
        rest = "\n".join(part for part in (error.why, error.fix) if part)
        self._results.say(
            f"{error.severity}: {error.what}{code}{where}\n{rest}".rstrip(), error=True
        )

    @on(ResultGrid.MoreWanted)
    def _more_wanted(self, event: ResultGrid.MoreWanted) -> None:
        for pane in (self._results, self._seen):
            if event.grid in pane.query(ResultGrid) and pane.cursor:
                self._load_more(pane)

    @work(group="more", exit_on_error=False, description="more rows")
    async def _load_more(self, pane: ResultPane) -> None:
        try:
            pane.append(await asyncio.wrap_future(self.connection.more(pane.cursor)))
        except RolebrowserError as error:
            self.screen.tell(f"No further rows: {error}", "warning")

    @on(ResultGrid.CellOpened)
    def _opened_cell(self, event: ResultGrid.CellOpened) -> None:
        value = "NULL" if event.value is None else event.value
        self.app.push_screen(TextDialog(event.column.name, value))

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name in ("run", "run_all"):
            if self._opened is None:
                return "There is no connection yet."
            if self._running_since:
                return "A statement is running: Esc cancels it."
        return ""

    def cancel(self) -> None:
        """Ask the server to cancel what runs."""
        self.connection.cancel()
        self.screen.tell("Asked the server to cancel.")

    @property
    def writing(self) -> bool:
        """True while the editor has focus."""
        return self._editor.has_focus

    def leave_editor(self) -> None:
        """Focus something from where a digit or `q` means what it says."""
        self._results.focus_content() if self._results.has_content else self._du.focus_content()

    def action_run(self) -> None:
        """Run the selection, else the statement at the cursor."""
        selected = self._editor.selected_text
        if selected.strip():
            self._run(split(selected, self.connection.info.engine))
            return
        statement = statement_at(
            self._editor.text, self._editor.cursor_offset, self.connection.info.engine
        )
        if statement is None:
            self.screen.tell("Type a statement first.", "warning")
        else:
            self._run([statement])

    def action_run_all(self) -> None:
        """Run everything in the editor."""
        statements = split(self._editor.text, self.connection.info.engine)
        if statements:
            self._run(statements)

    def action_next_pane(self) -> None:
        """Editor, results, overview, editor …"""
        panes = [self._results, self._du, self._seen]
        inside = next(
            (n for n, pane in enumerate(panes) if pane.has_pseudo_class("focus-within")), -1
        )
        for pane in panes[inside + 1 :]:
            if pane.region and pane.has_content:
                pane.focus_content()
                return
        self._editor.focus()

    def action_overview(self) -> None:
        """Show or hide the overview."""
        self.screen.toggle_class("-no-overview")

    def _show_results(self) -> None:
        """On a short terminal, results take the overview's place."""
        if self.screen.has_class("-short"):
            self.screen.add_class("-no-overview")
