"""`rolebrowser grants --report`: the whole picture in a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rolebrowser.errors import RolebrowserError
from rolebrowser.safetext import clean, redact

if TYPE_CHECKING:
    from rolebrowser.grants.report import Report
    from rolebrowser.grants.survey import Survey


def _writer(path: Path) -> Callable[[Report], Iterator[str]] | None:
    from rolebrowser.grants import report

    suffix = path.suffix.lower()
    if suffix in (".html", ".htm"):
        return report.html
    return report.markdown if suffix in (".md", ".markdown") else None


def check(name: str) -> None:
    """Before anything is asked of anybody: can that be written?

    Raises:
        click.UsageError: neither Markdown nor HTML.
        RolebrowserError: the directory isn't there.
    """
    path = Path(name)
    if _writer(path) is None:
        raise click.UsageError(f"--report {name}: name it .md or .html; that decides the form.")
    if not path.absolute().parent.is_dir():
        raise RolebrowserError(
            f"The report can't be written to {name}.",
            why="The directory isn't there.",
            fix="Make it first, or name another.",
        )


def write(
    survey: Survey,
    name: str,
    *,
    target: str,
    roles: tuple[str, ...],
    tables: tuple[str, ...],
    system: bool,
) -> None:
    """Write the report; the file is whole or isn't there, and its owner's alone.

    Raises:
        RolebrowserError: a role or table isn't there, or the file can't be written.
    """
    from rolebrowser.grants.listing import rows
    from rolebrowser.grants.report import Report

    path = Path(name)
    found = list(rows(survey.records(roles, tables, system=system, brief=True)))
    told = {row.role for row in found}
    everybody = survey.roles(system=system)
    narrowed = [f"role {each}" for each in roles] + [f"table {each}" for each in tables]
    report = Report(
        where=survey.where,
        target=redact(target),
        user=survey.user,
        when=datetime.now(UTC),
        chosen=", ".join(narrowed),
        notes=survey.notes,
        roles=[each for each in everybody if not roles or each[0] in told],
        rows=found,
    )
    writer = _writer(path)
    assert writer is not None
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(number, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(writer(report))
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise RolebrowserError(
            f"The report can't be written to {name}.", why=str(error.strerror)
        ) from None
    told = f"Wrote {name}. Only you can read it (0600): it names every role and right."
    click.echo(clean(told), err=True)
