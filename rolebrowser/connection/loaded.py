"""Loaded: the rows of a result that one has seen so far, in the server's order or sorted."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from rolebrowser.cancel import Cancel
from rolebrowser.connection.protocol import Column, Page, Row, Value
from rolebrowser.connection.row_store import RowStore
from rolebrowser.frozen import dataclass

Place = tuple[int, int]
"""A cell: its row as shown and its column, from 0."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """How the first rows are sorted.

    Attributes:
        column: its place.
        count: rows that took part; those loaded later stand behind them, in the server's order.
    """

    column: int
    descending: bool
    count: int


class Loaded:
    """A result's loaded rows. Pages may be added while others read.

    Attributes:
        columns: of the result.
        more: the result has rows that aren't loaded.
        limit: rows that are loaded for a look at them; 0 = as many as there are.
        sorting: None = the server's order.
    """

    def __init__(
        self, columns: Sequence[Column] = (), page: Page | None = None, limit: int = 0
    ) -> None:
        self.columns = tuple(columns)
        self.more = page.more if page is not None else False
        self.limit = limit
        self.sorting: Sorting | None = None
        self._store = RowStore(page.rows if page is not None else ())
        self._order: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self._store)

    @property
    def limited(self) -> bool:
        """Whether there may be more rows than the limit lets in."""
        return self.more and self.limit > 0 and len(self) >= self.limit

    @property
    def room(self) -> int | None:
        """Rows up to the limit; None without one, or beyond it."""
        return self.limit - len(self) if 0 < self.limit > len(self) else None

    def append(self, page: Page) -> None:
        """Add the next page. Raises OSError when there is no room for it in a file."""
        self._store.extend(page.rows)
        self.more = page.more

    def row(self, place: int) -> Row:
        """The row shown at a place, from 0."""
        return self._store.row(self._order[place] if place < len(self._order) else place)

    def __iter__(self) -> Iterator[Row]:
        """As they are shown."""
        place = 0
        while place < len(self):
            yield self.row(place)
            place += 1

    def pages(self, size: int = 500) -> Iterator[tuple[Row, ...]]:
        """In the server's order, some at a time."""
        rows: list[Row] = []
        for row in self._store:
            rows.append(row)
            if len(rows) == size:
                yield tuple(rows)
                rows = []
        yield tuple(rows)

    # ── sorting ──────────────────────────────────────────────────────────────────────────────

    def sorted_by(self, column: int, *, descending: bool, cancel: Cancel) -> tuple[int, ...]:
        """The order of the rows by one column, for `take_order`; numbers as numbers.

        NULLs come last, and first when descending, as PostgreSQL sorts them; equal rows stay in the
        server's order. Takes 1 s for 300,000 rows. Raises Cancelled.
        """
        numeric = self.columns[column].numeric
        keys: list[tuple[int, Decimal | str]] = []
        for number, row in enumerate(self._store):
            if number % 1000 == 0:
                cancel.check()
            keys.append(_sort_key(row[column], numeric=numeric))
        return tuple(sorted(range(len(keys)), key=keys.__getitem__, reverse=descending))

    def take_order(self, order: Sequence[int], column: int, *, descending: bool) -> None:
        """Show the rows in an order that `sorted_by` gave."""
        self._order = array("I", order)
        self.sorting = Sorting(column, descending, len(order))

    def unsort(self) -> None:
        """Back to the server's order."""
        self._order, self.sorting = (), None

    # ── searching ────────────────────────────────────────────────────────────────────────────

    def find(self, pattern: str, after: Place, *, backwards: bool, cancel: Cancel) -> Place | None:
        """The next cell that holds a text, round the end of what is loaded; None when none does.

        Args:
            pattern: as `matches` takes it.
            after: the cell to begin behind (or before); it comes last.

        Raises:
            Cancelled: `cancel` was set.
        """
        count, step = len(self), -1 if backwards else 1
        for distance in range(count + 1 if count else 0):
            if distance % 1000 == 0:
                cancel.check()
            place = (after[0] + step * distance) % count
            hits = [n for n, value in enumerate(self.row(place)) if matches(value, pattern)]
            if distance == 0:
                hits = [n for n in hits if (n < after[1] if backwards else n > after[1])]
            if hits:
                return place, hits[-1 if backwards else 0]
        return None

    def close(self) -> None:
        """Forget the rows."""
        self.unsort()
        self._store.close()


def matches(value: Value, pattern: str) -> bool:
    """Whether a value holds a text; capitals matter when the pattern has some. NULL never does."""
    if not value or not pattern:
        return False
    if pattern.islower() or pattern.lower() == pattern:
        return pattern in value.lower()
    return pattern in value


def _sort_key(value: Value, *, numeric: bool) -> tuple[int, Decimal | str]:
    """Numbers before words, NaN above all numbers (as PostgreSQL has it), NULL above everything."""
    if value is None:
        return 4, ""
    if not numeric:
        return 1, value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return 3, value
    return (2, "") if number.is_nan() else (1, number)
