"""Spool: rows that were read and not yet asked for; beyond some megabytes they wait in a file."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from rolebrowser.connection.protocol import Row
from rolebrowser.connection.row_file import RowFile, weight

_IN_MEMORY = 4 << 20


class Spool:
    """First in, first out; rows go in by chunks and come out by pages.

    Attributes:
        rows: how many wait.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._ready: deque[Row] = deque()
        self._ready_size = 0
        self._file: RowFile | None = None
        self._file_size = 0
        self._read = 0

    @property
    def size(self) -> int:
        """Bytes that the waiting rows take, roughly."""
        return self._ready_size + self._file_size

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows at the end. Raises OSError when the disk is full."""
        if self._file is None and self._ready_size < _IN_MEMORY:
            self._make_ready(rows)
        else:
            self._file = self._file or RowFile()
            self._file.put(rows)
            self._file_size += self._file.size(len(self._file) - 1)
        self.rows += len(rows)

    def take(self, count: int) -> tuple[Row, ...]:
        """Up to `count` rows from the front."""
        while len(self._ready) < count and self._file is not None:
            self._load(self._file)
        next_row = self._ready.popleft
        taken = tuple([next_row() for _ in range(min(count, len(self._ready)))])
        self.rows -= len(taken)
        # Both weights are guesses: they agree only when nothing is left.
        self._ready_size = max(0, self._ready_size - weight(taken)) if self._ready else 0
        return taken

    def _load(self, file: RowFile) -> None:
        self._make_ready(file.get(self._read))
        self._file_size -= file.size(self._read)
        self._read += 1
        if self._read == len(file):
            self._close_file()

    def _make_ready(self, rows: Sequence[Row]) -> None:
        self._ready.extend(rows)
        self._ready_size += weight(rows)

    def close(self) -> None:
        """Forget the rest."""
        self._ready.clear()
        self._close_file()
        self.rows = self._ready_size = 0

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None
        self._read = self._file_size = 0

    def __del__(self) -> None:
        self._close_file()
