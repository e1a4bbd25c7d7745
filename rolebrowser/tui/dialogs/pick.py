"""PickDialog: choose one of many, filtered while one types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from rolebrowser import fuzzy
from rolebrowser.safetext import clean
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.line import Line, line, span
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.row_list import RowList


class Pick(NamedTuple):
    """What can be picked.

    Attributes:
        name, note: shown; may be foreign.
        value: what the dialog gives when it is picked.
    """

    name: str
    note: str
    value: object


def _draw(pick: Pick, now: datetime) -> Line:
    return line(span(pick.name), right=(span(pick.note, "dim"),))


class PickDialog(Dialog[Pick | None]):
    """Gives the pick, or None.

    Args:
        title: what is asked.
    """

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    PickDialog RowList { height: 1fr; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
    ]

    def __init__(self, title: str, picks: Sequence[Pick]) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._picks = picks
        self._rows: RowList[Pick] = RowList(_draw, empty="Nothing matches.", steered=True)

    def compose(self) -> ComposeResult:
        """What is typed, and what matches it."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            yield Input(placeholder="type to filter", id="answer")
            yield self._rows
            yield Label("↑↓ chooses · Enter takes it · Esc cancels", classes="dialog-keys")

    def on_mount(self) -> None:
        """Everything, until something is typed."""
        self._rows.can_focus = False
        self._rows.set_items(self._picks)

    def action_move(self, step: int) -> None:
        """The cursor of the list, while the input keeps the focus."""
        self._rows.action_cursor(step)

    @on(Input.Changed, "#answer")
    def _filter(self, event: Input.Changed) -> None:
        haystacks = (f"{pick.name}\n{pick.note}".casefold() for pick in self._picks)
        self._rows.set_items(fuzzy.ranked(clean(event.value), self._picks, haystacks))

    @on(Input.Submitted, "#answer")
    @on(RowList.Selected)
    def _take(self) -> None:
        if self._rows.current is not None:
            self.dismiss(self._rows.current)
