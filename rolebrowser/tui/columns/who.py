"""WhoColumn: bookmarks and profiles. Reads files only: no login, no process, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from rolebrowser.errors import RolebrowserError
from rolebrowser.safetext import clean
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.rows import who, who_finding, who_lines
from rolebrowser.tui.widgets.column import Column

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

STARTING = "The sandbox is starting: a small AWS and a real PostgreSQL on this machine …"
FIRST_RUN = (
    "No AWS profile was found in ~/.aws/config or ~/.aws/credentials. "
    "Write one there (aws configure sso does it), set AWS_CONFIG_FILE, and press r. "
    "To look around without AWS, press D: the demo brings its own small AWS and PostgreSQL."
)


class WhoColumn(Column[who.WhoRow]):
    """See the module."""

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(
            "Who",
            who_lines.draw,
            filtered=who_finding.filtered,
            identify=who.identify,
            selectable=who.selectable,
            id="who",
        )

    def begin(self) -> None:
        """Fill the column: at once when the files have been read ahead."""
        if self.app.holdings.read_already:
            self.app.holdings.read()
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
        self.show_profiles()

    def show_profiles(self) -> None:
        """Show what is held; the cursor stays."""
        holdings = self.app.holdings
        problems = holdings.profiles.problems
        if problems:
            text = clean("\n".join(map(str, problems)), keep="\n")
            self.notify(text, severity="error", timeout=15, markup=False)
        if not holdings.profiles.profiles and not holdings.config.bookmarks:
            self.clear(str(problems[0]) if problems else FIRST_RUN)
            return
        self.show(who.build(holdings.profiles, holdings.config, holdings.roles, holdings))
