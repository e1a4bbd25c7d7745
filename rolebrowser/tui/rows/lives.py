"""How the life of a session looks in a row: a shape, a colour, a few characters. Pure.

The shape says it where there is no colour (NO_COLOR, a colour-blind eye).
"""

from __future__ import annotations

from datetime import datetime

from rolebrowser.identity.model import Lifetime, State
from rolebrowser.identity.sessions import URGENT, at, describe
from rolebrowser.tui.line import Span, span

MARKS = {
    State.VALID: ("●", "good"),
    State.EXPIRING: ("◐", "warn"),
    State.EXPIRED: ("○", "bad"),
    State.NEEDS_LOGIN: ("⇥", "warn"),
    State.NEEDS_MFA: ("#", "warn"),
    State.NOT_STARTED: ("·", "dim"),
    State.NONE: ("∞", "dim"),
    State.UNKNOWN: ("?", "dim"),
    State.AUTO: ("↻", "dim"),
    State.MISSING: ("∅", "bad"),
    State.BROKEN: ("✗", "bad"),
    State.REFUSED: ("⊘", "bad"),
}
"""State → shape, style."""
URGENT_MARK = ("◔", "bad")
"""Under two minutes: a connect begun now may come too late."""
_WIDTH = 8


def mark(life: Lifetime, now: datetime) -> tuple[str, str]:
    """Shape and style at a time (aware UTC)."""
    known = at(life, now)
    ends = known.expires_at
    urgent = known.state is State.EXPIRING and ends is not None and ends - now < URGENT
    return URGENT_MARK if urgent else MARKS[known.state]


def clock(life: Lifetime, now: datetime) -> tuple[Span, ...]:
    """Remaining life and shape; the shapes of all rows stand in one column."""
    shape, style = mark(life, now)
    return (span(f"{describe(at(life, now), now).rjust(_WIDTH)} {shape}", style),)
