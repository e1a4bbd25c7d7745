"""Spool: rows that were read and not yet asked for; beyond a megabyte they wait in a file.

The file is a temporary one without a name, readable by nobody else and gone with the process.
"""

from __future__ import annotations

import marshal
import tempfile
from collections import deque
from collections.abc import Sequence
from typing import IO

from rolebrowser.connection.protocol import Row

_IN_MEMORY = 1 << 20
_LENGTH = 8


class Spool:
    """First in, first out; rows go in by chunks and come out by pages.

    Attributes:
        rows: how many wait.
        size: bytes they take, roughly.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.size = 0
        self._ready: deque[Row] = deque()
        self._file: IO[bytes] | None = None
        self._read = self._write = 0

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows at the end. Raises OSError when the disk is full."""
        if self._file is None and self.size < _IN_MEMORY:
            self._ready.extend(rows)
            # The first row speaks for its chunk: measuring all of them costs more than it tells.
            self.size += len(rows) * sum(len(value or "") + 8 for value in rows[0])
        else:
            self._put_in_file(rows)
        self.rows += len(rows)

    def _put_in_file(self, rows: Sequence[Row]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
        frame = marshal.dumps(list(rows))
        self._file.seek(self._write)
        self._file.write(len(frame).to_bytes(_LENGTH, "big") + frame)
        self._write = self._file.tell()
        self.size += len(frame)

    def take(self, count: int) -> tuple[Row, ...]:
        """Up to `count` rows from the front."""
        while len(self._ready) < count and self._file is not None:
            self._load(self._file)
        taken = tuple(self._ready.popleft() for _ in range(min(count, len(self._ready))))
        self.rows -= len(taken)
        if not self.rows:
            self.size = 0
        return taken

    def _load(self, file: IO[bytes]) -> None:
        file.seek(self._read)
        length = int.from_bytes(file.read(_LENGTH), "big")
        self._ready.extend(marshal.loads(file.read(length)))
        self._read = file.tell()
        self.size = max(0, self.size - length)
        if self._read == self._write:
            self._close_file()

    def close(self) -> None:
        """Forget the rest."""
        self._ready.clear()
        self._close_file()
        self.rows = self.size = 0

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None
        self._read = self._write = 0

    def __del__(self) -> None:
        self._close_file()
