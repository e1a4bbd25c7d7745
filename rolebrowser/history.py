"""Statements run before: history.jsonl in the state directory, one JSON line each, mode 0600.

How a statement ended is a line of its own behind it, which older rolebrowsers leave out.

A convenience, so nothing here fails: a line that can't be understood is left out, a directory that
can't be written costs one warning. Secrets are redacted before a statement is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
        ended: how, an `audit.Ending`; empty where that isn't known.
    """

    time: str
    database: str
    statement: str
    ended: str = ""

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
        self._times: dict[str, str] = {}

    def add(self, statements: Iterable[str], database: str, now: datetime) -> str:
        """Keep statements; the one kept just before isn't kept twice.

        Returns:
            A sentence the first time they can't be; else empty.
        """
        wanted: list[dict[str, str]] = []
        times = {self._last: self._times.get(self._last, "")}
        for number, statement in enumerate(map(redact, map(str.strip, statements))):
            if statement and statement != self._last and len(statement) <= LONGEST:
                # Each has a time of its own, by which its end is told.
                time = (now + timedelta(microseconds=number)).astimezone(UTC).isoformat()
                wanted.append({"time": time, "database": database, "statement": statement})
                times[statement], self._last = time, statement
        self._times = times
        return self._append(wanted)

    def ended(self, endings: Iterable[tuple[str, str]]) -> str:
        """Keep how statements ended that were added last; those that weren't are left out.

        Args:
            endings: each statement with an `audit.Ending`.

        Returns:
            As `add`.
        """
        known = ((self._times.get(redact(text.strip()), ""), how) for text, how in endings)
        return self._append([{"time": time, "ended": str(how)} for time, how in known if time])

    def _append(self, bodies: Sequence[dict[str, str]]) -> str:
        if not bodies or not self._kept:
            return ""
        # Escaped to ASCII: a lone surrogate of a hostile name must not lose the line.
        lines = "".join(json.dumps(body) + "\n" for body in bodies)
        try:
            if private_file.append(self.path, lines.encode("ascii")) > self._kept * BYTES_EACH:
                private_file.rewrite(self.path, self._cut_back)
        except OSError as error:
            if self._warned:
                return ""
            self._warned = True
            return f"The history is not kept: {self.path}: {error.strerror or error}."
        return ""

    def _cut_back(self, text: bytes) -> bytes:
        """The newest: half as many as are kept, each with its end, so that it isn't done often."""
        lines = text.splitlines(keepends=True)[-max(1, self._kept) :]
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
        endings: dict[str, str] = {}
        for line in reversed(lines):
            body = _parse(line)
            if "ended" in body and "time" in body:
                endings.setdefault(body["time"], body["ended"])
            elif {"time", "database", "statement"} <= body.keys():
                time, statement = body["time"], body["statement"]
                entry = Entry(time, body["database"], statement, endings.get(time, ""))
                found.setdefault(statement, entry)
            if len(found) == self._kept:
                break
        return tuple(found.values())


def _parse(line: bytes) -> dict[str, str]:
    """What a line says in words; nothing where it makes no sense."""
    try:
        body: Any = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    return {key: value for key, value in body.items() if isinstance(value, str)}
