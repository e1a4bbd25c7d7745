"""Results of MySQL and MariaDB, row by row as they come; values as the server's text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rolebrowser.connection.mysql_rows import buffered_rows
from rolebrowser.connection.protocol import Column, Row, Value

_NUMERIC = frozenset(
    ("DECIMAL", "TINY", "SHORT", "LONG", "FLOAT", "DOUBLE", "LONGLONG", "INT24", "YEAR",
     "NEWDECIMAL")
)  # fmt: skip
_NAMES = {
    "TINY": "tinyint",
    "SHORT": "smallint",
    "INT24": "mediumint",
    "LONG": "int",
    "LONGLONG": "bigint",
    "NEWDECIMAL": "decimal",
    "VAR_STRING": "varchar",
    "STRING": "char",
    "TINY_BLOB": "tinytext",
    "MEDIUM_BLOB": "mediumtext",
    "LONG_BLOB": "longtext",
    "BLOB": "text",
}


class OpenResult:
    """The result of the statement sent last.

    Args:
        cursor: PyMySQL's unbuffered cursor, executed.
        statement: what it executed.

    Attributes:
        done: the end was read; the connection is free again.
        taken: rows handed out.
        stopped: the server was asked to end it early.
    """

    def __init__(self, cursor: Any, statement: str) -> None:
        self._cursor = cursor
        self.statement = statement
        self.stopped = False
        self.columns = columns(cursor.description or ())
        self.done = not self.columns
        self.taken = 0

    def take(self, count: int) -> tuple[Row, ...]:
        """Up to `count` further rows; sets `done` at the end. Raises the driver's errors."""
        if self.done:
            return ()
        rows: list[Row] = []
        while len(rows) < count:
            # PyMySQL's own way takes what isn't a whole row yet, the end, or an error.
            if here := buffered_rows(self._cursor._result, count - len(rows)):
                rows += here
            elif (row := self._cursor.fetchone()) is not None:
                rows.append(tuple(map(_text, row)))
            else:
                break
        self.taken += len(rows)
        if len(rows) < count:
            self.finish()
        return tuple(rows)

    def finish(self) -> None:
        """Read what is left, further results of a CALL included, and throw it away."""
        self.done = True
        while self._cursor.nextset():
            pass
        self._cursor.close()

    @property
    def status(self) -> str:
        """How the mysql client says it went; only once `done`."""
        count = self.taken if self.columns else max(0, self._cursor.rowcount)
        rows = f"{count} row{'' if count == 1 else 's'}"
        if not self.columns:
            return f"Query OK, {rows} affected"
        return f"{rows} in set" if count else "Empty set"

    @property
    def rowcount(self) -> int:
        """Rows returned or affected; only once `done`."""
        return self.taken if self.columns else max(0, self._cursor.rowcount)


def columns(description: Iterable[Sequence[Any]]) -> tuple[Column, ...]:
    """Columns of a cursor's description (PEP 249)."""
    from pymysql.constants import FIELD_TYPE

    kinds = {value: name for name, value in vars(FIELD_TYPE).items() if name.isupper()}
    found: list[Column] = []
    for name, kind, *_ in description:
        word = kinds.get(kind, "")
        found.append(Column(str(name), _NAMES.get(word, word.lower()), word in _NUMERIC))
    return tuple(found)


def _text(value: Any) -> Value:
    """Bytes that aren't text as the mysql client shows them: 0x and hexadecimal digits."""
    return f"0x{value.hex().upper()}" if isinstance(value, bytes) else value
