"""ReadsGrants: the page's look at the catalogs: taken in the background, given up, taken again."""

from __future__ import annotations

import asyncio

from textual import work
from textual.widgets import Static

from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.grants.picture import Picture
from rolebrowser.opened import Opened
from rolebrowser.tui.literal import literal
from rolebrowser.tui.look import Look
from rolebrowser.tui.pages.base import Page


class ReadsGrants(Page):
    """Base of the Grants page, which composes `state` and hides the rest while `-waiting`.

    Args:
        look: the connection's look at its grants, shared with whoever compares.
    """

    DEFAULT_CSS = """
    ReadsGrants {
        #grants-state { height: 1fr; padding: 1 2; display: none; }
        #grants-state.-error { color: $text-error; }
        &.-waiting #grants-state { display: block; }
    }
    """

    def __init__(self, opened: Opened | None, look: Look, *, id: str) -> None:
        super().__init__(opened, id=id)
        self.look = look
        self.state = Static(id="grants-state")
        self.reading = False

    def load(self) -> None:
        """Look, again; what is in view stays where it is."""
        if not self.reading:
            self._load()

    @property
    def picture(self) -> Picture | None:
        """What was seen last."""
        return self.look.picture

    @work(exclusive=True, group="load", exit_on_error=False, description="grants")
    async def _load(self) -> None:
        self.reading = True
        again = self.picture is not None
        self._wait("Reading roles, grants and policies …  Esc gives up.")
        try:
            picture = await self.look.take()
        except (Cancelled, asyncio.CancelledError):
            self._wait("The grants were not read: r reads them.")
            raise
        except RolebrowserError as error:
            self._wait(str(error), error=True)
        else:
            await self.looked(picture, again=again)
        finally:
            self.reading = False
            self.refresh_bindings()

    def unavailable(self, name: str) -> str:
        """Why an action can't be done before the grants are read, or while they are."""
        if self._opened is None:
            return "There is no connection yet."
        if name == "refresh":
            return "The grants are being read; Esc gives up." if self.reading else ""
        return "The grants are not read yet." if self.picture is None else ""

    def step_back(self) -> bool:
        """Esc: give up reading; what was seen before stays."""
        if self.reading:
            self.workers.cancel_group(self, "load")
        return self.reading

    def action_refresh(self) -> None:
        """Look again."""
        self.load()

    async def looked(self, picture: Picture, *, again: bool) -> None:
        """Show what was seen; to be overridden.

        Args:
            again: it is not the first look.
        """

    def _wait(self, text: str, *, error: bool = False) -> None:
        """Before the first look there is nothing else to show; later a refresh keeps what is."""
        if self.picture is None:
            self.add_class("-waiting")
            self.state.set_class(error, "-error")
            self.state.update(literal(text, keep="\n"))
        elif error:
            self.screen.tell(text, "error", 12)
