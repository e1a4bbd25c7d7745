"""The line on top of a screen: crumbs, badges, notes and two clocks, fitted to a width. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from datetime import datetime

from rich.cells import cell_len

from rolebrowser.frozen import dataclass
from rolebrowser.tui.line import Line, Span, span

NARROW = 100
"""Cells; below it the program's name and long badges give way."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the line says.

    Attributes:
        crumbs: the choices made so far, left to right.
        database: the one of them that is said however short the space; empty = none is.
        mode: "READ-ONLY", "READ-WRITE" or empty before there is a connection.
        session_ends, token_ends: aware UTC; None = no clock to show.
        notes: short words such as "in transaction" or "running 3 s".
        calm: the same of what is as it should be: "idle".
        route: how TCP goes there, where that isn't directly.
    """

    crumbs: tuple[str, ...] = ()
    database: str = ""
    guarded: bool = False
    mode: str = ""
    session_ends: datetime | None = None
    token_ends: datetime | None = None
    notes: tuple[str, ...] = field(default=())
    calm: tuple[str, ...] = field(default=())
    route: str = ""


def clock(
    name: str, ends: datetime | None, now: datetime, *, seconds: bool = True
) -> tuple[Span, ...]:
    """A countdown in one shape whatever is left: "aws 52m10s", "token over".

    Args:
        seconds: tell them too; of the last ten minutes they are told in any case.
    """
    if ends is None:
        return ()
    left = int((ends - now).total_seconds())
    if left <= 0:
        return (span(f" {name} ", "dim"), span("over", "bad"))
    style = "bad" if left < 120 else "warn" if left < 600 else "good"
    hours, rest = divmod(left, 3600)
    if hours:
        text = f"{hours}h{rest // 60:02d}m"
    else:
        text = f"{rest // 60}m{rest % 60:02d}s" if seconds or left < 600 else f"{rest // 60}m"
    return (span(f" {name} ", "dim"), span(text, style))


@dataclass(frozen=True, slots=True)
class _Shape:
    """How much of the line is said."""

    crumbs: tuple[str, ...]
    lead: str = ""
    seconds: bool = True
    route: bool = True
    clocks: tuple[str, ...] = ("aws", "token")


def describe(context: Context, now: datetime, width: int) -> Line:
    """The line at a time, for a width in cells.

    When space is short this goes, in order: the program's name, seconds, the choices made
    earliest, the route, the clocks, the user. In which database one is, whether it may be written
    to and what is under way must not be cut.
    """
    line = Line(())
    for shape in _shapes(context, narrow=width < NARROW):
        line = _line(context, now, shape, narrow=width < NARROW)
        if sum(cell_len(each.text) for each in (*line.left, *line.right)) < width:
            break
    return line


def _shapes(context: Context, *, narrow: bool) -> Iterator[_Shape]:
    """Ever smaller ones."""
    shape = _Shape(context.crumbs)
    if not narrow or not context.crumbs:
        yield replace(shape, lead="rolebrowser")
    yield shape
    shape = replace(shape, seconds=False)
    yield shape
    kept = context.crumbs.index(context.database) if context.database in context.crumbs else -1
    while len(shape.crumbs) > 1 and (kept < 0 or len(context.crumbs) - len(shape.crumbs) < kept):
        shape = replace(shape, crumbs=shape.crumbs[1:], lead="…")
        yield shape
    if kept < 0:
        return
    for changes in ({"route": False}, {"clocks": ("aws",)}, {"clocks": ()}):
        shape = replace(shape, **changes)
        yield shape
    yield replace(shape, crumbs=(context.database,), lead="")


def _line(context: Context, now: datetime, shape: _Shape, *, narrow: bool) -> Line:
    right: list[Span] = [span(f" {note}", "dim") for note in context.calm]
    if context.route and shape.route:
        right.append(span(f" via {context.route}", "dim"))
    right += [span(f" {note}", "warn") for note in context.notes]
    if context.guarded:
        right += [span(" "), span(" ▲PROD " if narrow else " ▲PRODUCTION ", "production")]
    if context.mode:
        right += [span(" "), span(f" {context.mode} ", context.mode.lower())]
    ends = {"aws": context.session_ends, "token": context.token_ends}
    for name in shape.clocks:
        right += clock(name, ends[name], now, seconds=shape.seconds)
    left: list[Span] = [span(f" {shape.lead}" if shape.lead else "", "accent")]
    for place, crumb in enumerate(shape.crumbs):
        left += [span(" ▸ " if shape.lead or place else " ", "dim"), span(crumb, "strong")]
    return Line(tuple(left), (*right, span(" ")))
