"""Fuzzy matching for the filters: what was typed must appear in order. Pure.

Faster than a full alignment, and enough for names, account ids and ARNs: 10,000 rows within a
frame or two per keystroke.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def score(pattern: str, text: str) -> int:
    """How well `text` matches; 0 = not at all. Both must be case-folded.

    A substring beats scattered letters, an earlier or word-start hit beats a later one.
    Words of the pattern (split at blanks) must all match.
    """
    total = 0
    for word in pattern.split():
        found = _score_word(word, text)
        if not found:
            return 0
        total += found
    return total or 1


def _score_word(word: str, text: str) -> int:
    at = text.find(word)
    if at >= 0:
        starts = at == 0 or not text[at - 1].isalnum()
        return 10_000 - min(at, 999) + (5_000 if starts else 0)
    position = -1
    gaps = 0
    for char in word:
        following = text.find(char, position + 1)
        if following < 0:
            return 0
        if position >= 0:
            gaps += following - position - 1
        position = following
    return max(1, 5_000 - min(gaps, 999) * 4)


def ranked(pattern: str, rows: Sequence[T], haystacks: Iterable[str]) -> list[T]:
    """The rows whose (case-folded) haystack matches, best first, else in their own order."""
    folded = pattern.casefold().strip()
    if not folded:
        return list(rows)
    hits = [
        (-found, place)
        for place, haystack in enumerate(haystacks)
        if (found := score(folded, haystack))
    ]
    hits.sort()
    return [rows[place] for _, place in hits]
