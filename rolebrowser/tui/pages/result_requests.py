"""ResultRequests: what grids ask for and only a page can do: more rows, dialogs, files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on, work
from textual.widget import Widget

from rolebrowser.cancel import Cancel
from rolebrowser.connection.copy_csv import copyable, export_csv
from rolebrowser.connection.copying import copied, table_of
from rolebrowser.connection.encode import Form
from rolebrowser.connection.export import all_pages, export, form_of
from rolebrowser.connection.loaded import Loaded
from rolebrowser.connection.protocol import Connection, Page
from rolebrowser.errors import Cancelled, RolebrowserError
from rolebrowser.tui.background import in_thread
from rolebrowser.tui.dialogs.cell import CellDialog
from rolebrowser.tui.dialogs.copy_as import CopyDialog
from rolebrowser.tui.dialogs.export import ExportDialog
from rolebrowser.tui.dialogs.progress import ProgressDialog, Report, size_text
from rolebrowser.tui.dialogs.text import TextDialog
from rolebrowser.tui.widgets.plan_view import PlanTree
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.result_pane import ResultPane

if TYPE_CHECKING:
    from rolebrowser.tui.screens.connection import ConnectionScreen

_CLIPBOARD_SURE = 100_000
_CLIPBOARD_MOST = 10_000_000
"""Bytes of text: what about every terminal takes by OSC 52, and what none does."""


class ResultRequests(Widget):
    """Mix in before a page."""

    screen: ConnectionScreen  # type: ignore[assignment]

    @property
    def audited(self) -> Connection:
        """The connection that results come from."""
        raise NotImplementedError

    # ── rows ─────────────────────────────────────────────────────────────────────────────────

    @on(ResultPane.MoreWanted)
    def _more_wanted(self, event: ResultPane.MoreWanted) -> None:
        event.stop()
        self._load_more(event.pane)

    @work(group="more", exit_on_error=False, description="more rows")
    async def _load_more(self, pane: ResultPane) -> None:
        try:
            async with pane.reading:
                if pane.cursor and pane.grid is not None and pane.grid.more:
                    pane.append(await self._page_of(pane.cursor, pane.grid.loaded.room))
        except RolebrowserError as error:
            self.screen.tell(f"No further rows: {error}", "warning")

    async def _page_of(self, cursor: int, rows: int | None) -> Page:
        return await asyncio.wrap_future(self.audited.more(cursor, rows=rows))

    @on(ResultGrid.AllWanted)
    @work(group="all", exit_on_error=False, description="all rows")
    async def _all_wanted(self, event: ResultGrid.AllWanted) -> None:
        pane = _pane_of(event.grid)
        loaded, cursor, connection = event.grid.loaded, pane.cursor, self.audited

        def job(report: Report, cancel: Cancel) -> None:
            count = 0
            for rows in all_pages(connection, cursor, loaded, cancel, whole=False):
                count += len(rows)
                report(count, 0)

        error = await self._with_progress(pane, "Loading every row", job)
        if error is not None and not isinstance(error, Cancelled):
            self.screen.tell(str(error), "error", 12)

    async def _with_progress(
        self, pane: ResultPane, title: str, job: Callable[[Report, Cancel], object]
    ) -> RolebrowserError | None:
        """Do a job that reads a result's rows, while nobody else reads them."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        started = threading.Event()

        def done(report: Report, cancel: Cancel) -> None:
            started.set()
            try:
                job(report, cancel)
            finally:
                loop.call_soon_threadsafe(ended.set)

        outcome = pane.outcome
        async with pane.reading:
            total = outcome.rowcount if outcome is not None else None
            error = await self.app.push_screen_wait(ProgressDialog(title, done, total=total))
            # A job that was stopped still reads its last page.
            if started.is_set():
                await ended.wait()
        if pane.grid is not None:
            pane.grid.grown()
        return error

    # ── one cell, the clipboard, files ───────────────────────────────────────────────────────

    @on(ResultGrid.CellOpened)
    def _opened_cell(self, event: ResultGrid.CellOpened) -> None:
        event.stop()
        self.app.push_screen(CellDialog(event.column, event.value))

    @on(PlanTree.DetailsWanted)
    def _details_wanted(self, event: PlanTree.DetailsWanted) -> None:
        event.stop()
        self.app.push_screen(TextDialog(event.title, event.text, wraps=True))

    @on(ResultGrid.CopyWanted)
    @work(group="copy", exclusive=True, exit_on_error=False, description="copy")
    async def _copy_wanted(self, event: ResultGrid.CopyWanted) -> None:
        grid, engine = event.grid, self.audited.info.engine
        loaded, cursor = grid.loaded, grid.cursor
        outcome = _pane_of(grid).outcome
        table = table_of(outcome.statement, engine) if outcome is not None else ""
        chosen = await self.app.push_screen_wait(CopyDialog(loaded, cursor, table))
        if chosen is None:
            return
        part, form = chosen
        text = await in_thread(
            lambda cancel: copied(loaded, cursor, part, form, table=table, engine=engine),
            name="copy",
        )
        self._to_clipboard(text, f"{part} as {form}")

    def _to_clipboard(self, text: str, what: str) -> None:
        size = len(text.encode(errors="replace"))
        if size > _CLIPBOARD_MOST:
            self.screen.tell(
                f"{size_text(size)} are too much for a clipboard: e writes a file.", "warning"
            )
            return
        self.app.copy_to_clipboard(text)
        told = f"Sent to the terminal's clipboard: {what}."
        if size > _CLIPBOARD_SURE:
            told += f"\n{size_text(size)}: some terminals take no more than 100 kB."
        self.screen.tell(told)

    @on(ResultGrid.ExportWanted)
    @work(group="export", exclusive=True, exit_on_error=False, description="export")
    async def _export_wanted(self, event: ResultGrid.ExportWanted) -> None:
        pane = _pane_of(event.grid)
        loaded, cursor, connection = event.grid.loaded, pane.cursor, self.audited
        path = await self.app.push_screen_wait(ExportDialog("result.csv"))
        if path is None:
            return

        copy = _run_anew(connection, pane, loaded) if form_of(path) is Form.CSV else ""
        written: list[int] = []

        def job(report: Report, cancel: Cancel) -> None:
            if copy:
                written.append(export_csv(path, connection, copy, report=report, cancel=cancel))
                return
            rows = all_pages(connection, cursor, loaded, cancel)
            written.append(export(path, loaded.columns, rows, report=report, cancel=cancel))

        how = ": the query runs again, as COPY" if copy else ""
        error = await self._with_progress(pane, f"Export to {path}{how}", job)
        if isinstance(error, Cancelled):
            self.screen.tell("The export was cancelled; nothing was written.")
        elif error is not None:
            self.screen.tell(str(error), "error", 12)
        else:
            as_of = ", as they are now: the query ran again, as COPY" if copy else ""
            self.screen.tell(f"{written[0]:,} rows were written to {path}{as_of}.")


def _run_anew(connection: Connection, pane: ResultPane, loaded: Loaded) -> str:
    """The COPY that exports a result whose rows are still at the server; empty = read them on.

    Three times as quick, but another run: so in read-only mode alone, where that changes nothing,
    and never of rows that were read already.
    """
    if pane.outcome is None or not loaded.more or not connection.read_only:
        return ""
    if connection.read_up(pane.cursor):
        return ""
    return copyable(connection, pane.outcome.statement)


def _pane_of(grid: Widget) -> ResultPane:
    return next(each for each in grid.ancestors if isinstance(each, ResultPane))
