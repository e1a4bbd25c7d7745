"""The line on top of a screen: crumbs, badges, notes and two clocks, fitted to a width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.cells import cell_len

from rolebrowser.tui.line import Line, Span, span

NARROW = 100
"""Cells; below it the program's name and long badges give way."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the line says.

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
    """The line at a time, for a width in cells.

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
