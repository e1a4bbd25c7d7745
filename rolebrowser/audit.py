"""The audit log: one JSON line for each statement run, in the state directory, mode 0600.

For the person themselves and whoever asks them later what was done: it lies on their own disk, and
they may delete it, so it proves nothing against them. Secrets are redacted before they get here.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from rolebrowser import private_file
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import redact

FILE = "audit.jsonl"


class Ending(StrEnum):
    """How a statement ended."""

    OK = "ok"
    ERROR = "error"
    """The server refused it."""
    NOT_SENT = "not sent"
    """rolebrowser kept it back: the mode, a person's no, or what failed before it."""
    CANCELLED = "cancelled"
    LOST = "connection lost"
    """It may have run or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; its fields are the keys.

    Attributes:
        time: when the statement was given, ISO 8601 UTC.
        identity: ARN of the AWS identity; empty for a plain URL.
        database: RDS's id of the database, or the host of a plain URL.
        dbname, user: the login; the user as the server named it.
        mode: "read-only" or "read-write".
        statement: redacted.
        rows: affected or returned; None when that isn't known (it failed).
        complete: False when reading stopped before the result's end, after `rows` rows.
        seconds: until the first page.
        outcome: an `Ending`.
        error: the reason when it isn't "ok", redacted.
    """

    time: str
    identity: str
    database: str
    dbname: str
    user: str
    mode: str
    statement: str
    rows: int | None
    complete: bool
    seconds: float
    outcome: Ending
    error: str = ""


class AuditLog:
    """The log of one state directory. Any thread, any number of processes at once."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE

    def append(self, entry: Entry) -> None:
        """Add a line, whole or not at all.

        Raises OSError: no room, no permission, no such directory to be made.
        """
        fields = asdict(entry) | {
            "statement": redact(entry.statement),
            "error": redact(entry.error),
        }
        # Escaped to ASCII: a lone surrogate of a hostile name must not lose the line.
        line = (json.dumps(fields) + "\n").encode("ascii")
        private_file.append(self.path, line)


def utc(now: datetime) -> str:
    """A time as the log writes it."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
