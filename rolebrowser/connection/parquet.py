"""ParquetWriter: rows into Parquet, by pyarrow where it is installed; it is no dependency.

Integers, floating-point numbers and booleans are typed; everything else is the server's text, for
its range is wider than Parquet's: numeric without a scale, infinite timestamps.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import IO, Any

from rolebrowser.connection.encode import unique
from rolebrowser.connection.protocol import Column, Row, Value

_GROUP_ROWS = 20_000

_TYPES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "int2": ("int16", int),
    "int4": ("int32", int),
    "int8": ("int64", int),
    "oid": ("uint32", int),
    "tinyint": ("int64", int),
    "smallint": ("int64", int),
    "mediumint": ("int64", int),
    "int": ("int64", int),
    "float4": ("float32", float),
    "float8": ("float64", float),
    "float": ("float64", float),
    "double": ("float64", float),
    "bool": ("bool_", lambda value: value == "t"),
}
"""pyarrow's type and how to read the server's text, by the server's type. MySQL's `bigint` may be
unsigned, which the column doesn't tell: it stays text."""


class ParquetWriter:
    """An `export.RowWriter`."""

    def __init__(self, columns: Sequence[Column], file: IO[bytes]) -> None:
        self._pyarrow = importlib.import_module("pyarrow")
        self._read = [_TYPES.get(column.type_name, ("string", str)) for column in columns]
        fields = [
            (name, getattr(self._pyarrow, kind)())
            for name, (kind, _) in zip(unique(columns), self._read, strict=True)
        ]
        self._schema = self._pyarrow.schema(fields)
        parquet = importlib.import_module("pyarrow.parquet")
        self._writer = parquet.ParquetWriter(file, self._schema)
        self._rows: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Some rows; a group of them is written at a time."""
        self._rows += rows
        if len(self._rows) >= _GROUP_ROWS:
            self._write_group()

    def finish(self) -> None:
        """The last group, and the footer."""
        if self._rows:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        columns = zip(*self._rows, strict=True)
        arrays = [
            self._pyarrow.array([_read(read, value) for value in values], field.type)
            for values, (_, read), field in zip(columns, self._read, self._schema, strict=True)
        ]
        self._writer.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []


def _read(read: Callable[[str], Any], value: Value) -> Any:
    return None if value is None else read(value)
