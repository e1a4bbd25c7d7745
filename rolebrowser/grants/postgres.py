"""Facts of a PostgreSQL 13 to 18 server, in one statement: one flight, and one moment for all.

Each `sql/facts_*.sql` gives rows of text; here they are put side by side under UNION ALL with the
name of the fact in front. Nothing in them needs more than an ordinary RDS user may read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TypeVar

from rolebrowser.connection.protocol import Connection, Row, Value
from rolebrowser.errors import StatementError
from rolebrowser.grants import acl
from rolebrowser.grants.acl import Acl
from rolebrowser.grants.facts import (
    Body,
    DefaultAcl,
    Facts,
    Membership,
    Policy,
    Read,
    Role,
    Securable,
)
from rolebrowser.grants.privileges import Kind

T = TypeVar("T")

FIRST_VERSION = 130000

_WIDTHS = {
    "here": 3,
    "roles": 11,
    "memberships": 6,
    "databases": 4,
    "schemas": 4,
    "relations": 9,
    "columns": 4,
    "column_names": 2,
    "functions": 8,
    "types": 5,
    "others": 5,
    "policies": 7,
    "default_acls": 4,
    "reads": 4,
    "bodies": 4,
    "inherits": 2,
}
"""The facts and how many columns each has on the newest server."""
_BEFORE_OPTIONS = {"memberships": 4}
_OPTIONS_FROM = 160000

_RELATION_KINDS = {
    "r": Kind.TABLE,
    "p": Kind.TABLE,
    "v": Kind.VIEW,
    "m": Kind.MATERIALIZED_VIEW,
    "f": Kind.FOREIGN_TABLE,
    "S": Kind.SEQUENCE,
}


def load(connection: Connection) -> Facts:
    """Read everything; blocks.

    Raises:
        StatementError: the server refused, or is older than PostgreSQL 13.
        ConnectionLost, Cancelled: as `Connection.query`.
    """
    version = connection.info.version_number
    return facts(connection.query(statement(version)).result())


@cache
def statement(version: int) -> str:
    """The one statement for a server of that version number.

    Raises:
        StatementError: the server is older than PostgreSQL 13.
    """
    if version < FIRST_VERSION:
        raise StatementError(
            f"Grants are read from PostgreSQL 13 on; this server is {version // 10000}.",
            fix=r"\dp and \du still work.",
        )
    widths = _WIDTHS if version >= _OPTIONS_FROM else _WIDTHS | _BEFORE_OPTIONS
    widest = max(widths.values())
    parts: list[str] = []
    for name, width in widths.items():
        columns = ", ".join(f"c{n}" for n in range(width))
        padding = ", NULL" * (widest - width)
        parts.append(f"SELECT '{name}', {columns}{padding} FROM (\n{_sql(name, version)})"
                     f" AS {name} ({columns})")  # fmt: skip
    return "\nUNION ALL\n".join(parts)


@cache
def _sql(name: str, version: int) -> str:
    folder = files("rolebrowser.grants") / "sql"
    dated = [each.name for each in folder.iterdir() if each.name.startswith(f"facts_{name}_1")]
    fitting = [each for each in sorted(dated) if int(each[-10:-4]) <= version]
    file = fitting[-1] if fitting else f"facts_{name}.sql"
    return (folder / file).read_text(encoding="utf-8")


def facts(rows: Iterable[Row]) -> Facts:
    """The facts in the rows that `statement` gives. Pure."""
    found: dict[str, list[Row]] = {name: [] for name in _WIDTHS}
    for name, each in groupby(rows, lambda row: row[0]):
        found[str(name)] += each
    return _Reading(found).facts()


class _Reading:
    """Rows of text on their way to facts."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self._rows = rows
        self._roles = {str(row[2]): int(str(row[1])) for row in rows["roles"]}
        self._acls = acl.Reader(self._roles)

    def facts(self) -> Facts:
        _, version, user, database, *_ = self._rows["here"][0]
        return Facts(
            version=_int(version),
            user=str(user),
            database=_int(database),
            roles=self._each("roles", _role),
            memberships=self._each("memberships", _membership),
            securables=(
                *self._each("databases", self._database),
                *self._each("schemas", self._schema),
                *self._each("relations", self._relation),
                *self._each("functions", self._function),
                *self._each("types", self._type),
                *self._each("others", self._other),
            ),
            columns=self._columns(),
            column_names=self._each("column_names", lambda row: (_int(row[1]), str(row[2]))),
            policies=self._each("policies", _policy),
            default_acls=self._each("default_acls", self._default_acl),
            reads=self._each("reads", _read),
            bodies=self._each(
                "bodies",
                lambda row: Body(_int(row[1]), row[2] or "", _numbers(row[3]), _numbers(row[4])),
            ),
            inherits=self._each("inherits", lambda row: (_int(row[1]), _int(row[2]))),
        )

    def _each(self, name: str, read: Callable[[Row], T]) -> tuple[T, ...]:
        return tuple([read(row) for row in self._rows[name]])

    def _acl(self, text: Value) -> Acl | None:
        return self._acls.read(text) if text is not None else None

    def _database(self, row: Row) -> Securable:
        _, oid, name, owner, privileges, *_ = row
        return Securable(Kind.DATABASE, _int(oid), 0, str(name), _int(owner), self._acl(privileges))

    def _schema(self, row: Row) -> Securable:
        _, oid, name, owner, privileges, *_ = row
        return Securable(Kind.SCHEMA, _int(oid), 0, str(name), _int(owner), self._acl(privileges))

    def _relation(self, row: Row) -> Securable:
        _, oid, schema, name, kind, owner, privileges, rls, force, invoker, *_ = row
        return Securable(
            _RELATION_KINDS[str(kind)],
            _int(oid),
            _int(schema),
            str(name),
            _int(owner),
            self._acl(privileges),
            0,
            rls == "true",
            force == "true",
            (invoker or "").lower() in ("true", "on", "yes", "1"),
        )

    def _function(self, row: Row) -> Securable:
        _, oid, schema, name, kind, owner, privileges, definer, arguments, *_ = row
        return Securable(
            Kind.PROCEDURE if kind == "p" else Kind.FUNCTION,
            _int(oid),
            _int(schema),
            str(name),
            _int(owner),
            self._acl(privileges),
            definer=definer == "true",
            arguments=arguments or "",
        )

    def _type(self, row: Row) -> Securable:
        _, oid, schema, name, owner, privileges, *_ = row
        return Securable(
            Kind.TYPE, _int(oid), _int(schema), str(name), _int(owner), self._acl(privileges)
        )

    def _other(self, row: Row) -> Securable:
        _, kind, oid, name, owner, privileges, *_ = row
        return Securable(
            Kind(str(kind)), _int(oid), 0, str(name), _int(owner), self._acl(privileges)
        )

    def _columns(self) -> tuple[Securable, ...]:
        """A column's schema and owner are its relation's."""
        relations = {row[1]: (_int(row[2]), _int(row[5])) for row in self._rows["relations"]}
        columns: list[Securable] = []
        for _, relation, name, number, privileges, *_ in self._rows["columns"]:
            place = relations.get(relation)
            if place is not None:
                given = self._acl(privileges)
                columns.append(
                    Securable(
                        Kind.COLUMN,
                        _int(relation),
                        place[0],
                        str(name),
                        place[1],
                        given,
                        _int(number),
                    )
                )
        return tuple(columns)

    def _default_acl(self, row: Row) -> DefaultAcl:
        _, creator, schema, kind, privileges, *_ = row
        return DefaultAcl(_int(creator), _int(schema), str(kind), self._acl(privileges) or ())


def _role(row: Row) -> Role:
    _, oid, name, *attributes, limit, until = row
    flags = [each == "true" for each in attributes]
    return Role(_int(oid), str(name), *flags, connection_limit=_int(limit), valid_until=until or "")


def _membership(row: Row) -> Membership:
    _, member, role, grantor, admin, inherit, can_set, *_ = row
    return Membership(
        _int(member),
        _int(role),
        _int(grantor),
        admin == "true",
        None if inherit is None else inherit == "true",
        None if can_set is None else can_set == "true",
    )


def _read(row: Row) -> Read:
    return Read(_int(row[1]), _int(row[2]), _numbers(row[3]), row[4] == "true")


def _policy(row: Row) -> Policy:
    _, table, name, permissive, command, roles, using, check, *_ = row
    oids = tuple(int(each) for each in str(roles).strip("{}").split(",") if each)
    return Policy(
        _int(table), str(name), permissive == "true", str(command), oids, using or "", check or ""
    )


def _numbers(text: Value) -> tuple[int, ...]:
    return tuple(sorted(int(each) for each in (text or "").split(",") if each))


def _int(text: Value) -> int:
    return int(text or 0)
