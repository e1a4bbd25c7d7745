r"""Overview: `\du` and role_table_grants, which one sees as soon as one is inside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from rolebrowser.check import Check
from rolebrowser.errors import RolebrowserError
from rolebrowser.grants import seen
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.rows import checks
from rolebrowser.tui.widgets.result_pane import ResultPane


class Overview(Horizontal):
    """Two panes side by side. Before the connection is there, its steps show in the first."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._du = ResultPane("\\du", as_text=True, id="du")
        self._seen = ResultPane("role_table_grants", id="seen")

    def compose(self) -> ComposeResult:
        """`\\du`, then the grants."""
        yield self._du
        yield self._seen

    @property
    def panes(self) -> tuple[ResultPane, ...]:
        """Both."""
        return self._du, self._seen

    def steps(self, reported: Sequence[Check]) -> None:
        """Show how far the connecting has come."""
        lines = checks.plain(reported)
        self._du.say("\n".join(["Connecting …", "", *lines, "", "Esc cancels"]))

    async def load(self, page: Page) -> None:
        """Ask the page's connection for both, `\\du` first."""
        await asyncio.gather(page.fill(self._du, "\\du"), self._load_seen(page))

    async def _load_seen(self, page: Page) -> None:
        connection = page.connection
        self._seen.title(f"{seen.title(connection)} as seen by {connection.info.user}")
        self._seen.say("Asking the database …")
        try:
            self._seen.show(await asyncio.wrap_future(seen.role_table_grants(connection)))
        except RolebrowserError as error:
            self._seen.say(str(error), error=True)
