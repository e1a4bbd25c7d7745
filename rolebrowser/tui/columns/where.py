"""WhereColumn: the databases of the chosen identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from rolebrowser.errors import AssumeRoleDenied, Cancelled, ProfileError, RolebrowserError
from rolebrowser.identity.model import Problem
from rolebrowser.safetext import clean
from rolebrowser.tui.background import in_thread, under_way
from rolebrowser.tui.choice import Choice
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.rows import where
from rolebrowser.tui.widgets.column import Column

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

NOTHING_CHOSEN = "Choose a profile or role on the left: Enter. Or find a database anywhere: f."


class WhereColumn(Column[where.WhereRow]):
    """See the module."""

    app: RolebrowserApp  # type: ignore[assignment]

    class Settled(Message):
        """AWS has answered, or the person gave up: then `cancelled`."""

        def __init__(self, *, cancelled: bool) -> None:
            super().__init__()
            self.cancelled = cancelled

    def __init__(self) -> None:
        self._region = ""
        super().__init__(
            "Where",
            where.draw,
            filtered=where.filtered,
            identify=where.identify,
            empty=NOTHING_CHOSEN,
            id="where",
        )

    def forget(self) -> None:
        """Nobody is chosen any more."""
        self._region = ""
        self.clear(NOTHING_CHOSEN)
        self.title()

    def refuse(self, name: str, problem: Problem) -> None:
        """A profile that can't work was chosen: its own problem, with file and line.

        Args:
            name: the profile's.
        """
        self.workers.cancel_group(self, "where")
        self._region = ""
        self.title(f"· {name}")
        self.fail(ProfileError(f"Profile {name} can't be used.", why=str(problem)))

    def stop(self) -> bool:
        """Stop asking for the databases."""
        if not under_way(self, "where"):
            return False
        self.workers.cancel_group(self, "where")
        self.clear("Stopped. r asks again.")
        return True

    @work(exclusive=True, group="where", exit_on_error=False, description="databases")
    async def load(
        self, choice: Choice, fresh: bool = False, region: str = "", wanted: str = ""
    ) -> None:
        """Ask AWS for the databases that the chosen identity sees in a region.

        Args:
            fresh: ask again though the answer is held.
            region: empty = the one that is shown, else the session's.
            wanted: id of a database to put the cursor on.
        """
        if choice.profile is None:
            return
        name, role = choice.profile.name, choice.role
        self._region = region = region or self._region
        who = role.rsplit("/", 1)[-1] or name
        self.title(f"· {who} · {region}" if region else f"· {who}")
        self.clear("Asking AWS for the databases …  Esc stops.")
        try:
            found = await in_thread(
                lambda cancel: self.app.holdings.databases(
                    name, role, DialogPrompts(self.app, cancel), cancel, region=region, fresh=fresh
                ),
                name="databases",
            )
        except Cancelled:
            self.clear(NOTHING_CHOSEN)
            self.post_message(self.Settled(cancelled=True))
            return
        except RolebrowserError as error:
            explained = bool(role) or len(choice.profile.chain) > 1
            denied = isinstance(error, AssumeRoleDenied)
            self.fail(error, "w says which gate is shut." if denied and explained else "")
        else:
            self.show(where.build(found.databases))
            if wanted:
                self.rows.move_to(lambda row: row.database.id == wanted)
            if not found.databases:
                self.clear(f"No database in {found.region}.")
            if found.partial:
                text = clean("\n".join(found.partial), keep="\n")
                self.notify(text, severity="warning", markup=False)
        self.post_message(self.Settled(cancelled=False))
