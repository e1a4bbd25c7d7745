"""What describing commands are made of: the command taken apart, questions, answer. Pure."""

from __future__ import annotations

from collections.abc import Generator

from rolebrowser.connection import queries
from rolebrowser.connection.patterns import Names
from rolebrowser.connection.protocol import Column, Row, ServerInfo
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A backslash command taken apart: `\\dnS+ x*`.

    Attributes:
        name: a key of `COMMANDS`: "dn".
        word: as it was typed: "dnS+".
        arguments: patterns; `extra` those beyond what the command takes.
        plus, system, wide: the letters `+`, `S` and `x` (expanded layout).
        kinds: further letters: the "tv" of `\\dtv`, the "an" of `\\dfan`.
    """

    name: str
    word: str = ""
    arguments: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    plus: bool = False
    system: bool = False
    wide: bool = False
    kinds: str = ""

    @property
    def pattern(self) -> str:
        """The first argument, or an empty string."""
        return self.arguments[0] if self.arguments else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A command's answer.

    Attributes:
        footer: None = psql's row count, empty = none.
        also: further tables, printed under it.
        flat: never laid out as records: what stands below the rows would confuse there.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footer: str | None = None
    also: tuple[Table, ...] = ()
    flat: bool = False


Steps = Generator[str, tuple[Row, ...], Table]


def columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def sql(name: str, info: ServerInfo, conditions: tuple[str, ...] = (), *, plus: str = "") -> str:
    """The query with its conditions put in, and the columns of `plus` where that is asked for."""
    text = queries.sql(name, info.version_number)
    more = queries.sql(plus, info.version_number).partition("\n")[2] if plus else ""
    keyword = "-- :and" if "-- :and" in text else "-- :where"
    clause = "\n  AND ".join(conditions)
    if clause:
        clause = ("AND " if keyword == "-- :and" else "WHERE ") + clause
    return text.replace(keyword, clause).replace("-- :plus", more)


RELATION = Names("c.relname", "n.nspname", visible="pg_catalog.pg_table_is_visible(c.oid)", parts=3)
NOT_SYSTEM = ("n.nspname <> 'pg_catalog'", "n.nspname <> 'information_schema'")
