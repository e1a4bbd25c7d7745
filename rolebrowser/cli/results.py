"""Printing what statements give, as psql prints it: tables, CSV, JSON, and its complaints.

Into a pipe or a file go the true values, for tables psql's bytes: a program reads them, and what it
was given is what the server said. On a terminal everything is cleaned (safetext.py), tables before
they are laid out. CSV is COPY's rather than psql's, so that '' isn't taken for NULL.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO

import click

from rolebrowser.cli import output
from rolebrowser.connection import encode, psql, psql_file
from rolebrowser.connection.pointed import pointed
from rolebrowser.connection.protocol import Column, Outcome, Row
from rolebrowser.errors import RolebrowserError, StatementError
from rolebrowser.safetext import clean, redact

Rows = tuple[Row, ...]


@dataclass
class Sink:
    """Where results go, and how they look; a script changes it as it runs.

    Attributes:
        form: "csv", "json", or None for psql's tables.
        file: `\\o FILE`; None = stdout.
        records: `\\x`: each row as a record.
        auto: `\\x auto`: records where a table would be wider than the terminal.
        null: `\\pset null`: what stands for NULL in tables and CSV.
    """

    form: str | None = None
    file: TextIO | None = None
    records: bool = False
    auto: bool = False
    null: str = ""

    @property
    def screen(self) -> bool:
        """Results are seen by a person: what moves a terminal's cursor is made visible."""
        return self.file is None and sys.stdout.isatty()

    def text(self, text: str) -> None:
        """Ready-made text."""
        output.text(text, self.file)

    def bytes(self) -> BinaryIO:
        """Where bytes go that are to be written as they are; what was written before is ahead."""
        file = self.file or sys.stdout
        file.flush()
        return file.buffer  # type: ignore[attr-defined]

    def table(self, columns: Sequence[Column], rows: Sequence[Row], title: str = "") -> str:
        """Rows in psql's layout."""
        if self.screen:
            columns, rows = psql.visible_columns(columns), psql.visible_rows(rows)
        if self.records:
            return psql.expanded(columns, rows, title=title, null=self.null)
        table = psql.aligned(columns, rows, title=title, null=self.null)
        if self.auto and self.screen:
            width = shutil.get_terminal_size().columns
            if max(map(len, table.split("\n"))) > width:
                return psql.expanded(columns, rows, title=title, null=self.null)
        return table


def show(outcome: Outcome, pages: Iterable[Rows], sink: Sink) -> int:
    """Print an outcome, its notices on stderr.

    Args:
        pages: all of its rows, the first page included; read as they are printed.

    Returns:
        How many rows there were.
    """
    counted = _Counted(pages)
    _show(outcome, counted, sink)
    return counted.rows


class _Counted:
    def __init__(self, pages: Iterable[Rows]) -> None:
        self._pages = pages
        self.rows = 0

    def __iter__(self) -> Iterator[Rows]:
        for page in self._pages:
            self.rows += len(page)
            yield page


def _show(outcome: Outcome, pages: Iterable[Rows], sink: Sink) -> None:
    notices(outcome)
    if sink.form == "json":
        _encoded(encode.Form.JSON, outcome.columns, pages, sink)
    elif sink.form == "csv":
        _csv(outcome, pages, sink)
    elif outcome.text:
        sink.text((sink.screen and outcome.shown) or outcome.text)
    elif outcome.columns:
        _table(outcome, pages, sink)
    elif outcome.status:
        sink.text(f"{outcome.status}\n")


def notices(outcome: Outcome) -> None:
    """What the server sent along, on stderr."""
    for notice in outcome.notices:
        click.echo(clean(f"{notice.severity}:  {notice.text}", keep="\n"), err=True)


def complain(error: RolebrowserError, statement: str) -> None:
    """An error on stderr, in psql's words where the server spoke."""
    severity = error.severity if isinstance(error, StatementError) else "ERROR"
    position = error.position if isinstance(error, StatementError) else None
    # As in psql, what the server never saw has no severity.
    ours = isinstance(error, StatementError) and not error.code
    parts = [
        error.what if ours else f"{severity}:  {error.what}",
        *pointed(statement, position),
        error.why,
        error.fix,
    ]
    text = "\n".join(part for part in parts if part)
    click.echo(clean(redact(text), keep="\n"), err=True)


def _table(outcome: Outcome, pages: Iterable[Rows], sink: Sink) -> None:
    """psql's table; held where it must be seen whole first."""
    if sink.records or sink.auto or outcome.title:
        rows = [row for page in pages for row in page]
        sink.text(sink.table(outcome.columns, rows, outcome.title))
        return
    if sink.screen:
        columns = psql.visible_columns(outcome.columns)
        pages = map(psql.visible_rows, pages)
        psql_file.aligned(sink.text, columns, pages, null=sink.null)
        return
    psql_file.aligned(sink.text, outcome.columns, pages, null=sink.null)


def _csv(outcome: Outcome, pages: Iterable[Rows], sink: Sink) -> None:
    if not outcome.columns:
        # psql prints the tag among the data; a script that reads CSV is better off without.
        click.echo(outcome.status, err=True)
        return
    _encoded(encode.Form.CSV, outcome.columns, pages, sink)


def _encoded(
    form: encode.Form, columns: Sequence[Column], pages: Iterable[Rows], sink: Sink
) -> None:
    encoder = encode.encoder(form, columns, null=sink.null)
    sink.text(encoder.head())
    for rows in pages:
        sink.text(encoder.body(rows))
    sink.text(encoder.foot())
