"""ResultPane: one outcome: its rows or its text, and a line that says how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from rolebrowser.connection.loaded import Loaded, Sorting
from rolebrowser.connection.plan import Plan
from rolebrowser.connection.protocol import Column, Notice, Outcome, Page
from rolebrowser.safetext import redact
from rolebrowser.tui.literal import literal
from rolebrowser.tui.rows.plan import summary as plan_summary
from rolebrowser.tui.widgets.plan_view import PlanTree, PlanView
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.searching import SearchHost
from rolebrowser.tui.widgets.text_view import TextView


def holds_focus(widget: Widget) -> bool:
    """Whether the focus is on it, or in it."""
    return widget.has_focus or widget.has_pseudo_class("focus-within")


def summary(
    outcome: Outcome,
    loaded: int,
    *,
    more: bool,
    limited: bool = False,
    note: str = "",
    sorting: str = "",
) -> str:
    """What the status line says: "SELECT 5 · 5 rows · 12 ms · committed". Pure.

    Args:
        limited: there may be more rows, which a limit leaves where they are.
        sorting: as `sorted_text` says it.
    """
    parts: list[str] = []
    if outcome.status:
        parts.append(outcome.status)
    if outcome.columns and not outcome.status.endswith(" in set"):
        count = f"≥ {loaded:,} rows" if more else f"{loaded:,} row{'' if loaded == 1 else 's'}"
        parts.append(f"first {loaded:,} rows (limit)" if limited else count)
    milliseconds = outcome.seconds * 1000
    parts.append(
        f"{milliseconds:,.0f} ms" if milliseconds < 10_000 else f"{outcome.seconds:,.1f} s"
    )
    parts += [each for each in (note, sorting) if each]
    if count := len(outcome.notices):
        parts.append(f"{count} notice{'' if count == 1 else 's'}")
    return "  ·  ".join(parts)


def sorted_text(sorting: Sorting | None, columns: Sequence[Column], loaded: int, more: bool) -> str:
    """How the rows are sorted, and that it is only the loaded ones; empty for not at all. Pure."""
    if sorting is None:
        return ""
    arrow = "▼" if sorting.descending else "▲"
    which = ""
    if sorting.count < loaded:
        # Further rows came behind them, in the server's order.
        which = f", the first {sorting.count:,} of {loaded:,} {'loaded rows' if more else 'rows'}"
    elif more:
        which = f", the first {sorting.count:,} loaded rows"
    return f"sorted here by {columns[sorting.column].name} {arrow}{which}"


def notice_text(notices: Sequence[Notice]) -> str:
    """What the server sent along, as psql prints it. Pure."""
    return "\n".join(f"{notice.severity}:  {notice.text}" for notice in notices)


class ResultPane(Vertical, SearchHost):
    """Shows the last outcome it was given, a wait, or an error.

    Args:
        title: of the border; what the pane is for.
        as_text: prefer an outcome's ready-made text to its rows.
    """

    DEFAULT_CSS = """
    ResultPane {
        /* Vertical's own rules don't come through a first base that is another widget. */
        width: 1fr; height: 1fr; layout: vertical; overflow: hidden hidden;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        background: $surface;
        &:focus, &:focus-within {
            border: round $primary; border-title-color: $primary; border-title-style: bold;
        }
        .result-message { padding: 0 1; height: 1fr; }
        .result-message.-error { color: $text-error; }
        .result-notices { height: auto; max-height: 30%; border-top: solid $border; }
    }
    """

    @dataclass
    class MoreWanted(Message):
        """The rows shown near their end, and `Connection.more(pane.cursor)` has further ones."""

        pane: ResultPane

        @property
        def control(self) -> ResultPane:
            """The pane that wants them."""
            return self.pane

    def __init__(self, title: str, *, as_text: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title(title)
        self._as_text = as_text
        self._grid = ResultGrid()
        self._text = TextView()
        self._plan: PlanView | None = None
        self._message = Static(classes="result-message")
        self._notices: TextView | None = None
        self._shown: Widget = self._message
        self._outcome: Outcome | None = None
        self._note = ""
        self._composed = False
        self.reading = asyncio.Lock()
        """Held by whoever asks `Connection.more` for rows: they come in order, and once."""

    def compose(self) -> ComposeResult:
        """What is to be shown by now; the others are mounted when needed: most panes never do."""
        self._composed = True
        yield self._shown

    def title(self, text: str) -> None:
        """Set the title; may hold foreign text."""
        self.border_title = literal(text)  # type: ignore[assignment]

    def _reveal(self, wanted: Widget) -> None:
        if not self._composed:
            self._shown = wanted
            return
        if not wanted.is_attached:
            self.mount(wanted, before=0)
        focused = self.has_focus or (self._shown is not wanted and holds_focus(self._shown))
        self._shown.display = False
        wanted.display = True
        self._shown = wanted
        # Of words the pane is the place to be, of anything else that itself.
        self.can_focus = self.can_focus and not self.has_content
        if focused:
            self.take_focus()

    @property
    def has_content(self) -> bool:
        """True when there is something to focus."""
        return self._shown is not self._message

    @property
    def walks(self) -> bool:
        """Whether there is something to walk: rows, a listing, a plan; not a sentence."""
        listing = self._outcome is not None and (self._outcome.columns or self._outcome.text)
        return self.has_content and bool(listing or self.plan)

    @property
    def grid(self) -> ResultGrid | None:
        """The grid, while it shows."""
        return self._grid if self._shown is self._grid else None

    @property
    def plan(self) -> PlanTree | None:
        """The plan's tree, while it shows."""
        return self._plan.steps if self._plan is not None and self._shown is self._plan else None

    @property
    def outcome(self) -> Outcome | None:
        """What is shown; None while it is only a message."""
        return self._outcome

    @property
    def cursor(self) -> int:
        """The open result's cursor at the connection; 0 when there is nothing more."""
        return self._outcome.cursor if self._outcome is not None else 0

    def show(self, outcome: Outcome, *, limit: int = 0) -> None:
        """Show an outcome, of its rows the first `limit`; 0 = all, as they are scrolled to."""
        self._outcome = outcome
        self._note = ""
        if outcome.text and (self._as_text or outcome.described or not outcome.columns):
            self._text.load((outcome.shown or outcome.text).rstrip("\n"))
            self._reveal(self._text)
        elif outcome.columns:
            self._grid.load(Loaded(outcome.columns, outcome.page, limit))
            self._reveal(self._grid)
            self._show_notices(notice_text(outcome.notices))
        else:
            self._tell(outcome)
        self._count()

    def show_plan(self, plan: Plan, note: str = "") -> None:
        """Show a statement's plan.

        Args:
            note: what became of the statement.
        """
        self._outcome = None
        self._show_notices("")
        self._plan = self._plan or PlanView()
        self._reveal(self._plan)
        self._plan.load(plan)
        told = "  ·  ".join(part for part in (plan_summary(plan), note) if part)
        self.border_subtitle = literal(told)  # type: ignore[assignment]

    def _tell(self, outcome: Outcome) -> None:
        """What a statement without rows gave."""
        lines = [notice_text(outcome.notices), outcome.status or "Done.", self._note]
        text = "\n".join(line for line in lines if line)
        if outcome.notices:
            self._text.load(text)
            self._reveal(self._text)
        else:
            self._say(text)
            self._reveal(self._message)

    def note(self, text: str) -> None:
        """Say what became of what the outcome tells: "committed", "rolled back"."""
        self._note = text
        if self._outcome is not None and not (self._outcome.columns or self._outcome.text):
            self._tell(self._outcome)
        self._count()

    def _show_notices(self, text: str) -> None:
        if self._notices is None and text:
            self._notices = TextView(classes="result-notices")
            if self._composed:
                self.mount(self._notices)
            else:
                self.call_later(self.mount, self._notices)
        if self._notices is not None:
            self._notices.load(text)
            self._notices.display = bool(text)

    def as_records(self) -> None:
        """Show the rows as records; what comes as text stays so."""
        if self.grid is not None and not self.grid.vertical:
            self.grid.action_vertical()

    def append(self, page: Page) -> None:
        """Add the next page of the outcome."""
        self._grid.append(page)

    def say(self, text: str, *, error: bool = False) -> None:
        """A message instead of an outcome; may be foreign text."""
        self._outcome = None
        self.border_subtitle = ""
        self._show_notices("")
        self._say(text, error=error)
        self._reveal(self._message)

    def forget(self) -> None:
        """Let go of the rows: nobody will look at them any more."""
        self._outcome = None
        loaded = self._grid.loaded
        # On its way out it may be drawn once more, or get a key: there are no rows then.
        self._grid.load(Loaded())
        loaded.close()

    def hold_focus(self) -> None:
        """Take the focus for a message, so that a letter is a key of the page and not a text."""
        self.can_focus = True
        self.screen.set_focus(self)

    def focus_content(self) -> None:
        """Focus what shows, before the next key: `focus` would let one pass."""
        if self._shown is not self._message:
            self.screen.set_focus(self.plan or self._shown)

    def take_focus(self) -> None:
        """Focus what shows, be it a message."""
        if self.has_content:
            self.focus_content()
        else:
            self.hold_focus()

    def _say(self, text: str, *, error: bool = False) -> None:
        self._message.set_class(error, "-error")
        self._message.update(literal(redact(text), keep="\n"), layout=False)

    @on(ResultGrid.Arranged)
    def _count(self) -> None:
        if self._outcome is None:
            return
        columns, loaded = self._outcome.columns, self._grid.loaded
        count, more, limited, sorting = len(self._outcome.page.rows), False, False, ""
        if self._shown is self._grid:
            count, more, limited = len(loaded), loaded.more, loaded.limited
            sorting = sorted_text(loaded.sorting, columns, count, more)
        text = summary(
            self._outcome, count, more=more, limited=limited, note=self._note, sorting=sorting
        )
        self.border_subtitle = literal(text)  # type: ignore[assignment]

    @on(ResultGrid.MoreWanted)
    def _more_wanted(self, event: ResultGrid.MoreWanted) -> None:
        event.stop()
        if self.cursor:
            self.post_message(self.MoreWanted(self))
