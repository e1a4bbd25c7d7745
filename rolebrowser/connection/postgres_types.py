"""TypeNames: what PostgreSQL calls a column's type; built-in ones known, others asked once."""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.connection.postgres_results import NUMERIC_OIDS
from rolebrowser.connection.protocol import Column, Row, Value

_QUESTION = "SELECT oid, typname FROM pg_catalog.pg_type WHERE oid = ANY (%s::pg_catalog.oid[])"

Fields = Sequence[tuple[str, int]]
"""Name and type oid of each column."""


class TypeNames:
    """Names by oid, remembered for a connection's life."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def missing(self, fields: Fields) -> set[int]:
        """The types among the fields that would have to be asked for."""
        return {oid for _, oid in fields if not self._name(oid)}

    def question(self, fields: Fields) -> tuple[str, tuple[Value, ...]]:
        """The query, with its parameters, whose rows `learn` takes."""
        oids = ",".join(str(oid) for oid in sorted(self.missing(fields)))
        return _QUESTION, ("{" + oids + "}",)

    def learn(self, rows: tuple[Row, ...]) -> None:
        """Remember what the server answered."""
        self._names |= {int(oid or 0): name or "" for oid, name in rows}

    def columns(self, fields: Fields) -> tuple[Column, ...]:
        """The columns of a result; a type not asked for yet has no name."""
        return tuple(Column(name, self._name(oid), oid in NUMERIC_OIDS) for name, oid in fields)

    def _name(self, oid: int) -> str:
        import psycopg

        if oid in self._names:
            return self._names[oid]
        known = psycopg.adapters.types.get(oid)
        if known is None:
            return ""
        return f"{known.name}[]" if known.array_oid == oid else known.name
