"""ChoiceDialog: a question with a few answers, each with a letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from rolebrowser.tui.literal import literal


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer.

    Attributes:
        key: the letter that gives it.
        label: what it does, in a few words.
    """

    key: str
    label: str


class ChoiceDialog(ModalScreen[str]):
    """Gives the key of the answer; Esc gives the first one's, which therefore does no harm.

    Args:
        title: what is asked.
        text: the sentences above the answers.
        choices: the answers, the harmless one first.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "harmless", "Cancel")]
    DEFAULT_CSS = """
    ChoiceDialog OptionList, ChoiceDialog OptionList:focus {
        margin: 1 0 0 0; padding: 0; height: auto; border: none; background: $surface;
    }
    """

    def __init__(self, title: str, text: str, choices: tuple[Choice, ...]) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._text = text
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Text, answers, keys."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            yield Label(literal(self._text, keep="\n"))
            yield OptionList(
                *(
                    Option(
                        Content.assemble(
                            (f" {each.key} ", "bold $accent"), " ", literal(each.label)
                        ),
                        id=each.key,
                    )
                    for each in self._choices
                )
            )
            harmless = self._choices[0].label.lower()
            keys = literal(f"↑↓ chooses · Enter or the letter takes it · Esc: {harmless}")
            yield Label(keys, classes="dialog-keys")

    def on_mount(self) -> None:
        """The harmless answer is under the cursor."""
        self.query_one(OptionList).focus()
        self.query_one(OptionList).highlighted = 0

    def action_harmless(self) -> None:
        """The first answer."""
        self.dismiss(self._choices[0].key)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(str(event.option.id))

    def on_key(self, event: events.Key) -> None:
        """A letter answers at once."""
        if event.character in {each.key for each in self._choices}:
            event.stop()
            self.dismiss(event.character)
