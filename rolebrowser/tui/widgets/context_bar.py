"""The line on top: identity ▸ role ▸ database ▸ user, badges, and the two live clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from rolebrowser.tui.line import Span, fit
from rolebrowser.tui.literal import MUTED
from rolebrowser.tui.rows.context import Context, describe

_TOKENS = {
    "": "",
    "dim": MUTED,
    "strong": "bold",
    "good": "$text-success",
    "warn": "bold $text-warning",
    "bad": "bold $text-error",
    "accent": "bold $accent",
    "production": "bold $background on $error",
    "read-only": "bold $background on $success",
    "read-write": "bold $background on $warning",
}


def content(spans: Sequence[Span]) -> Content:
    """Spans as Content, with the theme's tokens for their styles."""
    return Content.assemble(*((each.text, _TOKENS.get(each.style, "")) for each in spans))


class ContextBar(Widget):
    """One line, always on top; the screen's clock calls `tick`."""

    DEFAULT_CSS = """
    ContextBar { height: 1; width: 1fr; background: $panel; color: $foreground; }
    """

    context = reactive(Context())

    def render(self) -> Content:
        """The line, fitted to the width."""
        return content(
            fit(describe(self.context, datetime.now(UTC), self.size.width), self.size.width)
        )

    def tick(self) -> None:
        """Draw the clocks anew."""
        if self.context.session_ends is not None or self.context.token_ends is not None:
            self.refresh()
