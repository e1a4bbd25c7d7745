"""Statements run before: history.jsonl in the state directory, one JSON line each, mode 0600.

A convenience, so nothing here fails: a line that can't be understood is left out, a directory that
can't be written costs one warning. Secrets are redacted before a statement is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolebrowser import private_file
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import redact

FILE = "history.jsonl"
LONGEST = 100_000
"""Characters of a statement that is kept; longer ones are not, for half of one is of no use."""
BYTES_EACH = 500
"""Of an entry, on the average, before the file is cut back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement that was run.

    Attributes:
        time: when, ISO 8601 UTC.
        database: what the connection is called: a bookmark's name, or user@database.
        statement: redacted.
    """

    time: str
    database: str
    statement: str

    @property
    def when(self) -> datetime | None:
        """The time, aware UTC; None when somebody has spoilt it."""
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(self.time).astimezone(UTC)
        return None


class History:
    """The history of one state directory; any number of processes may add to it at once.

    Used from one thread at a time.

    Args:
        kept: how many statements; the oldest go. 0 = nothing is kept, nor read.
    """

    def __init__(self, state_dir: Path, kept: int = 5000) -> None:
        self.path = state_dir / FILE
        self._kept = kept
        self._warned = False
        self._last = ""

    def add(self, statements: Iterable[str], database: str, now: datetime) -> str:
        """Keep statements; the one kept just before isn't kept twice.

        Returns:
            A sentence the first time they can't be; else empty.
        """
        wanted: list[Entry] = []
        for statement in map(redact, map(str.strip, statements)):
            if statement and statement != self._last and len(statement) <= LONGEST:
                wanted.append(Entry(now.astimezone(UTC).isoformat(), database, statement))
                self._last = statement
        if not wanted or not self._kept:
            return ""
        try:
            self._append(wanted)
        except OSError as error:
            if self._warned:
                return ""
            self._warned = True
            return f"The history is not kept: {self.path}: {error.strerror or error}."
        return ""

    def _append(self, entries: Iterable[Entry]) -> None:
        # Escaped to ASCII: a lone surrogate of a hostile name must not lose the line.
        lines = "".join(json.dumps(asdict(entry)) + "\n" for entry in entries)
        size = private_file.append(self.path, lines.encode("ascii"))
        if size > self._kept * BYTES_EACH:
            private_file.rewrite(self.path, self._cut_back)

    def _cut_back(self, text: bytes) -> bytes:
        """The newest entries: half as many as are kept, so that it isn't done at each statement."""
        lines = text.splitlines(keepends=True)[-max(1, self._kept // 2) :]
        while len(lines) > 1 and sum(map(len, lines)) > self._kept * BYTES_EACH // 2:
            del lines[: max(1, len(lines) // 8)]
        return b"".join(lines)

    def entries(self) -> tuple[Entry, ...]:
        """What is kept, the newest first, each statement once."""
        if not self._kept:
            return ()
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return ()
        found: dict[str, Entry] = {}
        for line in reversed(lines):
            entry = _parse(line)
            if entry is not None:
                found.setdefault(entry.statement, entry)
            if len(found) == self._kept:
                break
        return tuple(found.values())


def _parse(line: bytes) -> Entry | None:
    try:
        body: Any = json.loads(line)
        entry = Entry(body["time"], body["database"], body["statement"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return entry if all(isinstance(each, str) for each in asdict(entry).values()) else None
