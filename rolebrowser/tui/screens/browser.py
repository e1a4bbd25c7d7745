"""BrowserScreen: who ▸ where ▸ as whom, left to right as the road runs.

Enter goes right and, at the end, connects. Nothing is resolved, no login and no call made, before
a person chooses a profile.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from rolebrowser.database.model import User
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity.model import Profile, Verdict
from rolebrowser.tui import ahead
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.columns.where import WhereColumn
from rolebrowser.tui.columns.who import WhoColumn
from rolebrowser.tui.columns.whom import WhomColumn
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.line import Line
from rolebrowser.tui.rows import where, who, whom
from rolebrowser.tui.rows.context import Context
from rolebrowser.tui.rows.copied import copied
from rolebrowser.tui.screens.browser_open import OpenList
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.context_bar import ContextBar
from rolebrowser.tui.widgets.key_bar import KeyBar
from rolebrowser.tui.widgets.line_view import LineView
from rolebrowser.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

COLUMNS = ("who", "where", "whom")
BREATH = 0.02
"""Seconds that the first frame has for its way to the terminal before the rest is made."""
AHEAD = 0.3
"""Seconds until modules for what comes next are loaded."""
LOOK = 10.0
"""Seconds between looks at the caches, which other programs write too."""


class BrowserScreen(OpenList):
    """The first screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("browser")]
    SCOPES = ("browser", "app")
    AUTO_FOCUS = ""  # `go_to` gives it

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(classes="-at-who -alone")
        self._chosen = Choice()
        self.who = WhoColumn()
        self.where = WhereColumn()
        self.whom = WhomColumn()
        self._checklist = LineView(self._preflight, id="preflight")

    def compose(self) -> ComposeResult:
        """What the first frame shows: context, who, footer; see `complete`."""
        yield ContextBar()
        with Horizontal(id="columns"):
            yield self.who
        yield KeyBar()

    @work(exit_on_error=False, description="complete")
    async def _go_on(self) -> None:
        """Once the first picture is out: the rest of the screen, and the clocks."""
        await self.seen.wait()
        await asyncio.sleep(BREATH)
        self.complete()
        self.set_interval(1.0, self._tick)
        self.set_interval(LOOK, self.who.look_again)
        self.set_timer(AHEAD, self._load_ahead)

    def complete(self) -> None:
        """Add what there is nothing to tell of before the first frame, if it isn't there yet."""
        if self._checklist.is_attached:
            return
        box = Vertical(self._checklist, id="preflight-box")
        box.border_title = "Preflight"
        self.query_one("#columns").mount(self.where, Vertical(self.whom, box, id="right"))
        self.remove_class("-alone")
        self.who.complete()
        words = Static("Make the terminal larger: 36×10 at least.", id="too-small")
        self.mount(words, before=self.query_one(KeyBar))

    def on_mount(self) -> None:
        """Show the profiles, and the rest once the first picture is out."""
        self._go_on()
        self.go_to("who")
        self.who.begin()

    def _load_ahead(self) -> None:
        app = self.app
        ahead.load(done=lambda: app.call_later(app.loaded))

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    def go_to(self, column: str) -> None:
        """Focus a column; on a narrow terminal it is the one that shows."""
        if column != "who":
            self.complete()
        self.update_classes({f"-at-{name}": name == column for name in COLUMNS})
        self.query_one(f"#{column}", Column).rows.focus()

    @property
    def here(self) -> Column:
        """The column that has focus, or had it last."""
        for name in COLUMNS:
            if self.has_class(f"-at-{name}"):
                return self.query_one(f"#{name}", Column)
        return self.who

    def _tick(self) -> None:
        if not self.is_current:
            return
        for each in (self.who, self.where, self.whom):
            each.tick()
        self._checklist.tick()
        self.query_one(ContextBar).tick()
        self.show_open()

    def sessions_changed(self) -> None:
        """Show what is known of sessions now, and tell what surprises in them, once."""
        self._show_context()
        self.who.show_profiles()
        unsaid, self.app.holdings.unsaid = self.app.holdings.unsaid, []
        if unsaid:
            self.tell("\n".join(unsaid), "warning", 12)

    def _show_context(self) -> None:
        chosen = self._chosen
        session = (
            self.app.holdings.session(chosen.profile.name, chosen.role) if chosen.profile else None
        )
        self.query_one(ContextBar).context = Context(
            crumbs=chosen.crumbs(),
            guarded=self._guarded(),
            session_ends=session.expires_at if session else None,
        )
        self._checklist.tick()
        self.refresh_bindings()

    def _guarded(self) -> bool:
        chosen = self._chosen
        account = chosen.database.account if chosen.database else ""
        return self.app.holdings.guarded(chosen.target(), account=account)

    def _preflight(self, now: datetime) -> list[Line]:
        chosen, lifetime, row = self._chosen, None, self.here.rows.current
        if isinstance(row, who.BookmarkRow):
            target = row.bookmark.target
            lifetime = self.app.holdings.lifetime(target.profile, target.role)
            return whom.bookmarked(target, lifetime, now)
        if chosen.profile is not None:
            lifetime = self.app.holdings.lifetime(chosen.profile.name, chosen.role)
        return whom.preflight(chosen, lifetime, self._way(), now)

    def _way(self, *, usual: bool = False) -> str:
        """How TCP would go to what is chosen; `usual`: had nobody chosen a route."""
        database = self._chosen.database
        endpoint = self._chosen.endpoint or (database.endpoint() if database else None)
        if endpoint is None:
            return ""
        from rolebrowser.database import route

        target = replace(self._chosen.target(), **({"route": ""} if usual else {}))
        try:
            return route.resolve(self.app.holdings.config, target, endpoint).words
        except RolebrowserError as error:
            return error.what

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    @on(WhereColumn.Settled)
    def _databases_settled(self, event: WhereColumn.Settled) -> None:
        if event.cancelled:
            self.go_to("who")
            return
        self._show_context()
        # The session it took may be a new one.
        self.sessions_changed()

    # ── choosing ─────────────────────────────────────────────────────────────────────────────

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        # A column that is filled anew behind the person's back must not undo what they chose.
        if event.rows is self.here.rows or event.rows.has_focus:
            self._take(event.item)

    def _take(self, row: object) -> None:
        """What stands under the cursor is what is chosen so far."""
        match row:
            case who.PortalRow() | who.BookmarkRow():
                # Keys act on what is under the cursor, never on what was chosen before it.
                self._choose(None, "")
            case who.ProfileRow(profile=profile):
                self._choose(profile, "")
            case who.RoleRow(role=role, profile=name):
                self._choose(self.app.holdings.profiles.get(name), role.arn)
            case where.DatabaseRow(database=database):
                self._chosen = self._chosen.at(database)
            case where.EndpointRow(database=database, endpoint=endpoint):
                self._chosen = self._chosen.at(database, endpoint)
            case whom.UserRow(user=user) if not user.pattern:
                self._chosen = self._chosen.as_user(user)
        self._show_context()

    def _choose(self, profile: Profile | None, role: str) -> None:
        shown = self.where.all_rows or self.where.failed
        if shown and (profile, role) != (self._chosen.profile, self._chosen.role):
            self.where.forget()
            self.whom.forget()
        self._chosen = Choice(profile, role)

    @on(RowList.Selected)
    def _selected(self, event: RowList.Selected) -> None:
        self._take(event.item)
        match event.item:
            case who.BookmarkRow(bookmark=bookmark):
                self._open_bookmark(bookmark)
            case who.ProfileRow(profile=profile) if profile.problem is not None:
                self.whom.forget()
                self.where.refuse(profile.name, profile.problem)
                self.tell(str(profile.problem), "error", 12)
            case who.PortalRow():
                self.action_log_in()
            case who.ProfileRow() | who.RoleRow():
                self.app.remember(self._chosen.target())
                self._see_databases()
            case where.DatabaseRow() | where.EndpointRow():
                self.whom.load(self._chosen)
                self.go_to("whom")
            case whom.UserRow(user=user) if user.pattern:
                self._ask_user(f"IAM allows any user matching {user.name}.")
            case whom.UserRow():
                self.action_connect()
            case whom.TypeRow():
                self.action_type_user()

    def _see_databases(self, *, fresh: bool = False) -> None:
        self.whom.forget()
        self.go_to("where")
        self.where.load(self._chosen, fresh)

    def _ask_user(self, text: str) -> None:
        from rolebrowser.tui.dialogs.ask import AskDialog

        def answered(name: str | None) -> None:
            if name:
                self._chosen = self._chosen.as_user(self._typed(name))
                self._show_context()
                self.action_connect()

        self.app.push_screen(AskDialog("Database user", text), answered)

    def _typed(self, name: str) -> User:
        user, chosen = User(name, Verdict.UNKNOWN, "typed"), self._chosen
        if chosen.profile is None or chosen.database is None:
            return user
        return self.app.holdings.decided(chosen.profile.name, chosen.role, chosen.database, user)

    @property
    def urgent(self) -> tuple[str, ...]:
        """Who has no profile has the demo to go on with."""
        held = self.app.holdings
        nobody = held.demo_ready and not held.profiles.names and not held.config.bookmarks
        return ("demo",) if nobody else super().urgent

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name.startswith("open_"):
            if not self.app.holdings.demo_ready:
                return "The sandbox is still starting: its bookmarks aren't there yet."
            digit = int(name.removeprefix("open_"))
            if digit > len(self.app.holdings.config.bookmarks):
                return f"There is no bookmark {digit}: m on a database keeps one."
        reason = self.no_session(name)
        if reason:
            return reason
        if name == "roles" and self._chosen.profile is None and self._portal_profile() is None:
            return "Put the cursor on a profile first."
        if name == "why":
            return self.no_reason()
        if self._chosen.database is None:
            if name in ("type_user", "bookmark", "route"):
                return "Choose a database first."
            bookmarked = isinstance(self.here.rows.current, who.BookmarkRow)
            if name in ("connect", "another", "doctor") and not bookmarked:
                return "Choose a bookmark or a database first."
        return ""

    def action_open(self, digit: int) -> None:
        """Connect to the bookmark of that digit."""
        bookmark = self.app.holdings.config.bookmark(str(digit))
        if (reason := self.unavailable(f"open_{digit}")) or bookmark is None:
            self.tell(reason, "warning")
        else:
            self._open_bookmark(bookmark)

    def action_forward(self) -> None:
        """One column to the right, if it has anything."""
        order = [self.who, self.where, self.whom]
        place = order.index(self.here)
        if place + 1 < len(order) and order[place + 1].all_rows:
            self.go_to(COLUMNS[place + 1])
            self._take(self.here.rows.current)

    def action_stop(self) -> None:
        """Stop what AWS is asked; else end the filter, else one column to the left."""
        if self.here.stop() or self.stop_looking():
            return
        self.action_back()

    def action_back(self) -> None:
        """End the filter, else one column to the left."""
        if self.here.filtering:
            self.here.end_filter()
            return
        place = [self.who, self.where, self.whom].index(self.here)
        self.go_to(COLUMNS[max(0, place - 1)])

    def action_filter(self) -> None:
        """Filter the column."""
        self.here.start_filter()

    def action_refresh(self) -> None:
        """Ask again: for the profiles, for the roles shown, or for the databases."""
        if self.here is self.who:
            if not self.roles_again():
                self.who.load()
        else:
            self._see_databases(fresh=True)

    def action_type_user(self) -> None:
        """Type a user."""
        if self._chosen.database is not None:
            self._ask_user(f"Log in to {self._chosen.database.id} as")

    def action_another(self) -> None:
        """One more connection to the bookmark under the cursor, or to what is chosen."""
        self.action_connect(another=True)

    def action_connect(self, another: bool = False) -> None:
        """Connect to the bookmark under the cursor, or what is chosen; go there if it is open."""
        row = self.here.rows.current
        if isinstance(row, who.BookmarkRow):
            self._open_bookmark(row.bookmark, another=another)
            return
        target = self._chosen.target()
        if not target.user:
            self.action_type_user()
            return
        self.app.open(
            target, f"{target.user}@{target.database}", guarded=self._guarded(), another=another
        )

    def action_route(self) -> None:
        """Choose the way to what is chosen."""
        target = self._chosen.target()

        def answered(value: str) -> None:
            self._chosen = self._chosen.by(value)
            self._show_context()

        self.app.choose_route(target, target.database, self._way(usual=True), answered)

    def action_doctor(self) -> None:
        """Why can't I connect, to the bookmark under the cursor or to what is chosen?"""
        row = self.here.rows.current
        if isinstance(row, who.BookmarkRow):
            self.app.examine(row.bookmark.target, row.bookmark.name)
        else:
            target = self._chosen.target()
            self.app.examine(target, f"{target.user}@{target.database}".lstrip("@"))

    def action_copy(self) -> None:
        """Copy what the cursor stands on."""
        text = copied(self.here.rows.current)
        if text:
            self.app.copy_to_clipboard(text)
            self.tell(f"Sent to the terminal's clipboard: {text}")

    def action_demo(self) -> None:
        """Leave, and come back in the demo."""
        self.app.leave("demo")
