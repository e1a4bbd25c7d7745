"""Answers kept on disk with their age, so that what took long needn't be asked again.

A convenience: what can't be read counts as nothing, what can't be written isn't.
"""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolebrowser import private_file
from rolebrowser.frozen import dataclass

MOST = 50
"""Answers of one file; the oldest go."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What was kept: plain JSON, and when it was true (aware UTC)."""

    body: Any
    at: datetime

    def age(self, now: datetime) -> str:
        """In words: "12 minutes ago"."""
        return age(self.at, now)


def age(at: datetime, now: datetime) -> str:
    """How long ago a moment was, in words: "12 minutes ago"."""
    minutes = max(0, int((now - at).total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        count = minutes // size
        if count:
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"


class Kept:
    """The answers of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, key: str) -> Answer | None:
        """What was kept under a key."""
        return _answer(self._entries().get(key))

    def answers(self) -> list[Answer]:
        """Everything that is kept, the oldest first."""
        found = (_answer(each) for each in self._entries().values())
        return sorted((each for each in found if each is not None), key=lambda each: each.at)

    def keep(self, key: str, body: Any, at: datetime) -> None:
        """Keep plain JSON in place of what was there."""
        entries = {**self._entries(), key: {"at": at.isoformat(), "body": body}}
        newest = sorted(entries.items(), key=lambda item: _when(item[1]))[-MOST:]
        text = json.dumps({"version": _VERSION, "answers": dict(newest)})
        with contextlib.suppress(OSError):
            private_file.replace(self._path, text)

    def _entries(self) -> dict[str, Any]:
        try:
            body = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        sound = isinstance(body, dict) and body.get("version") == _VERSION
        found = body.get("answers") if sound else None
        return found if isinstance(found, dict) else {}


def _answer(entry: Any) -> Answer | None:
    try:
        return Answer(entry["body"], datetime.fromisoformat(entry["at"]).astimezone(UTC))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _when(entry: Any) -> str:
    return str(entry.get("at", "")) if isinstance(entry, dict) else ""
