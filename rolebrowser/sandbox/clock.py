"""The sandbox's own time: the machine's, moved by tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """UTC now, plus an offset that tests may change. Thread-safe by being one attribute."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time forward (or back, when negative) by `seconds`."""
        self._offset += timedelta(seconds=seconds)
