"""What a PostgreSQL server says of roles and grants: frozen, as read, nothing concluded.

Pure. `postgres.load` fills `Facts` from the catalogs; `model.Model` answers questions from it, so
that two looks, or two servers, are compared as plain values. Rules of the versions that change
what an edge means (INHERIT before 16, `pg_database_owner`) are applied by the model, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.grants.acl import Acl
from rolebrowser.grants.privileges import RELATIONS, Kind


class Role(NamedTuple):
    """A row of pg_roles.

    Attributes:
        connection_limit: -1 = none.
        valid_until: the server's text; "" when there is none, "infinity" possible.
    """

    oid: int
    name: str
    superuser: bool = False
    inherit: bool = True
    createrole: bool = False
    createdb: bool = False
    login: bool = False
    replication: bool = False
    bypassrls: bool = False
    connection_limit: int = -1
    valid_until: str = ""

    @property
    def predefined(self) -> bool:
        """Made by PostgreSQL itself: `pg_read_all_data` …"""
        return self.name.startswith("pg_")


class Membership(NamedTuple):
    """A row of pg_auth_members: `member` was granted `role` by `grantor`.

    Attributes:
        inherit, set: the options of 16 and later; None before, where the member's INHERIT
            attribute decides and SET ROLE is always allowed.
    """

    member: int
    role: int
    grantor: int
    admin: bool
    inherit: bool | None = None
    set: bool | None = None


class Securable(NamedTuple):
    """Anything that privileges are granted on.

    Attributes:
        oid: unique within its catalog only; for a column its relation's.
        schema: the schema's oid; 0 for what lives in none.
        name: without the schema.
        acl: None where the catalog has NULL (the default applies); () is an emptied ACL.
        attnum: a column's number; 0 for all else.
        rls, force_rls: row-level security is on; for the owner too.
        invoker: a view that reads with the rights of who asks (security_invoker, 15 and later).
        definer: a function that runs with its owner's rights (SECURITY DEFINER).
        arguments: a function's argument types as GRANT takes them: `integer, text`.
    """

    kind: Kind
    oid: int
    schema: int
    name: str
    owner: int
    acl: Acl | None = None
    attnum: int = 0
    rls: bool = False
    force_rls: bool = False
    invoker: bool = False
    definer: bool = False
    arguments: str = ""


class Policy(NamedTuple):
    """A row of pg_policy.

    Attributes:
        command: "r" SELECT, "a" INSERT, "w" UPDATE, "d" DELETE, "*" all.
        roles: oids; PUBLIC for everybody.
        using, check: the expressions as the server writes them; "" when there is none.
    """

    table: int
    name: str
    permissive: bool
    command: str
    roles: tuple[int, ...]
    using: str = ""
    check: str = ""


class Read(NamedTuple):
    """That a view's query reads a relation.

    Attributes:
        columns: their numbers, ascending; none for a query like `SELECT count(*)`.
        only: FROM ONLY: without the children that inherit from it.
    """

    reader: int
    relation: int
    columns: tuple[int, ...]
    only: bool = False


class Body(NamedTuple):
    """What a SECURITY DEFINER function does.

    Attributes:
        source: its text; "" for a body in SQL's own syntax (BEGIN ATOMIC), of which is known what
            `relations` it reads and which `functions` it calls.
    """

    function: int
    source: str
    relations: tuple[int, ...] = ()
    functions: tuple[int, ...] = ()


class DefaultAcl(NamedTuple):
    """A row of pg_default_acl: what objects that `creator` makes from now on start with.

    Attributes:
        schema: 0 = in every schema.
        kind: "r" tables, "S" sequences, "f" functions, "T" types, "n" schemas, "L" large objects.
    """

    creator: int
    schema: int
    kind: str
    acl: Acl


@dataclass(frozen=True)
class Facts:
    """Everything read in one go, of one database as one moment saw it.

    Attributes:
        version: PostgreSQL's number: 180001.
        user: who read it (CURRENT_USER).
        database: the oid of the database it was read in.
        securables: databases, schemas, relations, sequences, functions, types …
        columns: the columns with an ACL of their own.
        column_names: (relation, name) of each column of those relations, in order.
        reads: what views read; materialized ones too.
        bodies: of the functions that run with their owners' rights.
        inherits: (child, parent) tables; partitions too.
        notes: sentences about what could not be read.
    """

    version: int
    user: str
    database: int
    roles: tuple[Role, ...]
    memberships: tuple[Membership, ...] = ()
    securables: tuple[Securable, ...] = ()
    columns: tuple[Securable, ...] = ()
    column_names: tuple[tuple[int, str], ...] = ()
    policies: tuple[Policy, ...] = ()
    default_acls: tuple[DefaultAcl, ...] = ()
    reads: tuple[Read, ...] = ()
    bodies: tuple[Body, ...] = ()
    inherits: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def role_by_oid(self) -> dict[int, Role]:
        """Roles by oid."""
        return {role.oid: role for role in self.roles}

    @cached_property
    def role_by_name(self) -> dict[str, Role]:
        """Roles by name."""
        return {role.name: role for role in self.roles}

    @cached_property
    def schema_names(self) -> dict[int, str]:
        """Names of the schemas by oid."""
        return {each.oid: each.name for each in self.securables if each.kind is Kind.SCHEMA}

    @cached_property
    def relation_by_oid(self) -> dict[int, Securable]:
        """Tables, views, sequences … by oid."""
        kinds = RELATIONS | {Kind.SEQUENCE}
        return {each.oid: each for each in self.securables if each.kind in kinds}

    def role_name(self, oid: int) -> str:
        """A role's name as it is; "PUBLIC" for 0; its number for one that is gone."""
        if not oid:
            return "PUBLIC"
        role = self.role_by_oid.get(oid)
        return role.name if role is not None else str(oid)

    def label(self, securable: Securable) -> str:
        """Its name for SQL, quoted where needed: `s.t`, `s.t.column`, `s.f(integer)`, `s`."""
        if securable.kind is Kind.COLUMN:
            relation = self.relation_by_oid.get(securable.oid)
            table = self.label(relation) if relation is not None else str(securable.oid)
            return f"{table}.{quoted(securable.name)}"
        name = securable.name
        if securable.kind in (Kind.FUNCTION, Kind.PROCEDURE):
            name = f"{quoted(name)}({securable.arguments})"
        elif securable.kind not in (Kind.PARAMETER, Kind.LARGE_OBJECT):
            name = quoted(name)
        if not securable.schema:
            return name
        schema = self.schema_names.get(securable.schema)
        return f"{quoted(schema if schema is not None else str(securable.schema))}.{name}"

    def is_system(self, securable: Securable) -> bool:
        """Whether it is PostgreSQL's own: in pg_catalog, information_schema, pg_toast."""
        if securable.kind is Kind.SCHEMA:
            return system_schema(securable.name)
        if securable.schema:
            return system_schema(self.schema_names.get(securable.schema, ""))
        if securable.kind is Kind.TABLESPACE:
            return securable.name.startswith("pg_")
        return securable.kind is Kind.LANGUAGE


def system_schema(name: str) -> bool:
    """Whether PostgreSQL keeps its own things in a schema of that name."""
    return name.startswith("pg_") or name == "information_schema"
