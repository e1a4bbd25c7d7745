"""Target and Bookmark: what to connect to, as strings; nothing here knows AWS or a database."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from rolebrowser.frozen import dataclass


class Engine(StrEnum):
    """The two protocols spoken; Aurora and MariaDB are dialects of them."""

    POSTGRES = "postgres"
    MYSQL = "mysql"


@dataclass(frozen=True, slots=True)
class Target:
    """All the choices of the road. An empty string means "not chosen: the usual one".

    Attributes:
        profile: section of the AWS config; empty = the environment's or the default profile.
        role: ARN of a role to assume from the profile; empty = the profile's own session.
        region: AWS region; empty = the profile's.
        database: DB cluster, instance or proxy identifier.
        endpoint: "writer", "reader", or the name of an instance or custom endpoint; empty = writer.
        user: the database user to log in as.
        dbname: the database inside the server (PostgreSQL) or default schema (MySQL).
        route: name of a route in config.toml; empty = whichever matches, else direct.
        url: a plain `postgresql://` or `mysql://` URL instead of everything above.
    """

    profile: str = ""
    role: str = ""
    region: str = ""
    database: str = ""
    endpoint: str = ""
    user: str = ""
    dbname: str = ""
    route: str = ""
    url: str = ""

    def with_changes(self, **changes: str) -> Target:
        """A copy with the given fields replaced where the new value isn't empty."""
        return replace(self, **{name: value for name, value in changes.items() if value})


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named target. The digit that opens it is its place in config.toml, 1 to 9."""

    name: str
    target: Target
    guarded: bool | None = None
    """True or False overrides the guard patterns of config.toml."""
