"""Answers kept on disk with their age, so that what took long needn't be asked again.

A convenience: what can't be read counts as nothing, what can't be written isn't.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
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
    """The answers of one file; any number of threads and processes may keep theirs at once.

    Args:
        most: answers kept; the oldest go.
    """

    def __init__(self, path: Path, most: int = MOST) -> None:
        self._path = path
        self._most = most

    def recall(self, key: str) -> Answer | None:
        """What was kept under a key."""
        return _answer(self._entries().get(key))

    def answers(self) -> list[Answer]:
        """Everything that is kept, the oldest first."""
        found = (_answer(each) for each in self._entries().values())
        return sorted((each for each in found if each is not None), key=lambda each: each.at)

    def keep(self, key: str, body: Any, at: datetime) -> None:
        """Keep plain JSON in place of what was there."""
        entry = {"at": at.astimezone(UTC).isoformat(), "body": body}
        self._change(lambda entries: {**entries, key: entry})

    def forget(self, key: str) -> None:
        """Drop an answer."""
        # Asked first: changing makes the file where there is none.
        if key in self._entries():
            self._change(lambda entries: {name: entries[name] for name in entries.keys() - {key}})

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        def changed(old: bytes) -> bytes:
            entries = sorted(change(_parse(old)).items(), key=lambda item: _when(item[1]))
            body = {"version": _VERSION, "answers": dict(entries[-self._most :])}
            return json.dumps(body).encode()

        with contextlib.suppress(OSError):
            private_file.rewrite(self._path, changed, through_links=True)

    def _entries(self) -> dict[str, Any]:
        try:
            return _parse(self._path.read_bytes())
        except OSError:
            return {}


def _parse(text: bytes) -> dict[str, Any]:
    """The entries of a file by key, unchecked; none where it is no file of ours."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
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
