"""Lists of relations and of functions: `\\dt`, `\\dtv`, `\\df`, `\\dfa NAME TYPE` … Pure.

Source: psql 18's listTables and describeFunctions (describe.c).
"""

from __future__ import annotations

from rolebrowser.connection import patterns
from rolebrowser.connection.described import (
    NOT_SYSTEM,
    RELATION,
    Command,
    Steps,
    Table,
    columns,
    sql,
)
from rolebrowser.connection.patterns import Names
from rolebrowser.connection.protocol import ServerInfo
from rolebrowser.errors import NothingFound
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Which relations a letter lists: letters of pg_class.relkind, and psql's word for them."""

    letters: str
    plural: str


_ALL = _Kinds("rpvmSf", "relations")
_RELATIONS = {
    "t": _Kinds("rp", "tables"),
    "v": _Kinds("v", "views"),
    "m": _Kinds("m", "materialized views"),
    "i": _Kinds("iI", "indexes"),
    "s": _Kinds("S", "sequences"),
    "E": _Kinds("f", "foreign tables"),
}


def _kinds(command: Command) -> tuple[str, _Kinds]:
    """The letters of a command, and all they ask for together."""
    asked = command.name[1:] + command.kinds
    found = [kinds for letter, kinds in _RELATIONS.items() if letter in asked]
    if not found:
        return "", _ALL
    if len(found) == 1:
        return asked, found[0]
    return asked, _Kinds("".join(kinds.letters for kinds in found), "relations")


def relations(command: Command, info: ServerInfo) -> Steps:
    """`\\d` without a name, and its kin of one kind or several."""
    asked, kinds = _kinds(command)
    letters = kinds.letters
    if command.system or command.pattern:
        # psql: "special" relations of old for all, and TOAST tables beside the tables.
        letters += "st" if "r" in letters else "s"
    where = patterns.conditions(command.pattern, RELATION, info.dbname)
    if not command.pattern and not command.system:
        where += (*NOT_SYSTEM, "n.nspname !~ '^pg_toast'")
    listed = ",".join(f"'{letter}'" for letter in letters)
    where = (f"c.relkind IN ({listed})", *where)
    indexes = "i" in asked
    name = "relations_indexes" if indexes else "relations"
    rows = yield sql(name, info, where, plus="relations_plus" if command.plus else "")
    if not rows:
        named = f' named "{command.pattern}"' if command.pattern else ""
        raise NothingFound(f"Did not find any {kinds.plural}{named}.")
    names = ["Schema", "Name", "Type", "Owner"] + ["Table"] * indexes
    if command.plus:
        names += ["Persistence", "Access method", "Size", "Description"]
    # psql leaves the column out where nothing listed can have an access method.
    hidden = "" if set("tmi") & set(asked) or not asked else "Access method"
    shown = [place for place, name in enumerate(names) if name != hidden]
    return Table(
        f"List of {kinds.plural}",
        columns(*(names[place] for place in shown)),
        tuple(tuple(row[place] for place in shown) for row in rows),
    )


_TRIGGER = "'pg_catalog.trigger'::pg_catalog.regtype"
_FUNCTIONS = {
    "a": "p.prokind = 'a'",
    "t": f"p.prorettype = {_TRIGGER}",
    "p": "p.prokind = 'p'",
    "w": "p.prokind = 'w'",
}
_NO_FUNCTIONS = {
    "a": "p.prokind <> 'a'",
    "p": "p.prokind <> 'p'",
    "t": f"p.prorettype <> {_TRIGGER}",
    "w": "p.prokind <> 'w'",
}
_TYPES = {
    "decimal": "numeric",
    "float": "double precision",
    "int": "integer",
    "bool[]": "boolean[]",
    "decimal[]": "numeric[]",
    "float[]": "double precision[]",
    "float4[]": "real[]",
    "float8[]": "double precision[]",
    "int[]": "integer[]",
    "int2[]": "smallint[]",
    "int4[]": "integer[]",
    "int8[]": "bigint[]",
    "time[]": "time without time zone[]",
    "timetz[]": "time with time zone[]",
    "timestamp[]": "timestamp without time zone[]",
    "timestamptz[]": "timestamp with time zone[]",
    "varbit[]": "bit varying[]",
    "varchar[]": "character varying[]",
}
"""Names that are neither pg_type's nor format_type's (psql's typename_map)."""


def functions(command: Command, info: ServerInfo) -> Steps:
    """`\\df`: of some kinds, of a name, with arguments of some types."""
    name, *types = command.arguments or ("",)
    names = Names(
        "p.proname", "n.nspname", visible="pg_catalog.pg_function_is_visible(p.oid)", parts=3
    )
    where = (*_of_kinds(command.kinds), *patterns.conditions(name, names, info.dbname))
    for place, pattern in enumerate(types):
        where += _argument(place, pattern, info)
    if not name and not command.system:
        where += NOT_SYSTEM
    text = sql("df", info, where, plus="df_plus" if command.plus else "")
    rows = yield text.replace("-- :arguments", "\n".join(map(_joined, range(len(types)))))
    heads = columns(
        *("Schema", "Name", "Result data type", "Argument data types", "Type"),
        *("Volatility", "Parallel", "Owner", "Security", "Leakproof?", "Access privileges"),
        *("Language", "Internal name", "Description"),
    )
    return Table("List of functions", heads if command.plus else heads[:5], rows)


def _of_kinds(asked: str) -> tuple[str, ...]:
    if not asked or set("anptw") <= set(asked):
        return ()
    if "n" in asked:
        return tuple(text for letter, text in _NO_FUNCTIONS.items() if letter not in asked)
    return ("(" + " OR ".join(t for letter, t in _FUNCTIONS.items() if letter in asked) + ")",)


def _argument(place: int, pattern: str, info: ServerInfo) -> tuple[str, ...]:
    """The condition of an argument's type; "-" = there is no such argument."""
    if pattern == "-":
        return (f"t{place}.typname IS NULL",)
    names = Names(
        f"t{place}.typname",
        f"nt{place}.nspname",
        other=f"pg_catalog.format_type(t{place}.oid, NULL)",
        visible=f"pg_catalog.pg_type_is_visible(t{place}.oid)",
        parts=3,
    )
    return patterns.conditions(_TYPES.get(pattern.lower(), pattern), names, info.dbname)


def _joined(place: int) -> str:
    return (
        f"LEFT JOIN pg_catalog.pg_type t{place} ON t{place}.oid = p.proargtypes[{place}]\n"
        f"LEFT JOIN pg_catalog.pg_namespace nt{place} ON nt{place}.oid = t{place}.typnamespace"
    )
