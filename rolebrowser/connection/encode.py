"""Rows as text in the forms people paste and scripts read. Pure.

NULL is told from '' in every form but plain text, which has no word for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from rolebrowser.connection.csv_lines import csv_lines
from rolebrowser.connection.protocol import Column, Row, Value
from rolebrowser.target import Engine


class Form(StrEnum):
    """A form of rows as text."""

    TEXT = "text"
    """Tab-separated, without a heading."""
    CSV = "CSV"
    """As PostgreSQL's COPY … CSV HEADER writes it: NULL is empty, '' is "" in quotes. psql's own
    --csv writes nothing for either."""
    JSON = "JSON"
    """One array of objects (RFC 8259)."""
    JSON_LINES = "JSON Lines"
    """An object a line (jsonlines.org)."""
    INSERT = "SQL INSERT"
    MARKDOWN = "Markdown"


class Encoder(Protocol):
    """Writes one result: `head`, any number of `body`, `foot`; one use each."""

    def head(self) -> str:
        """What stands before the rows."""
        ...

    def body(self, rows: Iterable[Row]) -> str:
        """Some rows; those of an earlier call come before."""
        ...

    def foot(self) -> str:
        """What stands behind the rows."""
        ...


def encoder(
    form: Form,
    columns: Sequence[Column],
    *,
    table: str = "",
    engine: Engine = Engine.POSTGRES,
    null: str = "",
) -> Encoder:
    """An encoder for one result.

    Args:
        table: SQL INSERT's table, written as it is; empty = "table_name".
        engine: whose SQL the INSERTs are.
        null: what stands for NULL in CSV.
    """
    if form is Form.INSERT:
        return _Inserts(columns, table or "table_name", engine)
    if form is Form.CSV and null:
        return _Csv(columns, _field(null))
    return _ENCODERS[form](columns)


def encoded(
    form: Form,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    table: str = "",
    engine: Engine = Engine.POSTGRES,
) -> str:
    """Rows in one go; the arguments as `encoder`'s."""
    made = encoder(form, columns, table=table, engine=engine)
    return made.head() + made.body(rows) + made.foot()


class _Plain:
    """An encoder's two ends, for forms that need neither."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def head(self) -> str:
        return ""

    def foot(self) -> str:
        return ""


class _Text(_Plain):
    def body(self, rows: Iterable[Row]) -> str:
        return "".join("\t".join(value or "" for value in row) + "\n" for row in rows)


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────

_SPECIAL = re.compile(r'[",\r\n]')


class _Csv(_Plain):
    def __init__(self, columns: Sequence[Column], null: str = "") -> None:
        super().__init__(columns)
        self._null = null

    def head(self) -> str:
        return self.body([tuple(column.name for column in self._columns)])

    def body(self, rows: Iterable[Row]) -> str:
        field = _lone_field if len(self._columns) == 1 else _field
        if self._null:
            return csv_lines(rows, lambda value: self._null if value is None else field(value))
        return csv_lines(rows, field)


def _field(value: Value) -> str:
    """A field by the rules of CopyAttributeOutCSV (PostgreSQL, copyto.c)."""
    if value is None:
        return ""
    if not value or _SPECIAL.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value


def _lone_field(value: Value) -> str:
    # On a line of its own \. would be the end of the data.
    return '"\\."' if value == "\\." else _field(value)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
"""A number as JSON writes it (RFC 8259, section 6)."""
_NUMERIC = frozenset(
    (
        *("int2", "int4", "int8", "oid", "float4", "float8", "numeric"),
        *("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double"),
    )
)


class _JsonLines(_Plain):
    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        names = [json.dumps(name, ensure_ascii=False) for name in unique(columns)]
        self._cells = [
            (f"{name}: ", json_writer(column)) for name, column in zip(names, columns, strict=True)
        ]

    def _object(self, row: Row) -> str:
        cells = zip(self._cells, row, strict=True)
        return (
            "{"
            + ", ".join(
                name + ("null" if value is None else write(value)) for (name, write), value in cells
            )
            + "}"
        )

    def body(self, rows: Iterable[Row]) -> str:
        return "".join(self._object(row) + "\n" for row in rows)


class _Json(_JsonLines):
    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self._separator = "["

    def body(self, rows: Iterable[Row]) -> str:
        parts: list[str] = []
        for row in rows:
            parts.append(f"{self._separator}\n{self._object(row)}")
            self._separator = ","
        return "".join(parts)

    def foot(self) -> str:
        return "[]\n" if self._separator == "[" else "\n]\n"


def unique(columns: Sequence[Column]) -> list[str]:
    """Column names as keys of an object: a repeated one gets a number, so that none is lost."""
    names: dict[str, None] = {}
    for column in columns:
        name, count = column.name, 2
        while name in names:
            name, count = f"{column.name}_{count}", count + 1
        names[name] = None
    return list(names)


def json_value(column: Column, value: Value) -> str:
    """A cell as JSON text: numbers digit for digit, booleans, json as it is; the rest strings."""
    return "null" if value is None else json_writer(column)(value)


def json_writer(column: Column) -> Callable[[str], str]:
    """What writes a column's values but NULL as JSON text."""
    kind = column.type_name
    if kind == "bool":
        return _json_bool
    if kind in _NUMERIC:
        return _json_number
    return _json_json if kind in ("json", "jsonb") else _json_string


def _json_string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_bool(value: str) -> str:
    return {"t": "true", "f": "false"}.get(value) or _json_string(value)


def _json_number(value: str) -> str:
    return value if _NUMBER.fullmatch(value) else _json_string(value)


def _json_json(value: str) -> str:
    return value.replace("\n", " ").replace("\r", " ") if _is_json(value) else _json_string(value)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    # Python takes these words, JSON doesn't.
    return text.strip() not in ("NaN", "Infinity", "-Infinity")


# ── SQL ──────────────────────────────────────────────────────────────────────────────────────────


class _Inserts(_Plain):
    def __init__(self, columns: Sequence[Column], table: str, engine: Engine) -> None:
        super().__init__(columns)
        names = ", ".join(_identifier(column.name, engine) for column in columns)
        self._begin = f"INSERT INTO {table} ({names}) VALUES ("
        self._backslashes = engine is Engine.MYSQL

    def body(self, rows: Iterable[Row]) -> str:
        return "".join(
            self._begin + ", ".join(map(self._literal, self._columns, row)) + ");\n" for row in rows
        )

    def _literal(self, column: Column, value: Value) -> str:
        if value is None:
            return "NULL"
        if column.type_name in _NUMERIC and _NUMBER.fullmatch(value):
            return value
        if self._backslashes:
            value = value.replace("\\", "\\\\")
        return "'" + value.replace("'", "''") + "'"


def _identifier(name: str, engine: Engine) -> str:
    mark = "`" if engine is Engine.MYSQL else '"'
    return mark + name.replace(mark, mark * 2) + mark


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────


class _Markdown(_Plain):
    def head(self) -> str:
        rule = "|".join(" --: " if column.numeric else " --- " for column in self._columns)
        return self.body([tuple(column.name for column in self._columns)]) + f"|{rule}|\n"

    def body(self, rows: Iterable[Row]) -> str:
        return "".join(f"| {' | '.join(map(_markdown_cell, row))} |\n" for row in rows)


def _markdown_cell(value: Value) -> str:
    if value is None:
        return "*NULL*"
    text = value.replace("\\", "\\\\").replace("|", "\\|")
    return text.replace("\r\n", "<br>").replace("\n", "<br>")


_ENCODERS: Mapping[Form, Callable[[Sequence[Column]], Encoder]] = {
    Form.TEXT: _Text,
    Form.CSV: _Csv,
    Form.JSON: _Json,
    Form.JSON_LINES: _JsonLines,
    Form.MARKDOWN: _Markdown,
}
