"""CopyDialog: what of a result to copy, and in which form."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from rolebrowser.connection.copying import Part, copied
from rolebrowser.connection.encode import Form
from rolebrowser.connection.loaded import Loaded, Place
from rolebrowser.connection.protocol import Page
from rolebrowser.safetext import clean
from rolebrowser.tui.focus_kept import Dialog
from rolebrowser.tui.widgets.tab_strip import TabStrip

FORMS = {
    "t": (Form.TEXT, "text, tab-separated"),
    "c": (Form.CSV, "CSV with a heading"),
    "j": (Form.JSON, "JSON, an array of objects"),
    "s": (Form.INSERT, "SQL INSERT statements"),
    "m": (Form.MARKDOWN, "Markdown table"),
}
_PREVIEW_ROWS, _PREVIEW_LINES, _PREVIEW_WIDTH = 3, 4, 200


class CopyDialog(Dialog[tuple[Part, Form] | None]):
    """Gives what was chosen, or None. A preview shows what would be copied.

    Args:
        loaded: the rows.
        place: the cell under the cursor.
        table: the name for INSERT statements; empty when it isn't known.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Cancel"),
        Binding("left,h", "part(-1)", "Part", priority=True, show=False),
        Binding("right,l,tab", "part(1)", "Part", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    CopyDialog TabStrip { background: $surface; }
    CopyDialog OptionList, CopyDialog OptionList:focus {
        margin: 1 0; padding: 0; height: auto; border: none; background: $surface;
    }
    CopyDialog #preview {
        height: 4; padding: 0 1; color: $text-muted; background: $panel;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def __init__(self, loaded: Loaded, place: Place, table: str = "") -> None:
        super().__init__(classes="dialog")
        self._loaded = loaded
        self._place = place
        self._table = table
        count = len(loaded)
        every = f"all {count:,} loaded row{'' if count == 1 else 's'}"
        self._parts = TabStrip(["cell", "row", "column", every])

    def compose(self) -> ComposeResult:
        """The part, the form, how it will look, keys."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = "Copy"
            yield self._parts
            yield OptionList(
                *(
                    Option(Content.assemble((f" {key} ", "bold $accent"), " ", label), id=key)
                    for key, (_, label) in FORMS.items()
                )
            )
            yield Static(id="preview")
            keys = "←→ what · ↑↓ chooses · Enter or the letter takes it · Esc cancels"
            yield Label(keys, classes="dialog-keys")

    def on_mount(self) -> None:
        """Text of the cell, at first."""
        forms = self.query_one(OptionList)
        forms.focus()
        forms.highlighted = 0

    @property
    def _part(self) -> Part:
        return list(Part)[self._parts.active]

    def action_part(self, step: int) -> None:
        """The next part."""
        self._parts.active = (self._parts.active + step) % len(Part)
        self._preview()

    @on(TabStrip.Clicked)
    def _part_clicked(self, event: TabStrip.Clicked) -> None:
        self._parts.active = event.number
        self._preview()

    @on(OptionList.OptionHighlighted)
    def _preview(self) -> None:
        highlighted = self.query_one(OptionList).highlighted or 0
        form = list(FORMS.values())[highlighted][0]
        # Of a column or all rows the first are enough: it is drawn at each keystroke.
        row, column = self._place
        first = row if self._part in (Part.CELL, Part.ROW) else 0
        few = range(first, min(first + _PREVIEW_ROWS, len(self._loaded)))
        some = Loaded(self._loaded.columns, Page(tuple(self._loaded.row(n) for n in few)))
        text = copied(some, (0, column), self._part, form, table=self._table)
        lines = [clean(line[:_PREVIEW_WIDTH]) for line in text.split("\n")[:_PREVIEW_LINES]]
        self.query_one("#preview", Static).update(Content("\n".join(lines)))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(str(event.option.id))

    def on_key(self, event: events.Key) -> None:
        """A letter chooses at once."""
        if event.character in FORMS:
            event.stop()
            self._choose(event.character)

    def _choose(self, key: str) -> None:
        self.dismiss((self._part, FORMS[key][0]))
