"""ActionScreen: a screen whose bindings, help and palette entries come from the action table."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import events
from textual.dom import DOMNode
from textual.geometry import Size
from textual.notifications import SeverityLevel

from rolebrowser.safetext import clean
from rolebrowser.tui.acting import Acting
from rolebrowser.tui.actions import BY_ID
from rolebrowser.tui.focus_kept import FocusKept
from rolebrowser.tui.palette import ActionCommands
from rolebrowser.tui.widgets.key_bar import KeyBar
from rolebrowser.tui.widgets.typed_line import TypedLine

LEAVING = ("stop", "back")
"""What Esc does in the browser, and in a connection."""
HEADINGS = {
    "browser": "Browser",
    "sql": "SQL",
    "editor": "Editor",
    "grants": "Grants",
    "matrix": "The matrix",
    "connection": "Connection",
    "results": "Results",
    "grid": "Rows",
    "plan": "Plan",
    "app": "Everywhere",
}


class ActionScreen(Acting, FocusKept[None]):
    """Base of the two places, Browser and Connection.

    SCOPES names the parts of the action table that apply here, for `?` and the palette.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("app",)
    COMMANDS = {ActionCommands}  # noqa: RUF012 - as Textual declares it

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it without ClassVar
        (0, "-tiny"),
        (36, "-narrow"),
        (100, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (10, "-short"),
        (32, "-tall"),
    ]

    def __init__(self, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.seen = asyncio.Event()
        """Set when its first picture has been drawn. Textual's `call_after_refresh` comes before
        that while an app starts."""

    @property
    def urgent(self) -> tuple[str, ...]:
        """Names of actions that the key bar shows first now, whatever the table says."""
        return LEAVING if isinstance(self.focused, TypedLine) else ()

    def label_now(self, name: str) -> str:
        """Esc ends the filter first, wherever it leads from there."""
        return "End filter" if name in LEAVING and isinstance(self.focused, TypedLine) else ""

    def on_screen_suspend(self) -> None:
        """Something lies over this: its keys are not what one presses now."""
        for bar in self.query(KeyBar):
            bar.cover(True)

    def on_screen_resume(self) -> None:
        """In view again."""
        for bar in self.query(KeyBar):
            bar.cover(False)

    def on_key(self, event: events.Key) -> None:
        """A key that would do something at another time says why it doesn't now."""
        found = self.active_bindings.get(event.key)
        if found is None or found.enabled or not isinstance(found.node, Acting):
            return
        action = BY_ID.get(found.binding.id or "")
        reason = found.node.unavailable(action.name) if action is not None else ""
        if reason:
            self.tell(reason, "warning")

    def fit(self, size: Size) -> None:
        """Take the classes that the breakpoints will give once the screen has this size."""
        self.add_class(
            *self._get_breakpoint_classes(size.width, self.HORIZONTAL_BREAKPOINTS or []),
            *self._get_breakpoint_classes(size.height, self.VERTICAL_BREAKPOINTS or []),
            update=False,  # it has no styles yet
        )

    def _compositor_refresh(self) -> None:
        """Draw only what will be shown.

        Textual 8.2 draws the whole screen also while a batch holds the display back, as it does
        during start-up, and then throws the drawing away: a fifth of the time to the first paint.
        """
        if self.app._batch_count:
            self.refresh()
            return
        super()._compositor_refresh()
        self.seen.set()

    def rehearse(self) -> None:
        """Lay out and draw unseen: what stays as it is need not be when this comes into view."""
        self._screen_resized(self.app.size)
        self._compositor.render_update(full=True)

    def carrier(self, scope: str) -> DOMNode | None:
        """What carries out the actions of a scope now: this screen, the app, what has focus."""
        if scope == "app":
            return self.app
        return self.focused if scope == "grid" else self

    def tell(self, text: str, severity: SeverityLevel = "information", seconds: float = 5) -> None:
        """A toast; `text` may be foreign.

        Args:
            severity: "information", "warning" or "error".
        """
        self.notify(clean(text, keep="\n"), severity=severity, timeout=seconds, markup=False)

    def help_scopes(self) -> tuple[tuple[str, str], ...]:
        """(heading, scope) of each part of the help."""
        return tuple((HEADINGS[name], name) for name in self.SCOPES)
