"""Who may do what: every answer from one set of facts.

Pure. PostgreSQL's rules (aclmask, pg_class_aclmask, pg_namespace_aclmask, pg_attribute_aclmask in
catalog/aclchk.c, 13 to 18; shared/reference/postgres-privileges.md): a role holds a privilege
because it is superuser, because an ACL entry names a role it inherits from or PUBLIC, or through
`pg_read_all_data`, `pg_write_all_data`, `pg_maintain`. Holding isn't reaching: without USAGE on the
schema, or CONNECT on the database for a role that logs in, the privilege is blocked.

For the speed of it roles and securables are numbered, and a right is a bit: `held` is one role
against all securables; `holders.Holders` turns it round, one securable against all roles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

from rolebrowser.grants import acl, bitset
from rolebrowser.grants.acl import Acl
from rolebrowser.grants.facts import Facts, Role, Securable
from rolebrowser.grants.membership import Memberships
from rolebrowser.grants.privileges import (
    CONNECT,
    DELETE,
    INSERT,
    MAINTAIN,
    PUBLIC,
    RELATIONS,
    SELECT,
    TRUNCATE,
    UPDATE,
    USAGE,
    Kind,
    bits,
    of_kind,
)

Rights = dict[int, int]
"""Sets by privilege: of securables, where it is about a role; of roles, where about a securable."""

READ_ALL, WRITE_ALL, MAINTAIN_ALL = "pg_read_all_data", "pg_write_all_data", "pg_maintain"
FIRST_ORDINARY_OID = 12000
"""Tables below it are the catalogs themselves: only a superuser writes there, whatever the ACL."""
CATALOG_WRITES = INSERT | UPDATE | DELETE | TRUNCATE | USAGE


class State(StrEnum):
    """How a role stands to a privilege; of all but INDIRECT the first that applies.

    Attributes:
        EFFECTIVE: it has it, and can get at the object.
        INDIRECT: it may not read the object, but reads its rows through a view, a parent table or
            a function, with the rights of somebody else (detours.py); beside the next three, and
            not of `Model.states`.
        BLOCKED: it has it (`has_table_privilege` says yes), but lacks USAGE on the schema, or
            CONNECT on the database though it may log in.
        LATENT: it hasn't, but a role that it may SET ROLE to has.
        ESCALATABLE: it could grant it to itself: through ADMIN on a role, CREATEROLE before 16, or
            as the object's owner.
    """

    EFFECTIVE = "effective"
    INDIRECT = "indirect"
    BLOCKED = "blocked"
    LATENT = "latent"
    ESCALATABLE = "escalatable"


class Model:
    """The rights in `facts`.

    Attributes:
        roles: numbered as in `memberships`.
        securables: numbered: those of the facts, then the columns with an ACL of their own.
        number: a securable's number by (kind, oid, attnum).
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.roles: tuple[Role, ...] = facts.roles
        self.memberships = Memberships(facts)
        self.securables: tuple[Securable, ...] = facts.securables + facts.columns
        self.size = len(self.securables)
        self._held: dict[int, Rights] = {}
        self._known: dict[int, tuple[Rights, Rights]] = {}
        self._owners: dict[tuple[Kind, int], Acl] = {}

    # ── the facts, turned ────────────────────────────────────────────────────────────────────

    @cached_property
    def number(self) -> dict[tuple[Kind, int, int], int]:
        """A securable's number by kind, oid and column."""
        return {
            (each.kind, each.oid, each.attnum): place for place, each in enumerate(self.securables)
        }

    def entries(self, securable: Securable) -> Acl:
        """Its ACL, or what stands for a NULL one."""
        if securable.acl is not None:
            return securable.acl
        key = (securable.kind, securable.owner)
        known = self._owners.get(key)
        if known is None:
            known = acl.default(securable.kind, securable.owner, self.facts.version)
            self._owners[key] = known
        return known

    def privileges(self, securable: Securable) -> int:
        """All that there is to be granted on it."""
        return of_kind(securable.kind, self.facts.version)

    @cached_property
    def of_kind(self) -> dict[Kind, int]:
        """The securables of each kind."""
        places: dict[Kind, list[int]] = defaultdict(list)
        for place, each in enumerate(self.securables):
            places[each.kind].append(place)
        return {kind: bitset.of(each, self.size) for kind, each in places.items()}

    @cached_property
    def _all(self) -> Rights:
        rights: Rights = defaultdict(int)
        for kind, places in self.of_kind.items():
            for bit in bits(of_kind(kind, self.facts.version)):
                rights[bit] |= places
        return dict(rights)

    @cached_property
    def _grants(self) -> dict[int, dict[tuple[int, int], list[int]]]:
        """By grantee and by what it was given (privileges, grant options): on which securables."""
        grants: dict[int, dict[tuple[int, int], list[int]]] = defaultdict(dict)
        for place, each in enumerate(self.securables):
            for grantee, _, privileges, grantable in self.entries(each):
                grants[grantee].setdefault((privileges, grantable), []).append(place)
        return grants

    def given(self, grantee: int) -> tuple[Rights, Rights]:
        """What ACLs, and PostgreSQL itself, give a grantee: privileges, and grant options."""
        known = self._known.get(grantee)
        if known is None:
            known = self._known[grantee] = self._give(grantee)
        return known

    def _give(self, grantee: int) -> tuple[Rights, Rights]:
        given: Rights = defaultdict(int)
        passed_on: Rights = defaultdict(int)
        for (privileges, grantable), places in self._grants.get(grantee, {}).items():
            having = bitset.of(places, self.size)
            for bit in bits(privileges):
                given[bit] |= having
            for bit in bits(grantable):
                passed_on[bit] |= having
        for name, bit, kinds in self.predefined_rules():
            role = self.facts.role_by_name.get(name)
            if role is not None and role.oid == grantee:
                for kind in kinds:
                    given[bit] |= self.of_kind.get(kind, 0)
        self._guard_catalogs(given)
        for rights in (given, passed_on):
            self._spread_to_columns(rights)
        return given, passed_on

    def predefined_rules(self) -> tuple[tuple[str, int, frozenset[Kind]], ...]:
        """(role, privilege, kinds): what PostgreSQL itself lets its roles do everywhere."""
        read = RELATIONS | {Kind.SEQUENCE}
        schemas = frozenset((Kind.SCHEMA,))
        rules = [
            (READ_ALL, SELECT, read),
            (READ_ALL, USAGE, schemas),
            (WRITE_ALL, INSERT, RELATIONS),
            (WRITE_ALL, UPDATE, read),
            (WRITE_ALL, DELETE, RELATIONS),
            (WRITE_ALL, USAGE, schemas),
        ]
        if self.facts.version >= 170000:
            rules.append((MAINTAIN_ALL, MAINTAIN, RELATIONS))
        return tuple(rules)

    def guarded_catalog(self, securable: Securable) -> bool:
        """Whether only superusers may write to it whatever is granted."""
        return (
            securable.oid < FIRST_ORDINARY_OID
            and securable.kind in (Kind.TABLE, Kind.SEQUENCE)
            and self.facts.is_system(securable)
        )

    @cached_property
    def _catalogs(self) -> int:
        return bitset.of(
            (place for place, each in enumerate(self.securables) if self.guarded_catalog(each)),
            self.size,
        )

    def _guard_catalogs(self, rights: Rights) -> None:
        for bit in bits(CATALOG_WRITES):
            if bit in rights:
                rights[bit] &= ~self._catalogs

    @cached_property
    def parents(self) -> dict[int, int]:
        """The relation of each column, as numbers."""
        relations = {
            each.oid: place
            for place, each in enumerate(self.facts.securables)
            if each.kind in RELATIONS or each.kind is Kind.SEQUENCE
        }
        first = len(self.facts.securables)
        return {
            first + place: relations[each.oid]
            for place, each in enumerate(self.facts.columns)
            if each.oid in relations
        }

    def _spread_to_columns(self, rights: Rights) -> None:
        """What is given on a whole table is given on its columns."""
        for bit in bits(of_kind(Kind.COLUMN, self.facts.version)):
            having = rights.get(bit, 0) & self._with_columns
            for place in bitset.members(having):
                rights[bit] |= self._columns_of[place]

    @cached_property
    def _columns_of(self) -> dict[int, int]:
        columns: dict[int, int] = defaultdict(int)
        for column, parent in self.parents.items():
            columns[parent] |= 1 << column
        return columns

    @cached_property
    def _with_columns(self) -> int:
        return bitset.of(self._columns_of, self.size)

    # ── one role against everything ──────────────────────────────────────────────────────────

    def held(self, role: int) -> Rights:
        """What the role of that number has by itself, as `has_*_privilege` counts.

        A column's bit is set also where the whole table's privilege gives it.
        """
        known = self._held.get(role)
        if known is None:
            known = self._all if self.roles[role].superuser else self._hold(role)
            self._held[role] = known
        return known

    def _hold(self, role: int) -> Rights:
        rights: Rights = defaultdict(int)
        for oid in (PUBLIC, *self.inherited_oids(role)):
            for bit, having in self.given(oid)[0].items():
                rights[bit] |= having
        return dict(rights)

    def grantable(self, role: int) -> Rights:
        """What it may grant to others; an owner may always."""
        if self.roles[role].superuser:
            return self._all
        rights: Rights = defaultdict(int)
        for oid in self.inherited_oids(role):
            for bit, having in self.given(oid)[1].items():
                rights[bit] |= having
            owned = self._owned.get(oid, 0)
            for bit, there in self._all.items() if owned else ():
                rights[bit] |= owned & there
        return dict(rights)

    @cached_property
    def _owned(self) -> dict[int, int]:
        places: dict[int, list[int]] = defaultdict(list)
        for place, each in enumerate(self.securables):
            places[each.owner].append(place)
        return {owner: bitset.of(each, self.size) for owner, each in places.items()}

    def owned(self, role: int) -> int:
        """The securables that it owns, by itself or through roles it inherits from."""
        owned = 0
        for oid in self.inherited_oids(role):
            owned |= self._owned.get(oid, 0)
        return owned

    def inherited_oids(self, role: int) -> list[int]:
        """The oids of the roles whose privileges it has by inheritance, its own among them."""
        inherited = bitset.members(self.memberships.inherits[role])
        return [self.roles[each].oid for each in inherited]

    def open_to(self, role: int) -> int:
        """The securables that the role can get at: CONNECT and USAGE are not in the way."""
        if not self.may_connect(role):
            return 0
        return self.in_schemas(self.held(role).get(USAGE, 0))

    def may_connect(self, role: int) -> bool:
        """False when it may log in, but lacks CONNECT. Who can't log in comes as somebody else."""
        database = self.number.get((Kind.DATABASE, self.facts.database, 0))
        if database is None or not self.roles[role].login:
            return True
        return bool(self.held(role).get(CONNECT, 0) >> database & 1)

    @cached_property
    def schema_members(self) -> tuple[tuple[int, int], ...]:
        """(number of a schema, what is in it)."""
        places: dict[int, list[int]] = defaultdict(list)
        for place, each in enumerate(self.securables):
            if each.schema:
                places[each.schema].append(place)
        return tuple(
            (self.number.get((Kind.SCHEMA, schema, 0), -1), bitset.of(each, self.size))
            for schema, each in places.items()
        )

    @cached_property
    def _without_schema(self) -> int:
        return bitset.of(
            (place for place, each in enumerate(self.securables) if not each.schema), self.size
        )

    def in_schemas(self, usage: int) -> int:
        """What USAGE on a set of schemas opens: what is in them, and what lies in none."""
        reached = self._without_schema
        for schema, content in self.schema_members:
            if schema >= 0 and usage >> schema & 1:
                reached |= content
        return reached

    def states(self, role: int) -> dict[State, Rights]:
        """How it stands to every privilege on every securable; the sets don't overlap."""
        held, reached = self.held(role), self.open_to(role)
        others = bitset.members(self.memberships.can_set[role] & ~(1 << role))
        latent = self._joined(others if not self.roles[role].superuser else (), held)
        states = {
            State.EFFECTIVE: {bit: having & reached for bit, having in held.items()},
            State.BLOCKED: {bit: having & ~reached for bit, having in held.items()},
            State.LATENT: latent,
            State.ESCALATABLE: self._escalatable(role, held, latent),
        }
        return {
            state: {bit: having for bit, having in rights.items() if having}
            for state, rights in states.items()
        }

    def _joined(self, roles: Iterable[int], but: Rights) -> Rights:
        joined: Rights = defaultdict(int)
        for other in roles:
            for bit, having in self.held(other).items():
                joined[bit] |= having
        return {bit: having & ~but.get(bit, 0) for bit, having in joined.items()}

    def _escalatable(self, role: int, held: Rights, latent: Rights) -> Rights:
        if self.roles[role].superuser:
            return {}
        become = self.memberships.can_become[role]
        joined = self._joined(bitset.members(become), held)
        owned = 0
        for other in bitset.members(become):
            owned |= self.owned(other)
        for bit, there in self._all.items() if owned else ():
            joined[bit] = joined.get(bit, 0) | (owned & there & ~held.get(bit, 0))
        return {bit: having & ~latent.get(bit, 0) for bit, having in joined.items()}
