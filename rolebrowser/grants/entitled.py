"""Who may run a suggested statement, where the reader of the facts may not.

Pure. Sources: select_best_grantor (utils/adt/acl.c), check_role_membership_authorization and
check_role_grantor (commands/user.c) and AlterRole of 13 to 18: to grant a role, or to take it back,
takes ADMIN OPTION on it, before 16 CREATEROLE does as well; from 16 on a membership is taken back
with the privileges of who granted it. A superuser role is a superuser's to give.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.grants.facts import Role
from rolebrowser.grants.membership import OPTIONS_FROM
from rolebrowser.grants.model import Model
from rolebrowser.grants.operations import Grant, Inherit, Join, Leave, Operation, Revoke
from rolebrowser.grants.privileges import USAGE, Kind

NAMED = 3
"""Roles or accounts that are named; the others are counted."""


def who_may(model: Model, steps: Iterable[Operation]) -> tuple[str, ...]:
    """Sentences on who may run the steps; none where the reader may run them all."""
    user = model.facts.role_by_name.get(model.facts.user)
    if user is None or user.superuser:
        return ()
    reader = _Reader(model, user, model.memberships.number[user.oid])
    steps = tuple(steps)
    owners = dict.fromkeys(
        granting
        for each in steps
        if isinstance(each, (Grant, Revoke)) and (granting := reader.granting(each)) is not None
    )
    name = quoted(user.name)
    found: list[str] = []
    if owners:
        names = ", ".join(sorted(quoted(model.facts.role_name(owner)) for owner in owners))
        found.append(f"{name} may not run it: {names} may.")
    wants = (reader.wants(each) or reader.finds(each) for each in steps)
    found += [f"{name} may not run it: that takes {each}." for each in wants if each]
    return tuple(dict.fromkeys(found))


class _Reader(NamedTuple):
    """Who read the facts.

    Attributes:
        number: the role's.
    """

    model: Model
    role: Role
    number: int

    def granting(self, step: Grant | Revoke) -> int | None:
        """The oid of who may run it for sure; None where the reader itself may."""
        owner, graph = step.securable.owner, self.model.memberships
        if isinstance(step, Grant):
            place = self.model.number[
                step.securable.kind, step.securable.oid, step.securable.attnum
            ]
            mine = self.model.grantable(self.number).get(step.privileges, 0)
            return None if mine >> place & 1 else owner
        # A REVOKE takes what its own grantor gave: the owner's is for who inherits from the owner,
        # another's begins with a SET ROLE to that one.
        reach = graph.inherits if step.grantor == owner else graph.can_set
        number = graph.number.get(step.grantor)
        may = number is not None and reach[self.number] >> number & 1
        return None if may else step.grantor

    def finds(self, step: Operation) -> str:
        """USAGE on the schema, where who runs the step may not even name what it is about."""
        if not isinstance(step, (Grant, Revoke)) or not step.securable.schema:
            return ""
        if self.granting(step) is not None:
            return ""
        acting = self.number
        if isinstance(step, Revoke) and step.grantor != step.securable.owner:
            acting = self.model.memberships.number.get(step.grantor, acting)
        place = self.model.number.get((Kind.SCHEMA, step.securable.schema, 0))
        if place is None or self.model.held(acting).get(USAGE, 0) >> place & 1:
            return ""
        return f"USAGE on schema {quoted(self.model.securables[place].name)}"

    def wants(self, step: Operation) -> str:
        """What a step about roles takes that the reader hasn't got; "" where it may run it."""
        match step:
            case Join(role, _):
                return "" if self._grants(role) else self._admin(role)
            case Leave(role, _, grantor):
                return self._leaving(role, grantor)
            case Inherit(member):
                return self._altering(self.model.facts.role_by_oid[member])
            case _:
                return ""

    def _grants(self, role: int) -> bool:
        graph = self.model.memberships
        number = graph.number.get(role)
        # Before 15 a role is its own administrator in the session that logged in as it.
        itself = role == self.role.oid and self.model.facts.version < 150000
        return itself or (number is not None and bool(graph.can_grant[self.number] >> number & 1))

    def _leaving(self, role: int, grantor: int) -> str:
        graph = self.model.memberships
        if self.model.facts.version < OPTIONS_FROM:
            return "" if self._grants(role) else self._admin(role)
        if not any(
            edge.admin and graph.member_of[self.number] >> edge.member & 1
            for edge in graph.down[graph.number[role]]
        ):
            return self._admin(role)
        number = graph.number.get(grantor)
        if number is not None and graph.inherits[self.number] >> number & 1:
            return ""
        by = self.model.facts.role_by_oid.get(grantor)
        if by is not None and by.superuser:
            return f"a superuser: {quoted(by.name)} granted it"
        name = quoted(self.model.facts.role_name(grantor))
        return f"the privileges of {name}, who granted it, or a superuser"

    def _admin(self, role: int) -> str:
        """`ADMIN OPTION on readers (lead has it) or a superuser`."""
        given = self.model.facts.role_by_oid[role]
        if given.superuser:
            return f"a superuser, for {quoted(given.name)} is one"
        graph = self.model.memberships
        having = _names(
            self.model.roles[edge.member].name
            for edge in graph.down[graph.number[role]]
            if edge.admin
        )
        option = f"ADMIN OPTION on {quoted(given.name)} ({having})"
        if self.model.facts.version >= OPTIONS_FROM:
            return f"{option} or a superuser"
        return f"{option}, {self._createrole()} or a superuser"

    def _createrole(self) -> str:
        roles = self.model.facts.roles
        return f"CREATEROLE ({_names(each.name for each in roles if each.createrole)})"

    def _altering(self, role: Role) -> str:
        """ALTER ROLE … INHERIT before 16: CREATEROLE, of some roles a superuser."""
        if role.superuser or role.replication:
            return "a superuser"
        return "" if self.role.createrole else f"{self._createrole()} or a superuser"


def _names(found: Iterable[str]) -> str:
    names = sorted(map(quoted, dict.fromkeys(found)))
    return having(names[:NAMED], f"{len(names) - NAMED} more" if len(names) > NAMED else "")


def having(names: Sequence[str], others: str = "") -> str:
    """`a has it`, `a, b and c have it`, `a, b and others have it`, `nobody has it`."""
    if not names:
        return "nobody has it"
    *before, last = (*names, others) if others else names
    return f"{', '.join(before)} and {last} have it" if before else f"{last} has it"
