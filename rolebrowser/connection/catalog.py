"""Catalog: the names a person may type on a server, as far as they have been read. Pure.

Immutable: it is built in the connection's owner thread, a richer one replacing the one before, and
read from the event loop at each keystroke. What costs time is done when it is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from rolebrowser.target import Engine

SYSTEM = frozenset(
    ("pg_catalog", "information_schema", "mysql", "performance_schema", "sys", "pg_toast")
)
"""Schemas of the server itself: their names come after a person's own."""


class Named(Protocol):
    """What stands in a schema under a name."""

    @property
    def schema(self) -> str:
        """The schema's name; MySQL's database."""
        ...

    @property
    def name(self) -> str:
        """The name, unquoted."""
        ...


class Relation(NamedTuple):
    """A table or the like; `kind` is "table", "view" …"""

    schema: str
    name: str
    kind: str = "table"


class Function(NamedTuple):
    """A function; `kind` is "function", "procedure", "aggregate" or "window function".

    Attributes:
        arguments: as the server describes them; empty when it takes none or it isn't known.
    """

    schema: str
    name: str
    kind: str = "function"
    arguments: str = ""


class Attribute(NamedTuple):
    """A column of a relation, with the server's word for its type."""

    name: str
    type: str = ""


T = TypeVar("T", bound=Named)


class Listing(Generic[T]):
    """Named things in the order they are offered: the person's own first, then the server's.

    Args:
        path: the schemas in which names without one are looked up.
    """

    def __init__(self, items: Iterable[T] = (), path: Sequence[str] = ()) -> None:
        places = {schema: place for place, schema in enumerate(path)}

        def order(item: T) -> tuple[bool, int, str, str]:
            place = places.get(item.schema, len(places))
            return item.schema in SYSTEM, place, item.name, item.schema

        self.items = tuple(sorted(items, key=order))
        self.folded = tuple(item.name.lower() for item in self.items)
        self._path = path
        self._by_name: dict[str, list[T]] = {}
        self._by_schema: dict[str, list[T]] = {}
        for item in self.items:
            self._by_name.setdefault(item.name, []).append(item)
            self._by_schema.setdefault(item.schema, []).append(item)

    def inside(self, schema: str) -> Sequence[T]:
        """What stands in a schema."""
        return self._by_schema.get(schema, ())

    def named(self, name: str) -> T | None:
        """What a name without a schema means; None when nothing on the path has it."""
        found = self._by_name.get(name, ())
        return min(
            (item for item in found if item.schema in self._path),
            key=lambda item: self._path.index(item.schema),
            default=None,
        )

    def visible(self, item: T) -> bool:
        """Whether its name alone, without the schema, means it."""
        found = self.named(item.name)
        return found is not None and found.schema == item.schema


@dataclass(frozen=True)
class Catalog:
    """See the module.

    Attributes:
        path: the schemas in which names without one are looked up, first to last.
        schemas: MySQL's databases.
        columns: of (schema, relation), as far as they have been read.
    """

    engine: Engine = Engine.POSTGRES
    path: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    relations: Listing[Relation] = field(default_factory=lambda: Listing[Relation]())
    functions: Listing[Function] = field(default_factory=lambda: Listing[Function]())
    roles: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    columns: Mapping[tuple[str, str], tuple[Attribute, ...]] = field(default_factory=dict)

    def columns_of(self, schema: str, name: str) -> tuple[Attribute, ...]:
        """Columns of a relation; without a schema, of what the name means on the path."""
        if not schema:
            found = self.relations.named(name)
            schema = found.schema if found is not None else ""
        return self.columns.get((schema, name), ())
