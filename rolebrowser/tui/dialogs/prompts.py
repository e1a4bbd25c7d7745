"""The questions the core may ask, put to the person in a dialog.

The core calls from its own thread and blocks; the dialog runs on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled
from rolebrowser.safetext import clean
from rolebrowser.tui.focus_kept import Dialog

if TYPE_CHECKING:
    from textual.app import App

    from rolebrowser.identity.prompts import LoginRequest, LoginShown, MfaRequest
    from rolebrowser.tui.dialogs.login import LoginDialog

T = TypeVar("T")
_HEARD = 20.0
"""Seconds a credential_process's words stay: there may be an address among them."""


class DialogPrompts:
    """`identity.prompts.Prompts` for one job.

    Args:
        cancel: the job's; waiting for an answer ends with it, and Esc at a login sets it.
        first: called on the event loop before a dialog is shown: bring its screen into view.
    """

    can_log_in: bool = True

    def __init__(
        self, app: App[Any], cancel: Cancel, *, first: Callable[[], object] = lambda: None
    ) -> None:
        self._app = app
        self._cancel = cancel
        self._first = first

    def mfa_code(self, request: MfaRequest) -> str:
        """Ask for a code. Raises Cancelled when the person won't, or the job is cancelled."""
        from rolebrowser.tui.dialogs.mfa import MfaDialog

        answer: Future[str | None] = Future()
        dialog = MfaDialog(request)

        def withdraw() -> None:
            if not answer.done():
                self._app.call_later(dialog.withdraw, None)

        self._app.call_from_thread(self._show, dialog, answer.set_result)
        forget = self._cancel.on_cancel(withdraw)
        try:
            code = answer.result()
        finally:
            forget()
        if not code:
            raise Cancelled("No MFA code was given.")
        return code

    def show_login(self, request: LoginRequest) -> LoginShown:
        """Show the code and the address; Esc cancels the job."""
        from rolebrowser.tui.dialogs.login import LoginDialog

        dialog = LoginDialog(request)

        def closed(given_up: bool | None) -> None:
            if given_up:
                self._cancel.cancel()

        self._app.call_from_thread(self._show, dialog, closed)
        return _Shown(self._app, dialog)

    def process_says(self, profile: str, text: str) -> None:
        """A word on the screen, where it goes on."""
        said = clean(f"The credential_process of {profile} says: {text}", keep="\n")
        self._app.call_later(self._tell, said)

    def _tell(self, text: str) -> None:
        self._app.notify(text, timeout=_HEARD, markup=False)

    def _show(self, dialog: Dialog[T], answered: Callable[[T | None], None]) -> None:
        self._first()
        self._app.push_screen(dialog, answered)


class _Shown:
    """A login dialog, from the thread that polls."""

    def __init__(self, app: App[Any], dialog: LoginDialog) -> None:
        self._app = app
        self._dialog = dialog

    def say(self, text: str) -> None:
        """How it goes."""
        self._app.call_later(self._dialog.say, text)

    def close(self) -> None:
        """Take the dialog away, unless the person has."""
        self._app.call_later(self._take_away)

    def _take_away(self) -> None:
        if self._dialog.is_attached:
            self._dialog.withdraw(False)
