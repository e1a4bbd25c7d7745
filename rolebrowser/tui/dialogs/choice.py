"""ChoiceDialog: a question with a few answers, each with a letter."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from rolebrowser.frozen import dataclass
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.literal import literal


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer.

    Attributes:
        key: the letter that gives it.
        label: what it does, in a few words.
        also: Textual's name of a second key, which does the same elsewhere.
    """

    key: str
    label: str
    also: str = ""


QUIET = 0.6
"""Seconds without a key until a question that came unasked takes answers."""


class ChoiceDialog(Dialog[str]):
    """Gives the key of the answer; Esc gives the first one's, which therefore does no harm.

    Args:
        title: what is asked.
        text: the sentences above the answers.
        choices: the answers, the harmless one first.
        unasked: it comes when a statement is done, maybe under the fingers of somebody who types
            the next one: no key counts until none has come for a moment.
    """

    AUTO_FOCUS = ""
    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "harmless", "Cancel")]
    DEFAULT_CSS = """
    ChoiceDialog OptionList, ChoiceDialog OptionList:focus {
        margin: 1 0 0 0; padding: 0; height: auto; border: none; background: $surface;
    }
    """

    def __init__(
        self, title: str, text: str, choices: tuple[Choice, ...], *, unasked: bool = False
    ) -> None:
        super().__init__(classes="dialog")
        self._unasked = unasked
        self._quiet: Timer | None = None
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
            yield Label("Keys count once you stop typing.", classes="dialog-keys")

    def on_mount(self) -> None:
        """Take answers, at once or when the typing has stopped."""
        self.query_one(OptionList).highlighted = 0
        if self._unasked:
            self._quiet = self.set_timer(QUIET, self._heed)
        else:
            self._heed()

    def _heed(self) -> None:
        self._quiet = None
        self.query_one(OptionList).focus()
        harmless = self._choices[0].label.lower()
        keys = literal(f"↑↓ chooses · Enter or the letter takes it · Esc: {harmless}")
        self.query_one(".dialog-keys", Label).update(keys)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc doesn't count either while somebody types."""
        return self._quiet is None and super().check_action(action, parameters)

    def action_harmless(self) -> None:
        """The first answer."""
        self.dismiss(self._choices[0].key)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(str(event.option.id))

    def on_key(self, event: events.Key) -> None:
        """A letter answers at once."""
        if self._quiet is not None:
            event.stop()
            self._quiet.reset()
            return
        for each in self._choices:
            if event.character == each.key or event.key == each.also:
                event.stop()
                self.dismiss(each.key)
                return
