"""Small dialogs: ask for a line of text, confirm by typing a name, show a whole text, help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from rolebrowser.safetext import clean
from rolebrowser.tui.actions import keys_table
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.text_view import TextView


class AskDialog(ModalScreen[str | None]):
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


class TextDialog(ModalScreen[None]):
    """Shows a whole text: a cell, a report. Esc closes, `y` copies the true text."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._text = text
        self._view = TextView()

    def compose(self) -> ComposeResult:
        """The text, scrollable."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            yield self._view
            yield Label("arrows scroll · y copies · Esc closes", classes="dialog-keys")

    def on_mount(self) -> None:
        """Fill it."""
        self._view.load(self._text)
        self._view.focus()

    def on_text_view_copied(self, event: TextView.Copied) -> None:
        """Copy from here: the screen below doesn't hear it."""
        self.app.copy_to_clipboard(event.text)
        self.notify("Sent to the terminal's clipboard.")


class HelpDialog(ModalScreen[None]):
    """The keys of a screen, from the action table.

    Args:
        scopes: the parts of the table that apply, with a heading for each.
        keymap: the person's own keys by action id.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close")
    ]

    def __init__(self, scopes: tuple[tuple[str, str], ...], keymap: Mapping[str, str]) -> None:
        super().__init__(classes="dialog")
        self._scopes = scopes
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """A table per scope."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = "Keys"
            with VerticalScroll():
                for heading, scope in self._scopes:
                    yield Static(literal(heading, "bold $primary"))
                    rows = [
                        (clean(keys), text) for keys, text in keys_table((scope,), self._keymap)
                    ]
                    width = max((len(keys) for keys, _ in rows), default=0)
                    for keys, text in rows:
                        parts = ((f"  {keys:<{width}}  ", "$accent"), text)
                        yield Static(Content.assemble(*parts))
                    yield Static("")
            yield Label("Esc closes", classes="dialog-keys")
