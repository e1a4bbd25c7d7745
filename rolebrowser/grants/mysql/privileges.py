"""The privileges of MySQL and MariaDB: their words, and at which level each can be granted.

Pure. Sources: MySQL's manual, "Privileges Provided by MySQL" (privileges-provided); MariaDB's
Knowledge Base, "GRANT"; the numbers of the bits from MariaDB's sql/privilege.h.
"""

from __future__ import annotations

from collections.abc import Iterable

from rolebrowser.grants.mysql.facts import Level

GRANT_OPTION = "GRANT OPTION"

COLUMN_WORDS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
TABLE_WORDS = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER",
    "CREATE VIEW", "SHOW VIEW", "TRIGGER", "DELETE HISTORY",
)  # fmt: skip
ROUTINE_WORDS = ("EXECUTE", "ALTER ROUTINE", "SHOW CREATE ROUTINE")
DATABASE_WORDS = (
    *TABLE_WORDS, "CREATE TEMPORARY TABLES", "LOCK TABLES", "CREATE ROUTINE", *ROUTINE_WORDS,
    "EVENT",
)  # fmt: skip
SERVER_WORDS = (
    *DATABASE_WORDS, "RELOAD", "SHUTDOWN", "PROCESS", "FILE", "SHOW DATABASES", "SUPER",
    "REPLICATION SLAVE", "REPLICATION CLIENT", "CREATE USER", "CREATE TABLESPACE", "CREATE ROLE",
    "DROP ROLE",
)  # fmt: skip

OF_LEVEL: dict[Level, tuple[str, ...]] = {
    Level.SERVER: SERVER_WORDS,
    Level.DATABASE: DATABASE_WORDS,
    Level.TABLE: TABLE_WORDS,
    Level.COLUMN: COLUMN_WORDS,
    Level.FUNCTION: ROUTINE_WORDS,
    Level.PROCEDURE: ROUTINE_WORDS,
    Level.PACKAGE: ROUTINE_WORDS,
    Level.PACKAGE_BODY: ROUTINE_WORDS,
    Level.ACCOUNT: ("PROXY",),
}
"""The words of each level, in the order in which they are listed. The server's go on: MySQL's
dynamic privileges, and what MariaDB has split off from SUPER."""
_SETS = {level: frozenset(words) for level, words in OF_LEVEL.items()}

MARIADB_BITS = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "RELOAD", "SHUTDOWN", "PROCESS",
    "FILE", GRANT_OPTION, "REFERENCES", "INDEX", "ALTER", "SHOW DATABASES", "SUPER",
    "CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "REPLICATION SLAVE", "BINLOG MONITOR",
    "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "CREATE USER", "EVENT",
    "TRIGGER", "CREATE TABLESPACE", "DELETE HISTORY", "SET USER", "FEDERATED ADMIN",
    "CONNECTION ADMIN", "READ_ONLY ADMIN", "REPLICATION SLAVE ADMIN", "REPLICATION MASTER ADMIN",
    "BINLOG ADMIN", "BINLOG REPLAY", "SLAVE MONITOR", "SHOW CREATE ROUTINE",
)  # fmt: skip
"""What each bit of global_priv's `access` means, from the lowest on."""


def of_bits(access: int) -> frozenset[str]:
    """The words of a MariaDB bit field; GRANT OPTION among them."""
    return frozenset(word for place, word in enumerate(MARIADB_BITS) if access >> place & 1)


def fitting(words: Iterable[str], level: Level) -> frozenset[str]:
    """Those of the words that mean something at a level."""
    found = frozenset(words)
    return found if level is Level.SERVER else found & _SETS[level]


def ordered(words: Iterable[str]) -> tuple[str, ...]:
    """In the order of SERVER_WORDS; what is none of these at the end, by the alphabet."""
    return tuple(sorted(words, key=lambda word: (_PLACES.get(word, len(_PLACES)), word)))


_PLACES = {word: place for place, word in enumerate(SERVER_WORDS)}
_SYNONYMS = {
    "ALL PRIVILEGES": "ALL",
    "BINLOG MONITOR": "BINLOG MONITOR",
    "REPLICA MONITOR": "SLAVE MONITOR",
    "REPLICATION REPLICA": "REPLICATION SLAVE",
    "DELETE VERSIONING ROWS": "DELETE HISTORY",
    "CREATE TEMPORARY TABLE": "CREATE TEMPORARY TABLES",
}


def spelt(word: str) -> str:
    """A word as this program writes it: `Create View` in a SET column, `replication replica`."""
    plain = " ".join(word.upper().split())
    return _SYNONYMS.get(plain, plain)
