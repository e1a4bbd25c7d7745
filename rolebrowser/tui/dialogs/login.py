"""LoginDialog: an SSO login that waits for a person in a browser, on this machine or another."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, Static

from rolebrowser.errors import SandboxError
from rolebrowser.identity.browser import open_page
from rolebrowser.identity.prompts import LoginRequest
from rolebrowser.identity.sessions import countdown
from rolebrowser.sandbox import portal
from rolebrowser.tui.dialogs.withdrawn import Withdrawable
from rolebrowser.tui.literal import literal


class LoginDialog(Withdrawable[bool]):
    """Shows the code and the address, opens a browser where there is one. Gives True on Esc."""

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    LoginDialog {
        #code {
            width: auto; height: auto; padding: 0 2; margin: 1 0;
            color: $accent; background: $panel; text-style: bold;
        }
        #url { height: auto; color: $secondary; }
        #state { height: auto; margin: 1 0 0 0; }
        #left { height: 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(True)", "Cancel"),
        Binding("o,enter", "browser", "Open a browser"),
        Binding("y", "copy_address", "Copy the address"),
        Binding("c", "copy_code", "Copy the code"),
        Binding("a", "decide('approve')", "Allow it, in the demo"),
        Binding("d", "decide('deny')", "Deny it, in the demo"),
    ]

    def __init__(self, request: LoginRequest) -> None:
        super().__init__(classes="dialog")
        self._request = request
        self._in_demo = portal.is_ours(request.complete_url, os.environ)

    def compose(self) -> ComposeResult:
        """What for, the code, where to take it, how it goes."""
        request = self._request
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(f"SSO login: {request.session}")  # type: ignore[assignment]
            yield Label(
                literal(f"For {request.profile} and every other profile of {request.session}.")
            )
            yield Label("Open this address in a browser, on any machine:", classes="dialog-fix")
            yield Static(literal(request.complete_url), id="url")
            yield Label("and allow it only if the page shows this code:")
            yield Static(literal(request.code), id="code")
            yield Static("Waiting for you to allow it.", id="state")
            yield Static(id="left")
            if self._in_demo:
                yield Label("The demo's portal: a allows it from here, d denies it.")
            yield Label(
                "o opens a browser · y copies the address · c the code · Esc cancels",
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """Start the clock, and a browser."""
        self._tick()
        self.set_interval(1.0, self._tick)
        self.action_browser()

    def say(self, text: str) -> None:
        """How it goes."""
        if self.is_attached:
            self.query_one("#state", Static).update(literal(text))

    def _tick(self) -> None:
        left = countdown(self._request.expires_at, datetime.now(UTC))
        self.query_one("#left", Static).update(literal(f"The code is good for {left}."))

    def action_browser(self) -> None:
        """Try to start a browser; it may take its time."""
        # A dialog that has gone knows its app no more, and the browser may still be starting then.
        threading.Thread(target=self._open, args=(self.app,), name="browser", daemon=True).start()

    def _open(self, app: App[object]) -> None:
        if open_page(self._request.complete_url):
            said = "A browser was opened on this machine: allow it there."
        else:
            said = "No browser comes up on this machine: open the address on another."
        app.call_later(self.say, said)

    def action_decide(self, decision: portal.Decision) -> None:
        """Do what the page of the demo's portal does, for who has no browser."""
        if self._in_demo:
            arguments = (self.app, self._request.complete_url, decision)
            threading.Thread(target=self._decide, args=arguments, daemon=True).start()

    def _decide(self, app: App[object], address: str, decision: portal.Decision) -> None:
        try:
            portal.decide(address, decision)
        except SandboxError as error:
            app.call_later(self.say, str(error))

    def action_copy_address(self) -> None:
        """The address, the code in it, to the clipboard."""
        self.app.copy_to_clipboard(self._request.complete_url)
        self.notify("The address was sent to the terminal's clipboard.")

    def action_copy_code(self) -> None:
        """The code to the clipboard."""
        self.app.copy_to_clipboard(self._request.code)
        self.notify("The code was sent to the terminal's clipboard.")
