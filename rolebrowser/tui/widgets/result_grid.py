"""ResultGrid: a result's rows with what a person may do with them: copy, sort, search, export.

What needs a dialog or the connection is asked for by messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.binding import BindingType
from textual.message import Message

from rolebrowser.connection.encode import Form, encoded
from rolebrowser.connection.loaded import Place
from rolebrowser.connection.protocol import Column, Value
from rolebrowser.errors import RolebrowserError
from rolebrowser.tui.acting import Acting
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.widgets.grid_layout import RecordLayout
from rolebrowser.tui.widgets.searching import ask_search
from rolebrowser.tui.widgets.virtual_grid import VirtualGrid

_STEP = 8
"""Cells a column grows or shrinks by."""


class ResultGrid(Acting, VirtualGrid):
    """See the module."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("grid")]

    class AllWanted(VirtualGrid.Asked):
        """A person wants every row loaded."""

    class CopyWanted(VirtualGrid.Asked):
        """A person wants to choose what to copy, and in which form."""

    class ExportWanted(VirtualGrid.Asked):
        """A person wants the whole result in a file."""

    @dataclass
    class CellCopied(Message):
        """A person asked for this text on the clipboard; the true value, not the drawn one."""

        text: str
        what: str

    @dataclass
    class CellOpened(Message):
        """A person wants to see a whole cell."""

        column: Column
        value: Value

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click opens the cell; one on a heading sorts."""
        if not self.loaded.columns:
            return
        line = event.y - self._layout.heading
        row, column = self._layout.at(
            event.x + self.scroll_offset.x, max(0, line) + self.scroll_offset.y
        )
        if line < 0:
            self.cursor = (self.cursor[0], column)
            self.action_sort()
        elif row < len(self.loaded):
            self.cursor = (row, column)
            if event.chain > 1:
                self.action_view_cell()

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name in _NEED_ROWS and not len(self.loaded):
            return "There are no rows."
        if name in ("next_match", "previous_match") and not self._pattern:
            return "Search for something first: /"
        if name in ("wider", "narrower") and self.vertical:
            return "Records have no column widths."
        if name == "load_all" and self.loaded.limited:
            return "row_limit in config.toml is reached; e exports the whole result."
        if name == "load_all" and not self.more:
            return "All rows are loaded."
        return ""

    def action_copy_cell(self) -> None:
        """The cell's true value to the clipboard."""
        self.post_message(self.CellCopied(self._value() or "", "cell"))

    def action_copy_row(self) -> None:
        """The row's true values, tab-separated."""
        row = self.loaded.row(self.cursor[0])
        text = encoded(Form.TEXT, self.loaded.columns, [row]).removesuffix("\n")
        self.post_message(self.CellCopied(text, "row"))

    def action_copy_as(self) -> None:
        """Ask what to copy."""
        self.post_message(self.CopyWanted(self))

    def action_view_cell(self) -> None:
        """Open the cell viewer."""
        column = self.loaded.columns[self.cursor[1]]
        self.post_message(self.CellOpened(column, self._value()))

    def action_export(self) -> None:
        """Ask where to."""
        self.post_message(self.ExportWanted(self))

    def action_load_all(self) -> None:
        """Ask for the rest."""
        self.post_message(self.AllWanted(self))

    def action_vertical(self) -> None:
        r"""Records instead of a table, as `\x`, and back."""
        self._layout = self._table if self.vertical else RecordLayout(self.loaded)
        self._rearranged()
        self.scroll_to(0, animate=False)
        self.watch_cursor()

    def action_wider(self) -> None:
        """Give the column more room."""
        self._resize(_STEP)

    def action_narrower(self) -> None:
        """Give the column less."""
        self._resize(-_STEP)

    def _resize(self, by: int) -> None:
        self._table.resize(self.cursor[1], by)
        self._rearranged()
        self.watch_cursor()

    def action_sort(self) -> None:
        """By the cursor's column: up, down, the server's order."""
        column, sorting = self.cursor[1], self.loaded.sorting
        if sorting is not None and sorting.column == column and sorting.descending:
            self.loaded.unsort()
            self._rearranged()
            return
        self._sort(column, descending=sorting is not None and sorting.column == column)

    @work(exclusive=True, group="arrange", exit_on_error=False, description="sort")
    async def _sort(self, column: int, *, descending: bool) -> None:
        loaded = self.loaded
        order = await in_thread(
            lambda cancel: loaded.sorted_by(column, descending=descending, cancel=cancel),
            name="sort",
        )
        loaded.take_order(order, column, descending=descending)
        self._table.fit_heading(column)
        self._rearranged()

    # ── searching ────────────────────────────────────────────────────────────────────────────

    def action_search(self) -> None:
        """Ask what for."""
        ask_search(self)

    def search(self, pattern: str) -> None:
        """Go to the first cell from the cursor on that holds a text, and mark all."""
        self._pattern = pattern
        self._strips.clear()
        self.refresh()
        if pattern:
            row, column = self.cursor
            self._find((row, column - 1), backwards=False)

    def action_next_match(self) -> None:
        """The next cell that holds it."""
        self._find(self.cursor, backwards=False)

    def action_previous_match(self) -> None:
        """The one before."""
        self._find(self.cursor, backwards=True)

    @work(exclusive=True, group="arrange", exit_on_error=False, description="search")
    async def _find(self, after: Place, *, backwards: bool) -> None:
        loaded, pattern = self.loaded, self._pattern
        try:
            found = await in_thread(
                lambda cancel: loaded.find(pattern, after, backwards=backwards, cancel=cancel),
                name="search",
            )
        except RolebrowserError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        if found is None:
            rest = " loaded so far" if self.loaded.more else ""
            text = f"No cell of the {len(loaded):,} rows{rest} holds that."
            self.notify(text, severity="warning", markup=False)
        elif found == after:
            self.notify("No other loaded cell holds that.", markup=False)
        else:
            self.cursor = found


_NEED_ROWS = frozenset(
    (
        *("copy_cell", "copy_row", "copy_as", "view_cell", "sort", "search", "vertical"),
        *("wider", "narrower"),
    )
)
