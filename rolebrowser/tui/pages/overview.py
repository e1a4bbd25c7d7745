"""The Roles and Grants pages: what psql's commands say of roles and privileges."""

from __future__ import annotations

from textual import work
from textual.app import ComposeResult

from rolebrowser.opened import Opened
from rolebrowser.tui.pages.base import Page
from rolebrowser.tui.widgets.result_pane import ResultPane


class CommandsPage(Page):
    """Panes, each with what one backslash command says.

    Args:
        commands: such as "\\\\du+", top to bottom.
    """

    def __init__(self, opened: Opened | None, commands: tuple[str, ...], *, id: str) -> None:
        super().__init__(opened, id=id)
        self._panes = {command: ResultPane(command, as_text=True) for command in commands}

    def compose(self) -> ComposeResult:
        """One pane under the other."""
        yield from self._panes.values()

    def load(self) -> None:
        """Ask for each in turn."""
        self._load()

    @work(exclusive=True, group="load", exit_on_error=False, description="commands")
    async def _load(self) -> None:
        for command, pane in self._panes.items():
            pane.say("Asking the database …")
            await self.fill(pane, command)
        next(iter(self._panes.values())).focus_content()

    def enter(self) -> None:
        """Focus the first pane."""
        next(iter(self._panes.values())).focus_content()
