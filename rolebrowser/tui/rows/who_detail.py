"""What a row of the left column has no room for: whole reasons, problems, the age. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from rolebrowser.identity.model import Role, Verdict
from rolebrowser.kept import Answer
from rolebrowser.safetext import clean
from rolebrowser.tui.line import Line, line, span
from rolebrowser.tui.rows.who import ProfileRow, RoleRow, WhoRow
from rolebrowser.tui.rows.who_lines import VERDICT_MARKS

MOST = 8
"""Lines shown; `w` and `i` say the rest."""
_VERDICTS = {
    Verdict.ALLOW: "can be assumed",
    Verdict.DENY: "can't be assumed",
    Verdict.UNKNOWN: "can't be known",
    Verdict.CONDITIONAL: "can be assumed with something more",
}


class Looked(Protocol):
    """How looking for a profile's roles went; see `role_holdings.Looked`."""

    @property
    def at(self) -> datetime | None: ...
    @property
    def kept(self) -> bool: ...
    @property
    def missing(self) -> tuple[str, ...]: ...


def lines(row: WhoRow | None, looked: Looked | None, now: datetime, width: int) -> list[Line]:
    """What there is to say of a row, at most MOST lines; nothing where the row says it all.

    Args:
        looked: how looking for the roles of the row's profile went; None when nobody looked.
        width: in cells.
    """
    said = [
        line(*((span(f"{mark} ", style),) if place == 0 and mark else ()), span(text, look))
        for mark, style, look, whole in _items(row, looked, now)
        for place, text in enumerate(_wrapped(clean(whole), max(width - 2, 16), mark))
    ]
    return said if len(said) <= MOST else [*said[: MOST - 1], line(span("… i says it all", "dim"))]


def _wrapped(text: str, width: int, mark: str) -> list[str]:
    """The text's lines, the first with room for the mark before it."""
    before = f"{mark} " if mark else ""
    first, *rest = textwrap.wrap(text, width, initial_indent=before) or [before]
    return [first.removeprefix(before), *rest]


_Item = tuple[str, str, str, str]
"""A mark and its style, the text's style, the text."""


def _items(row: WhoRow | None, looked: Looked | None, now: datetime) -> Iterator[_Item]:
    match row:
        case RoleRow(role=role):
            mark, style = VERDICT_MARKS[role.verdict]
            yield mark, style, "", _VERDICTS[role.verdict]
            for reason in role.reasons:
                yield "", "", "dim", reason
            yield from _age(looked, now)
        case ProfileRow(profile=profile) if profile.problem is not None:
            yield "✗", "bad", "", profile.problem.text
        case ProfileRow(profile=profile):
            for warning in profile.warnings:
                yield "!", "warn", "", warning.text
            yield from _age(looked, now)
            for sentence in looked.missing if looked is not None else ():
                yield "?", "warn", "dim", sentence


def _age(looked: Looked | None, now: datetime) -> Iterator[_Item]:
    if looked is None:
        return
    if looked.at is None:
        yield "✗", "bad", "", "Its roles could not be asked for."
        return
    again = "; r asks again" if looked.kept else ""
    yield "", "", "dim", f"roles as found {Answer(None, looked.at).age(now)}{again}"


def plain(role: Role, looked: Looked | None, now: datetime) -> str:
    """All that is known of a role without its policies, as text."""
    reasons = role.reasons or ("No reason was kept.",)
    parts = [f"{VERDICT_MARKS[role.verdict][0]} {_VERDICTS[role.verdict]}", role.arn, *reasons]
    parts += [text for _, _, _, text in _age(looked, now)]
    return "\n\n".join(parts)
