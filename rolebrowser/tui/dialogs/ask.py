"""AskDialog: a line of text, or a name typed to confirm."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from rolebrowser.safetext import clean
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal


class AskDialog(Dialog[str | None]):
    """Asks for one line; gives it, or None.

    Args:
        title: what is asked.
        text: a sentence or two above the input.
        value: what stands there at first.
        must_equal: only this answer is taken: a typed confirmation.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(
        self, title: str, text: str = "", *, value: str = "", must_equal: str = ""
    ) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._text = text
        self._value = value
        self._must_equal = must_equal

    def compose(self) -> ComposeResult:
        """Text, input, keys."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            if self._text:
                yield Label(literal(self._text, keep="\n"))
            yield Input(clean(self._value), id="answer")
            yield Label("Enter takes it · Esc cancels", classes="dialog-keys")

    @on(Input.Submitted, "#answer")
    def _answered(self, event: Input.Submitted) -> None:
        answer = event.value.strip()
        if self._must_equal and answer != self._must_equal:
            text = f"Type {self._must_equal} to confirm, or Esc to leave it."
            self.notify(clean(text), severity="warning", markup=False)
        elif answer:
            self.dismiss(answer)
