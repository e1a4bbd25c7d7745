"""RowFile: rows in a temporary file, in numbered groups.

The file has no name, is readable by nobody else and gone with the process.
"""

from __future__ import annotations

import marshal
import os
import tempfile
from array import array
from collections.abc import Sequence
from typing import IO

from rolebrowser.connection.protocol import Row

_BUFFERED = 256 << 10
_CELL_BYTES = 57
"""Of a str besides its characters (CPython: 49), and of the tuple's pointer to it."""


def weight(rows: Sequence[Row]) -> int:
    """Bytes the rows take in memory, roughly: the first speaks for all of them.

    Measuring each costs more than it tells.
    """
    return len(rows) * sum(len(value or "") + _CELL_BYTES for value in rows[0]) if rows else 0


class RowFile:
    """Groups go in at the end and come out by their number, from 0."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        self._ends = array("Q", [0])
        self._buffer = bytearray()
        self._written = 0

    def __len__(self) -> int:
        return len(self._ends) - 1

    def size(self, number: int) -> int:
        """Bytes of a group in the file."""
        return self._ends[number + 1] - self._ends[number]

    def put(self, rows: Sequence[Row]) -> None:
        """Add a group. Raises OSError when the disk is full; what was in there stays readable."""
        frame = marshal.dumps(list(rows))
        if len(self._buffer) + len(frame) > _BUFFERED:
            self._flush()
        self._buffer += frame
        self._ends.append(self._ends[-1] + len(frame))

    def get(self, number: int) -> list[Row]:
        """A group."""
        start, end = self._ends[number], self._ends[number + 1]
        if start >= self._written:
            return marshal.loads(self._buffer[start - self._written : end - self._written])
        return marshal.loads(os.pread(self._file.fileno(), end - start, start))

    def close(self) -> None:
        """Forget all of them."""
        self._file.close()
        self._buffer.clear()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def _flush(self) -> None:
        # Always at the end: a write that failed midway leaves nothing that would be read.
        os.lseek(self._file.fileno(), self._written, os.SEEK_SET)
        view = memoryview(self._buffer)
        done = 0
        while done < len(view):
            done += self._file.write(view[done:]) or 0
        view.release()
        self._written += done
        self._buffer.clear()
