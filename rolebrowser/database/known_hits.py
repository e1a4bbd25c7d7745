"""Databases that were found all over an organization, kept on disk with their age."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path

from rolebrowser.database.org_search import Hit
from rolebrowser.frozen import dataclass
from rolebrowser.kept import Kept


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was searched for.

    Attributes:
        profile: whose session asked the organization's engines; empty = every profile was asked.
        text: part of the ids.
        regions: where; empty = the profiles' own.
        all_regions: everywhere.
    """

    profile: str = ""
    text: str = ""
    regions: tuple[str, ...] = ()
    all_regions: bool = False

    @property
    def key(self) -> str:
        """What it is kept under."""
        return json.dumps([self.profile, self.text, list(self.regions), self.all_regions])


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and when it was true (aware UTC)."""

    hits: tuple[Hit, ...]
    at: datetime


class KnownHits:
    """The answers of one cache directory; what can't be read counts as nothing."""

    def __init__(self, cache_dir: Path) -> None:
        self._kept = Kept(cache_dir / "databases-everywhere.json")

    def recall(self, wanted: Wanted) -> Found | None:
        """What was found when this was last searched for."""
        answer = self._kept.recall(wanted.key)
        if answer is None:
            return None
        try:
            return Found(tuple(_hit(each) for each in answer.body), answer.at)
        except (KeyError, TypeError):
            return None

    def keep(self, wanted: Wanted, hits: Sequence[Hit], at: datetime) -> None:
        """Keep it, in place of what was there."""
        self._kept.keep(wanted.key, [asdict(each) for each in hits], at)


def _hit(body: dict[str, str]) -> Hit:
    """Raises KeyError or TypeError for anything but our own."""
    texts = {each.name: body[each.name] for each in fields(Hit)}
    if not all(isinstance(each, str) for each in texts.values()):
        raise TypeError
    return Hit(**texts)
