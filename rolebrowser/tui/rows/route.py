"""The ways to a database as rows of a list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from rolebrowser.frozen import dataclass
from rolebrowser.route import Route
from rolebrowser.tui.line import Line, line, span


class Ask(StrEnum):
    """What has to be told before a row is a route."""

    INSTANCE = "ssm"
    DESTINATION = "ssh:"
    ADDRESS = ""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A way that can be taken as it is.

    Attributes:
        value: for `Target.route`; empty = the first route that matches, else direct.
        label: what to call it.
        means: what it is.
    """

    value: str
    label: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class AskRow:
    """A kind of way of which something has to be told."""

    ask: Ask
    label: str
    means: str


WayRow = RouteRow | AskRow


def build(routes: Sequence[Route], usual: str, instances: Sequence[RouteRow] = ()) -> list[WayRow]:
    """Rows of all ways.

    Args:
        routes: of config.toml.
        usual: what is taken where nothing is chosen.
        instances: those found to forward through; empty = not looked for yet.
    """
    named = [RouteRow(each.name, each.name, each.means) for each in routes if each.name]
    asked = AskRow(Ask.INSTANCE, "SSM …", "through an instance: look which there are")
    return [
        RouteRow("", "automatic", usual),
        RouteRow("direct", "direct", "the endpoint itself"),
        *named,
        *(instances or (asked,)),
        AskRow(Ask.DESTINATION, "ssh …", "through a bastion that you name"),
        AskRow(Ask.ADDRESS, "address …", "a tunnel of your own: HOST:PORT"),
    ]


def draw(row: WayRow, current: str) -> Line:
    """One way; a mark at the one that is chosen."""
    chosen = isinstance(row, RouteRow) and row.value == current
    mark = span("● ", "good") if chosen else span("  ")
    return line(mark, span(f"{row.label:<14}", "strong"), span(f" {row.means}", "dim"))


def drawer(current: str):
    """`draw` for a list."""

    def drawn(row: WayRow, now: datetime) -> Line:
        return draw(row, current)

    return drawn
