"""What to ask a person about a statement in read-write mode, before it runs and after. Pure.

After: what can be rolled back is *held*, in a transaction that waits for the person's word. Before:
what touches every row, and what can't be held, because the server runs it outside transactions or
commits it by itself. Sources: PostgreSQL's manual (the commands that "cannot be executed inside a
transaction block", PreventInTransactionBlock in the sources of 18) and MySQL's "Statements That
Cause an Implicit Commit".
"""

from __future__ import annotations

from rolebrowser.connection.effects import Effect, Effects, classify
from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.connection.versioned import readings
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine

_CHANGING = (Effect.WRITE, Effect.UNKNOWN)


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> frozenset[tuple[str, str]]:
    first, _, rest = words.partition(" ")
    return frozenset((first, second) for second in rest.split())


_POSTGRES_ALONE = (
    _pairs("CREATE DATABASE TABLESPACE SUBSCRIPTION")
    | _pairs("DROP DATABASE TABLESPACE SUBSCRIPTION")
    | _pairs("ALTER SYSTEM SUBSCRIPTION")
    | _pairs("REINDEX SCHEMA DATABASE SYSTEM")
)
_MYSQL_HELD = _words("INSERT UPDATE DELETE REPLACE LOAD WITH SELECT EXPLAIN CALL DO EXECUTE")
_MYSQL_COMPOUND = _words("IF CASE LOOP REPEAT WHILE FOR")
_CLAUSES = _words("FROM WHERE INTO AND OR ON AS ORDER GROUP HAVING LIMIT USING JOIN")
"""Where the rest of a statement begins whose first word stands in a version comment."""
_MYSQL_ACTS = _words("KILL SHUTDOWN RESTART START STOP SET CHANGE PURGE BINLOG SIGNAL UNLOCK")
_MYSQL_COMMITS = _words(
    "ALTER ANALYZE BACKUP CACHE CHECK CHECKSUM CLONE CREATE DROP FLUSH GRANT HANDLER IMPORT "
    "INSTALL LOCK OPTIMIZE RENAME REPAIR RESET REVOKE TRUNCATE UNINSTALL"
)
_MYSQL_TEMPORARY = _pairs("CREATE TEMPORARY") | _pairs("DROP TEMPORARY")


@dataclass(frozen=True, slots=True)
class Caution:
    """What a statement asks for.

    Attributes:
        changes: it changes something, or may.
        held: it can run in a transaction that waits for commit or roll back.
        warning: sentences to be confirmed before it is sent; empty when there is no need.
    """

    changes: bool
    held: bool
    warning: str = ""


def caution(text: str, dialect: Engine) -> Caution:
    """What one statement asks for outside a transaction. Never raises."""
    effects = classify(text, dialect)
    if effects.analyzes:
        # It is executed and rolled back: explain.py.
        unsure = dialect is Engine.MYSQL and effects.effect in _CHANGING
        return Caution(changes=False, held=True, warning=_ANALYZED if unsure else "")
    alone = stands_alone(text, dialect)
    if effects.effect not in _CHANGING or not effects.command:
        return Caution(changes=False, held=not alone)
    lines = [line for line in (_unconditional(effects), alone) if line]
    return Caution(changes=True, held=not alone, warning="\n".join(lines))


def stands_alone(text: str, dialect: Engine) -> str:
    """Why a statement can't be rolled back, as a sentence; empty when it can."""
    meant = [token for token in tokens(text, dialect) if token.kind not in _BLANK]
    if dialect is Engine.MYSQL:
        if classify(text, dialect).effect not in _CHANGING:
            return ""
        return next(filter(None, map(_mysql_alone, readings(meant))), "")
    words = _words_of(meant)
    if not words:
        return ""
    if _postgres_alone(words, [token.text for token in meant]):
        return f"PostgreSQL runs this {words[0]} outside transactions: it can't be rolled back."
    return ""


_ANALYZED = (
    "The statement is executed, then rolled back: tables without transactions (MyISAM, Aria) keep "
    "the change."
)
_BLANK = (Kind.SPACE, Kind.COMMENT)


def _words_of(meant: list[Token]) -> list[str]:
    return [token.keyword for token in meant if token.kind is Kind.WORD]


def _mysql_alone(meant: list[Token]) -> str:
    words = _words_of(meant)
    if words[:2] == ["SET", "STATEMENT"] and "FOR" in words:
        words = words[words.index("FOR") + 1 :]
    if not words or words[0] in _MYSQL_HELD | _CLAUSES or tuple(words[:2]) in _MYSQL_TEMPORARY:
        return ""
    if words[0] in _MYSQL_COMPOUND or words[:2] == ["BEGIN", "NOT"]:
        return ""
    if words[0] not in _MYSQL_ACTS | _MYSQL_COMMITS:
        return (
            f"{words[0]} is not known here: if the server commits it by itself, it can't be rolled "
            "back, nor can what an open transaction did."
        )
    what = "acts" if words[0] in _MYSQL_ACTS else "is committed by the server"
    ends = "" if words[0] in _MYSQL_ACTS else " An open transaction is committed with it."
    return f"{words[0]} {what} at once: it can't be rolled back.{ends}"


def _postgres_alone(words: list[str], texts: list[str]) -> bool:
    command = words[0]
    if tuple(words[:2]) in _POSTGRES_ALONE or command == "VACUUM":
        return True
    if command in ("COMMIT", "ROLLBACK") and words[1:2] == ["PREPARED"]:
        return True
    if command == "CLUSTER":
        # Without a table it clusters all, each in a transaction of its own.
        return len([text for text in texts if text not in ("(", ")", ";")]) == 1
    if words[:2] == ["DISCARD", "ALL"]:
        return True
    if words[:2] == ["ALTER", "DATABASE"]:
        return "TABLESPACE" in words
    return "CONCURRENTLY" in words and command in ("CREATE", "DROP", "REINDEX", "ALTER")


def _unconditional(effects: Effects) -> str:
    if effects.command == "TRUNCATE":
        return "TRUNCATE removes every row."
    if effects.every_row:
        return "There is an UPDATE or DELETE without WHERE: it takes in every row."
    if effects.some_rows:
        rows = "1 row" if effects.some_rows == 1 else f"{effects.some_rows:,} rows"
        return f"There is an UPDATE or DELETE without WHERE: it takes in up to {rows}, any of them."
    return ""
