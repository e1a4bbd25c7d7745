"""How a candidate of the completion reads: its name, and what it is at the right. Pure."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len

from rolebrowser.connection.completion import Candidate
from rolebrowser.safetext import clean
from rolebrowser.tui.line import Line, line, span

_DETAIL = 28
"""Cells of a detail that are shown: a function's arguments may be long."""


def draw(candidate: Candidate, now: datetime) -> Line:
    """A row of the list."""
    return line(span(candidate.label), right=(span(_said(candidate), "dim"),))


def width(candidate: Candidate) -> int:
    """Cells the row wants."""
    return cell_len(clean(candidate.label)) + cell_len(clean(_said(candidate))) + 2


def _said(candidate: Candidate) -> str:
    detail = candidate.detail or candidate.kind
    return f"{detail[: _DETAIL - 1]}…" if len(detail) > _DETAIL else detail
