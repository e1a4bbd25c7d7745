"""ConnectionScreen: one connection, from the first step of connecting to its close.

It comes up at once and connects while it is being drawn: the steps show where `\\du` will. When
that fails, the checks and the error take its place, and can be retried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.notifications import SeverityLevel
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from rolebrowser.connection import token_users
from rolebrowser.connection.names import quoted
from rolebrowser.errors import RolebrowserError
from rolebrowser.opened import Opened
from rolebrowser.target import Engine
from rolebrowser.tui import departed
from rolebrowser.tui.dialogs.ask import AskDialog
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.dialogs.text import TextDialog
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.look import Look, loader
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.pages.grants import GrantsPage
from rolebrowser.tui.pages.overview import CommandsPage
from rolebrowser.tui.pages.sql import RUNNING, SqlPage
from rolebrowser.tui.rows import checks, connected
from rolebrowser.tui.rows.context import Context
from rolebrowser.tui.screens.among_connections import STRIP, AmongConnections
from rolebrowser.tui.screens.base import HEADINGS
from rolebrowser.tui.screens.connecting import Connecting
from rolebrowser.tui.screens.lifeline import Lifeline
from rolebrowser.tui.screens.session_keeping import KeepsSession
from rolebrowser.tui.widgets.context_bar import ContextBar
from rolebrowser.tui.widgets.failure import Failure
from rolebrowser.tui.widgets.key_bar import KeyBar
from rolebrowser.tui.widgets.plan_view import PlanTree
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.tab_strip import TabStrip
from rolebrowser.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

PAGES = {"sql": "SQL", "roles": "Roles", "grants": "Grants"}
_COMMANDS = {"roles": ("\\du+", "\\drg"), "grants": ("\\dp *.*",)}


class ConnectionScreen(Connecting, AmongConnections, KeepsSession):
    """See the module. It may be there before anybody knows where to connect: see `begin`.

    Args:
        mode: the app's mode this screen is the base of.
    """

    CSS_PATH = "connection.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("connection")]
    SCOPES = ("sql", "editor", "grants", "matrix", "connection", "results", "grid", "plan", "app")

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode
        self._opened: Opened | None = None
        self._left: list[Callable[[], object]] = []
        self._look: Look | None = None
        self._asked_at: Widget | None = None
        self._lifeline: Lifeline | None = None
        self._sql = SqlPage()

    def compose(self) -> ComposeResult:
        """Context, tabs, the first page, keys."""
        yield ContextBar()
        with Horizontal(id="strips"):
            yield TabStrip(list(PAGES.values()), id="page-names")
            yield TabStrip((), id=STRIP)
        with ContentSwitcher(initial="sql"):
            yield self._sql
        yield Static("Make the terminal larger: 36×10 at least.", id="too-small")
        yield KeyBar()

    def on_mount(self) -> None:
        """Start the clock."""
        self.set_interval(1.0, self._tick)
        self.keep_session()
        self._sql.enter()
        self.entered.set()
        if self._title_text:
            self.show_context()
        else:
            self.call_after_refresh(self.rehearse)

    def on_unmount(self) -> None:
        """The connection goes with its screen; the texts stay for who opens it again."""
        if self.asked is not None:
            self.app.texts.keep(self.asked, self._sql.editors.texts())
        if self._opened is not None:
            self._opened.audited.close()
        departed.forget_pictures()
        self.app.when_idle(departed.IDLE, departed.sweep)

    # ── connected ────────────────────────────────────────────────────────────────────────────

    def _connected(self, opened: Opened) -> None:
        self._opened = opened
        self._look = Look(opened.connection, loader(opened.connection))
        session = opened.current_session()
        if session is not None:
            self.app.holdings.keep(session)
        if opened.database is not None:
            account = opened.database.account
            # Keys may not say whose account they are of; the database does.
            self._guarded |= self.app.holdings.guarded(self._target, account=account)
            learn = partial(self.app.holdings.learn_users, opened.database)
            self._left.append(partial(token_users.ask, opened.connection, learn))
        self._left.append(partial(self.app.remember, self._target))
        self._lifeline = Lifeline(
            opened,
            busy=lambda: bool(self._sql.running),
            start=partial(self.run_worker, group="reconnect", exclusive=True, exit_on_error=False),
            tell=lambda text, bad: self.tell(text, "error" if bad else "information", 12),
            back=self._back,
            altered=self._sql.take_altered,
        )
        for page in self.query(Page):
            page.connected(opened)
        self.show_context()

    def settle(self) -> None:
        """The first page is in view: now for what nobody waits for."""
        left, self._left = self._left, []
        for each in left:
            each()

    def _back(self) -> None:
        """The connection is there again: the server may be another one."""
        self.page.load()
        self.show_context()

    @on(Failure.Examine)
    def action_doctor(self) -> None:
        """Every check of the road here."""
        self.app.examine(self._target, self._title_text)

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    @property
    def name_shown(self) -> str:
        """What the connection is called: a bookmark's name, or user@database."""
        return self._title_text

    def tell(self, text: str, severity: SeverityLevel = "information", seconds: float = 5) -> None:
        """As any screen; where it isn't in view, with its name."""
        seen = self in self.app.screen_stack
        super().tell(text if seen else f"{self._title_text}: {text}", severity, seconds)

    @property
    def page(self) -> Page:
        """The page in view."""
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}", Page)

    def carrier(self, scope: str) -> DOMNode | None:
        """Pages carry out the actions of their own scopes while they are in view."""
        if scope in ("sql", "editor", "results") and self.page is not self._sql:
            return None
        if scope == "sql":
            return self._sql
        if scope == "editor":
            return self._sql.editors
        if scope == "results":
            return self._sql.results
        if scope == "grid" and not isinstance(self.focused, ResultGrid):
            return self._sql.results.active.grid if self.page is self._sql else None
        if scope == "plan":
            return self._sql.results.active.plan if self.page is self._sql else None
        if scope in ("grants", "matrix"):
            return self.page if isinstance(self.page, GrantsPage) else None
        return super().carrier(scope)

    def help_scopes(self) -> tuple[tuple[str, str], ...]:
        """Those of the page and the view in front first."""
        page = self.page
        names = self.SCOPES
        if isinstance(page, GrantsPage):
            first = ("matrix", "grants") if page.view == "matrix" else ("grants",)
            names = (*first, *(name for name in names if name not in first))
        return tuple((HEADINGS[name], name) for name in names)

    def _tick(self) -> None:
        if self._lifeline is not None:
            self._lifeline.tick()
            self._sql.tick()
        if self.is_current:
            self.show_context()
            self.show_open()
            self.query_one(ContextBar).tick()

    def show_context(self) -> None:
        """Bring badges, clocks and keys up to date."""
        self.query_one(ContextBar).context = (
            Context(
                (self._target.profile, self._title_text),
                guarded=self._guarded,
                notes=("not connected" if self._failure else "connecting …",),
            )
            if self._opened is None
            else self._describe(self._opened)
        )
        if self._lifeline is not None:
            self._lifeline.look()
        self.refresh_bindings()

    def _describe(self, opened: Opened) -> Context:
        return connected.context(
            opened,
            self.session_now(opened),
            guarded=self._guarded,
            running=self._sql.running,
            by_hand=self._sql.manual,
            lifeline=self._lifeline.state if self._lifeline is not None else "",
        )

    @on(ResultGrid.CellCopied)
    @on(TextView.Copied)
    @on(PlanTree.Copied)
    def _copied(self, event: ResultGrid.CellCopied | TextView.Copied | PlanTree.Copied) -> None:
        self.app.copy_to_clipboard(event.text)
        self.tell(f"The {event.what} was sent to the terminal's clipboard.")

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if (
            name in ("next_tab", "refresh", "read_write", "reconnect", "about")
            and self._opened is None
        ):
            return "There is no connection yet."
        if name in ("reconnect", "read_write") and self._sql.running:
            return RUNNING
        if name == "cancel" and not self._sql.running:
            return "Nothing is running."
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """As any other; when nothing runs, ^C means what it means elsewhere."""
        if action == "cancel" and self.unavailable(action):
            return False
        return super().check_action(action, parameters)

    def label_now(self, name: str) -> str:
        """What the key does next."""
        connecting = self._opened is None and self._failure is None
        if name == "back" and (connecting or self._sql.running):
            return "Cancel"
        reads = self._opened is None or self._opened.connection.read_only
        return "Read-only" if name == "read_write" and not reads else super().label_now(name)

    async def action_back(self) -> None:
        """Cancel what runs, else leave the editor, else go back to the browser."""
        if self._opened is None:
            self.workers.cancel_group(self, "connect")
            await self.app.forget_connection(self.mode)
        elif self._sql.running:
            self._sql.cancel()
        elif self.page is self._sql and self._sql.writing:
            self._sql.leave_editor()
        elif self.page.step_back():
            return
        else:
            self.app.switch_mode("browser")

    def action_cancel(self) -> None:
        """Cancel what runs, wherever the focus is."""
        self._sql.cancel()

    def action_about(self) -> None:
        """Every step that led here, what is trusted and the route among them."""
        assert self._opened is not None
        text = checks.told(self._opened.checks, width=64)
        self.app.push_screen(TextDialog(f"Connection to {self._title_text}", text))

    async def action_next_tab(self) -> None:
        """SQL, Roles, Grants, SQL …"""
        strip = self.query_one("#page-names", TabStrip)
        await self._show_page((strip.active + 1) % len(PAGES))

    @on(TabStrip.Clicked, "#page-names")
    async def _tab_clicked(self, event: TabStrip.Clicked) -> None:
        if not self.unavailable("next_tab"):
            await self._show_page(event.number)

    async def _show_page(self, number: int) -> None:
        """Bring a page into view; it is made the first time it is wanted."""
        name, switcher = list(PAGES)[number], self.query_one(ContentSwitcher)
        if name != switcher.current:
            self.app.clear_notifications()
        if not switcher.query(f"#{name}"):
            await switcher.mount(self._make_page(name))
        self.query_one("#page-names", TabStrip).active = number
        switcher.current = name
        self.page.enter()
        self.refresh_bindings()

    def _make_page(self, name: str) -> Page:
        if name == "grants" and self._look is not None:
            return GrantsPage(self._opened, self._look, id=name)
        return CommandsPage(self._opened, _COMMANDS[name], id=name)

    @property
    def look(self) -> tuple[str, Look] | None:
        """Its title and its look at the grants, for comparing; None where there is none."""
        return (self._title_text, self._look) if self._look is not None else None

    def other_looks(self) -> list[tuple[str, Look]]:
        """Those of the other open connections."""
        found = (each.look for each in self.app.connections if each is not self)
        return [each for each in found if each is not None]

    async def offer(self, text: str) -> None:
        """Put statements into the editor, to be read and maybe run by the person."""
        await self._show_page(0)
        await self._sql.offer(text)

    async def explain(self, statement: str, refusal: str, database: str) -> None:
        """Say in the Grants tab why the server refused the current user a statement."""
        self._asked_at = self.focused
        await self._show_page(list(PAGES).index("grants"))
        if isinstance(self.page, GrantsPage):
            assert self._opened is not None
            info = self._opened.connection.info
            user = quoted(info.user) if info.engine is Engine.POSTGRES else info.user
            self.page.ask_why(f"{user} {statement}", refusal, database)

    def show_sql(self) -> None:
        """Go back to where `explain` was asked for."""
        self.call_later(self._show_sql)

    async def _show_sql(self) -> None:
        await self._show_page(0)
        at, self._asked_at = self._asked_at, None
        # The result may have been closed meanwhile, or another one is in view.
        if at is not None and at in self.focus_chain:
            at.focus()  # behind the page's own, which is called later too

    def action_refresh(self) -> None:
        """Ask again for what the page in view shows."""
        self.page.load()

    @work(exclusive=True, group="mode", exit_on_error=False, description="mode")
    async def action_read_write(self) -> None:
        """Switch the mode; on guarded targets the name is to be typed."""
        assert self._opened is not None
        connection = self._opened.connection
        wanted = not connection.read_only
        if not wanted and self._guarded:
            name = self._opened.name_to_type
            text = f"{self._title_text} is production. Type {name} to allow writing."
            dialog = AskDialog("Read-write", text, must_equal=name)
            if await self.app.push_screen_wait(dialog) != name:
                return
        await self._await(partial(connection.set_read_only, wanted))
        self.show_context()

    @work(exclusive=True, group="reconnect", exit_on_error=False, description="reconnect")
    async def action_reconnect(self) -> None:
        """Log in anew; nothing is run again."""
        assert self._lifeline is not None
        if self.pending and not await self.agreed("Reconnect", "Log in anew"):
            return
        await self._lifeline.by_hand(lambda cancel: DialogPrompts(self.app, cancel))
        self.show_context()

    async def _await(self, job) -> bool:
        try:
            await asyncio.wrap_future(job())
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return False
        return True

    async def action_close(self) -> None:
        """Close the connection and its screen; what is under way is asked about."""
        if not self.ask_before_closing():
            await self.close_now()
