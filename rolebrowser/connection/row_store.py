"""RowStore: the rows of a result that were loaded, by their place; most of them in a file.

However many rows one scrolls through, memory stays flat: the first ones are kept as they are,
those beyond a few megabytes go to a `RowFile`, from where a small group is read back at a time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from rolebrowser.connection.protocol import Row
from rolebrowser.connection.row_file import RowFile, weight

_IN_MEMORY = 8 << 20
GROUP = 32
"""Rows read back at a time: few, for sorted rows lie far apart. 50 columns take 0.3 ms."""
_CACHED = 64
"""Groups kept after they were read back: more than a screen of sorted rows."""


class RowStore:
    """Grows at the end. May be used by several threads."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self._lock = threading.RLock()
        self._kept: list[Row] = []
        self._weight = 0
        self._file: RowFile | None = None
        self._last: list[Row] = []
        self._cache: OrderedDict[int, list[Row]] = OrderedDict()
        self.extend(rows)

    def __len__(self) -> int:
        with self._lock:
            in_file = GROUP * len(self._file) if self._file else 0
            return len(self._kept) + in_file + len(self._last)

    def extend(self, rows: Sequence[Row]) -> None:
        """Add rows at the end. Raises OSError when the disk is full: some are then missing."""
        with self._lock:
            if self._file is None and self._weight < _IN_MEMORY:
                self._kept.extend(rows)
                self._weight += weight(rows)
                return
            if self._file is None:
                self._file = RowFile()
            self._last.extend(rows)
            whole = len(self._last) - len(self._last) % GROUP
            for start in range(0, whole, GROUP):
                self._file.put(self._last[start : start + GROUP])
            del self._last[:whole]

    def row(self, place: int) -> Row:
        """A row by its place, from 0. Raises IndexError."""
        with self._lock:
            behind = place - len(self._kept)
            if behind < 0 or self._file is None:
                return self._kept[place]
            number, inside = divmod(behind, GROUP)
            if number == len(self._file):
                return self._last[inside]
            return self._group(self._file, number)[inside]

    def _group(self, file: RowFile, number: int) -> list[Row]:
        group = self._cache.get(number)
        if group is None:
            if number >= len(file):
                raise IndexError(number)
            group = self._cache[number] = file.get(number)
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(number)
        return group

    def __iter__(self) -> Iterator[Row]:
        """All of them in order; those added meanwhile too."""
        place = 0
        while place < len(self):
            yield self.row(place)
            place += 1

    def close(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept, self._last, self._weight = [], [], 0
            self._cache.clear()
            if self._file is not None:
                self._file.close()
            self._file = None
