"""BrowserScreen: who ▸ where ▸ as whom, left to right as the road runs.

Enter goes right and, at the end, connects. Nothing is resolved, no login and no call made, before
a person chooses a profile.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from rolebrowser import bookmarks
from rolebrowser.database.model import Database, Endpoint, User
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.model import Profile, Verdict
from rolebrowser.target import Bookmark, Target
from rolebrowser.tui.actions import bindings
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.line import Line
from rolebrowser.tui.rows import where, who, whom
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.screens.dialogs import AskDialog
from rolebrowser.tui.screens.prompts import DialogPrompts
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.context_bar import Context, ContextBar
from rolebrowser.tui.widgets.key_bar import KeyBar
from rolebrowser.tui.widgets.line_view import LineView
from rolebrowser.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

COLUMNS = ("who", "where", "whom")
NOTHING_CHOSEN = "Choose a profile or role on the left: Enter."
FIRST_RUN = (
    "No AWS profile was found in ~/.aws/config or ~/.aws/credentials. "
    "Write one there (aws configure sso does it), set AWS_CONFIG_FILE, and press r. "
    "To look around without AWS, press D: the demo brings its own small AWS and PostgreSQL."
)


class BrowserScreen(ActionScreen):
    """The first screen."""

    CSS_PATH = "browser.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("browser")]
    SCOPES = ("browser", "app")

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[who.WhoRow] = []
        self._roles: dict[str, tuple] = {}
        self._profile: Profile | None = None
        self._role = ""
        self._database: Database | None = None
        self._endpoint: Endpoint | None = None
        self._user: User | None = None
        self.who: Column[who.WhoRow] = Column(
            "Who",
            who.draw,
            filtered=who.filtered,
            identify=who.identify,
            selectable=who.selectable,
            id="who",
        )
        self.where: Column[where.WhereRow] = Column(
            "Where",
            where.draw,
            filtered=where.filtered,
            identify=where.identify,
            empty=NOTHING_CHOSEN,
            id="where",
        )
        self.whom: Column[whom.WhomRow] = Column(
            "As whom",
            whom.draw,
            filtered=whom.filtered,
            identify=whom.identify,
            empty="Choose a database first.",
            id="whom",
        )

    def compose(self) -> ComposeResult:
        """Context, three columns, footer."""
        yield ContextBar()
        with Horizontal(id="columns"):
            yield self.who
            yield self.where
            with Vertical(id="right"):
                yield self.whom
                with Vertical(id="preflight-box") as box:
                    box.border_title = "Preflight"
                    yield LineView(self._preflight, id="preflight")
        yield Static("Make the terminal larger: 36×10 at least.", id="too-small")
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the profiles once the first frame is out; start the clock."""
        self.set_interval(1.0, self._tick)
        self.go_to("who")
        if self.app.holdings.read_already:
            self.app.holdings.read()
            self._show_profiles()
        else:
            self.call_after_refresh(self.load_profiles)

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    def go_to(self, column: str) -> None:
        """Focus a column; on a narrow terminal it is the one that shows."""
        for name in COLUMNS:
            self.set_class(name == column, f"-at-{name}")
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
        for name in COLUMNS:
            self.query_one(f"#{name}", Column).tick()
        self.query_one("#preflight", LineView).tick()
        self.query_one(ContextBar).tick()

    def _show_context(self) -> None:
        crumbs = [
            self._profile.name if self._profile else "",
            self._role.rsplit("/", 1)[-1],
            self._database.id if self._database else "",
            self._endpoint.role.value if self._endpoint else "",
            self._user.name if self._user else "",
        ]
        session = (
            self.app.holdings.session(self._profile.name, self._role) if self._profile else None
        )
        self.query_one(ContextBar).context = Context(
            crumbs=tuple(crumb for crumb in crumbs if crumb),
            guarded=self._guarded(),
            session_ends=session.expires_at if session else None,
        )
        self.query_one("#preflight", LineView).tick()

    def _guarded(self) -> bool:
        account = self._database.account if self._database else ""
        return self.app.holdings.config.guarded(self._target(), account=account)

    def _target(self) -> Target:
        database, endpoint = self._database, self._endpoint
        return Target(
            profile=self._profile.name if self._profile else "",
            role=self._role,
            region=database.region if database else "",
            database=database.id if database else "",
            endpoint=(endpoint.name or endpoint.role.value) if endpoint else "",
            user=self._user.name if self._user else "",
            dbname=database.dbname if database else "",
        )

    def _preflight(self, now: datetime) -> list[Line]:
        lifetime = None
        if self._profile is not None:
            lifetime = self.app.holdings.lifetime(self._profile.name, self._role)
        chosen = whom.Chosen(self._profile, lifetime, self._database, self._endpoint, self._user)
        return whom.preflight(chosen, now)

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    @work(exclusive=True, group="profiles", exit_on_error=False, description="profiles")
    async def load_profiles(self) -> None:
        """Read config files and caches, and show who there is. Starts nothing, asks nobody."""
        if not self.app.holdings.demo_ready and not await self._await_demo():
            return
        await in_thread(lambda cancel: self.app.holdings.read(), name="profiles")
        self._show_profiles()

    async def _await_demo(self) -> bool:
        self.who.clear(
            "The sandbox is starting: a small AWS and a real PostgreSQL on this machine …"
        )
        try:
            await in_thread(self.app.holdings.await_demo, name="sandbox")
        except RolebrowserError as error:
            self.who.clear(str(error))
            return False
        return True

    def _show_profiles(self) -> None:
        holdings = self.app.holdings
        problems = holdings.profiles.problems
        if problems:
            self.tell("\n".join(map(str, problems)), "error", 15)
        if not holdings.profiles.profiles and not holdings.config.bookmarks:
            self.who.clear(str(problems[0]) if problems else FIRST_RUN)
            return
        self.who.show(
            who.build(
                holdings.profiles.profiles, holdings.config, holdings.roles, holdings.lifetime
            )
        )

    @work(exclusive=True, group="where", exit_on_error=False, description="databases")
    async def _load_databases(self, fresh: bool = False) -> None:
        profile = self._profile
        if profile is None:
            return
        name, role = profile.name, self._role
        self.where.title(f"· {role.rsplit('/', 1)[-1] or name}")
        self.where.clear("Asking AWS for the databases …")
        self.whom.clear("Choose a database first.")
        self.go_to("where")
        try:
            found = await in_thread(
                lambda cancel: self.app.holdings.databases(
                    name, role, DialogPrompts(self.app, cancel), cancel, fresh=fresh
                ),
                name="databases",
            )
        except Cancelled:
            self.where.clear(NOTHING_CHOSEN)
            self.go_to("who")
        except RolebrowserError as error:
            self.where.clear(str(error))
        else:
            self.where.show(where.build(found.databases))
            if not found.databases:
                self.where.clear(f"No database in {found.region}.")
            if found.partial:
                self.tell("\n".join(found.partial), "warning")
        self._show_context()
        self._show_profiles_again()

    def _show_profiles_again(self) -> None:
        if self.app.holdings.profiles.profiles:
            self._show_profiles()

    @work(exclusive=True, group="whom", exit_on_error=False, description="users")
    async def _load_users(self) -> None:
        database, profile = self._database, self._profile
        if database is None or profile is None:
            return
        self.whom.clear("Asking who may connect …")
        self.go_to("whom")
        name, role = profile.name, self._role
        try:
            users = await in_thread(
                lambda cancel: self.app.holdings.users(name, role, database, cancel), name="users"
            )
        except RolebrowserError as error:
            users = ()
            self.tell(str(error), "warning")
        self.whom.show(whom.build(users))

    @work(exclusive=True, group="session", exit_on_error=False, description="renew")
    async def _renew(self) -> None:
        profile = self._profile
        if profile is None:
            return
        name, role = profile.name, self._role
        try:
            await in_thread(
                lambda cancel: self.app.holdings.renew(
                    name, role, DialogPrompts(self.app, cancel), cancel
                ),
                name="renew",
            )
        except Cancelled:
            return
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return
        self.tell(f"The session of {name} is fresh.")
        self._show_context()
        self._show_profiles()

    @work(exclusive=True, group="roles", exit_on_error=False, description="roles")
    async def _load_roles(self) -> None:
        profile = self._profile
        if profile is None:
            return
        name = profile.name
        try:
            count = await in_thread(
                lambda cancel: self.app.holdings.find_roles(
                    name, DialogPrompts(self.app, cancel), cancel
                ),
                name="roles",
            )
        except Cancelled:
            return
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return
        self.tell(f"{count} roles in the account of {name}.")
        self._show_profiles()

    # ── choosing ─────────────────────────────────────────────────────────────────────────────

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        self._take(event.item)

    def _take(self, row: object) -> None:
        """What stands under the cursor is what is chosen so far."""
        match row:
            case who.ProfileRow(profile=profile):
                self._choose(profile, "")
            case who.RoleRow(role=role, profile=name):
                self._choose(self.app.holdings.profiles.get(name), role.arn)
            case where.DatabaseRow(database=database):
                self._database, self._endpoint, self._user = database, None, None
            case where.EndpointRow(database=database, endpoint=endpoint):
                self._database, self._endpoint, self._user = database, endpoint, None
            case whom.UserRow(user=user) if not user.pattern:
                self._user = user
        self._show_context()

    def _choose(self, profile: Profile | None, role: str) -> None:
        if self.where.all_rows and (profile != self._profile or role != self._role):
            self.where.clear(NOTHING_CHOSEN)
            self.where.title()
            self.whom.clear("Choose a database first.")
        self._profile, self._role = profile, role
        self._database = self._endpoint = self._user = None

    @on(RowList.Selected)
    def _selected(self, event: RowList.Selected) -> None:
        self._take(event.item)
        match event.item:
            case who.BookmarkRow(bookmark=bookmark):
                self._open_bookmark(bookmark)
            case who.ProfileRow(profile=profile) if profile.problem is not None:
                self.tell(str(profile.problem), "error", 12)
            case who.ProfileRow() | who.RoleRow():
                self._load_databases()
            case where.DatabaseRow() | where.EndpointRow():
                self._load_users()
            case whom.UserRow(user=user) if user.pattern:
                self._ask_user(f"IAM allows any user matching {user.name}.")
            case whom.UserRow():
                self.action_connect()
            case whom.TypeRow():
                self.action_type_user()

    def _open_bookmark(self, bookmark: Bookmark) -> None:
        guarded = self.app.holdings.config.guarded(bookmark.target, bookmark=bookmark)
        self.app.open(bookmark.target, bookmark.name, guarded=guarded)

    def _ask_user(self, text: str) -> None:
        def answered(name: str | None) -> None:
            if name:
                self._user = User(name, Verdict.UNKNOWN, "typed")
                self._show_context()
                self.action_connect()

        self.app.push_screen(AskDialog("Database user", text), answered)

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name.startswith("open_"):
            digit = int(name.removeprefix("open_"))
            if digit > len(self.app.holdings.config.bookmarks):
                return f"There is no bookmark {digit}: m on a database keeps one."
        if name in ("renew", "roles") and self._profile is None:
            return "Put the cursor on a profile first."
        if name in ("type_user", "connect", "bookmark") and self._database is None:
            return "Choose a database first."
        return ""

    def action_open(self, digit: int) -> None:
        """Connect to the bookmark of that digit."""
        bookmark = self.app.holdings.config.bookmark(str(digit))
        if bookmark is None:
            self.tell(self.unavailable(f"open_{digit}"), "warning")
        else:
            self._open_bookmark(bookmark)

    def action_forward(self) -> None:
        """One column to the right, if it has anything."""
        order = [self.who, self.where, self.whom]
        place = order.index(self.here)
        if place + 1 < len(order) and order[place + 1].all_rows:
            self.go_to(COLUMNS[place + 1])

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
        """Ask again: for the profiles, or for the databases."""
        if self.here is self.who:
            self.load_profiles()
        else:
            self._load_databases(fresh=True)

    def action_renew(self) -> None:
        """A fresh session."""
        self._renew()

    def action_roles(self) -> None:
        """List roles."""
        self._load_roles()

    def action_type_user(self) -> None:
        """Type a user."""
        if self._database is not None:
            self._ask_user(f"Log in to {self._database.id} as")

    def action_connect(self) -> None:
        """Connect to what is chosen."""
        target = self._target()
        if not target.user:
            self.action_type_user()
            return
        self.app.open(target, f"{target.user}@{target.database}", guarded=self._guarded())

    def action_bookmark(self) -> None:
        """Keep what is chosen under a name."""
        target = self._target()

        def answered(name: str | None) -> None:
            if name:
                self._save_bookmark(Bookmark(name, target))

        title = "Name of the bookmark"
        self.app.push_screen(AskDialog(title, value=target.database), answered)

    def _save_bookmark(self, bookmark: Bookmark) -> None:
        try:
            bookmarks.save(self.app.holdings.config.path, bookmark)
            self.app.holdings.reload_config()
        except RolebrowserError as error:
            self.tell(str(error), "error", 12)
            return
        self.tell(f"Bookmark {bookmark.name} is kept in {self.app.holdings.config.path}.")
        self._show_profiles()

    def action_copy(self) -> None:
        """Copy what the cursor stands on."""
        text = _copied(self.here.rows.current)
        if text:
            self.app.copy_to_clipboard(text)
            self.tell(f"Sent to the terminal's clipboard: {text}")

    def action_demo(self) -> None:
        """Leave, and come back in the demo."""
        self.app.exit("demo")


def _copied(row: object) -> str:
    match row:
        case who.BookmarkRow(bookmark=bookmark):
            return bookmark.name
        case who.ProfileRow(profile=profile):
            return profile.role_arn or profile.name
        case who.RoleRow(role=role):
            return role.arn
        case where.DatabaseRow(database=database):
            return database.arn or database.id
        case where.EndpointRow(endpoint=endpoint):
            return f"{endpoint.host}:{endpoint.port}"
        case whom.UserRow(user=user):
            return user.name
    return ""
