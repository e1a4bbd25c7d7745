"""The line on top: identity ▸ role ▸ database ▸ user, badges, and the two live clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from rolebrowser.tui.line import Line, Span, fit, span
from rolebrowser.tui.literal import MUTED

NARROW = 100
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


@dataclass(frozen=True, slots=True)
class Context:
    """What the bar says.

    Attributes:
        crumbs: the choices made so far, left to right.
        mode: "READ-ONLY", "READ-WRITE" or empty before there is a connection.
        session_ends, token_ends: aware UTC; None = no clock to show.
        notes: short words such as "in transaction" or "running 3 s".
        calm: the same of what is as it should be: "idle".
    """

    crumbs: tuple[str, ...] = ()
    guarded: bool = False
    mode: str = ""
    session_ends: datetime | None = None
    token_ends: datetime | None = None
    notes: tuple[str, ...] = field(default=())
    calm: tuple[str, ...] = field(default=())


def clock(name: str, ends: datetime | None, now: datetime) -> tuple[Span, ...]:
    """A countdown in one shape whatever is left: "aws 52m10s", "token over"."""
    if ends is None:
        return ()
    left = int((ends - now).total_seconds())
    if left <= 0:
        return (span(f" {name} ", "dim"), span("over", "bad"))
    style = "bad" if left < 120 else "warn" if left < 600 else "good"
    hours, rest = divmod(left, 3600)
    text = f"{hours}h{rest // 60:02d}m" if hours else f"{rest // 60}m{rest % 60:02d}s"
    return (span(f" {name} ", "dim"), span(text, style))


def describe(context: Context, now: datetime, width: int) -> Line:
    """The bar's line at a time, for a width in cells. Pure.

    When space is short the name of the program goes first, then the choices made earliest: where
    one is and as whom is what must not be cut.
    """
    narrow = width < NARROW
    right: list[Span] = [span(f" {note}", "dim") for note in context.calm]
    right += [span(f" {note}", "warn") for note in context.notes]
    if context.guarded:
        right += [span(" "), span(" ▲PROD " if narrow else " ▲PRODUCTION ", "production")]
    if context.mode:
        right += [span(" "), span(f" {context.mode} ", context.mode.lower())]
    right += clock("aws", context.session_ends, now)
    right += clock("token", context.token_ends, now)
    room = width - sum(cell_len(each.text) for each in right) - 2
    crumbs = list(context.crumbs)
    lead = "" if narrow and crumbs else "rolebrowser"
    if lead and crumbs and _width(lead, crumbs) > room:
        lead = ""
    while len(crumbs) > 1 and _width(lead, crumbs) > room:
        crumbs.pop(0)
        lead = "…"
    left: list[Span] = [span(f" {lead}" if lead else "", "accent")]
    for place, crumb in enumerate(crumbs):
        left += [span(" ▸ " if lead or place else " ", "dim"), span(crumb, "strong")]
    return Line(tuple(left), (*right, span(" ")))


def _width(lead: str, crumbs: Sequence[str]) -> int:
    return cell_len(lead) + 1 + sum(cell_len(crumb) + 3 for crumb in crumbs)


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
