"""What `\\d NAME` says below the columns: partitions, indexes, constraints, policies … Pure."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING

from rolebrowser.connection.protocol import Row

if TYPE_CHECKING:
    from rolebrowser.connection.describe_relation import Relation

Lines = Generator[str, tuple[Row, ...], list[str]]

_TABLES = "rmfpIt"
"""Kinds that may have indexes, parents and children."""


def footers(relation: Relation) -> Lines:
    """The lines, in psql's order."""
    lines: list[str] = []
    for part in _PARTS:
        lines += yield from part(relation)
    return lines


def _partition(relation: Relation) -> Lines:
    lines: list[str] = []
    if relation.partition:
        for parent, bound, detaching, constraint in (yield relation.sql("partition_of")):
            pending = " DETACH PENDING" if detaching == "t" else ""
            lines.append(f"Partition of: {parent} {bound or ''}{pending}")
            if relation.verbose:
                lines.append(
                    f"Partition constraint: {constraint}"
                    if constraint
                    else "No partition constraint"
                )
    if relation.kind == "p":
        ((key,),) = yield relation.sql("partition_key")
        lines.append(f"Partition key: {key}")
    if relation.kind == "t":
        for schema, name in (yield relation.sql("toast_owner")):
            lines.append(f'Owning table: "{schema}.{name}"')
    return lines


def _index(relation: Relation) -> Lines:
    if relation.kind not in "iI":
        return []
    rows = yield relation.sql("index")
    if not rows:
        return []
    unique, primary, clustered, valid, deferrable, deferred, replica, same, *rest = rows[0]
    method, table, predicate = rest
    text = ""
    if primary == "t":
        text = "primary key, "
    elif unique == "t":
        text = "unique nulls not distinct, " if same == "t" else "unique, "
    text += f'{method}, for table "{relation.schema}.{table}"'
    if predicate:
        text += f", predicate ({predicate})"
    told = (
        (clustered == "t", "clustered"),
        (valid != "t", "invalid"),
        (deferrable == "t", "deferrable"),
        (deferred == "t", "initially deferred"),
        (replica == "t", "replica identity"),
    )
    text += "".join(f", {word}" for holds, word in told if holds)
    lines = [text]
    if relation.tablespace:
        lines.append(f'Tablespace: "{relation.tablespace}"')
    return lines


def _indexes(relation: Relation) -> Lines:
    if relation.kind not in "rmpt" or not relation.has_indexes:
        return []
    rows = yield relation.sql("indexes")
    return _under("Indexes:", [_index_line(row) for row in rows])


def _index_line(row: Row) -> str:
    name, primary, unique, clustered, valid, definition, constraint, kind, *rest = row
    deferrable, deferred, replica, tablespace, period = rest
    text = f'    "{name}"'
    if kind == "x" or period == "t":
        text += f" {constraint}"
    else:
        if primary == "t":
            text += " PRIMARY KEY,"
        elif unique == "t":
            text += " UNIQUE CONSTRAINT," if kind == "u" else " UNIQUE,"
        text += " " + (definition or "").partition(" USING ")[2]
        text += " DEFERRABLE" if deferrable == "t" else ""
        text += " INITIALLY DEFERRED" if deferred == "t" else ""
    text += " CLUSTER" if clustered == "t" else ""
    text += " INVALID" if valid != "t" else ""
    text += " REPLICA IDENTITY" if replica == "t" else ""
    return text + (f', tablespace "{tablespace}"' if tablespace else "")


def _constraints(relation: Relation) -> Lines:
    lines: list[str] = []
    if relation.kind not in "rmfpt":
        return lines
    if relation.has_checks:
        rows = yield relation.sql("checks")
        lines += _under("Check constraints:", [f'    "{name}" {text}' for name, text in rows])
    rows = yield relation.sql("foreign_keys")
    lines += _under(
        "Foreign-key constraints:",
        [
            f'    "{name}" {text}'
            if same == "t"
            else f'    TABLE "{table}" CONSTRAINT "{name}" {text}'
            for same, name, text, table in rows
        ],
    )
    rows = yield relation.sql("references")
    lines += _under(
        "Referenced by:",
        [f'    TABLE "{table}" CONSTRAINT "{name}" {text}' for name, table, text in rows],
    )
    return lines


def _policies(relation: Relation) -> Lines:
    if relation.kind not in "rmfpt":
        return []
    rows = yield relation.sql("policies")
    if relation.row_security:
        heading = "Policies (forced row security enabled):" if relation.forced else "Policies:"
        if not rows:
            enabled = "forced row security" if relation.forced else "row security"
            return [f"Policies ({enabled} enabled): (none)"]
    else:
        heading = "Policies (row security disabled):"
    return _under(heading, [_policy(row) for row in rows])


def _policy(row: Row) -> str:
    name, permissive, roles, using, check, command = row
    text = f'    POLICY "{name}"'
    text += " AS RESTRICTIVE" if permissive == "f" else ""
    text += f" FOR {command}" if command is not None else ""
    text += f"\n      TO {roles}" if roles is not None else ""
    text += f"\n      USING ({using})" if using is not None else ""
    return text + (f"\n      WITH CHECK ({check})" if check is not None else "")


def _statistics(relation: Relation) -> Lines:
    if relation.kind not in "rmfpt":
        return []
    rows = yield relation.sql("statistics")
    return _under("Statistics objects:", [_statistic(row) for row in rows])


def _statistic(row: Row) -> str:
    table, schema, name, columns, distinct, dependencies, common, target = row
    kinds = (("ndistinct", distinct), ("dependencies", dependencies), ("mcv", common))
    chosen = [word for word, enabled in kinds if enabled == "t"]
    listed = f" ({', '.join(chosen)})" if 0 < len(chosen) < len(kinds) else ""
    text = f'    "{schema}.{name}"{listed} ON {columns} FROM {table}'
    return text if target in (None, "-1") else f"{text}; STATISTICS {target}"


_RULES = (
    ("O", "Rules:"),
    ("D", "Disabled rules:"),
    ("A", "Rules firing always:"),
    ("R", "Rules firing on replica only:"),
)


def _rules(relation: Relation) -> Lines:
    if relation.kind not in "rfpt" or not relation.has_rules:
        return []
    rows = yield relation.sql("rules")
    lines: list[str] = []
    for state, heading in _RULES:
        lines += _under(heading, [_rule(row) for row in rows if row[2] == state])
    return lines


def _rule(row: Row, *, indent: str = "    ") -> str:
    return indent + (row[1] or "").removeprefix("CREATE RULE ")


def _publications(relation: Relation) -> Lines:
    if relation.kind not in "rmfpt":
        return []
    rows = yield relation.sql("publications")
    return _under(
        "Publications:",
        [
            f'    "{name}"{f" ({columns})" if columns else ""}{f" WHERE {where}" if where else ""}'
            for name, where, columns in rows
        ],
    )


def _not_null(relation: Relation) -> Lines:
    if relation.kind not in "rmfpt" or not relation.verbose or relation.version < 180000:
        return []
    rows = yield relation.sql("not_null")
    return _under("Not-null constraints:", [_not_null_line(row) for row in rows])


def _not_null_line(row: Row) -> str:
    name, column, no_inherit, local, inherited, validated = row
    text = f'    "{name}" NOT NULL "{column}"'
    if no_inherit == "t":
        text += " NO INHERIT"
    elif local == "t":
        text += " (local, inherited)" if inherited == "t" else ""
    else:
        text += " (inherited)"
    return text + (" NOT VALID" if validated == "f" else "")


def _view(relation: Relation) -> Lines:
    if relation.kind not in "vm" or not relation.verbose:
        return []
    ((definition,),) = yield relation.sql("view")
    lines = ["View definition:", definition or ""]
    if relation.has_rules:
        rows = yield relation.sql("rules")
        lines += _under("Rules:", [_rule(row, indent=" ") for row in rows])
    return lines


_TRIGGERS: tuple[tuple[str, Callable[[str, bool], bool]], ...] = (
    ("Triggers:", lambda state, ours: state == "O"),
    ("Disabled user triggers:", lambda state, ours: state == "D" and not ours),
    ("Disabled internal triggers:", lambda state, ours: state == "D" and ours),
    ("Triggers firing always:", lambda state, ours: state == "A"),
    ("Triggers firing on replica only:", lambda state, ours: state == "R"),
)


def _triggers(relation: Relation) -> Lines:
    if not relation.has_triggers:
        return []
    rows = yield relation.sql("triggers")
    lines: list[str] = []
    for heading, holds in _TRIGGERS:
        chosen = [row for row in rows if holds(row[2] or "", row[3] == "t")]
        lines += _under(heading, [_trigger(row) for row in chosen])
    return lines


def _trigger(row: Row) -> str:
    text = "    " + (row[1] or "").partition(" TRIGGER ")[2]
    return text + (f", ON TABLE {row[4]}" if row[4] else "")


def _family(relation: Relation) -> Lines:
    lines: list[str] = []
    if relation.kind not in _TABLES:
        return lines
    if relation.kind == "f":
        for server, options in (yield relation.sql("server")):
            lines.append(f"Server: {server}")
            if options:
                lines.append(f"FDW options: ({options})")
    rows = yield relation.sql("inherits")
    lines += _listed("Inherits", [row[0] or "" for row in rows])
    rows = yield relation.sql("children")
    lines += _children(relation, rows)
    return lines


def _children(relation: Relation, rows: tuple[Row, ...]) -> list[str]:
    partitioned = relation.kind in "pI"
    if partitioned and not rows:
        return ["Number of partitions: 0"]
    if not relation.verbose:
        what = "partitions" if partitioned else "child tables"
        return [f"Number of {what}: {len(rows)} (Use \\d+ to list them.)"] if rows else []
    texts: list[str] = []
    for name, kind, detaching, bound in rows:
        text = name or ""
        text += f" {bound}" if bound is not None else ""
        text += ", PARTITIONED" if kind in ("p", "I") else ", FOREIGN" if kind == "f" else ""
        texts.append(text + (" (DETACH PENDING)" if detaching == "t" else ""))
    return _listed("Partitions" if partitioned else "Child tables", texts)


def _properties(relation: Relation) -> Lines:
    yield from ()
    lines: list[str] = []
    if relation.kind in _TABLES:
        if relation.of_type:
            lines.append(f"Typed table of type: {relation.of_type}")
        if relation.verbose and relation.kind in "rm":
            usual = "n" if relation.schema == "pg_catalog" else "d"
            if relation.replica_identity not in ("i", usual):
                # psql says NOTHING for the default, and has no word for nothing.
                words = {"f": "FULL", "d": "NOTHING"}
                identity = words.get(relation.replica_identity, "???")
                lines.append(f"Replica Identity: {identity}")
        if relation.tablespace and relation.kind != "I":
            lines.append(f'Tablespace: "{relation.tablespace}"')
        if relation.verbose and relation.access_method:
            lines.append(f"Access method: {relation.access_method}")
    if relation.verbose and relation.options:
        lines.append(f"Options: {relation.options}")
    return lines


def _under(heading: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [heading, *found] if found else []


def _listed(heading: str, names: list[str]) -> list[str]:
    """One name a line, under one another."""
    indent = " " * len(heading)
    return [
        f"{indent if number else heading}{' ' if number else ':'} {name}"
        f"{',' if number + 1 < len(names) else ''}"
        for number, name in enumerate(names)
    ]


_PARTS = (
    *(_partition, _index, _indexes, _constraints, _policies, _statistics, _rules, _publications),
    *(_not_null, _view, _triggers, _family, _properties),
)
