"""What an answer about a refused statement begins with: what is denied, not what is held.

Pure, for both engines. Whoever asks why a statement was refused wants the grant that is missing;
a REVOKE of what they have would be the wrong statement to offer, and so is never in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from rolebrowser.grants.picture import Entry, Inquiry, Mark, Section
from rolebrowser.grants.question import Question

_ELSEWHERE = (
    "Of what the statement names everything found here is held: it needs something besides, such "
    "as SELECT for its WHERE, a function or a sequence. The server's refusal names it."
)


class Verdict(Protocol):
    """What the answers about either engine tell of one part of a statement."""

    @property
    def can(self) -> bool: ...
    @property
    def partly(self) -> bool: ...


def asked(inquiry: Inquiry, answers: Sequence[Verdict]) -> bool:
    """Whether it is a refusal that is asked about: told so, or a statement that isn't allowed."""
    denied = any(not answer.can for answer in answers)
    return inquiry.refused or bool(inquiry.statement and (denied or inquiry.missing))


def denied_first(inquiry: Inquiry, answers: Sequence[Verdict]) -> Inquiry:
    """The same, its parts in the order in which they are in the way; else in that of the text."""
    if not asked(inquiry, answers):
        return inquiry
    ranked: list[tuple[bool, bool, Question]] = [
        (answer.can, answer.partly, part)
        for part, answer in zip(inquiry.parts, answers, strict=True)
    ]
    ranked.sort(key=lambda each: each[:2])
    return inquiry._replace(parts=tuple(part for _, _, part in ranked))


def held(verdicts: Iterable[str], *, alone: bool) -> tuple[Section, ...]:
    """What is held, in a line each; it isn't why the statement was refused.

    Args:
        alone: nothing is known that is denied, which is said first.
    """
    entries = tuple(Entry(verdict, mark=Mark.YES) for verdict in verdicts)
    found = (Section("Held, so not what was refused", entries),) if entries else ()
    if not alone:
        return found
    nothing = Section("What was refused isn't found here", (Entry(_ELSEWHERE, mark=Mark.PARTLY),))
    return (nothing, *found)
