"""Choice: what has been chosen on the way from who to whom. Pure."""

from __future__ import annotations

from dataclasses import replace

from rolebrowser.database.model import Database, Endpoint, User
from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Profile
from rolebrowser.target import Target


@dataclass(frozen=True, slots=True)
class Choice:
    """The choices made so far, left to right; what follows an open one is open too.

    Attributes:
        role: ARN of a role to assume from the profile; empty = the profile's own session.
        route: the way to the database, for `Target.route`; empty = as config.toml says.
    """

    profile: Profile | None = None
    role: str = ""
    database: Database | None = None
    endpoint: Endpoint | None = None
    user: User | None = None
    route: str = ""

    def by(self, route: str) -> Choice:
        """The same, by that way."""
        return replace(self, route=route)

    def as_user(self, user: User) -> Choice:
        """The same, as that database user."""
        return replace(self, user=user)

    def at(self, database: Database, endpoint: Endpoint | None = None) -> Choice:
        """The same identity at a database; the user is open again, and so is the way to another."""
        same = self.database is not None and self.database.id == database.id
        route = self.route if same else ""
        return replace(self, database=database, endpoint=endpoint, user=None, route=route)

    def crumbs(self) -> tuple[str, ...]:
        """Names for the context bar; may be foreign text."""
        parts = (
            self.profile.name if self.profile else "",
            self.role.rsplit("/", 1)[-1],
            self.database.id if self.database else "",
            self.endpoint.role.value if self.endpoint else "",
            self.user.name if self.user else "",
        )
        return tuple(part for part in parts if part)

    def target(self) -> Target:
        """What to connect to."""
        database, endpoint = self.database, self.endpoint
        return Target(
            profile=self.profile.name if self.profile else "",
            role=self.role,
            region=database.region if database else "",
            database=database.id if database else "",
            endpoint=(endpoint.name or endpoint.role.value) if endpoint else "",
            user=self.user.name if self.user else "",
            dbname=database.dbname if database else "",
            route=self.route,
        )
