"""How statements of the history and saved queries read in a list. Pure."""

from __future__ import annotations

from datetime import datetime

from rolebrowser.audit import Ending
from rolebrowser.history import Entry
from rolebrowser.queries import Query
from rolebrowser.tui.line import Line, Span, line, span

_SHOWN = 300
"""Characters of a statement that can stand on a line."""


def one_line(statement: str) -> str:
    """The beginning of a statement without its line breaks."""
    return " ".join(statement[:_SHOWN].split())


_ENDED: dict[str, tuple[Span, ...]] = {
    Ending.OK: (span(" ok", "dim"),),
    Ending.ERROR: (span(" failed", "bad"),),
    Ending.NOT_SENT: (span(" not sent", "warn"),),
    Ending.CANCELLED: (span(" cancelled", "warn"),),
    Ending.LOST: (span(" connection lost", "bad"),),
}


def draw_entry(entry: Entry, now: datetime) -> Line:
    """A statement that was run: what, how it ended, where, how long ago."""
    known = _ENDED.get(entry.ended, ())
    where = span(f"  {entry.database}", "dim")
    return line(
        span(one_line(entry.statement)),
        right=(*known, where, span(f"  {_ago(entry.when, now):>4}", "dim")),
    )


def draw_query(query: Query, now: datetime) -> Line:
    """A saved query: its name and how it begins."""
    return line(span(query.name, "strong"), span("  "), span(one_line(query.text), "dim"))


def _ago(when: datetime | None, now: datetime) -> str:
    if when is None:
        return ""
    seconds = max(0.0, (now - when).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit}"
    return "now"
