"""Column: one of the browser's lists, with its title and its filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from rolebrowser.errors import RolebrowserError
from rolebrowser.safetext import clean
from rolebrowser.tui.line import Line
from rolebrowser.tui.literal import literal
from rolebrowser.tui.widgets.row_list import RowList
from rolebrowser.tui.widgets.typed_line import TypedLine

T = TypeVar("T")


class Column(Vertical, Generic[T]):
    """A titled RowList that can be filtered with `/`.

    Args:
        title: of the border.
        draw: a row's line.
        filtered: the rows that match a pattern, best first.
        identify: what makes a row the same one after a refresh.
        empty: what to say when there is nothing yet.
        enter_selects: Enter in the filter selects the row at once; else it only leaves the filter.
    """

    DEFAULT_CSS = """
    Column {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        background: $surface;
        &:focus-within {
            border: round $primary;
            border-title-color: $primary;
            border-title-style: bold;
        }
        Input { display: none; height: 1; border: none; background: $panel; padding: 0 1; }
        &.-filtering Input { display: block; }
    }
    """

    def __init__(
        self,
        title: str,
        draw: Callable[[T, datetime], Line],
        *,
        filtered: Callable[[Sequence[T], str], list[T]],
        identify: Callable[[T], object],
        selectable: Callable[[T], bool] = lambda row: True,
        empty: str = "",
        enter_selects: bool = True,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._title = title
        self._filtered = filtered
        self._identify = identify
        self._enter_selects = enter_selects
        self._all: list[T] = []
        self._said = (empty, False)
        self.rows: RowList[T] = RowList(draw, selectable=selectable, empty=empty)
        self._input: Input | None = None
        self._applied = ""
        self.title()

    def compose(self) -> ComposeResult:
        """The list; the filter comes under it when it is first wanted."""
        yield self.rows

    def title(self, note: str = "") -> None:
        """Set the title; `note` is foreign text such as a profile's name."""
        self.border_title = literal(f"{self._title} {note}".strip())  # type: ignore[assignment]

    def note(self, text: str) -> None:
        """A short remark on the lower border, e.g. the age of the list."""
        self.border_subtitle = literal(text)  # type: ignore[assignment]

    @property
    def all_rows(self) -> Sequence[T]:
        """Every row, filtered away or not."""
        return self._all

    def show(self, rows: Sequence[T]) -> None:
        """Replace the rows; filter and cursor stay."""
        self._all = list(rows)
        self._apply(keep=self._identify)

    def clear(self, say: str = "") -> None:
        """No rows, and why."""
        self._all = []
        self._say(say)

    def fail(self, error: RolebrowserError, hint: str = "") -> None:
        """No rows, for something went wrong: what, why, and what to do next; and a key to press."""
        self._all = []
        parts = filter(None, (error.what, error.why, error.fix, hint))
        self._say("\n\n".join(parts), failed=True)

    @property
    def failed(self) -> bool:
        """What stands there instead of rows is an error."""
        return not self._all and self._said[1]

    def _say(self, text: str, *, failed: bool = False) -> None:
        self._said = (text, failed)
        self._apply()

    def _apply(self, *, keep: Callable[[T], object] | None = None, typed: bool = False) -> None:
        pattern = self.pattern
        if self._all and pattern:
            self.rows.say(f"Nothing matches {pattern}. Esc ends the filter.")
        else:
            self.rows.say(self._said[0], failed=self._said[1])
        # Hits look alike while one types on; all the rows may look otherwise (a tree, say).
        alike = typed and bool(pattern and self._applied)
        self._applied = pattern
        self.rows.set_items(self._filtered(self._all, pattern), keep=keep, alike=alike)

    @property
    def pattern(self) -> str:
        """What the rows are filtered by; empty = not at all."""
        return self._input.value.strip() if self._input is not None else ""

    def stop(self) -> bool:
        """Stop what the column waits for; False when it waits for nothing."""
        return False

    @property
    def filtering(self) -> bool:
        """True while a filter is typed or holds."""
        return self.has_class("-filtering")

    def start_filter(self) -> None:
        """Open the filter's input."""
        self.add_class("-filtering")
        if self._input is None:
            self._input = TypedLine(self._entered, placeholder="filter")
            self.mount(self._input)
            self.watch(self._input, "value", self._typed, init=False)
        # At once: `focus` would wait until the keys that have come already are dealt out.
        self.screen.set_focus(self._input)

    def end_filter(self) -> None:
        """Drop the filter and go back to the list, the cursor on the same row."""
        self.remove_class("-filtering")
        if self._input is not None:
            self._input.value = ""
        self._apply(keep=self._identify)
        self.rows.focus()

    def tick(self) -> None:
        """Draw the visible rows anew."""
        self.rows.tick()

    def _typed(self, typed: str) -> None:
        """Show the hits, the cursor on the best.

        Watched rather than told: the list changes in the letter's own frame.
        """
        if not self.filtering or self._input is None:
            return
        safe = clean(typed)
        if safe != typed:
            self._input.value = safe
            return
        self._apply(typed=True)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()

    def enter_selects(self, row: T) -> bool:
        """Whether Enter in the filter selects this row at once; else it only leaves the filter."""
        return self._enter_selects

    def _entered(self) -> None:
        self.screen.set_focus(self.rows)
        row = self.rows.current
        if row is not None and self.enter_selects(row):
            # From the list's own queue: Textual stops a message that reaches its sender, which
            # would be this column.
            self.rows.call_later(self.rows.action_select)
