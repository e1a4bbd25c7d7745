"""Printing: one JSON array, or a table for people. Data on stdout, everything else on stderr."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TextIO

import click

from rolebrowser.connection.psql import char_width
from rolebrowser.safetext import clean

Record = Mapping[str, object]


def iso(when: datetime | None) -> str | None:
    """A time as ISO 8601 UTC, to the second; None stays None."""
    if when is None:
        return None
    return when.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def records(rows: Sequence[Record], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows.

    Args:
        columns: the keys to show in a table; JSON has every key of the rows.
    """
    if as_json:
        click.echo(json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    table = [[_text(row.get(column)) for column in columns] for row in rows]
    widths = [
        max([len(column), *(_width(line[place]) for line in table)])
        for place, column in enumerate(columns)
    ]
    heading = [column.upper().replace("_", " ") for column in columns]
    for line in [heading, *table]:
        padded = [
            text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())


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


def _width(shown: str) -> int:
    return sum(max(0, char_width(char)) for char in shown)


def csv_line(values: Iterable[object]) -> str:
    """One line of CSV (RFC 4180, with LF)."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
