"""FindDialog: find one among many by typing, with the whole of it below: history, saved queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Label, Static

from rolebrowser.fuzzy import Finder
from rolebrowser.safetext import clean
from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.line import Line
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.row_list import RowList

T = TypeVar("T")

_SEARCHED = 2_000
_SHOWN = 4_000
"""Characters of an item's text that are searched, and shown."""


class FindDialog(Dialog[T | None], Generic[T]):
    """Gives what was found, or None.

    Args:
        title: of the border.
        items: in the order to show while nothing is typed.
        draw: a row's line.
        text: the whole of an item: what is searched and shown below.
        empty: what to say when there are no items.
        delete: takes an item away for good, and gives an error in words or nothing; None when
            that isn't possible.
    """

    CSS_PATH = "dialog.tcss"
    DEFAULT_CSS = """
    FindDialog {
        .dialog-box.-tall { padding: 0 1; }
        RowList { height: 2fr; min-height: 3; }
        #whole { height: 1fr; min-height: 3; border-top: solid $panel; padding: 0 1; }
        #whole Static { height: auto; }
        .dialog-keys { margin: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "move('up')", "Up", show=False, priority=True),
        Binding("down,ctrl+r", "move('down')", "Down", show=False, priority=True),
        Binding("pageup", "move('pageup')", "Page up", show=False, priority=True),
        Binding("pagedown", "move('pagedown')", "Page down", show=False, priority=True),
        Binding("ctrl+d", "delete", "Delete", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        items: Sequence[T],
        draw: Callable[[T, datetime], Line],
        text: Callable[[T], str],
        *,
        empty: str,
        delete: Callable[[T], str] | None = None,
    ) -> None:
        super().__init__(classes="dialog")
        self._title = title
        self._items = list(items)
        self._text = text
        self._delete = delete
        self._empty = empty
        self._finder = self._made()
        self._rows: RowList[T] = RowList(draw, empty=empty, steered=True)
        self._rows.can_focus = False

    def _made(self) -> Finder[T]:
        return Finder(
            self._items, (self._text(each)[:_SEARCHED].casefold() for each in self._items)
        )

    def compose(self) -> ComposeResult:
        """What is typed, what matches, the whole of the one under the cursor."""
        with Vertical(classes="dialog-box -tall") as box:
            box.border_title = literal(self._title)  # type: ignore[assignment]
            yield Input(placeholder="type to find", compact=True, classes="-line")
            yield self._rows
            with VerticalScroll(id="whole", can_focus=False):
                yield Static()
            keys = "↑↓ chooses · Enter takes it · Esc closes"
            yield Label(
                keys if self._delete is None else keys.replace("·", "· Ctrl+D deletes ·", 1),
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """All of them, ready to type."""
        self.query_one(Input).focus()
        self._find()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        safe = clean(event.value)
        if safe != event.value:
            event.input.value = safe
            return
        self._find()
        self._rows.action_first()

    def _find(self) -> None:
        self._rows.say("Nothing matches." if self._items else self._empty)
        self._rows.set_items(self._finder.find(self.query_one(Input).value))
        self._show_whole()

    @on(RowList.Highlighted)
    def _show_whole(self) -> None:
        item = self._rows.current
        text = self._text(item)[:_SHOWN] if item is not None else ""
        self.query_one("#whole Static", Static).update(literal(text, keep="\n"))
        self.query_one("#whole").scroll_home(animate=False)

    def action_move(self, key: str) -> None:
        """The keys go to the input: these to the list."""
        moves = {
            "up": lambda: self._rows.action_cursor(-1),
            "down": lambda: self._rows.action_cursor(1),
            "pageup": lambda: self._rows.action_page(-1),
            "pagedown": lambda: self._rows.action_page(1),
        }
        moves[key]()

    def action_delete(self) -> None:
        """Take the one under the cursor away, once that is confirmed."""
        delete, item = self._delete, self._rows.current
        if delete is None or item is None:
            return

        def answered(answer: str | None) -> None:
            if answer != "d":
                return
            if error := delete(item):
                self.notify(clean(error), severity="error", markup=False)
                return
            self._items.remove(item)
            self._finder = self._made()
            self._find()

        first = self._text(item).partition("\n")[0]
        choices = (Choice("k", "Keep it"), Choice("d", "Delete it"))
        self.app.push_screen(ChoiceDialog("Delete for good?", first, choices), answered)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._rows.current is not None:
            self.dismiss(self._rows.current)

    @on(RowList.Selected)
    def _selected(self) -> None:
        self.dismiss(self._rows.current)
