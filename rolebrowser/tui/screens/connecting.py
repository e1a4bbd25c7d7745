"""Connecting: a connection's screen from being asked for to the login, or the failure.

What has to be done once there is a connection is the screen's: `_connected`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from rolebrowser.cancel import Cancel
from rolebrowser.check import Check
from rolebrowser.connect import open_target
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.opened import Opened
from rolebrowser.target import Target
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.prompts import DialogPrompts
from rolebrowser.tui.screens.base import ActionScreen
from rolebrowser.tui.widgets.failure import Failure

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp
    from rolebrowser.tui.pages.sql import SqlPage

# Seconds of connecting before the screen shows without it, and before that shows the steps: a
# flicker tells nobody anything, and each picture takes its time from the connecting.
AT_ONCE = 0.1
UNSEEN = 0.2


class Connecting(ActionScreen):
    """Mixed into the connection's screen, which composes `#too-small`."""

    app: RolebrowserApp  # type: ignore[assignment]
    _opened: Opened | None
    _sql: SqlPage
    mode: str

    @dataclass
    class StepReported(Message):
        """Connecting has come a step further, or failed at one."""

        check: Check

    def __init__(self) -> None:
        super().__init__()
        self._target = Target()
        self.asked: Target | None = None
        """What it was opened for."""
        self._title_text = ""
        self._seen = False
        self._guarded = False
        self._checks: list[Check] = []
        self._since = 0.0
        self._failure: Failure | None = None
        self.entered = asyncio.Event()
        """Set when the screen has been mounted and has given the focus to its editor: a failure
        that came before takes it from there."""

    def show_context(self) -> None:
        """Bring badges, clocks and keys up to date."""
        raise NotImplementedError

    def _connected(self, opened: Opened) -> None:
        """There is a connection: from now on the screen's own."""
        raise NotImplementedError

    def begin(self, target: Target, title: str, *, guarded: bool) -> None:
        """Connect, and come into view: with the first page if that is quick, else without it.

        Args:
            title: what to call it: a bookmark's name, or user@database.
            guarded: it counts as production.
        """
        self._target, self._title_text, self._guarded = target, title, guarded
        self.asked = target
        self._sql.editors.restore(self.app.texts.take(target))
        self._seen = False
        self._sql.begin(self.app.holdings.config)
        self._connect()
        if self.is_mounted:
            self.show_context()
            self.set_timer(AT_ONCE, self.appear)
        else:
            self.appear()

    def come_back(self) -> None:
        """Somebody wants to connect here again: try once more if it had failed."""
        if self._failure is not None:
            self._retry()

    def appear(self) -> None:
        """Come into view, if not there yet: there is something to see."""
        if not self._seen:
            self._seen = True
            self.app.show_connection(self.mode)

    @work(exclusive=True, group="connect", exit_on_error=False, description="connect")
    async def _connect(self) -> None:
        self._checks = []
        self._since = time.monotonic()
        self.set_timer(UNSEEN, self._show_steps)

        def job(cancel: Cancel) -> Opened:
            def report(check: Check) -> None:
                if not cancel.is_set:
                    self.post_message(self.StepReported(check))

            return open_target(
                self._target,
                config=self.app.holdings.config,
                prompts=DialogPrompts(self.app, cancel, first=self.appear),
                report=report,
                cancel=cancel,
            )

        try:
            opened = await in_thread(job, name="connect", discard=lambda late: late.audited.close())
        except Cancelled:
            await self.app.forget_connection(self.mode)
        except RolebrowserError as error:
            await self.entered.wait()
            self._show_failure(error)
        else:
            self._connected(opened)

    @on(StepReported)
    def _keep_step(self, event: StepReported) -> None:
        self._checks.append(event.check)
        if time.monotonic() - self._since > UNSEEN:
            self._show_steps()

    def _show_steps(self) -> None:
        if self._opened is None:
            self._sql.steps(self._checks)

    def _show_failure(self, error: RolebrowserError) -> None:
        self.app.holdings.heard(self._target.profile, self._target.role, error)
        self.appear()
        self._failure = Failure(self._title_text, self._checks, error)
        self.add_class("-failed")
        self.mount(self._failure, before=self.query_one("#too-small"))
        self._failure.focus()
        self.show_context()

    @on(Failure.Retry)
    def _retry(self) -> None:
        if self._failure is not None:
            self._failure.remove()
            self._failure = None
        self.remove_class("-failed")
        self._sql.enter()
        self._connect()

    @on(Failure.Reroute)
    def _reroute(self) -> None:
        def answered(value: str) -> None:
            self._target = replace(self._target, route=value)
            self._retry()

        if self._target.url:
            self.tell("A plain URL names its own way.", "warning")
        else:
            usual = "as config.toml says, else direct"
            self.app.choose_route(self._target, self._target.database, usual, answered)
