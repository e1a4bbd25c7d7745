"""Printing what statements give, as psql prints it: tables, CSV, JSON, and its complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from rolebrowser.cli import output
from rolebrowser.connection import encode, psql
from rolebrowser.connection.protocol import Column, Outcome, Row
from rolebrowser.connection.psql import char_width
from rolebrowser.connection.spool import Spool
from rolebrowser.errors import RolebrowserError, StatementError
from rolebrowser.safetext import clean, redact

Rows = tuple[Row, ...]

_AT_ONCE = 500
_SHOWN = 60
"""Columns of a statement's line that a complaint quotes (libpq's DISPLAY_SIZE)."""


def show(outcome: Outcome, pages: Iterable[Rows], form: str | None) -> None:
    """Print an outcome on stdout, its notices on stderr.

    Args:
        pages: all of its rows, the first page included; read as they are printed.
        form: "csv", "json", or None for psql's aligned table.
    """
    for notice in outcome.notices:
        click.echo(clean(f"{notice.severity}:  {notice.text}", keep="\n"), err=True)
    if form == "json":
        _json(outcome.columns, pages)
    elif form == "csv":
        _csv(outcome, pages)
    elif outcome.text:
        output.text(outcome.text)
    elif outcome.columns:
        _aligned(outcome.columns, pages)
    elif outcome.status:
        click.echo(outcome.status)


def complain(error: RolebrowserError, statement: str) -> None:
    """An error on stderr, in psql's words where the server spoke."""
    severity = error.severity if isinstance(error, StatementError) else "ERROR"
    position = error.position if isinstance(error, StatementError) else None
    parts = [f"{severity}:  {error.what}", *_pointed(statement, position), error.why, error.fix]
    text = "\n".join(part for part in parts if part)
    click.echo(clean(redact(text), keep="\n"), err=True)


def _pointed(statement: str, position: int | None) -> tuple[str, ...]:
    """The line of a statement in which the server saw the error, and a caret under the place.

    Args:
        position: 1-based character offset into the statement.
    """
    if position is None or not 1 <= position <= len(statement) + 1:
        return ()
    before = statement[: position - 1]
    number = before.count("\n") + 1
    line = statement.split("\n")[number - 1].replace("\t", " ").rstrip("\r")
    place = len(before) - (before.rfind("\n") + 1)
    first = max(0, min(place - _SHOWN // 2, len(line) - _SHOWN))
    left = "..." if first else ""
    right = "..." if len(line) > first + _SHOWN else ""
    quoted = f"LINE {number}: {left}{line[first : first + _SHOWN]}{right}"
    under = f"LINE {number}: {left}{line[first:place]}"
    return quoted, " " * sum(max(0, char_width(char)) for char in under) + "^"


def _aligned(columns: Sequence[Column], pages: Iterable[Rows]) -> None:
    """psql's table: its widths are known at the end only, so the rows wait in a spool."""
    table, spool = psql.Aligned(columns), Spool()
    for rows in pages:
        if rows:
            table.measure(rows)
            spool.put(rows)
    output.text(table.head())
    while rows := spool.take(_AT_ONCE):
        output.text(table.body(rows))
    output.text(table.foot())


def _csv(outcome: Outcome, pages: Iterable[Rows]) -> None:
    if not outcome.columns:
        # psql prints the tag among the data; a script that reads CSV is better off without.
        click.echo(outcome.status, err=True)
        return
    click.echo(psql.csv_text([[column.name for column in outcome.columns]]), nl=False)
    for rows in pages:
        click.echo(psql.csv_text(rows), nl=False)


def _json(columns: Sequence[Column], pages: Iterable[Rows]) -> None:
    encoder = encode.encoder(encode.Form.JSON, columns)
    for rows in pages:
        click.echo(encoder.body(rows), nl=False)
    click.echo(encoder.foot(), nl=False)
