"""Backslash commands: `\\du`, `\\drg`, `\\dp`, `\\ddp`, `\\dn`, `\\l`, `\\conninfo`, as psql 18.

Each gives an `Outcome` with the byte-exact text and the same data as columns and rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rolebrowser.connection import patterns, psql
from rolebrowser.connection.protocol import Column, Connection, Outcome, Page, Row
from rolebrowser.errors import StatementError

_HIDDEN_SCHEMAS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


@dataclass(frozen=True, slots=True)
class Command:
    """A backslash command taken apart: `\\dnS+ x*` → name "dn", system, plus, pattern."""

    name: str
    pattern: str = ""
    plus: bool = False
    system: bool = False


def parse(text: str) -> Command:
    """The command in a line. Raises StatementError, in psql's words, when there is no such one."""
    word, _, pattern = text.strip().removeprefix("\\").partition(" ")
    name = word.rstrip("+S")
    suffix = word[len(name) :]
    if name not in COMMANDS or (suffix and name == "conninfo"):
        raise StatementError(f"invalid command \\{word}", fix="Known here: " + known())
    return Command(name, pattern.strip().rstrip(";"), "+" in suffix, "S" in suffix)


def known() -> str:
    """The commands there are, for a message."""
    return " ".join(f"\\{name}" for name in COMMANDS)


def run(text: str, connection: Connection) -> Outcome:
    """Run a backslash command; blocks.

    Raises:
        StatementError: unknown command, a bad pattern, or the server's refusal.
        ConnectionLost: the connection is gone.
    """
    command = parse(text)
    table = COMMANDS[command.name](command, connection)
    footer = table.footer
    return Outcome(
        statement=text.strip(),
        columns=table.columns,
        page=Page(table.rows),
        rowcount=len(table.rows),
        text=psql.aligned(table.columns, table.rows, title=table.title, footer=footer),
        title=table.title,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footer: str | None = None


@cache
def _file(name: str) -> str:
    return (files("rolebrowser.connection") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def _sql(name: str, version: int) -> str:
    """The text for a server version: NAME.sql, or the newest NAME_VERSION.sql not above it."""
    folder = files("rolebrowser.connection") / "sql"
    dated = sorted(
        int(entry.name.removeprefix(f"{name}_").removesuffix(".sql"))
        for entry in folder.iterdir()
        if entry.name.startswith(f"{name}_") and entry.name[len(name) + 1 :][0].isdigit()
    )
    if not dated:
        return _file(name)
    fitting = [each for each in dated if each <= version] or dated[:1]
    return _file(f"{name}_{fitting[-1]}")


def _where(*conditions: str) -> str:
    given = [condition for condition in conditions if condition]
    return "WHERE " + "\n  AND ".join(given) if given else ""


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _one_part(command: Command, column: str, hidden: str) -> str:
    """The WHERE of a command over plain names."""
    if command.pattern:
        return _where(patterns.condition(column, patterns.parse(command.pattern, parts=1)[0]))
    return _where("" if command.system else hidden)


def _du(command: Command, connection: Connection) -> _Table:
    where = _one_part(command, "r.rolname", "r.rolname !~ '^pg_'")
    sql = _sql("du", connection.info.version_number).replace("-- :where", where)
    found = connection.query(sql).result()
    rows = tuple((row[0], attributes(row), row[8]) for row in found)
    columns = _columns("Role name", "Attributes", "Description")
    if not command.plus:
        return _Table("List of roles", columns[:2], tuple(row[:2] for row in rows), "")
    return _Table("List of roles", columns, rows, "")


def attributes(row: Row) -> str:
    """The Attributes column of `\\du`, in psql's words and order. Pure."""
    _, superuser, inherit, create_role, create_db, login, limit, until, _, replication, bypass = row
    words = [
        word
        for word, holds in (
            ("Superuser", superuser == "t"),
            ("No inheritance", inherit != "t"),
            ("Create role", create_role == "t"),
            ("Create DB", create_db == "t"),
            ("Cannot login", login != "t"),
            ("Replication", replication == "t"),
            ("Bypass RLS", bypass == "t"),
        )
        if holds
    ]
    lines = [", ".join(words)] if words else []
    connections = int(limit or -1)
    if limit == "0":
        lines.append("No connections")
    elif connections > 0:
        lines.append(f"{connections} connection" + ("" if connections == 1 else "s"))
    if until is not None:
        lines.append(f"Password valid until {until}")
    return "\n".join(lines)


def _drg(command: Command, connection: Connection) -> _Table:
    where = _one_part(command, "m.rolname", "m.rolname !~ '^pg_'")
    sql = _sql("drg", connection.info.version_number).replace("-- :where", where)
    rows = connection.query(sql).result()
    columns = _columns("Role name", "Member of", "Options", "Grantor")
    return _Table("List of role grants", columns, rows)


def _dp(command: Command, connection: Connection) -> _Table:
    conditions: list[str] = []
    visible = "pg_catalog.pg_table_is_visible(c.oid)"
    if command.pattern:
        *schema, name = patterns.parse(command.pattern, parts=3)
        conditions.append(patterns.condition("c.relname", name))
        if schema:
            conditions.append(patterns.condition("n.nspname", schema[-1]))
        else:
            conditions.append(visible)
    else:
        if not command.system:
            conditions.append("n.nspname <> 'pg_catalog'")
            conditions.append("n.nspname <> 'information_schema'")
        conditions.append(visible)
    clause = "".join(f"\n  AND {condition}" for condition in conditions if condition)
    sql = _sql("dp", connection.info.version_number).replace("-- :and", clause)
    rows = connection.query(sql).result()
    names = ("Schema", "Name", "Type", "Access privileges", "Column privileges", "Policies")
    return _Table("Access privileges", _columns(*names), rows)


def _ddp(command: Command, connection: Connection) -> _Table:
    where = ""
    if command.pattern:
        wanted = patterns.parse(command.pattern, parts=1)[0]
        schema = patterns.condition("n.nspname", wanted)
        owner = patterns.condition("pg_catalog.pg_get_userbyid(d.defaclrole)", wanted)
        where = _where(f"({schema} OR {owner})" if schema else "")
    sql = _sql("ddp", connection.info.version_number).replace("-- :where", where)
    rows = connection.query(sql).result()
    columns = _columns("Owner", "Schema", "Type", "Access privileges")
    return _Table("Default access privileges", columns, rows)


def _dn(command: Command, connection: Connection) -> _Table:
    where = _one_part(command, "n.nspname", _HIDDEN_SCHEMAS)
    sql = _sql("dn", connection.info.version_number).replace("-- :where", where)
    rows = connection.query(sql).result()
    columns = _columns("Name", "Owner", "Access privileges", "Description")
    if not command.plus:
        return _Table("List of schemas", columns[:2], tuple(row[:2] for row in rows))
    return _Table("List of schemas", columns, rows)


_L_COLUMNS = (
    "Name",
    "Owner",
    "Encoding",
    "Locale Provider",
    "Collate",
    "Ctype",
    "Locale",
    "ICU Rules",
    "Access privileges",
)


def _l(command: Command, connection: Connection) -> _Table:
    where = _one_part(command, "d.datname", "")
    sql = _sql("l", connection.info.version_number).replace("-- :where", where)
    names = _L_COLUMNS
    if command.plus:
        sql = sql.replace("-- :plus", _file("l_plus").partition("\n")[2])
        names += ("Size", "Tablespace", "Description")
    rows = connection.query(sql).result()
    return _Table("List of databases", _columns(*names), rows)


def _conninfo(command: Command, connection: Connection) -> _Table:
    info = connection.info
    rows: tuple[Row, ...] = (
        ("Database", info.dbname),
        ("Client User", info.user),
        ("Host", info.host),
        ("Server Port", str(info.port)),
        ("Server", f"{info.flavor} {info.version}"),
        ("Backend PID", str(info.backend_pid)),
        ("SSL Connection", "true" if info.tls else "false"),
        ("Read-only mode", "on" if connection.read_only else "off"),
        ("Hot Standby", "on" if info.in_recovery else "off"),
    )
    return _Table("Connection Information", _columns("Parameter", "Value"), rows)


COMMANDS: dict[str, Callable[[Command, Connection], _Table]] = {
    "du": _du,
    "dg": _du,
    "drg": _drg,
    "dp": _dp,
    "z": _dp,
    "ddp": _ddp,
    "dn": _dn,
    "l": _l,
    "conninfo": _conninfo,
}
