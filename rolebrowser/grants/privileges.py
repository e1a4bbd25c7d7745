"""PostgreSQL's privileges: letters, words, and which kind of object has which.

Pure. A set of privileges is an int with a bit for each; PostgreSQL's own numbers (acl.h, parsenodes
.h: ACL_INSERT = 1 << 0 …), so that a set reads the same as in its sources. Source of the letters
and of the table of kinds: PostgreSQL's manual, chapter "Privileges" (ddl-priv).
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

PUBLIC = 0
"""The oid that stands for everybody as a grantee."""

INSERT, SELECT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, EXECUTE = (1 << n for n in range(8))
USAGE, CREATE, TEMPORARY, CONNECT, SET, ALTER_SYSTEM, MAINTAIN = (1 << n for n in range(8, 15))

WORDS: dict[int, str] = {
    SELECT: "SELECT",
    INSERT: "INSERT",
    UPDATE: "UPDATE",
    DELETE: "DELETE",
    TRUNCATE: "TRUNCATE",
    REFERENCES: "REFERENCES",
    TRIGGER: "TRIGGER",
    MAINTAIN: "MAINTAIN",
    USAGE: "USAGE",
    CREATE: "CREATE",
    CONNECT: "CONNECT",
    TEMPORARY: "TEMPORARY",
    EXECUTE: "EXECUTE",
    SET: "SET",
    ALTER_SYSTEM: "ALTER SYSTEM",
}
"""Each privilege's word, in the order in which they are listed."""

BITS = {word: bit for bit, word in WORDS.items()} | {"TEMP": TEMPORARY}

LETTERS: dict[str, int] = {
    "a": INSERT,
    "r": SELECT,
    "w": UPDATE,
    "d": DELETE,
    "D": TRUNCATE,
    "x": REFERENCES,
    "t": TRIGGER,
    "X": EXECUTE,
    "U": USAGE,
    "C": CREATE,
    "T": TEMPORARY,
    "c": CONNECT,
    "s": SET,
    "A": ALTER_SYSTEM,
    "m": MAINTAIN,
}


class Kind(StrEnum):
    """What can be granted on, in SQL's words."""

    DATABASE = "database"
    SCHEMA = "schema"
    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    FOREIGN_TABLE = "foreign table"
    SEQUENCE = "sequence"
    COLUMN = "column"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    TYPE = "type"
    LANGUAGE = "language"
    FOREIGN_DATA_WRAPPER = "foreign data wrapper"
    FOREIGN_SERVER = "foreign server"
    TABLESPACE = "tablespace"
    PARAMETER = "parameter"
    LARGE_OBJECT = "large object"


RELATIONS = frozenset((Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.FOREIGN_TABLE))
"""What the manual's GRANT calls TABLE: all that SELECT reads, except sequences."""

_TABLE = SELECT | INSERT | UPDATE | DELETE | TRUNCATE | REFERENCES | TRIGGER

_OF_KIND: dict[Kind, int] = {
    Kind.DATABASE: CREATE | TEMPORARY | CONNECT,
    Kind.SCHEMA: USAGE | CREATE,
    Kind.SEQUENCE: USAGE | SELECT | UPDATE,
    Kind.COLUMN: SELECT | INSERT | UPDATE | REFERENCES,
    Kind.FUNCTION: EXECUTE,
    Kind.PROCEDURE: EXECUTE,
    Kind.TYPE: USAGE,
    Kind.LANGUAGE: USAGE,
    Kind.FOREIGN_DATA_WRAPPER: USAGE,
    Kind.FOREIGN_SERVER: USAGE,
    Kind.TABLESPACE: CREATE,
    Kind.PARAMETER: SET | ALTER_SYSTEM,
    Kind.LARGE_OBJECT: SELECT | UPDATE,
}

_TO_PUBLIC: dict[Kind, int] = {
    Kind.DATABASE: TEMPORARY | CONNECT,
    Kind.FUNCTION: EXECUTE,
    Kind.PROCEDURE: EXECUTE,
    Kind.TYPE: USAGE,
    Kind.LANGUAGE: USAGE,
}


def of_kind(kind: Kind, version: int) -> int:
    """All privileges an object of that kind has on a server of that version number."""
    if kind in RELATIONS:
        return _TABLE | MAINTAIN if version >= 170000 else _TABLE
    return _OF_KIND[kind]


def to_public(kind: Kind) -> int:
    """What everybody may do with an object whose ACL is NULL."""
    return _TO_PUBLIC.get(kind, 0)


@lru_cache(maxsize=1 << 10)
def bits(privileges: int) -> tuple[int, ...]:
    """The single privileges of a set, in the order of WORDS."""
    return tuple(bit for bit in WORDS if privileges & bit)


def words(privileges: int) -> tuple[str, ...]:
    """Their words, in order."""
    return tuple(WORDS[bit] for bit in bits(privileges))


def phrase(privileges: int, there: int, grantable: int = 0) -> str:
    """A set in words for people: "SELECT, INSERT*", or "ALL" for all that are `there`.

    Args:
        grantable: those to mark with a `*`.
    """
    if privileges == there and privileges.bit_count() > 1 and not grantable & privileges:
        return "ALL"
    return ", ".join(WORDS[bit] + "*" * bool(grantable & bit) for bit in bits(privileges))


def letters(privileges: int) -> str:
    """Their letters as an ACL shows them: `arwdDxtXUCTcsAm`."""
    return "".join(letter for letter, bit in LETTERS.items() if privileges & bit)
