"""SectionsView: a view of the Grants page that is a list of sections, found in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from rolebrowser.errors import RolebrowserError
from rolebrowser.grants.picture import Entry, Section, entries
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.rows import sections
from rolebrowser.tui.rows.sections import SectionRow
from rolebrowser.tui.widgets.column import Column
from rolebrowser.tui.widgets.row_list import RowList


class SectionsView(Vertical):
    """A titled, filterable list of sections."""

    @dataclass
    class Chosen(Message):
        """The cursor is on an entry; Enter was pressed on it when `opened`."""

        view: SectionsView
        entry: Entry
        opened: bool = False

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.column: Column[SectionRow] = Column(
            "",
            sections.draw,
            filtered=sections.filtered,
            identify=sections.identity,
            selectable=sections.selectable,
            enter_selects=False,
            id=f"{id}-list",
        )

    def compose(self) -> ComposeResult:
        """The list."""
        yield self.column

    @work(exclusive=True, group="fill", exit_on_error=False, description="view")
    async def fill(self, title: str, find: Callable[[], Sequence[Section]]) -> None:
        """Find sections in a thread and show them, or why there are none."""
        self.say("Looking …", title)
        try:
            found = await in_thread(lambda cancel: find(), name="grant view")
        except RolebrowserError as error:
            self.say(str(error), title)
        else:
            self.show(found, title, lines(found))

    def show(self, found: Sequence[Section], title: str, note: str = "") -> None:
        """Show sections; the cursor stays on the same entry if there is one."""
        self.column.title(title)
        self.column.note(note)
        self.column.rows.say("Nothing.")
        self.column.show(sections.rows(found))

    def say(self, text: str, title: str) -> None:
        """A sentence instead."""
        self.column.title(title)
        self.column.note("")
        self.column.clear(text)

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor."""
        row = self.column.rows.current
        return row.entry if row is not None else None

    def focus_content(self) -> None:
        """Focus the list."""
        self.column.rows.focus()

    @property
    def filtering(self) -> bool:
        """True while a filter is typed or holds."""
        return self.column.filtering

    def start_filter(self) -> None:
        """Type a filter."""
        self.column.start_filter()

    def end_filter(self) -> None:
        """Drop the filter."""
        self.column.end_filter()

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._tell(event.item, opened=False)

    @on(RowList.Selected)
    def _selected(self, event: RowList.Selected) -> None:
        event.stop()
        self._tell(event.item, opened=True)

    def _tell(self, item: object, *, opened: bool) -> None:
        if isinstance(item, SectionRow) and item.entry is not None:
            self.post_message(self.Chosen(self, item.entry, opened))


def lines(found: Sequence[Section]) -> str:
    """How long an answer is: "12 lines"."""
    count = entries(found)
    return "1 line" if count == 1 else f"{count:,} lines"
