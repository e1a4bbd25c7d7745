"""ConnectionScreen: inside a database. Opens showing `\\du` and role_table_grants."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Static, TabbedContent, TabPane, Tabs

from rolebrowser.connect import Opened
from rolebrowser.connection import backslash
from rolebrowser.connection.protocol import Outcome, Transaction
from rolebrowser.connection.statements import Statement, split, statement_at
from rolebrowser.errors import Cancelled, ConnectionLost, RolebrowserError, StatementError
from rolebrowser.grants import seen
from rolebrowser.tui.actions import bindings
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.screens.dialogs import AskDialog, TextDialog
from rolebrowser.tui.widgets.context_bar import Context, ContextBar
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.result_pane import ResultPane
from rolebrowser.tui.widgets.sql_editor import SqlEditor
from rolebrowser.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp


class ConnectionScreen(ActionScreen):
    """One open connection.

    Args:
        title: what to call it.
        mode: the app's mode this screen is the base of.
        guarded: it counts as production.
    """

    CSS_PATH = "connection.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("connection")]
    SCOPES = ("connection", "grid", "app")

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self, opened: Opened, title: str, mode: str, *, guarded: bool) -> None:
        super().__init__()
        self._opened = opened
        self._connection = opened.connection
        self._name = title
        self._mode = mode
        self._guarded = guarded
        self._running_since = 0.0
        self._filled: set[str] = set()
        user = self._connection.info.user
        self._du = ResultPane("\\du", as_text=True, id="du")
        self._seen = ResultPane(f"role_table_grants as seen by {user}", id="seen")
        self._editor = SqlEditor(id="editor")
        self._results = ResultPane("Results", id="results")
        self._roles = ResultPane("\\du+", as_text=True, id="roles-du")
        self._memberships = ResultPane("\\drg", as_text=True, id="roles-drg")
        self._privileges = ResultPane("\\dp *.*", as_text=True, id="grants-dp")

    def compose(self) -> ComposeResult:
        """Context, tabs, footer."""
        yield ContextBar()
        with TabbedContent(id="tabs"):
            with TabPane("SQL", id="sql"):
                with Horizontal(id="overview"):
                    yield self._du
                    yield self._seen
                with Vertical(id="work"):
                    yield self._editor
                    yield self._results
            with TabPane("Roles", id="roles"):
                yield self._roles
                yield self._memberships
            with TabPane("Grants", id="grants"):
                yield self._privileges
        yield Static("Make the terminal larger: 36×10 at least.", id="too-small")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Ask for the overview; start the clock."""
        self.set_interval(1.0, self._tick)
        self._results.say("F5 runs the statement at the cursor.")
        self._show_context()
        self._editor.focus()
        self._load_overview()

    def on_unmount(self) -> None:
        """The connection goes with its screen."""
        self._connection.close()

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    def _tick(self) -> None:
        if self.is_current:
            self._show_context()
            self.query_one(ContextBar).tick()

    def _show_context(self) -> None:
        connection, session = self._connection, self._opened.current_session()
        token = self._opened.current_token()
        notes: list[str] = []
        if self._running_since:
            notes.append(f"running {time.monotonic() - self._running_since:.0f}s")
        state = connection.transaction
        if state in (Transaction.OPEN, Transaction.FAILED):
            notes.append(state.value)
        if not connection.alive:
            notes.append("not connected")
        if connection.info.in_recovery:
            notes.append("reader")
        role = (
            (session.role.rsplit("/", 1)[-1] if session.role else session.profile)
            if session
            else ""
        )
        info = connection.info
        database = self._opened.database
        self.query_one(ContextBar).context = Context(
            crumbs=tuple(
                crumb
                for crumb in (role, database.id if database else info.host, info.user)
                if crumb
            ),
            guarded=self._guarded,
            mode="READ-ONLY" if connection.read_only else "READ-WRITE",
            session_ends=session.expires_at if session else None,
            token_ends=token.expires_at if token else None,
            notes=tuple(notes),
        )

    @work(exclusive=True, group="overview", exit_on_error=False, description="overview")
    async def _load_overview(self) -> None:
        for pane in (self._du, self._seen):
            pane.say("Asking the database …")
        await self._fill(self._du, "\\du")
        try:
            self._seen.show(await asyncio.wrap_future(seen.role_table_grants(self._connection)))
        except RolebrowserError as error:
            self._seen.say(str(error), error=True)
        self._filled.clear()
        await self._fill_tab()

    async def _fill_tab(self) -> None:
        """The tab in view, the first time it is."""
        tab = self.query_one("#tabs", TabbedContent).active
        if tab in self._filled:
            return
        self._filled.add(tab)
        if tab == "roles":
            await self._fill(self._roles, "\\du+")
            await self._fill(self._memberships, "\\drg")
        elif tab == "grants":
            await self._fill(self._privileges, "\\dp *.*")

    @on(TabbedContent.TabActivated)
    @work(group="tab", exit_on_error=False, description="tab")
    async def _tab_shown(self) -> None:
        await self._fill_tab()

    async def _fill(self, pane: ResultPane, command: str) -> None:
        try:
            pane.show(await self._ask(command))
        except RolebrowserError as error:
            pane.say(str(error), error=True)

    async def _ask(self, command: str) -> Outcome:
        """A backslash command's outcome; its queries run in the connection's owner thread."""
        return await asyncio.wrap_future(backslash.run(command, self._connection))

    # ── running statements ───────────────────────────────────────────────────────────────────

    @work(exclusive=True, group="run", exit_on_error=False, description="run")
    async def _run(self, statements: list[Statement]) -> None:
        self._show_results()
        self._running_since = time.monotonic()
        self.refresh_bindings()
        try:
            for statement in statements:
                self._results.say(f"Running …  Esc cancels.\n\n{statement.text[:400]}")
                if statement.backslash:
                    outcome = await self._ask(statement.text)
                else:
                    outcome = await asyncio.wrap_future(self._connection.run(statement.text))
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
            self._show_context()
            self.refresh_bindings()

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
            pane.append(await asyncio.wrap_future(self._connection.more(pane.cursor)))
        except RolebrowserError as error:
            self.tell(f"No further rows: {error}", "warning")

    @on(ResultGrid.CellCopied)
    @on(TextView.Copied)
    def _copied(self, event: ResultGrid.CellCopied | TextView.Copied) -> None:
        self.app.copy_to_clipboard(event.text)
        self.tell(f"The {event.what} was sent to the terminal's clipboard.")

    @on(ResultGrid.CellOpened)
    def _opened_cell(self, event: ResultGrid.CellOpened) -> None:
        value = "NULL" if event.value is None else event.value
        self.app.push_screen(TextDialog(event.column.name, value))

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name in ("run", "run_all") and self._running_since:
            return "A statement is running: Esc cancels it."
        if name == "reconnect" and self._running_since:
            return "A statement is running: Esc cancels it."
        return ""

    def action_run(self) -> None:
        """Run the selection, else the statement at the cursor."""
        selected = self._editor.selected_text
        if selected.strip():
            self._run(split(selected))
            return
        statement = statement_at(self._editor.text, self._editor.cursor_offset)
        if statement is None:
            self.tell("Type a statement first.", "warning")
        else:
            self._run([statement])

    def action_run_all(self) -> None:
        """Run everything in the editor."""
        statements = split(self._editor.text)
        if statements:
            self._run(statements)

    def action_back(self) -> None:
        """Cancel what runs, else leave the editor, else go back to the browser."""
        if self._running_since:
            self._connection.cancel()
            self.tell("Asked the server to cancel.")
        elif self._editor.has_focus:
            self.query_one(Tabs).focus()
        else:
            self.app.switch_mode("browser")

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
        self.toggle_class("-no-overview")

    def _show_results(self) -> None:
        """On a short terminal, results take the overview's place."""
        if self.has_class("-short"):
            self.add_class("-no-overview")

    def action_next_tab(self) -> None:
        """SQL, Roles, Grants, SQL …"""
        self.query_one(Tabs).action_next_tab()

    def action_refresh(self) -> None:
        """Ask again."""
        self._load_overview()

    @work(exclusive=True, group="mode", exit_on_error=False, description="mode")
    async def action_read_write(self) -> None:
        """Switch the mode; on guarded targets the name is to be typed."""
        wanted = not self._connection.read_only
        if not wanted and self._guarded:
            name = self._connection.info.dbname
            text = f"{self._name} is production. Type {name} to allow writing."
            dialog = AskDialog("Read-write", text, must_equal=name)
            if await self.app.push_screen_wait(dialog) != name:
                return
        try:
            await asyncio.wrap_future(self._connection.set_read_only(wanted))
        except RolebrowserError as error:
            self.tell(str(error), "error")
        self._show_context()

    @work(exclusive=True, group="reconnect", exit_on_error=False, description="reconnect")
    async def action_reconnect(self) -> None:
        """Log in anew; nothing is run again."""
        try:
            await asyncio.wrap_future(self._connection.reconnect())
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return
        self.tell("Connected again with a fresh token.")
        self._load_overview()

    async def action_close(self) -> None:
        """Close the connection and its screen."""
        self._connection.close()
        await self.app.forget_connection(self._mode)
