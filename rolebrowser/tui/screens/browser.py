"""BrowserScreen: who ▸ where ▸ as whom, left to right as the road runs.

Enter goes right and, at the end, connects. Nothing is resolved, no login and no call made, before
a person chooses a profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Static

from rolebrowser.database.model import Database, Endpoint, User
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.model import Profile, Verdict
from rolebrowser.target import Bookmark, Target
from rolebrowser.tui.actions import bindings
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.rows import where, who, whom
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.context_bar import Context, ContextBar
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
        yield Footer(show_command_palette=False)
