"""KeepsSession: an open connection's AWS session is renewed before it ends, where nobody is needed.

The connection itself outlives its session (RDS looks at a token at login only); what would fail
without is the next login: a reconnect, another connection, a failover.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import work

from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.identity.model import Session
from rolebrowser.identity.sessions import renewal_due
from rolebrowser.opened import Opened
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.screens.base import ActionScreen

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp

LOOK = 20.0
"""Seconds between looks at the clock."""


class KeepsSession(ActionScreen):
    """Mixed into the connection's screen, which calls `keep_session` when it is mounted."""

    app: RolebrowserApp  # type: ignore[assignment]
    _opened: Opened | None

    def keep_session(self) -> None:
        """Look at the session's clock from now on."""
        self.set_interval(LOOK, self._renew_if_due)

    def session_now(self, opened: Opened) -> Session | None:
        """The session the next login would use."""
        return self.app.holdings.latest(opened.current_session())

    @work(exclusive=True, group="keeping", exit_on_error=False, description="keeping")
    async def _renew_if_due(self) -> None:
        session = self.session_now(self._opened) if self._opened is not None else None
        if session is None or not renewal_due(session, datetime.now(UTC)):
            return
        try:
            await in_thread(
                lambda cancel: self.app.holdings.renew_alone(session, cancel), name="keeping"
            )
        except Cancelled:
            return
        except RolebrowserError as error:
            self.tell_once(f"The AWS session could not be renewed by itself. {error}")

    def tell_once(self, text: str) -> None:
        """A warning that isn't repeated at every look."""
        if self.app.holdings.is_news(text):
            self.tell(text, "warning", 12)
