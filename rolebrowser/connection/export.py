"""Writing a whole result to a file: page by page as it comes, atomically, for its owner only.

Nothing but a page is ever held, so that the size of a result doesn't matter. For the terminal UI's
export and for `\\copy … TO`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from rolebrowser import private_file
from rolebrowser.cancel import Cancel
from rolebrowser.connection.encode import Encoder, Form, encoder
from rolebrowser.connection.loaded import Loaded
from rolebrowser.connection.protocol import Column, Connection, Outcome, Row
from rolebrowser.errors import Cancelled, ConfigError, StatementError

PARQUET = "Parquet"
FORMS: dict[str, Form | str] = {
    ".csv": Form.CSV,
    ".json": Form.JSON,
    ".jsonl": Form.JSON_LINES,
    ".ndjson": Form.JSON_LINES,
    ".sql": Form.INSERT,
    ".md": Form.MARKDOWN,
    ".txt": Form.TEXT,
    ".tsv": Form.TEXT,
    ".parquet": PARQUET,
}
"""The form of a file by its ending."""


class RowWriter(Protocol):
    """Writes rows into a binary file that somebody else opens and closes."""

    def write(self, rows: Sequence[Row]) -> None:
        """Some rows. Raises OSError."""
        ...

    def finish(self) -> None:
        """What stands behind the last row. Raises OSError."""
        ...


def form_of(path: Path) -> Form | str:
    """The form a file's ending asks for.

    Raises:
        ConfigError: an ending that means nothing here, or Parquet without pyarrow.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        known = " ".join(FORMS)
        raise ConfigError(
            f"{path.name!r} doesn't say in which form to write.", fix=f"End it in one of {known}"
        )
    if form == PARQUET and importlib.util.find_spec("pyarrow") is None:
        raise ConfigError(
            "Parquet needs pyarrow, which isn't installed.",
            fix="pip install pyarrow beside rolebrowser, or end the name in .csv or .jsonl.",
        )
    return form


def writer(form: Form | str, columns: Sequence[Column], file: IO[bytes]) -> RowWriter:
    """What writes one result in a form.

    Args:
        form: as `form_of` gives it.
    """
    if isinstance(form, Form):
        return _TextWriter(encoder(form, columns), file)
    from rolebrowser.connection.parquet import ParquetWriter

    return ParquetWriter(columns, file)


class _TextWriter:
    def __init__(self, form: Encoder, file: IO[bytes]) -> None:
        self._form = form
        self._file = file
        self._put(form.head())

    def write(self, rows: Sequence[Row]) -> None:
        self._put(self._form.body(rows))

    def finish(self) -> None:
        self._put(self._form.foot())

    def _put(self, text: str) -> None:
        self._file.write(text.encode(errors="backslashreplace"))


def pages(connection: Connection, outcome: Outcome) -> Iterator[tuple[Row, ...]]:
    """All rows of an outcome, its first page first, the others asked for as they are wanted.

    Raises as `Connection.more`.
    """
    page = outcome.page
    yield page.rows
    while page.more:
        page = connection.more(outcome.cursor).result()
        yield page.rows


def all_pages(
    connection: Connection, cursor: int, loaded: Loaded, cancel: Cancel, *, whole: bool = True
) -> Iterator[tuple[Row, ...]]:
    """All rows of a result that is partly loaded; the others are asked for, and loaded too.

    Nobody else may ask for its rows meanwhile.

    Args:
        whole: beyond the limit of what is loaded, too.

    Raises:
        Cancelled: `cancel` was set; what came until then is loaded.
        StatementError: there is no room for further rows, or as `Connection.more`.
    """
    for rows in loaded.pages():
        cancel.check()
        yield rows
    while loaded.more and (whole or not loaded.limited):
        page = connection.more(cursor, rows=None if whole else loaded.room).result()
        try:
            loaded.append(page)
        except OSError as error:
            raise StatementError(
                "The rows could not be kept.",
                why=error.strerror or str(error),
                fix="Make room in the temporary directory.",
            ) from None
        cancel.check()
        yield page.rows


def export(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Row]],
    *,
    report: Callable[[int, int], None] = lambda rows, size: None,
    cancel: Cancel | None = None,
) -> int:
    """Write a result to a file in the form of its ending; the number of rows.

    A file of that name is replaced once everything is written, and left alone otherwise.

    Args:
        rows: page by page, all of them.
        report: called after each page with the rows and bytes written.

    Raises:
        ConfigError: the ending means nothing, the directory isn't there, the disk is full …
        Cancelled: `cancel` was set.
        Whatever `rows` raises.
    """
    form = form_of(path)
    count = 0
    try:
        with private_file.replaced(path) as file:
            made = writer(form, columns, file)
            for page in rows:
                if cancel is not None and cancel.is_set:
                    raise Cancelled("The export was cancelled; nothing was written.")
                made.write(page)
                count += len(page)
                report(count, file.tell())
            made.finish()
    except OSError as error:
        raise ConfigError(f"{path} can't be written.", why=error.strerror or str(error)) from None
    return count
