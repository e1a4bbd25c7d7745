"""ResultPane: one outcome: its rows or its text, and a line that says how it went."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher, Static

from rolebrowser.connection.protocol import Outcome, Page
from rolebrowser.safetext import redact
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.text_view import TextView


def summary(outcome: Outcome, loaded: int, *, more: bool) -> str:
    """What the status line says: "SELECT 5 · 5 rows · 12 ms". Pure."""
    parts: list[str] = []
    if outcome.status:
        parts.append(outcome.status)
    if outcome.columns:
        count = f"≥ {loaded:,} rows" if more else f"{loaded:,} row{'' if loaded == 1 else 's'}"
        parts.append(count)
    milliseconds = outcome.seconds * 1000
    parts.append(
        f"{milliseconds:,.0f} ms" if milliseconds < 10_000 else f"{outcome.seconds:,.1f} s"
    )
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
        ContentSwitcher { height: 1fr; }
        .result-message { padding: 0 1; height: 1fr; }
        .result-message.-error { color: $text-error; }
    }
    """

    def __init__(self, title: str, *, as_text: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.border_title = literal(title)  # type: ignore[assignment]
        self._as_text = as_text
        self._grid = ResultGrid(id="grid")
        self._text = TextView(id="text")
        self._message = Static(id="message", classes="result-message")
        self._outcome: Outcome | None = None

    def compose(self) -> ComposeResult:
        """Grid, text or message: one shows."""
        with ContentSwitcher(initial="message"):
            yield self._grid
            yield self._text
            yield self._message

    @property
    def cursor(self) -> int:
        """The open result's cursor at the connection; 0 when there is nothing more."""
        return self._outcome.cursor if self._outcome is not None else 0

    def show(self, outcome: Outcome) -> None:
        """Show an outcome."""
        self._outcome = outcome
        switcher = self.query_one(ContentSwitcher)
        if outcome.text and (self._as_text or not outcome.columns):
            self._text.load(outcome.text.rstrip("\n"))
            switcher.current = "text"
        elif outcome.columns:
            self._grid.load(outcome.columns, outcome.page)
            switcher.current = "grid"
        else:
            self._say(outcome.status or "Done.")
            switcher.current = "message"
        self._count()

    def append(self, page: Page) -> None:
        """Add the next page of the outcome."""
        self._grid.append(page)
        self._count()

    def say(self, text: str, *, error: bool = False) -> None:
        """A message instead of an outcome; may be foreign text."""
        self._outcome = None
        self.border_subtitle = ""
        self._say(text, error=error)
        self.query_one(ContentSwitcher).current = "message"

    def focus_content(self) -> None:
        """Focus what shows."""
        current = self.query_one(ContentSwitcher).current
        if current == "grid":
            self._grid.focus()
        elif current == "text":
            self._text.focus()

    def _say(self, text: str, *, error: bool = False) -> None:
        self._message.set_class(error, "-error")
        self._message.update(literal(redact(text), keep="\n"))

    def _count(self) -> None:
        if self._outcome is not None:
            grid = self._grid
            loaded = grid.row_count if self._outcome.columns else 0
            if self._outcome.text and self._as_text:
                loaded = len(self._outcome.page.rows)
            text = summary(self._outcome, loaded, more=bool(self._outcome.columns) and grid.more)
            self.border_subtitle = literal(text)  # type: ignore[assignment]
