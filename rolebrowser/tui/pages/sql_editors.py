"""Editors: the tabs statements are written in, and where the statements come from and go to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Vertical
from textual.widgets import TextArea

from rolebrowser.audit import Ending
from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.connection.formatting import formatted
from rolebrowser.connection.protocol import Connection
from rolebrowser.connection.statements import Statement
from rolebrowser.errors import RolebrowserError
from rolebrowser.history import History
from rolebrowser.outside import edited
from rolebrowser.queries import FILE, Queries, Query
from rolebrowser.target import Engine
from rolebrowser.tui.acting import Acting
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.ask import AskDialog
from rolebrowser.tui.dialogs.choice import Choice, ChoiceDialog
from rolebrowser.tui.dialogs.find import FindDialog
from rolebrowser.tui.kept_texts import EditorText
from rolebrowser.tui.pages.sql_completion import SqlCompletion
from rolebrowser.tui.pages.sql_recall import Recall
from rolebrowser.tui.rows import statements as rows
from rolebrowser.tui.widgets.sql_editor import SqlEditor
from rolebrowser.tui.widgets.tab_strip import TabStrip

if TYPE_CHECKING:
    from rolebrowser.tui.app import RolebrowserApp
    from rolebrowser.tui.screens.connection import ConnectionScreen

_TITLE = 18
"""Characters of a text that its tab shows."""


class Editors(Acting, Vertical):
    """A strip of tabs (from the second on) and the active tab's editor."""

    DEFAULT_CSS = """
    Editors > TabStrip { display: none; }
    Editors.-several > TabStrip { display: block; }
    Editors > SqlEditor { height: 1fr; }
    """

    app: RolebrowserApp  # type: ignore[assignment]
    screen: ConnectionScreen  # type: ignore[assignment]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._completion = SqlCompletion()
        self._strip = TabStrip(())
        self._tabs: list[_Tab] = [_Tab(SqlEditor(self._completion.complete))]
        self._engine = Engine.POSTGRES
        self._coloured = False
        self._keeping = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """One editor to begin with, or those that were restored."""
        yield self._strip
        yield from (tab.editor for tab in self._tabs)

    def begin(self, config: Config) -> None:
        """Connecting begins: what was run before, in any rolebrowser, is where that config says."""
        self._history = History(config.state_dir, config.history)
        self._queries = Queries(config.path.with_name(FILE))

    @property
    def active(self) -> SqlEditor:
        """The editor in view."""
        return self._tab.editor

    @property
    def _tab(self) -> _Tab:
        return self._tabs[self._strip.active]

    def connected(self, connection: Connection) -> None:
        """There are names to complete."""
        self._engine = connection.info.engine
        self._completion.connected(connection)

    def colour(self) -> None:
        """Highlight from now on."""
        self._coloured = True
        for tab in self._tabs:
            tab.editor.colour()

    def texts(self) -> list[EditorText]:
        """What stands in the tabs."""
        return [
            EditorText(tab.editor.text, tab.name, tab.editor.cursor_location) for tab in self._tabs
        ]

    def restore(self, texts: Sequence[EditorText]) -> None:
        """Put texts into tabs of their own; before anybody has typed here."""
        for place, each in enumerate(texts):
            if place:
                self._tabs.append(_Tab(self._made()))
                if self.is_mounted:
                    self.mount(self._tabs[-1].editor)
            self._tabs[-1].name = each.name
            self._tabs[-1].editor.take(each.text)
            self._tabs[-1].editor.move_cursor(each.cursor)
        if texts:
            self._bring(0)

    def _made(self) -> SqlEditor:
        editor = SqlEditor(self._completion.complete)
        if self._coloured:
            editor.colour()
        return editor

    # ── what was run ─────────────────────────────────────────────────────────────────────────

    @work(group="remember", exit_on_error=False, description="remember")
    async def remember(self, statements: Sequence[Statement], database: str) -> None:
        """Keep statements in the history.

        Args:
            database: what the connection is called.
        """
        texts, now = [each.text for each in statements], datetime.now(UTC)
        await self._keep(lambda cancel: self._history.add(texts, database, now))

    def ran(self, statements: Sequence[Statement], endings: Sequence[tuple[str, Ending]]) -> None:
        """They have ended: names may have changed.

        Args:
            endings: of each that was run, and of those in its files.
        """
        self._completion.ran(statements)
        self._remember_endings(endings)

    @work(group="endings", exit_on_error=False, description="remember")
    async def _remember_endings(self, endings: Sequence[tuple[str, Ending]]) -> None:
        await self._keep(lambda cancel: self._history.ended(endings))

    async def _keep(self, job: Callable[[Cancel], str]) -> None:
        # One after the other: how a statement ended stands behind it.
        async with self._keeping:
            warning = await in_thread(job, name="history")
        if warning:
            self.screen.tell(warning, "warning")

    @work(exclusive=True, group="history", exit_on_error=False, description="history")
    async def _step(self, by: int) -> None:
        entries = await in_thread(lambda cancel: self._history.entries(), name="history")
        if not self._tab.recall.step(entries, by):
            self.screen.tell("No older statement is kept." if by > 0 else "This is the newest.")

    def action_older(self) -> None:
        """The statement run before."""
        self._step(1)

    def action_newer(self) -> None:
        """The one run after it, at last what one was writing."""
        self._step(-1)

    @work(exclusive=True, group="history", exit_on_error=False, description="history")
    async def action_history(self) -> None:
        """Find a statement that was run before."""
        entries = await in_thread(lambda cancel: self._history.entries(), name="history")
        chosen = await self.app.push_screen_wait(
            FindDialog(
                "History",
                entries,
                rows.draw_entry,
                lambda entry: entry.statement,
                empty="Nothing was run yet."
                if self.app.holdings.config.history
                else "config.toml says: history = 0.",
            )
        )
        if chosen is not None:
            self._tab.recall.go(entries, chosen)
            self.active.focus()

    # ── saved queries ────────────────────────────────────────────────────────────────────────

    @work(exclusive=True, group="queries", exit_on_error=False, description="saved queries")
    async def action_open_query(self) -> None:
        """Find a saved query and open it."""
        try:
            queries = await in_thread(lambda cancel: self._queries.load(), name="queries")
        except RolebrowserError as error:
            self.screen.tell(str(error), "error", 12)
            return
        chosen = await self.app.push_screen_wait(
            FindDialog(
                f"Saved queries: {self._queries.path}",
                queries,
                rows.draw_query,
                lambda query: f"{query.name}\n\n{query.text}",
                empty="None yet: ^S saves what stands in the editor.",
                delete=self._delete,
            )
        )
        if chosen is not None:
            (await self.show(chosen.text, chosen.name)).focus()

    def _delete(self, query: Query) -> str:
        try:
            self._queries.delete(query.name)
        except RolebrowserError as error:
            return str(error)
        return ""

    @work(exclusive=True, group="queries", exit_on_error=False, description="save query")
    async def action_save_query(self) -> None:
        """Save the selection, or all of it, under a name."""
        tab, text = self._tab, self.active.selected_text.strip() or self.active.text.strip()
        ask = AskDialog("Save the query", f"Into {self._queries.path}, as", value=tab.name)
        answer = await self.app.push_screen_wait(ask)
        if not answer:
            return
        query = Query(" ".join(answer.split()), text)
        try:
            known = await in_thread(lambda cancel: self._queries.load(), name="queries")
            another = query.name != tab.name and any(each.name == query.name for each in known)
            if another and not await self._replacing(query.name):
                return
            await in_thread(lambda cancel: self._queries.save(query), name="queries")
        except RolebrowserError as error:
            self.screen.tell(str(error), "error", 12)
            return
        tab.name = query.name
        self._bring(self._strip.active)
        self.screen.tell(f"Saved as {query.name}. ^O opens it.")

    async def _replacing(self, name: str) -> bool:
        choices = (Choice("k", "Keep the old one"), Choice("r", "Replace it"))
        dialog = ChoiceDialog("Save the query", f"There is a query named {name} already.", choices)
        return await self.app.push_screen_wait(dialog) == "r"

    # ── the text ─────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if name in ("save_query", "format") and not self.active.text.strip():
            return "The editor is empty."
        if name in ("next_editor", "previous_editor", "close_editor") and len(self._tabs) == 1:
            return "There is only one editor."
        return ""

    def action_complete(self) -> None:
        """List what may stand at the cursor."""
        self.active.focus()
        self.active.complete()

    def action_outside(self) -> None:
        """Edit the text in $VISUAL or $EDITOR; nothing else goes on meanwhile."""
        environ = dict(os.environ)
        if self.app.no_color:
            # Textual has taken it out of the environment.
            environ["NO_COLOR"] = "1"
        text: str | None = None
        reason = ""
        try:
            with self.app.suspend():
                # An exception in here would leave the terminal to nobody.
                try:
                    text = edited(self.active.text, environ)
                except RolebrowserError as error:
                    reason = str(error)
        except SuspendNotSupported:
            reason = "This terminal can't be lent to an editor."
        self.app.refresh(layout=True)
        if text is None:
            self.screen.tell(reason, "error", 12)
        elif text != self.active.text:
            self.active.put(text)

    @work(exclusive=True, group="format", exit_on_error=False, description="format")
    async def action_format(self) -> None:
        """Lay the selection, or all of it, out anew."""
        editor = self.active
        whole, start, end = editor.text, *sorted(editor.selection)
        if start == end:
            start, end = (0, 0), editor.document.end
        piece = editor.document.get_text_range(start, end)
        try:
            result = await in_thread(lambda cancel: formatted(piece, self._engine), name="format")
        except RolebrowserError as error:
            self.screen.tell(str(error), "warning")
            return
        if editor.text == whole and result != piece:
            editor.put(result, start, end)

    # ── tabs ─────────────────────────────────────────────────────────────────────────────────

    async def show(self, text: str, name: str = "") -> SqlEditor:
        """Put a text into an editor of its own, in which nobody has written anything.

        Args:
            name: of the saved query it is; empty = none.
        """
        unwritten = [place for place, tab in enumerate(self._tabs) if not tab.written]
        if not unwritten:
            await self.action_new_editor()
        elif self._strip.active not in unwritten:
            self._go(unwritten[0])
        tab = self._tab
        tab.editor.put(text)
        tab.name, tab.given = name, tab.editor.text
        self._bring(self._strip.active)
        return tab.editor

    async def action_new_editor(self) -> None:
        """One more editor, at the right."""
        editor = self._made()
        # Waited for: what is typed next must find it.
        await self.mount(editor)
        self._tabs.append(_Tab(editor))
        self._go(len(self._tabs) - 1)

    def action_next_editor(self) -> None:
        """The tab to the right, round."""
        self._go((self._strip.active + 1) % len(self._tabs))

    def action_previous_editor(self) -> None:
        """The tab to the left, round."""
        self._go((self._strip.active - 1) % len(self._tabs))

    @work(exclusive=True, group="close", exit_on_error=False, description="close editor")
    async def action_close_editor(self) -> None:
        """Close the editor in view; what stands in it is asked about."""
        tab = self._tab
        if tab.editor.text.strip():
            choices = (Choice("k", "Keep it open"), Choice("c", "Close it"))
            text = f"What stands in it is lost:\n\n{rows.one_line(tab.editor.text)}"
            dialog = ChoiceDialog("Close the editor", text, choices)
            if await self.app.push_screen_wait(dialog) != "c":
                return
        if len(self._tabs) > 1:
            place = self._tabs.index(tab)
            self._tabs.remove(tab)
            tab.editor.remove()
            self._go(min(place, len(self._tabs) - 1))

    @on(TabStrip.Clicked)
    def _clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        self._go(event.number)

    @on(TextArea.Changed)
    def _retitle(self) -> None:
        """A tab is called after what stands in it; alone, it isn't shown."""
        if len(self._tabs) > 1:
            self._strip.names = self._titles()

    def _titles(self) -> list[str]:
        return [tab.title(number) for number, tab in enumerate(self._tabs, 1)]

    def _go(self, place: int) -> None:
        self._bring(place)
        self.screen.set_focus(self.active)

    def _bring(self, place: int) -> None:
        self._strip.names = self._titles()
        self._strip.active = place
        self.set_class(len(self._tabs) > 1, "-several")
        for number, tab in enumerate(self._tabs):
            tab.editor.display = number == place
        self.refresh_bindings()


class _Tab:
    """An editor, what is recalled in it, and the name of the saved query it came from.

    Attributes:
        given: the text that was put into it to be read.
    """

    def __init__(self, editor: SqlEditor) -> None:
        self.editor = editor
        self.recall = Recall(editor)
        self.name = self.given = ""

    @property
    def written(self) -> bool:
        """Whether somebody has written in it, or changed what was put there."""
        return self.editor.text.strip() not in ("", self.given.strip())

    def title(self, number: int) -> str:
        """Its number and its name, or how its text begins."""
        words = self.name or rows.one_line(self.editor.text) or "empty"
        short = f"{words[: _TITLE - 1]}…" if len(words) > _TITLE else words
        return f"{number} {short}"
