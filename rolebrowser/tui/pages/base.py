"""Page: one tab of a connection's screen: widgets, workers and actions of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Vertical

from rolebrowser.connection import backslash
from rolebrowser.connection.protocol import Connection, Outcome
from rolebrowser.errors import RolebrowserError
from rolebrowser.opened import Opened
from rolebrowser.tui.acting import Acting
from rolebrowser.tui.pages.result_requests import ResultRequests
from rolebrowser.tui.widgets.result_pane import ResultPane

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp
    from rolebrowser.tui.screens.connection import ConnectionScreen


class Page(ResultRequests, Acting, Vertical):
    """Base of the pages. A page may be there before the connection is.

    Args:
        opened: the open connection, if there is one already.
    """

    app: RolebrowserApp  # type: ignore[assignment]
    screen: ConnectionScreen  # type: ignore[assignment]

    def __init__(self, opened: Opened | None, *, id: str) -> None:
        super().__init__(id=id)
        self._opened = opened
        self._mounted = False

    def on_mount(self) -> None:
        """Ask for what the page shows, if there is somebody to ask."""
        self._mounted = True
        if self._opened is not None:
            self.load()

    @property
    def connection(self) -> Connection:
        """The open connection; only after `connected`."""
        assert self._opened is not None
        return self._opened.connection

    @property
    def audited(self) -> Connection:
        """The same for what the person runs."""
        assert self._opened is not None
        return self._opened.audited

    def connected(self, opened: Opened) -> None:
        """The connection is open: show what there is to see."""
        self._opened = opened
        if self._mounted:
            self.load()

    def load(self) -> None:
        """Ask the database for what the page shows, again."""

    def step_back(self) -> bool:
        """Esc: go one step back within the page; False when there is none left."""
        return False

    def enter(self) -> None:
        """The page comes into view: focus what is to be focused."""
        self.screen.focus_next(f"#{self.id} *")

    async def ask(self, command: str, *, wide: bool = False) -> Outcome:
        """A backslash command's outcome; its queries run in the connection's owner thread.

        Args:
            wide: its text as records, whether or not the command ends in `x`.
        """
        return await asyncio.wrap_future(backslash.run(command, self.connection, wide=wide))

    async def fill(self, pane: ResultPane, command: str) -> None:
        """Show a backslash command's outcome, or its error, in a pane."""
        try:
            pane.show(await self.ask(command))
        except RolebrowserError as error:
            pane.say(str(error), error=True)
