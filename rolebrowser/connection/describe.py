"""What psql's describing commands ask and how they name it: `\\du`, `\\dp`, `\\l`, `\\dt` … Pure.

Each command is a generator: it yields SQL, is sent the rows, and returns a `Table`. It does no I/O
itself, so that one connection's owner thread can feed it without anybody blocking. The SQL is
psql 18's (as `psql -E` shows it), in `sql/`; servers 13 to 18.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from rolebrowser.connection import client_command, describe_relation, patterns, queries
from rolebrowser.connection.patterns import Names
from rolebrowser.connection.protocol import Column, Row, ServerInfo
from rolebrowser.errors import StatementError


@dataclass(frozen=True, slots=True)
class Command:
    """A backslash command taken apart: `\\dnS+ x*`.

    Attributes:
        name: a key of `COMMANDS`: "dn".
        word: as it was typed: "dnS+".
        arguments: patterns; `extra` those beyond what the command takes.
        plus, system, wide: the letters `+`, `S` and `x` (expanded layout).
    """

    name: str
    word: str = ""
    arguments: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    plus: bool = False
    system: bool = False
    wide: bool = False

    @property
    def pattern(self) -> str:
        """The first argument, or an empty string."""
        return self.arguments[0] if self.arguments else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A command's answer.

    Attributes:
        footer: None = psql's row count, empty = none.
        also: further tables, printed under it.
        flat: never laid out as records: what stands below the rows would confuse there.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footer: str | None = None
    also: tuple[Table, ...] = ()
    flat: bool = False


Steps = Generator[str, tuple[Row, ...], Table]


@dataclass(frozen=True, slots=True)
class Spec:
    """One line of the table of commands.

    Attributes:
        suffixes: the letters it takes, of "S", "x" and "+"; like psql, some without effect.
        summary: for `\\?`; psql's own words.
        arguments: how many it takes.
    """

    ask: Callable[[Command, ServerInfo], Steps]
    suffixes: str
    summary: str
    arguments: int = 1


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _sql(name: str, info: ServerInfo, conditions: tuple[str, ...] = (), *, plus: str = "") -> str:
    """The query with its conditions put in, and the columns of `plus` where that is asked for."""
    text = queries.sql(name, info.version_number)
    more = queries.sql(plus, info.version_number).partition("\n")[2] if plus else ""
    keyword = "-- :and" if "-- :and" in text else "-- :where"
    clause = "\n  AND ".join(conditions)
    if clause:
        clause = ("AND " if keyword == "-- :and" else "WHERE ") + clause
    return text.replace(keyword, clause).replace("-- :plus", more)


def _du(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("r.rolname"), info.dbname)
    if not command.pattern and not command.system:
        where = ("r.rolname !~ '^pg_'",)
    found = yield _sql("du", info, where)
    columns = _columns("Role name", "Attributes", "Description")
    width = 3 if command.plus else 2
    rows = tuple((row[0], role_attributes(row), row[8])[:width] for row in found)
    return Table("List of roles", columns[:width], rows, footer="")


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
    rows = yield _sql("drg", info, where)
    columns = _columns("Role name", "Member of", "Options", "Grantor")
    return Table("List of role grants", columns, rows)


_RELATION = Names(
    "c.relname", "n.nspname", visible="pg_catalog.pg_table_is_visible(c.oid)", parts=3
)
_NOT_SYSTEM = ("n.nspname <> 'pg_catalog'", "n.nspname <> 'information_schema'")


def _dp(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, _RELATION, info.dbname)
    if not command.pattern and not command.system:
        where += _NOT_SYSTEM
    rows = yield _sql("dp", info, where)
    names = ("Schema", "Name", "Type", "Access privileges", "Column privileges", "Policies")
    return Table("Access privileges", _columns(*names), rows)


def _ddp(command: Command, info: ServerInfo) -> Steps:
    owner = "pg_catalog.pg_get_userbyid(d.defaclrole)"
    names = Names("n.nspname", other=owner, parts=3)
    where = patterns.conditions(command.pattern, names, info.dbname)
    rows = yield _sql("ddp", info, where)
    columns = _columns("Owner", "Schema", "Type", "Access privileges")
    return Table("Default access privileges", columns, rows)


def _dn(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("n.nspname", parts=2), info.dbname)
    if not command.pattern and not command.system:
        where = ("n.nspname !~ '^pg_'", "n.nspname <> 'information_schema'")
    rows = yield _sql("dn", info, where)
    columns = _columns("Name", "Owner", "Access privileges", "Description")
    width = 4 if command.plus else 2
    return Table("List of schemas", columns[:width], tuple(row[:width] for row in rows))


_L_COLUMNS = (
    *("Name", "Owner", "Encoding", "Locale Provider", "Collate", "Ctype", "Locale", "ICU Rules"),
    "Access privileges",
)


def _l(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("d.datname"), info.dbname)
    names = _L_COLUMNS
    if command.plus:
        names += ("Size", "Tablespace", "Description")
    rows = yield _sql("l", info, where, plus="l_plus" if command.plus else "")
    return Table("List of databases", _columns(*names), rows)


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Which relations a command lists: letters of pg_class.relkind, and psql's word for them."""

    letters: str
    title: str
    plural: str


_RELATIONS = {
    "d": _Kinds("rpvmSf", "List of relations", "relations"),
    "dt": _Kinds("rp", "List of tables", "tables"),
    "dv": _Kinds("v", "List of views", "views"),
    "dm": _Kinds("m", "List of materialized views", "materialized views"),
    "di": _Kinds("iI", "List of indexes", "indexes"),
    "ds": _Kinds("S", "List of sequences", "sequences"),
    "dE": _Kinds("f", "List of foreign tables", "foreign tables"),
}


def _relations(command: Command, info: ServerInfo) -> Steps:
    kinds = _RELATIONS[command.name]
    letters = kinds.letters
    if command.system or command.pattern:
        # psql: "special" relations of old for all, and TOAST tables beside the tables.
        letters += "st" if "r" in letters else "s"
    where = patterns.conditions(command.pattern, _RELATION, info.dbname)
    if not command.pattern and not command.system:
        where += (*_NOT_SYSTEM, "n.nspname !~ '^pg_toast'")
    listed = ",".join(f"'{letter}'" for letter in letters)
    where = (f"c.relkind IN ({listed})", *where)
    name = "relations_indexes" if command.name == "di" else "relations"
    rows = yield _sql(name, info, where, plus="relations_plus" if command.plus else "")
    if not rows:
        named = f' named "{command.pattern}"' if command.pattern else ""
        raise StatementError(f"Did not find any {kinds.plural}{named}.")
    names = ["Schema", "Name", "Type", "Owner"] + ["Table"] * (command.name == "di")
    if command.plus:
        names += ["Persistence", "Access method", "Size", "Description"]
    # psql leaves the column out where nothing listed can have an access method.
    hidden = "Access method" if command.name in ("dv", "ds", "dE") else ""
    shown = [place for place, name in enumerate(names) if name != hidden]
    return Table(
        kinds.title,
        _columns(*(names[place] for place in shown)),
        tuple(tuple(row[place] for place in shown) for row in rows),
    )


def _d(command: Command, info: ServerInfo) -> Steps:
    if not command.pattern:
        return (yield from _relations(command, info))
    where = patterns.conditions(command.pattern, _RELATION, info.dbname)
    found = yield _sql("d_lookup", info, where)
    tables: list[Table] = []
    for row in found:
        told = yield from describe_relation.describe(row, info, verbose=command.plus)
        if told is not None:
            tables.append(Table(told.title, told.columns, told.rows, told.footer, flat=told.flat))
    if not tables:
        raise StatementError(f'Did not find any relation named "{command.pattern}".')
    return replace(tables[0], also=tuple(tables[1:]))


def _df(command: Command, info: ServerInfo) -> Steps:
    visible = "pg_catalog.pg_function_is_visible(p.oid)"
    names = Names("p.proname", "n.nspname", visible=visible, parts=3)
    where = patterns.conditions(command.pattern, names, info.dbname)
    if not command.pattern and not command.system:
        where += _NOT_SYSTEM
    rows = yield _sql("df", info, where, plus="df_plus" if command.plus else "")
    columns = _columns(
        *("Schema", "Name", "Result data type", "Argument data types", "Type"),
        *("Volatility", "Parallel", "Owner", "Security", "Leakproof?", "Access privileges"),
        *("Language", "Internal name", "Description"),
    )
    return Table("List of functions", columns if command.plus else columns[:5], rows)


def _dx(command: Command, info: ServerInfo) -> Steps:
    where = patterns.conditions(command.pattern, Names("e.extname"), info.dbname)
    if command.plus:
        return (yield from _dx_objects(command.pattern, info, where))
    rows = yield _sql("dx", info, where)
    columns = _columns("Name", "Version", "Default version", "Schema", "Description")
    return Table("List of installed extensions", columns, rows)


def _dx_objects(pattern: str, info: ServerInfo, where: tuple[str, ...]) -> Steps:
    tables: list[Table] = []
    for name, oid in (yield _sql("dx_lookup", info, where)):
        members = (
            "refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass",
            f"refobjid = '{oid}'",
            "deptype = 'e'",
        )
        rows = yield _sql("dx_objects", info, members)
        title = f'Objects in extension "{name}"'
        tables.append(Table(title, _columns("Object description"), rows))
    if not tables:
        which = f'extension named "{pattern}"' if pattern else "extensions"
        raise StatementError(f"Did not find any {which}.")
    return replace(tables[0], also=tuple(tables[1:]))


def _conninfo(command: Command, info: ServerInfo) -> Steps:
    (row,) = yield _sql("conninfo", info)
    facts = dict(info.facts) | {"Superuser": row[0], "Hot Standby": row[1]}
    return Table("Connection Information", _columns("Parameter", "Value"), tuple(facts.items()))


def _help(command: Command, info: ServerInfo) -> Steps:
    yield from ()
    rows = tuple(
        (
            f"\\{name}{f'[{spec.suffixes}]' if spec.suffixes else ''}"
            f"{' [PATTERN]' if spec.arguments else ''}",
            spec.summary,
        )
        for name, spec in COMMANDS.items()
    )
    rows += tuple(tuple(text.split(": ", 1)) for text in client_command.NAMES.values())
    return Table("Backslash commands", _columns("Command", "What it does"), rows)


COMMANDS: dict[str, Spec] = {
    "?": Spec(_help, "", "show this list", 0),
    "conninfo": Spec(_conninfo, "", "display information about current connection", 0),
    "d": Spec(_d, "Sx+", "list tables, views, and sequences, or describe one"),
    "dE": Spec(_relations, "Sx+", "list foreign tables"),
    "ddp": Spec(_ddp, "x+", "list default privileges"),
    "df": Spec(_df, "Sx+", "list functions"),
    "dg": Spec(_du, "Sx+", "list roles"),
    "di": Spec(_relations, "Sx+", "list indexes"),
    "dm": Spec(_relations, "Sx+", "list materialized views"),
    "dn": Spec(_dn, "Sx+", "list schemas"),
    "dp": Spec(_dp, "Sx+", "list table, view, and sequence access privileges"),
    "drg": Spec(_drg, "Sx+", "list role grants"),
    "ds": Spec(_relations, "Sx+", "list sequences"),
    "dt": Spec(_relations, "Sx+", "list tables"),
    "du": Spec(_du, "Sx+", "list roles"),
    "dv": Spec(_relations, "Sx+", "list views"),
    "dx": Spec(_dx, "x+", "list extensions"),
    "l": Spec(_l, "x+", "list databases"),
    "list": Spec(_l, "x+", "list databases"),
    "z": Spec(_dp, "Sx+", "same as \\dp"),
}
"""The commands there are; the order is that of `\\?`."""
