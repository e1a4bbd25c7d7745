"""WhomColumn: the users of the chosen database that one may try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.safetext import clean
from rolebrowser.tui.background import in_thread, under_way
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.rows import whom
from rolebrowser.tui.widgets.column import Column

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

NOTHING_CHOSEN = "Choose a database first."


class WhomColumn(Column[whom.WhomRow]):
    """See the module."""

    app: RolebrowserApp  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(
            "As whom",
            whom.draw,
            filtered=whom.filtered,
            identify=whom.identify,
            empty=NOTHING_CHOSEN,
            id="whom",
        )

    def forget(self) -> None:
        """No database is chosen any more."""
        self.clear(NOTHING_CHOSEN)

    def stop(self) -> bool:
        """Stop asking who may log in."""
        if not under_way(self, "whom"):
            return False
        self.workers.cancel_group(self, "whom")
        self.show(whom.build(()))
        return True

    @work(exclusive=True, group="whom", exit_on_error=False, description="users")
    async def load(self, choice: Choice) -> None:
        """Ask who may log in to the chosen database."""
        database, profile, role = choice.database, choice.profile, choice.role
        if database is None or profile is None:
            return
        self.clear("Asking who may connect …")
        try:
            users, missing = await in_thread(
                lambda cancel: self.app.holdings.users(profile.name, role, database, cancel),
                name="users",
            )
        except Cancelled:
            return
        except RolebrowserError as error:
            users, missing = (), (str(error),)
        if missing:
            text = clean("\n".join(missing), keep="\n")
            self.notify(text, severity="warning", timeout=12, markup=False)
        self.show(whom.build(users))
