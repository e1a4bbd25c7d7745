"""Who is a member of whom, what that gives, and who could become whom.

Pure. Roles are numbered as in `Facts.roles`; sets of them are ints (bitset.py). Source of the
rules: PostgreSQL's roles_is_member_of, is_admin_of_role, select_best_admin (utils/adt/acl.c) and
check_role_membership_authorization (commands/user.c) of 13 to 18.

- Inherit: before 16 a member inherits when its INHERIT attribute is on, asked at every hop; from
  16 on when the membership says so. From 14 on the owner of the database is a member of
  `pg_database_owner` without anybody having granted it.
- SET ROLE: before 16 along every membership, from 16 on along those with the SET option.
- Membership in a superuser gives nothing by itself; SET ROLE to it does.
- ADMIN: who inherits (before 16: is a member of) a role with ADMIN OPTION on another can grant it
  to itself. Before 16 so can CREATEROLE, any role but superusers.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Facts, Membership
from rolebrowser.grants.privileges import Kind

OPTIONS_FROM = 160000
DATABASE_OWNER_FROM = 140000
DATABASE_OWNER = "pg_database_owner"


class Edge(NamedTuple):
    """All memberships between two roles, as one.

    Attributes:
        member, role: numbers.
        grantors: oids; empty for the database's owner in pg_database_owner.
        inherit, set, admin: whether any of them says so, by the rules of the version.
    """

    member: int
    role: int
    grantors: tuple[int, ...]
    inherit: bool
    set: bool
    admin: bool


class Memberships:
    """The graph of roles.

    Attributes:
        number: a role's number by its oid.
        up, down: edges of a role to what it is a member of, and from its members.
        inherits: for each role those whose privileges it has by inheritance, itself included.
        can_set: for each role those that it may SET ROLE to, itself included; a superuser's are
            all.
        set_along: the same, but along memberships only.
        member_of: for each role those that it is a member of in whatever way, itself included.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.size = len(facts.roles)
        self.everybody = (1 << self.size) - 1
        self.number = {role.oid: number for number, role in enumerate(facts.roles)}
        self.superusers = bitset.of(
            (number for number, role in enumerate(facts.roles) if role.superuser), self.size
        )
        self.up: list[list[Edge]] = [[] for _ in facts.roles]
        self.down: list[list[Edge]] = [[] for _ in facts.roles]
        for edge in self._edges():
            self.up[edge.member].append(edge)
            self.down[edge.role].append(edge)
        self.inherits = self._closures([[e.role for e in up if e.inherit] for up in self.up])
        self.member_of = self._closures([[e.role for e in up] for up in self.up])
        self.set_along = self._closures([[e.role for e in up if e.set] for up in self.up])
        self.can_set = list(self.set_along)
        for number in bitset.members(self.superusers):
            self.can_set[number] = self.everybody

    @cached_property
    def inherited_by(self) -> list[int]:
        """For each role those that have its privileges by inheritance, itself included."""
        return self._turned(self.inherits)

    @cached_property
    def settable_by(self) -> list[int]:
        """For each role those that may SET ROLE to it, itself included."""
        return self._turned(self.can_set)

    @cached_property
    def can_become(self) -> list[int]:
        """For each role those it could SET ROLE to once it has granted itself what it can."""
        return [self._become(number) for number in range(self.size)]

    @cached_property
    def could_be(self) -> list[int]:
        """`can_become` the other way round."""
        return self._turned(self.can_become)

    @cached_property
    def can_grant(self) -> list[int]:
        """For each role those it may grant to others."""
        direct = [bitset.of((e.role for e in up if e.admin), self.size) for up in self.up]
        reach = self.inherits if self._by_options else self.member_of
        never = self.superusers
        owner = self.facts.role_by_name.get(DATABASE_OWNER)
        if owner is not None:
            never |= 1 << self.number[owner.oid]
        grants: list[int] = []
        for number, role in enumerate(self.facts.roles):
            if role.superuser:
                grants.append(self.everybody)
                continue
            bits = 0
            for each in bitset.members(reach[number]):
                bits |= direct[each]
            if role.createrole and not self._by_options:
                bits = self.everybody
            grants.append(bits & ~never)
        return grants

    @property
    def _by_options(self) -> bool:
        return self.facts.version >= OPTIONS_FROM

    def _edges(self) -> list[Edge]:
        pairs: dict[tuple[int, int], list[Membership]] = {}
        for each in self.facts.memberships:
            member, role = self.number.get(each.member), self.number.get(each.role)
            if member is not None and role is not None:
                pairs.setdefault((member, role), []).append(each)
        edges = [self._edge(member, role, rows) for (member, role), rows in pairs.items()]
        implicit = self._database_owner()
        return [*edges, implicit] if implicit is not None else edges

    def _edge(self, member: int, role: int, rows: list[Membership]) -> Edge:
        if self._by_options:
            inherit = any(row.inherit for row in rows)
            may_set = any(row.set for row in rows)
        else:
            inherit, may_set = self.facts.roles[member].inherit, True
        grantors = tuple(row.grantor for row in rows)
        return Edge(member, role, grantors, inherit, may_set, any(row.admin for row in rows))

    def _database_owner(self) -> Edge | None:
        role = self.facts.role_by_name.get(DATABASE_OWNER)
        if role is None or self.facts.version < DATABASE_OWNER_FROM:
            return None
        for each in self.facts.securables:
            if each.kind is Kind.DATABASE and each.oid == self.facts.database:
                member = self.number.get(each.owner)
                if member is None:
                    return None
                inherit = self._by_options or self.facts.roles[member].inherit
                return Edge(member, self.number[role.oid], (), inherit, True, False)
        return None

    def _closures(self, up: list[list[int]]) -> list[int]:
        """Reflexive and transitive; shared work, and no recursion however deep the chain is."""
        known: list[int] = [0] * self.size
        for start in range(self.size):
            stack = [start] if not known[start] else []
            while stack:
                number = stack[-1]
                waiting = [each for each in up[number] if not known[each] and each != number]
                if waiting and not known[number]:
                    # Memberships can't go round in PostgreSQL, so each is done before it is due.
                    stack += waiting
                    if len(stack) > self.size * self.size + 1:
                        raise ValueError("memberships go round in a circle")
                    continue
                stack.pop()
                bits = 1 << number
                for each in up[number]:
                    bits |= known[each]
                known[number] = bits
        return known

    def _turned(self, sets: list[int]) -> list[int]:
        turned: list[list[int]] = [[] for _ in sets]
        for number, bits in enumerate(sets):
            for each in bitset.members(bits):
                turned[each].append(number)
        return [bitset.of(numbers, self.size) for numbers in turned]

    def _become(self, number: int) -> int:
        reached = self.can_set[number]
        asked = offered = 0
        while fresh := reached & ~asked:
            asked = reached
            for each in bitset.members(fresh):
                offered |= self.can_grant[each]
            for each in bitset.members(offered & ~reached):
                # A role can't be granted to one that it is itself a member of, nor to another that
                # this one became by a grant: that makes it a member of the other as well.
                if not self.member_of[each] >> number & 1:
                    reached |= self.can_set[each]
        return reached
