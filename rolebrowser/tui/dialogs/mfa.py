"""MfaDialog: asks for the six digits; gives the code, or None when the person won't."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.validation import Regex
from textual.widgets import Input, Label

from rolebrowser.identity.prompts import MfaRequest
from rolebrowser.tui.dialogs.withdrawn import Withdrawable
from rolebrowser.tui.literal import MUTED, literal


class MfaDialog(Withdrawable[str | None]):
    """The code never leaves this dialog but as its result."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, request: MfaRequest) -> None:
        super().__init__(classes="dialog")
        self._request = request

    def compose(self) -> ComposeResult:
        """What it is for, which device, the input."""
        request = self._request
        with Vertical(classes="dialog-box") as box:
            box.border_title = "MFA code"
            if request.refused:
                yield Label(literal(request.refused), classes="dialog-error")
            yield Label(literal(f"for {request.role or request.profile}"))
            yield Label(literal(f"device {request.serial}", MUTED))
            yield Input(
                placeholder="6 digits",
                password=True,
                restrict=r"[0-9]*",
                max_length=6,
                valid_empty=False,
                validators=[Regex(r"\d{6}", failure_description="A code has six digits.")],
                id="code",
            )
            yield Label("Enter sends it · Esc cancels", classes="dialog-keys")

    @on(Input.Submitted, "#code")
    def _send(self, event: Input.Submitted) -> None:
        if event.validation_result is None or event.validation_result.is_valid:
            self.dismiss(event.value)
        else:
            self.notify("A code has six digits.", severity="warning")
