"""Printing: one JSON array, or a table for people. Data on stdout, everything else on stderr."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TextIO

import click

from rolebrowser.cli import folding
from rolebrowser.safetext import clean

Record = Mapping[str, object]


def iso(when: datetime | None) -> str | None:
    """A time as ISO 8601 UTC, to the second; None stays None."""
    if when is None:
        return None
    return when.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def records(
    rows: Sequence[Record], columns: Sequence[str], *, as_json: bool, empty: str = ""
) -> None:
    """Print rows.

    Args:
        columns: the keys to show in a table; JSON has every key of the rows. On a terminal that
            is narrower long cells are folded; a pipe gets each row as one line.
        empty: a sentence for people in place of a table without rows, on stderr.
    """
    if as_json:
        click.echo(json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    if not rows and empty:
        click.echo(clean(empty, keep="\n"), err=True)
        return
    table = [[_text(row.get(column)) for column in columns] for row in rows]
    heading = [column.upper().replace("_", " ") for column in columns]
    seen = sys.stdout.isatty()
    wide = shutil.get_terminal_size().columns if seen else None
    for line in folding.table([heading, *table], wide):
        click.echo(line)


def text(output: str, file: TextIO | None = None) -> None:
    """Print ready-made text: as it is into a pipe or file, cleaned on a terminal."""
    plain = file is None and sys.stdout.isatty()
    click.echo(clean(output, keep="\n") if plain else output, nl=False, file=file)


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return clean("; ".join(str(each) for each in value)) or "-"
    return clean(str(value))


def csv_line(values: Iterable[object]) -> str:
    """One line of CSV (RFC 4180, with LF)."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
