"""Writing results as psql prints them, of any number of rows: for `\\o FILE` and `\\g FILE`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rolebrowser.connection import psql
from rolebrowser.connection.protocol import Column, Outcome, Row
from rolebrowser.connection.spool import Spool

_AT_ONCE = 500


def aligned(
    write: Callable[[str], object],
    columns: Sequence[Column],
    pages: Iterable[Sequence[Row]],
    *,
    null: str = "",
) -> int:
    """psql's table: its widths are known at the end only, so the rows wait in a spool.

    Args:
        null: what stands for NULL.

    Returns:
        How many rows there were. Raises whatever `write` and `pages` raise, and OSError.
    """
    table, spool, count = psql.Aligned(columns, null=null), Spool(), 0
    for rows in pages:
        if rows:
            table.measure(rows)
            spool.put(rows)
            count += len(rows)
    write(table.head())
    while rows := spool.take(_AT_ONCE):
        write(table.body(rows))
    write(table.foot())
    return count


def write(
    write: Callable[[str], object],
    outcome: Outcome,
    pages: Iterable[Sequence[Row]],
    *,
    records: bool = False,
    null: str = "",
) -> int:
    """Whatever a statement gave: its text, its rows, or its command tag.

    Args:
        pages: all of its rows.
        records: as `\\x` shows them; they are then held, for psql makes all equally wide.
        null: what stands for NULL.

    Returns:
        How many rows there were. Raises as `aligned`.
    """
    if outcome.text or not outcome.columns:
        write(outcome.text or f"{outcome.status}\n")
        return len(outcome.page.rows)
    if not records:
        return aligned(write, outcome.columns, pages, null=null)
    rows = [row for page in pages for row in page]
    write(psql.expanded(outcome.columns, rows, null=null))
    return len(rows)
