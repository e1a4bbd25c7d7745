"""ResultTabs: one tab per statement that was run, the newest at the right; a bounded number."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from rolebrowser.tui.acting import Acting
from rolebrowser.tui.keys import bindings
from rolebrowser.tui.widgets.result_pane import ResultPane
from rolebrowser.tui.widgets.tab_strip import TabStrip

KEPT = 30
"""Tabs kept; the oldest make room. Each may hold rows in a temporary file."""
_TITLE = 18
"""Characters of a statement that its tab shows."""


def tab_title(number: int, statement: str) -> str:
    """The number of a run and the beginning of its statement, in one line. Pure."""
    words = " ".join(statement.split())
    return f"{number} {words[: _TITLE - 1]}…" if len(words) > _TITLE else f"{number} {words}"


class ResultTabs(Acting, Vertical):
    """A strip of tabs (from the second on) and the active tab's pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("results")]

    DEFAULT_CSS = """
    ResultTabs > TabStrip { display: none; }
    ResultTabs.-several > TabStrip { display: block; }
    ResultTabs > ResultPane { height: 1fr; }
    """

    def __init__(self, hint: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strip = TabStrip(())
        self._empty = ResultPane("Results")
        self._empty.say(hint)
        self._panes: list[ResultPane] = []
        self._names: list[str] = []
        self._opened = 0

    def compose(self) -> ComposeResult:
        """Before anything was run: what to do."""
        yield self._strip
        yield self._empty

    @property
    def panes(self) -> tuple[ResultPane, ...]:
        """The tabs' panes, oldest first."""
        return tuple(self._panes)

    @property
    def opened(self) -> int:
        """How many tabs were ever opened."""
        return self._opened

    @property
    def active(self) -> ResultPane:
        """The pane in view."""
        return self._panes[self._strip.active] if self._panes else self._empty

    def open(self, statement: str) -> ResultPane:
        """A new tab at the right, brought into view; the oldest make room."""
        self._opened += 1
        pane = ResultPane(" ".join(statement.split()))
        focused = self.has_pseudo_class("focus-within")
        self.mount(pane)
        self._panes.append(pane)
        self._names.append(tab_title(self._opened, statement))
        while len(self._panes) > KEPT:
            self._remove(0)
        self._bring(len(self._panes) - 1)
        if focused:
            # The one that had it is hidden, and Textual would give it to anything.
            pane.hold_focus()
        return pane

    def close(self, pane: ResultPane) -> None:
        """Close a tab and forget its rows; its neighbour comes into view."""
        focused = pane.has_pseudo_class("focus-within")
        place = self._panes.index(pane)
        self._remove(place)
        self._bring(min(place, len(self._panes) - 1))
        if focused:
            self.focus_content()

    def _remove(self, place: int) -> None:
        pane = self._panes.pop(place)
        del self._names[place]
        pane.forget()
        pane.remove()

    def _bring(self, place: int) -> None:
        self._strip.names = self._names
        self._strip.active = max(0, place)
        self.set_class(len(self._panes) > 1, "-several")
        self._empty.display = not self._panes
        for number, pane in enumerate(self._panes):
            pane.display = number == place

    def focus_content(self) -> None:
        """Focus what shows."""
        self.active.focus_content()

    @property
    def has_result(self) -> bool:
        """True when a statement gave something, be it a message."""
        return bool(self._panes)

    @property
    def has_content(self) -> bool:
        """True when there is something to focus."""
        return self.active.has_content

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def unavailable(self, name: str) -> str:
        """Why an action can't be done now."""
        if not self._panes:
            return "There is no result yet."
        if name in ("next_result", "previous_result") and len(self._panes) == 1:
            return "There is only one result."
        return ""

    @on(TabStrip.Clicked)
    def _clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        self._go(event.number)

    def _go(self, place: int) -> None:
        self._bring(place % len(self._panes))
        self.focus_content()

    def action_next_result(self) -> None:
        """The tab to the right, round."""
        self._go(self._strip.active + 1)

    def action_previous_result(self) -> None:
        """The tab to the left, round."""
        self._go(self._strip.active - 1)

    def action_close_result(self) -> None:
        """Close the tab in view."""
        self.close(self.active)
