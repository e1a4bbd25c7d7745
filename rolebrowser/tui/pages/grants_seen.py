"""SeenView: role_table_grants exactly as the standard view gives it, and what it leaves out."""

from __future__ import annotations

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from rolebrowser.connection.protocol import Connection
from rolebrowser.errors import RolebrowserError
from rolebrowser.grants import seen
from rolebrowser.grants.picture import Picture
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.result_pane import ResultPane


class SeenView(Vertical):
    """The view's rows, and a sentence that counts what isn't among them."""

    DEFAULT_CSS = """
    SeenView { #left-out { height: auto; max-height: 4; padding: 0 1; color: $warning; } }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.pane = ResultPane("role_table_grants")
        self._left_out = Static(id="left-out")

    def compose(self) -> ComposeResult:
        """Rows, then what is missing."""
        yield self.pane
        yield self._left_out

    @work(exclusive=True, group="fill", exit_on_error=False, description="seen")
    async def load(self, picture: Picture, connection: Connection) -> None:
        """Ask the view itself; count what it leaves out from the facts."""
        self.pane.title(f"{seen.title(connection)} as seen by {picture.user}")
        if not self.pane.has_content:
            self.pane.say("Asking the database …")
        try:
            outcome = await asyncio.wrap_future(seen.role_table_grants(connection))
        except RolebrowserError as error:
            self.pane.say(str(error), error=True)
            return
        self.pane.show(outcome)
        if self.region:  # it is in front, and had nothing to focus yet
            self.focus_content()
        missing = await in_thread(lambda cancel: picture.left_out(), name="left out")
        text = "It leaves nothing out for this user."
        if missing:
            rest = "The matrix (m) has them all."
            if not picture.complete:
                rest = f"{picture.user} may not read them: the matrix (m) hasn't got them either."
            text = f"It leaves out {', '.join(missing)}. {rest}"
        self._left_out.update(literal(text))

    def focus_content(self) -> None:
        """Focus the rows."""
        self.pane.focus_content()
