"""ResultPane: one outcome: its rows or its text, and a line that says how it went."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from rolebrowser.connection.protocol import Outcome, Page
from rolebrowser.safetext import redact
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.text_view import TextView


def summary(outcome: Outcome, loaded: int, *, more: bool, note: str = "") -> str:
    """What the status line says: "SELECT 5 · 5 rows · 12 ms · committed". Pure."""
    parts: list[str] = []
    if outcome.status:
        parts.append(outcome.status)
    if outcome.columns and not outcome.status.endswith(" in set"):
        count = f"≥ {loaded:,} rows" if more else f"{loaded:,} row{'' if loaded == 1 else 's'}"
        parts.append(count)
    milliseconds = outcome.seconds * 1000
    parts.append(
        f"{milliseconds:,.0f} ms" if milliseconds < 10_000 else f"{outcome.seconds:,.1f} s"
    )
    if note:
        parts.append(note)
    parts += [f"{notice.severity}: {notice.text}" for notice in outcome.notices[:3]]
    return "  ·  ".join(parts)


class ResultPane(Vertical):
    """Shows the last outcome it was given, a wait, or an error.

    Args:
        title: of the border; what the pane is for.
        as_text: prefer an outcome's ready-made text to its rows.
    """

    DEFAULT_CSS = """
    ResultPane {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        background: $surface;
        &:focus-within { border: round $primary; border-title-color: $primary; }
        .result-message { padding: 0 1; height: 1fr; }
        .result-message.-error { color: $text-error; }
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
        self._message = Static(classes="result-message")
        self._shown: Widget = self._message
        self._outcome: Outcome | None = None
        self._note = ""
        self._composed = False

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
            self.mount(wanted)
        focused = self._shown is not wanted and self._shown.has_focus
        self._shown.display = False
        wanted.display = True
        self._shown = wanted
        if focused and wanted.focusable:
            wanted.focus()

    @property
    def has_content(self) -> bool:
        """True when there is something to focus."""
        return self._shown is not self._message

    @property
    def cursor(self) -> int:
        """The open result's cursor at the connection; 0 when there is nothing more."""
        return self._outcome.cursor if self._outcome is not None else 0

    def show(self, outcome: Outcome) -> None:
        """Show an outcome."""
        self._outcome = outcome
        self._note = ""
        if outcome.text and (self._as_text or outcome.described or not outcome.columns):
            self._text.load(outcome.text.rstrip("\n"))
            self._reveal(self._text)
        elif outcome.columns:
            self._grid.load(outcome.columns, outcome.page)
            self._reveal(self._grid)
        else:
            self._say(outcome.status or "Done.")
            self._reveal(self._message)
        self._count()

    def note(self, text: str) -> None:
        """Say what became of what the outcome tells: "committed", "rolled back"."""
        self._note = text
        if self._shown is self._message and self._outcome is not None:
            self._say(f"{self._outcome.status}\n{text}")
        self._count()

    @on(ResultGrid.MoreWanted)
    def _more_wanted(self, event: ResultGrid.MoreWanted) -> None:
        event.stop()
        if self.cursor:
            self.post_message(self.MoreWanted(self))

    def forget(self) -> None:
        """Let go of the rows: nobody will look at them any more."""
        self._outcome = None

    def append(self, page: Page) -> None:
        """Add the next page of the outcome."""
        self._grid.append(page)
        self._count()

    def say(self, text: str, *, error: bool = False) -> None:
        """A message instead of an outcome; may be foreign text."""
        self._outcome = None
        self.border_subtitle = ""
        self._say(text, error=error)
        self._reveal(self._message)

    def focus_content(self) -> None:
        """Focus what shows."""
        if self._shown is not self._message:
            self._shown.focus()

    def _say(self, text: str, *, error: bool = False) -> None:
        self._message.set_class(error, "-error")
        self._message.update(literal(redact(text), keep="\n"), layout=False)

    def _count(self) -> None:
        if self._outcome is not None:
            grid = self._grid
            loaded = grid.row_count if self._outcome.columns else 0
            if self._outcome.text and self._as_text:
                loaded = len(self._outcome.page.rows)
            more = bool(self._outcome.columns) and grid.more
            text = summary(self._outcome, loaded, more=more, note=self._note)
            self.border_subtitle = literal(text)  # type: ignore[assignment]
