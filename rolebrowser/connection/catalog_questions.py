"""What has to be asked to know a server's names, in small pieces. Pure.

A generator per engine: it yields a `Question` and is sent the rows, or nothing where the user may
not ask. Each question is answered in a few milliseconds, however many names there are: the next
piece begins where the last one ended, by an index (PostgreSQL) or table by table (MySQL).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import groupby

from rolebrowser.connection import queries
from rolebrowser.connection.catalog import Attribute, Catalog, Function, Listing, Relation
from rolebrowser.connection.protocol import Row, ServerInfo, Value
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine

PIECE = 2_000
"""Rows of one answer."""
MOST_COLUMNS = 250_000
"""Columns kept; the tables read after that have none to offer."""
_TABLES_AT_A_TIME = 40


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and what is known before it is answered."""

    sql: str
    parameters: tuple[Value, ...]
    so_far: Catalog


Steps = Generator[Question, Sequence[Row], Catalog]


def steps(info: ServerInfo) -> Steps:
    """All questions of an engine; returns the whole catalog."""
    return _mysql() if info.engine is Engine.MYSQL else _postgres(info.version_number)


def path_steps(info: ServerInfo, known: Catalog) -> Steps:
    """Only where names without a schema are looked up: after SET search_path, or USE."""
    name = "mysql_catalog_path" if info.engine is Engine.MYSQL else "catalog_path"
    rows = yield Question(queries.sql(name, info.version_number), (), known)
    path = _first(rows)
    return replace(
        known,
        path=path,
        relations=Listing(known.relations.items, path),
        functions=Listing(known.functions.items, path),
    )


def _first(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row[0] for row in rows if row[0])


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────

_RELATIONS = {
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
    "S": "sequence",
}
_FUNCTIONS = {"p": "procedure", "a": "aggregate", "w": "window function"}


def _postgres(version: int) -> Steps:
    catalog = Catalog(Engine.POSTGRES)

    def ask(name: str, *parameters: Value) -> Generator[Question, Sequence[Row], Sequence[Row]]:
        return (yield Question(queries.sql(f"catalog_{name}", version), parameters, catalog))

    def pages(name: str, *start: str) -> Generator[Question, Sequence[Row], list[Row]]:
        rows: list[Row] = []
        key: tuple[Value, ...] = start
        while piece := (yield from ask(name, *key, str(PIECE))):
            rows += piece
            key = piece[-1][: len(start)]
            if len(piece) < PIECE:
                break
        return rows

    path = _first((yield from ask("path")))
    catalog = replace(catalog, path=path, schemas=_first((yield from ask("schemas"))))
    found = yield from pages("relations", "0")
    relations = {
        oid: Relation(schema, name, _RELATIONS.get(kind, "table"))
        for oid, schema, name, kind in map(_strings, found)
    }
    catalog = replace(catalog, relations=Listing(relations.values(), path))
    found = yield from pages("functions", "0")
    functions = {
        (schema, name): Function(schema, name, _FUNCTIONS.get(kind, "function"), arguments)
        for _, schema, name, kind, arguments in map(_strings, found)
    }
    catalog = replace(catalog, functions=Listing(functions.values(), path))
    catalog = replace(catalog, roles=_first((yield from pages("roles", ""))))
    catalog = replace(catalog, databases=_first((yield from ask("databases"))))

    key: tuple[Value, ...] = ("0", "0")
    count = 0
    while piece := (yield from ask("columns", *key, str(PIECE))):
        catalog = _with_columns(
            catalog,
            [
                (relations[oid], Attribute(name, kind))
                for oid, _, name, kind in map(_strings, piece)
                if oid in relations
            ],
        )
        key = piece[-1][:2]
        count += len(piece)
        if len(piece) < PIECE or count >= MOST_COLUMNS:
            break
    return catalog


def _strings(row: Row) -> tuple[str, ...]:
    return tuple(value or "" for value in row)


def _with_columns(catalog: Catalog, found: Sequence[tuple[Relation, Attribute]]) -> Catalog:
    """The catalog with more columns; those of one relation stand together, in their order."""
    columns = dict(catalog.columns)
    for relation, group in groupby(found, key=lambda pair: pair[0]):
        place = (relation.schema, relation.name)
        columns[place] = columns.get(place, ()) + tuple(attribute for _, attribute in group)
    return replace(catalog, columns=columns)


# ── MySQL and MariaDB ────────────────────────────────────────────────────────────────────────


def _mysql() -> Steps:
    catalog = Catalog(Engine.MYSQL)

    def ask(name: str, *parameters: Value) -> Generator[Question, Sequence[Row], Sequence[Row]]:
        return (yield Question(queries.sql(f"mysql_catalog_{name}"), parameters, catalog))

    path = _first((yield from ask("path")))
    schemas = _first((yield from ask("schemas")))
    catalog = replace(catalog, path=path, schemas=schemas, databases=schemas)
    relations: list[Relation] = []
    # Where the person is first.
    for schema in sorted(schemas, key=lambda name: name not in path):
        after = ""
        while piece := (yield from ask("relations", schema, after)):
            relations += [
                Relation(schema, name, "view" if "VIEW" in kind else "table")
                for name, kind in map(_strings, piece)
            ]
            after = piece[-1][0] or ""
        catalog = replace(catalog, relations=Listing(relations, path))
    found = yield from ask("functions")
    functions = [
        Function(schema, name, kind.lower()) for schema, name, kind in map(_strings, found)
    ]
    functions += [Function("", name) for name in _first((yield from ask("builtins")))]
    catalog = replace(catalog, functions=Listing(functions, path))
    users = [f"{user}@{host}" for user, host in map(_strings, (yield from ask("users"))) if user]
    roles = [f"{role}@" for role in _first((yield from ask("roles")))]
    catalog = replace(catalog, roles=tuple(sorted({*users, *roles})))

    tables = catalog.relations.items
    _, _, select = queries.sql("mysql_catalog_columns").strip().partition("\n")
    count = 0
    for first in range(0, len(tables), _TABLES_AT_A_TIME):
        some = tables[first : first + _TABLES_AT_A_TIME]
        sql = "\nUNION ALL\n".join([select] * len(some))
        names = tuple(part for relation in some for part in relation[:2])
        rows = yield Question(sql, names, catalog)
        catalog = _with_columns(catalog, _mysql_columns(rows))
        count += len(rows)
        if count >= MOST_COLUMNS:
            break
    return catalog


def _mysql_columns(rows: Sequence[Row]) -> list[tuple[Relation, Attribute]]:
    """In the tables' own order, which UNION does not promise."""
    ordered = sorted((_strings(row) for row in rows), key=lambda row: (row[:2], int(row[2])))
    return [
        (Relation(schema, table), Attribute(name, kind)) for schema, table, _, name, kind in ordered
    ]
