"""`\\d NAME`: one relation in full, as psql 18 prints it (its describeOneTableDetails). Pure.

A generator like those of describe.py: it yields SQL (sql/d_*.sql) and is sent the rows. What stands
below the columns is in `describe_footers.py`.
"""

from __future__ import annotations

from collections.abc import Generator

from rolebrowser.connection import queries
from rolebrowser.connection.describe_footers import footers
from rolebrowser.connection.protocol import Column, Row, ServerInfo
from rolebrowser.frozen import dataclass

Describing = Generator[str, tuple[Row, ...], "Described | None"]
_STORAGE = {"p": "plain", "m": "main", "x": "extended", "e": "external"}
_COMPRESSION = {"p": "pglz", "l": "lz4", "": ""}
_WORDS = {
    "r": "Table",
    "v": "View",
    "m": "Materialized view",
    "i": "Index",
    "I": "Partitioned index",
    "t": "TOAST table",
    "c": "Composite type",
    "f": "Foreign table",
    "p": "Partitioned table",
    "S": "Sequence",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A row of sql/d_relation.sql, with the relation's name.

    Attributes:
        kind: pg_class.relkind.
        verbose: `\\d+`.
        version: the server's number.
    """

    oid: str
    schema: str
    name: str
    kind: str
    has_indexes: bool
    has_rules: bool
    has_triggers: bool
    row_security: bool
    forced: bool
    partition: bool
    options: str
    tablespace: str
    of_type: str
    persistence: str
    replica_identity: str
    access_method: str
    has_checks: bool
    verbose: bool
    version: int

    def sql(self, name: str) -> str:
        """The text of a query about this relation."""
        return queries.sql(f"d_{name}", self.version).replace(":oid", self.oid)


@dataclass(frozen=True, slots=True)
class Described:
    """What is printed of one relation.

    Attributes:
        flat: psql lays it out as a table even where records were asked for.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footer: str
    flat: bool = True


def describe(found: Row, info: ServerInfo, *, verbose: bool) -> Describing:
    """Describe a relation of sql/d_lookup.sql; returns a Described, or None when it is gone."""
    oid, schema, name = (value or "" for value in found)
    sql = queries.sql("d_relation", info.version_number).replace(":oid", oid)
    rows = yield sql
    if not rows:
        return None
    relation = _relation((oid, schema, name), rows[0], info, verbose=verbose)
    if relation.kind == "S":
        return (yield from _sequence(relation))
    columns = yield relation.sql("columns")
    shown = _shown(relation)
    footer = yield from footers(relation)
    return Described(
        _title(relation),
        tuple(Column(each) for each, _ in shown),
        tuple(tuple(_cell(row, source) for _, source in shown) for row in columns),
        "\n".join(footer),
    )


def _relation(
    names: tuple[str, str, str], row: Row, info: ServerInfo, *, verbose: bool
) -> Relation:
    kind, indexes, rules, triggers, security, forced, partition, *rest = row
    options, tablespace, of_type, persistence, identity, method, checks = (
        value or "" for value in rest
    )
    oid, schema, name = names
    return Relation(
        oid=oid,
        schema=schema,
        name=name,
        kind=kind or "",
        has_indexes=indexes == "t",
        has_rules=rules == "t",
        has_triggers=triggers == "t",
        row_security=security == "t",
        forced=forced == "t",
        partition=partition == "t",
        options=options,
        tablespace=tablespace,
        of_type=of_type,
        persistence=persistence,
        replica_identity=identity,
        access_method=method,
        has_checks=checks != "0",
        verbose=verbose,
        version=info.version_number,
    )


def _title(relation: Relation) -> str:
    word = _WORDS.get(relation.kind, f"?{relation.kind}?")
    if relation.persistence == "u" and relation.kind in "rmiIpS":
        word = f"Unlogged {word[0].lower()}{word[1:]}"
    return f'{word} "{relation.schema}.{relation.name}"'


def _shown(relation: Relation) -> list[tuple[str, str]]:
    """The headings, and where in a row of sql/d_columns.sql each cell comes from."""
    kind = relation.kind
    shown = [("Column", "0"), ("Type", "1")]
    if kind in "rvmfcp":
        shown += [("Collation", "2"), ("Nullable", "null"), ("Default", "default")]
    if kind in "iI":
        shown += [("Key?", "7"), ("Definition", "8")]
    if kind == "f":
        shown.append(("FDW options", "9"))
    if relation.verbose:
        shown.append(("Storage", "storage"))
        if relation.version >= 140000 and kind in "rpm":
            shown.append(("Compression", "compression"))
        if kind in "riImfp":
            shown.append(("Stats target", "12"))
        if kind in "rvmfcp":
            shown.append(("Description", "13"))
    return shown


def _cell(row: Row, source: str) -> str:
    if source.isdigit():
        return row[int(source)] or ""
    if source == "null":
        return "not null" if row[3] == "t" else ""
    if source == "storage":
        return _STORAGE.get(row[10] or "", "???")
    if source == "compression":
        return _COMPRESSION.get(row[11] or "", "???")
    return _default(row)


def _default(row: Row) -> str:
    expression, identity, generated = row[4], row[5], row[6]
    if identity == "a":
        return "generated always as identity"
    if identity == "d":
        return "generated by default as identity"
    if generated == "s":
        return f"generated always as ({expression}) stored"
    if generated == "v":
        return f"generated always as ({expression})"
    return expression or ""


_SEQUENCE = ("Type", "Start", "Minimum", "Maximum", "Increment", "Cycles?", "Cache")


def _sequence(relation: Relation) -> Describing:
    rows = yield relation.sql("sequence")
    owners = yield relation.sql("sequence_owner")
    words = {"a": "Owned by: ", "i": "Sequence for identity column: "}
    columns = tuple(Column(name, numeric=name not in ("Type", "Cycles?")) for name in _SEQUENCE)
    # psql says nothing of a sequence with several owners, which can't be.
    footer = words.get(owners[0][1] or "", "") + (owners[0][0] or "") if len(owners) == 1 else ""
    return Described(_title(relation), columns, rows, footer, flat=False)
