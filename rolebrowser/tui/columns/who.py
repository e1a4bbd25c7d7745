"""WhoColumn: bookmarks and profiles. Reads files only: no login, no process, no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on, work

from rolebrowser.errors import RolebrowserError
from rolebrowser.fuzzy import Finder
from rolebrowser.safetext import clean
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.line import Line
from rolebrowser.tui.rows import who, who_detail, who_finding, who_lines
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.line_view import LineView
from rolebrowser.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp
    from rolebrowser.tui.screens.base import ActionScreen

STARTING = "The sandbox is starting: a small AWS and a real PostgreSQL on this machine …"
SLICE = 300
"""Rows made ready for the filter at once: a few milliseconds, for a key may come meanwhile."""
NOBODY = "No AWS profile was found in ~/.aws/config or ~/.aws/credentials."
FIRST_RUN = (
    "Press D to look around without AWS: the demo brings its own small AWS and PostgreSQL.\n"
    "Or write a profile there (aws configure sso does it), or name another file with "
    "AWS_CONFIG_FILE, and press r. ? shows every key."
)


class WhoColumn(Column[who.WhoRow]):
    """See the module."""

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self) -> None:
        self._finder: Finder[who.WhoRow] | None = None
        self._detail = LineView(self._details, id="who-detail")
        super().__init__(
            "Who",
            self._draw,
            filtered=self._filter,
            identify=who.identify,
            selectable=who.selectable,
            id="who",
        )

    def complete(self) -> None:
        """Add, below the list, what the row under the cursor has no room for."""
        self.mount(self._detail)

    def tick(self) -> None:
        """Draw the visible rows anew, and what is said of the one under the cursor."""
        super().tick()
        self._show_detail()

    @on(RowList.Highlighted)
    def _show_detail(self) -> None:
        self._detail.display = bool(self._details(datetime.now(UTC)))
        self._detail.tick()

    def _details(self, now: datetime) -> list[Line]:
        row, looked = self.rows.current, None
        if isinstance(row, who.RoleRow):
            looked = self.app.holdings.looked.get(row.profile)
        elif isinstance(row, who.ProfileRow):
            looked = self.app.holdings.looked.get(row.profile.name)
        return who_detail.lines(row, looked, now, self.rows.size.width)

    def _draw(self, row: who.WhoRow, now: datetime) -> Line:
        # Among hits there is no tree to see.
        return who_lines.draw(row, now, self.app.holdings, tree=not self.pattern)

    def _filter(self, rows: Sequence[who.WhoRow], pattern: str) -> list[who.WhoRow]:
        if not pattern:
            if self._finder is None:
                self._prepare()
            return list(rows)
        if self._finder is None:
            self._finder = self._made_finder(rows)
        return self._finder.find(pattern)

    @work(exclusive=True, group="finder", exit_on_error=False, description="finder")
    async def _prepare(self) -> None:
        """Have a finder before the first letter is typed, a few rows at a time: thousands of
        profiles take longer than a keystroke may."""
        screen: ActionScreen = self.screen  # type: ignore[assignment]
        await screen.seen.wait()
        rows = self.all_rows
        finder = await in_thread(lambda cancel: self._made_finder(rows), name="finder")
        if self._finder is None and rows is self.all_rows:
            self._finder = finder
            self._prepare_more(finder)

    def _prepare_more(self, finder: Finder[who.WhoRow]) -> None:
        if self._finder is finder and not finder.prepare(SLICE):
            self.call_later(self._prepare_more, finder)

    def _made_finder(self, rows: Sequence[who.WhoRow]) -> Finder[who.WhoRow]:
        held = self.app.holdings
        return who_finding.finder(rows, held.profiles, held.visits(), held.account_names)

    def enter_selects(self, row: who.WhoRow) -> bool:
        """Not a role: selecting it assumes it, and CloudTrail logs each try."""
        return not isinstance(row, who.RoleRow)

    def begin(self) -> None:
        """Fill the column: at once when the files have been read ahead."""
        if self.app.holdings.read_already:
            self.app.holdings.read()
            self._tell_problems()
            self.show_profiles()
        else:
            self.call_after_refresh(self.load)

    @work(exclusive=True, group="profiles", exit_on_error=False, description="profiles")
    async def load(self) -> None:
        """Read config files and caches, and show who there is."""
        if not self.app.holdings.demo_ready:
            self.clear(STARTING)
            try:
                await in_thread(self.app.holdings.await_demo, name="sandbox")
            except RolebrowserError as error:
                self.clear(str(error))
                return
        await in_thread(lambda cancel: self.app.holdings.read(), name="profiles")
        self._tell_problems()
        self.show_profiles()

    @work(exclusive=True, group="caches", exit_on_error=False, description="caches")
    async def look_again(self) -> None:
        """Show what has changed in the caches: another program may have logged in or out."""
        if await in_thread(lambda cancel: self.app.holdings.look_at_caches(), name="caches"):
            self._finder = None
            self._prepare()
            self.tick()

    def show_profiles(self) -> None:
        """Show what is held; the cursor stays."""
        held = self.app.holdings
        self._finder = None
        self.call_after_refresh(self._show_detail)
        if held.profiles.names or held.config.bookmarks:
            self.show(who.build(held.profiles, held.config.bookmarks, held.roles))
        else:
            problems = held.profiles.problems
            self.clear(f"{problems[0] if problems else NOBODY}\n{FIRST_RUN}")
            self.screen.refresh_bindings()

    def _tell_problems(self) -> None:
        problems = self.app.holdings.profiles.problems
        if problems:
            text = clean("\n".join(map(str, problems)), keep="\n")
            self.notify(text, severity="error", timeout=15, markup=False)
