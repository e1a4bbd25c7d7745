"""What psql's describing commands ask and how they name it: `\\du`, `\\dp`, `\\l`, `\\dt` … Pure.

Each command is a generator: it yields SQL, is sent the rows, and returns a `Table`. It does no I/O
itself, so that one connection's owner thread can feed it without anybody blocking. The SQL is
psql 18's (as `psql -E` shows it), in `sql/`; servers 13 to 18.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rolebrowser.connection import client_command, describe_lists, describe_relation, patterns
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
from rolebrowser.connection.protocol import Row, ServerInfo
from rolebrowser.errors import StatementError
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Spec:
    """One line of the table of commands.

    Attributes:
        suffixes: the letters it takes, of "S", "x" and "+"; like psql, some without effect.
        summary: for `\\?`; psql's own words.
        arguments: how many it takes.
        kinds: further letters that say of which kinds: `\\dtv`, `\\dfa`.
    """

    ask: Callable[[Command, ServerInfo], Steps]
    suffixes: str
    summary: str
    arguments: int = 1
    kinds: str = ""


def _du(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("r.rolname"), info.dbname)
    if not command.pattern and not command.system:
        where = ("r.rolname !~ '^pg_'",)
    found = yield sql("du", info, where)
    heads = columns("Role name", "Attributes", "Description")
    width = 3 if command.plus else 2
    rows = tuple((row[0], role_attributes(row), row[8])[:width] for row in found)
    return Table("List of roles", heads[:width], rows, footer="")


def role_attributes(row: Row) -> str:
    """The Attributes column of `\\du`, in psql's words and order, of a row of sql/du.sql."""
    _, superuser, inherit, create_role, create_db, login, limit, until, _, replication, bypass = row
    words = (
        ("Superuser", superuser == "t"),
        ("No inheritance", inherit != "t"),
        ("Create role", create_role == "t"),
        ("Create DB", create_db == "t"),
        ("Cannot login", login != "t"),
        ("Replication", replication == "t"),
        ("Bypass RLS", bypass == "t"),
    )
    lines = [", ".join(word for word, holds in words if holds)]
    connections = int(limit or -1)
    if connections >= 0:
        plural = "" if connections == 1 else "s"
        lines.append(f"{connections} connection{plural}" if connections else "No connections")
    if until is not None:
        lines.append(f"Password valid until {until}")
    return "\n".join(line for line in lines if line)


def _drg(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("m.rolname"), info.dbname)
    if not command.pattern and not command.system:
        where = ("m.rolname !~ '^pg_'",)
    rows = yield sql("drg", info, where)
    heads = columns("Role name", "Member of", "Options", "Grantor")
    return Table("List of role grants", heads, rows)


def _dp(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, RELATION, info.dbname)
    if not command.pattern and not command.system:
        where += NOT_SYSTEM
    rows = yield sql("dp", info, where)
    names = ("Schema", "Name", "Type", "Access privileges", "Column privileges", "Policies")
    return Table("Access privileges", columns(*names), rows)


def _ddp(command: Command, info: ServerInfo) -> Steps:
    owner = "pg_catalog.pg_get_userbyid(d.defaclrole)"
    names = Names("n.nspname", other=owner, parts=3)
    where = patterns.conditions(command.pattern, names, info.dbname)
    rows = yield sql("ddp", info, where)
    heads = columns("Owner", "Schema", "Type", "Access privileges")
    return Table("Default access privileges", heads, rows)


def _dn(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("n.nspname", parts=2), info.dbname)
    if not command.pattern and not command.system:
        where = ("n.nspname !~ '^pg_'", "n.nspname <> 'information_schema'")
    rows = yield sql("dn", info, where)
    heads = columns("Name", "Owner", "Access privileges", "Description")
    width = 4 if command.plus else 2
    return Table("List of schemas", heads[:width], tuple(row[:width] for row in rows))


_L_COLUMNS = (
    *("Name", "Owner", "Encoding", "Locale Provider", "Collate", "Ctype", "Locale", "ICU Rules"),
    "Access privileges",
)


def _l(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("d.datname"), info.dbname)
    names = _L_COLUMNS
    if command.plus:
        names += ("Size", "Tablespace", "Description")
    rows = yield sql("l", info, where, plus="l_plus" if command.plus else "")
    return Table("List of databases", columns(*names), rows)


def _d(command: Command, info: ServerInfo) -> Steps:
    if not command.pattern:
        return (yield from describe_lists.relations(command, info))
    where = patterns.conditions(command.pattern, RELATION, info.dbname)
    found = yield sql("d_lookup", info, where)
    tables: list[Table] = []
    for row in found:
        told = yield from describe_relation.describe(row, info, verbose=command.plus)
        if told is not None:
            tables.append(Table(told.title, told.columns, told.rows, told.footer, flat=told.flat))
    if not tables:
        raise StatementError(f'Did not find any relation named "{command.pattern}".')
    return replace(tables[0], also=tuple(tables[1:]))


def _dx(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("e.extname"), info.dbname)
    if command.plus:
        return (yield from _dx_objects(command.pattern, info, where))
    rows = yield sql("dx", info, where)
    heads = columns("Name", "Version", "Default version", "Schema", "Description")
    return Table("List of installed extensions", heads, rows)


def _dx_objects(pattern: str, info: ServerInfo, where: tuple[str, ...]) -> Steps:
    tables: list[Table] = []
    for name, oid in (yield sql("dx_lookup", info, where)):
        members = (
            "refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass",
            f"refobjid = '{oid}'",
            "deptype = 'e'",
        )
        rows = yield sql("dx_objects", info, members)
        title = f'Objects in extension "{name}"'
        tables.append(Table(title, columns("Object description"), rows))
    if not tables:
        which = f'extension named "{pattern}"' if pattern else "extensions"
        raise StatementError(f"Did not find any {which}.")
    return replace(tables[0], also=tuple(tables[1:]))


def _conninfo(command: Command, info: ServerInfo) -> Steps:
    (row,) = yield sql("conninfo", info)
    facts = dict(info.facts) | {"Superuser": row[0], "Hot Standby": row[1]}
    return Table("Connection Information", columns("Parameter", "Value"), tuple(facts.items()))


def _help(command: Command, info: ServerInfo) -> Steps:
    yield from ()
    rows = tuple(
        (
            f"\\{name}{''.join(f'[{each}]' for each in (spec.kinds, spec.suffixes) if each)}"
            f"{' [PATTERN]' if spec.arguments else ''}",
            spec.summary,
        )
        for name, spec in COMMANDS.items()
    )
    rows += tuple(tuple(text.split(": ", 1)) for text in client_command.NAMES.values())
    return Table("Backslash commands", columns("Command", "What it does"), rows)


COMMANDS: dict[str, Spec] = {
    "?": Spec(_help, "", "show this list", 0),
    "conninfo": Spec(_conninfo, "", "display information about current connection", 0),
    "d": Spec(_d, "Sx+", "list tables, views, and sequences, or describe one"),
    "dE": Spec(describe_lists.relations, "Sx+", "list foreign tables", 1, "tvmisE"),
    "ddp": Spec(_ddp, "Sx+", "list default privileges"),
    "df": Spec(describe_lists.functions, "Sx+", "list functions", 100, "anptw"),
    "dg": Spec(_du, "Sx+", "list roles"),
    "di": Spec(describe_lists.relations, "Sx+", "list indexes", 1, "tvmisE"),
    "dm": Spec(describe_lists.relations, "Sx+", "list materialized views", 1, "tvmisE"),
    "dn": Spec(_dn, "Sx+", "list schemas"),
    "dp": Spec(_dp, "Sx+", "list table, view, and sequence access privileges"),
    "drg": Spec(_drg, "Sx+", "list role grants"),
    "ds": Spec(describe_lists.relations, "Sx+", "list sequences", 1, "tvmisE"),
    "dt": Spec(describe_lists.relations, "Sx+", "list tables", 1, "tvmisE"),
    "du": Spec(_du, "Sx+", "list roles"),
    "dv": Spec(describe_lists.relations, "Sx+", "list views", 1, "tvmisE"),
    "dx": Spec(_dx, "Sx+", "list extensions"),
    "l": Spec(_l, "x+", "list databases"),
    "list": Spec(_l, "x+", "list databases"),
    "z": Spec(_dp, "Sx", "same as \\dp"),
}
"""The commands there are; the order is that of `\\?`."""
