"""A `Why` as lines of a width: JSON keeps its indentation where it is broken. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from rolebrowser.identity import why_lines
from rolebrowser.identity.why import Why
from rolebrowser.safetext import clean
from rolebrowser.tui.line import Line, line, span


def lines(why: Why, width: int) -> list[Line]:
    """All lines, none wider than `width` cells."""
    return [
        line(span(part, each.style))
        for each in why_lines.lines(why)
        for part in _broken(clean(each.text), max(width, 20))
    ]


def _broken(text: str, width: int) -> Iterator[str]:
    """At blanks where there are any; what follows stands as deep as the text began."""
    depth = min(len(text) - len(text.lstrip(" ▸✓✗?◇")), width // 2)
    while cell_len(text) > width:
        head = chop_cells(text, width)[0]
        place = head.rfind(" ", depth + 1)
        cut = place if place > width // 2 else len(head)
        yield head[:cut]
        text = " " * depth + text[cut:].lstrip()
    yield text


def fix(why: Why) -> str:
    """What to paste: each statement under a line that says where it goes; empty when none helps."""
    if len(why.fixes) == 1:
        return why_lines.snippet(why.fixes[0])
    return "\n\n".join(f"{each.where}:\n{why_lines.snippet(each)}" for each in why.fixes)
