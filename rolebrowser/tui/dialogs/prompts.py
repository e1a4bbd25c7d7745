"""The questions the core may ask, put to the person in a dialog.

The core calls from its own thread and blocks; the dialog runs on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from rolebrowser.cancel import Cancel
from rolebrowser.errors import Cancelled

if TYPE_CHECKING:
    from textual.app import App

    from rolebrowser.identity.prompts import LoginRequest, MfaRequest


class DialogPrompts:
    """`identity.prompts.Prompts` for one job.

    Args:
        cancel: the job's; waiting for an answer ends with it.
    """

    can_log_in: bool = False

    def __init__(self, app: App[Any], cancel: Cancel) -> None:
        self._app = app
        self._cancel = cancel

    def mfa_code(self, request: MfaRequest) -> str:
        """Ask for a code. Raises Cancelled when the person won't, or the job is cancelled."""
        from rolebrowser.tui.dialogs.mfa import MfaDialog

        answer: Future[str | None] = Future()
        dialog = MfaDialog(request)

        def show() -> None:
            self._app.push_screen(dialog, answer.set_result)

        def withdraw() -> None:
            if not answer.done():
                self._app.call_later(dialog.dismiss, None)

        self._app.call_from_thread(show)
        forget = self._cancel.on_cancel(withdraw)
        try:
            code = answer.result()
        finally:
            forget()
        if not code:
            raise Cancelled("No MFA code was given.")
        return code

    def show_login(self, request: LoginRequest) -> Callable[[], None]:
        """Raises LoginRequired: there is no dialog for it."""
        from rolebrowser.identity.prompts import NobodyToAsk

        return NobodyToAsk().show_login(request)
