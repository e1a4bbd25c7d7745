"""One securable against all roles: `model.Model` turned round.

Pure. Starts from the securable's own ACL, so that one table's answer doesn't wait for five
thousand others. Sets are of roles, numbered as in `Model.roles`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Securable
from rolebrowser.grants.model import CATALOG_WRITES, Model, Rights, State
from rolebrowser.grants.privileges import CONNECT, PUBLIC, USAGE, Kind, bits


class Holders:
    """Who holds what on a securable, by its number in `model.securables`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.memberships = model.memberships
        self._known: dict[int, Rights] = {}

    def held(self, place: int) -> Rights:
        """By privilege the roles that have it, as `has_*_privilege` counts."""
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._hold(place)
        return known

    def _hold(self, place: int) -> Rights:
        securable = self.model.securables[place]
        rights: Rights = defaultdict(int)
        for entry in self.model.entries(securable):
            having = self._having(entry.grantee)
            for bit in bits(entry.privileges):
                rights[bit] |= having
        for name, bit, kinds in self.model.predefined_rules():
            role = self.model.facts.role_by_name.get(name)
            if role is not None and securable.kind in kinds:
                rights[bit] |= self._having(role.oid)
        if self.model.guarded_catalog(securable):
            for bit in bits(CATALOG_WRITES):
                rights.pop(bit, None)
        parent = self.model.parents.get(place)
        of_parent = self.held(parent) if parent is not None else {}
        for bit in bits(self.model.privileges(securable)):
            rights[bit] |= self.memberships.superusers | of_parent.get(bit, 0)
        return {bit: having for bit, having in rights.items() if having}

    def _having(self, grantee: int) -> int:
        if grantee == PUBLIC:
            return self.memberships.everybody
        number = self.memberships.number.get(grantee)
        return self.memberships.inherited_by[number] if number is not None else 0

    @cached_property
    def connecting(self) -> int:
        """Roles that CONNECT doesn't stop: they have it, or can't log in anyway."""
        database = self.model.number.get((Kind.DATABASE, self.model.facts.database, 0))
        if database is None:
            return self.memberships.everybody
        nologin = (number for number, role in enumerate(self.model.roles) if not role.login)
        return self.held(database).get(CONNECT, 0) | bitset.of(nologin, self.memberships.size)

    def using(self, schema: int) -> int:
        """Roles with USAGE on the schema of that oid; all of them for 0."""
        if not schema:
            return self.memberships.everybody
        place = self.model.number.get((Kind.SCHEMA, schema, 0))
        return self.held(place).get(USAGE, 0) if place is not None else 0

    def owners(self, securable: Securable) -> int:
        """Roles that are its owner, or inherit from it."""
        return self._having(securable.owner)

    def states(self, place: int) -> dict[State, Rights]:
        """By state and privilege the roles; the sets don't overlap."""
        securable = self.model.securables[place]
        held = self.held(place)
        reaching = self.using(securable.schema) & self.connecting
        owners = self.owners(securable)
        states: dict[State, Rights] = {state: {} for state in State}
        for bit in bits(self.model.privileges(securable)):
            having = held.get(bit, 0)
            latent = self._any(self.memberships.settable_by, having) & ~having
            becoming = self._any(self.memberships.could_be, having | owners)
            states[State.EFFECTIVE][bit] = having & reaching
            states[State.BLOCKED][bit] = having & ~reaching
            states[State.LATENT][bit] = latent
            states[State.ESCALATABLE][bit] = becoming & ~having & ~latent
        return {
            state: {bit: having for bit, having in rights.items() if having}
            for state, rights in states.items()
        }

    def _any(self, sets: list[int], roles: int) -> int:
        joined = 0
        if roles == self.memberships.everybody:
            return roles
        for number in bitset.members(roles):
            joined |= sets[number]
        return joined
