"""What a statement does, read from its words. Pure.

Good enough to ask a person twice and to choose how to run a statement; never what safety rests on:
that is the server's read-only transaction. Only what goes around such a transaction is told here by
name (`Effects.evades`): tried on PostgreSQL 13 to 18, from the manual's "SET TRANSACTION" and the
commands PostgreSQL lets through in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise

from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.connection.versioned import readings
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine


class Effect(StrEnum):
    """What a statement does."""

    READ = "reads"
    WRITE = "writes"
    TRANSACTION = "transaction"
    SETTING = "setting"
    UNKNOWN = "unknown"
    """It may do anything: DO, CALL, EXECUTE."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a statement does.

    Attributes:
        command: its first word, in upper case; of a WITH or EXPLAIN still that word.
        evades: why a read-only transaction would not hold it, in words; empty when it would.
        every_row: an UPDATE or DELETE without WHERE or LIMIT, or a TRUNCATE, anywhere inside.
        some_rows: the LIMIT of MySQL's UPDATE or DELETE without WHERE, in rows; the highest one.
        locks: SELECT … FOR UPDATE and its kin, LOCK.
        begins: a transaction is open after it (BEGIN, COMMIT AND CHAIN …).
        undoes: it rolls all of the transaction back.
        client_copy: COPY from or to the client, whose data isn't rows.
        copies_in: it is one from the client.
        analyzes: EXPLAIN ANALYZE and its like: it executes a statement only to tell how that went.
    """

    effect: Effect
    command: str = ""
    evades: str = ""
    every_row: bool = False
    some_rows: int = 0
    locks: bool = False
    begins: bool = False
    undoes: bool = False
    client_copy: bool = False
    copies_in: bool = False
    analyzes: bool = False


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_READS = _set("SELECT TABLE VALUES SHOW EXPLAIN WITH DESCRIBE DESC FETCH MOVE HELP")
_TRANSACTION = _set("BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE XA")
_SETTING = _set("SET RESET DISCARD USE PREPARE DEALLOCATE DECLARE CLOSE LISTEN UNLISTEN")
_OPAQUE = _set("DO CALL EXECUTE LOAD HANDLER")
_CHANGES = _set("INSERT UPDATE DELETE MERGE REPLACE")
_VERBS = _CHANGES | _set("SELECT VALUES TABLE")
_READ_ONLY_SETTINGS = _set("TRANSACTION_READ_ONLY DEFAULT_TRANSACTION_READ_ONLY TX_READ_ONLY")
_UNHELD = {
    Engine.POSTGRES: _set(
        "DO CALL VACUUM ANALYZE ANALYSE CLUSTER REINDEX CHECKPOINT LOAD LOCK NOTIFY"
    ),
    Engine.MYSQL: _set(
        "CALL ANALYZE OPTIMIZE REPAIR FLUSH KILL RESET SHUTDOWN RESTART LOAD LOCK PURGE CHANGE "
        "STOP XA INSTALL UNINSTALL CACHE EXECUTE BACKUP CLONE BINLOG"
    ),
}
"""Commands that a read-only transaction lets through, or that run code which could end it."""
_COMPOUND = _set("IF CASE LOOP REPEAT WHILE FOR")
"""MariaDB runs a procedure's statements outside one too, as it does BEGIN NOT ATOMIC."""
_SERVERS = _set("GLOBAL PERSIST PERSIST_ONLY")
_DEFAULT_ROLE = ["DEFAULT", "ROLE"]

_ACTING = _set(
    "PG_TERMINATE_BACKEND PG_CANCEL_BACKEND PG_RELOAD_CONF PG_ROTATE_LOGFILE PG_NOTIFY PG_PROMOTE "
    "PG_SWITCH_WAL PG_CREATE_RESTORE_POINT PG_LOGICAL_EMIT_MESSAGE PG_WAL_REPLAY_PAUSE "
    "PG_WAL_REPLAY_RESUME PG_DROP_REPLICATION_SLOT PG_CREATE_PHYSICAL_REPLICATION_SLOT "
    "PG_CREATE_LOGICAL_REPLICATION_SLOT PG_REPLICATION_SLOT_ADVANCE PG_LOGICAL_SLOT_GET_CHANGES "
    "PG_LOGICAL_SLOT_GET_BINARY_CHANGES PG_BACKUP_START PG_BACKUP_STOP PG_START_BACKUP "
    "PG_STOP_BACKUP PG_STAT_RESET PG_STAT_RESET_SHARED PG_STAT_STATEMENTS_RESET LO_EXPORT "
    "PG_FILE_WRITE PG_FILE_UNLINK DBLINK DBLINK_EXEC DBLINK_SEND_QUERY QUERY_EXPORT_TO_S3 "
    "TABLE_IMPORT_FROM_S3 INVOKE GET_LOCK RELEASE_LOCK"
)
"""Functions that act at once, whatever becomes of the transaction."""
_UNMINDFUL = _set(
    "LO_CREAT LO_CREATE LO_FROM_BYTEA LO_IMPORT LO_PUT LO_TRUNCATE LO_TRUNCATE64 LO_UNLINK LOWRITE "
    "PG_RESTORE_RELATION_STATS PG_RESTORE_ATTRIBUTE_STATS PG_CLEAR_RELATION_STATS "
    "PG_CLEAR_ATTRIBUTE_STATS PG_IMPORT_SYSTEM_COLLATIONS PG_REPLICATION_ORIGIN_CREATE "
    "PG_REPLICATION_ORIGIN_DROP PG_REPLICATION_ORIGIN_ADVANCE GIN_CLEAN_PENDING_LIST "
    "BRIN_SUMMARIZE_NEW_VALUES BRIN_SUMMARIZE_RANGE BRIN_DESUMMARIZE_RANGE "
    "PG_STAT_RESET_SINGLE_TABLE_COUNTERS PG_STAT_RESET_SINGLE_FUNCTION_COUNTERS PG_STAT_RESET_SLRU "
    "PG_STAT_RESET_SUBSCRIPTION_STATS PG_STAT_RESET_REPLICATION_SLOT PG_STAT_RESET_BACKEND_STATS "
    "PG_COPY_PHYSICAL_REPLICATION_SLOT PG_COPY_LOGICAL_REPLICATION_SLOT "
    "PG_SYNC_REPLICATION_SLOTS PG_LOG_STANDBY_SNAPSHOT"
)
"""Functions that write and don't ask whether they may: tried in read-only transactions of 18, those
on large objects of 15 (16 and later refuse them)."""

_Clause = list[Token]


def classify(text: str, dialect: Engine = Engine.POSTGRES) -> Effects:
    """What one statement does. Never raises."""
    meant = [t for t in tokens(text, dialect) if t.kind not in (Kind.SPACE, Kind.COMMENT)]
    if dialect is Engine.POSTGRES:
        return _classified(meant, dialect)
    found = [_mysql(each) for each in readings(meant)]
    if not found:
        return Effects(Effect.UNKNOWN, "/*!", evades="its version comments can't be followed")
    worst = max(found, key=lambda effects: (bool(effects.command), _WORSE.index(effects.effect)))
    return replace(
        worst,
        evades=next((each.evades for each in found if each.evades), ""),
        every_row=any(each.every_row for each in found),
        some_rows=max(each.some_rows for each in found),
        locks=any(each.locks for each in found),
        begins=any(each.begins for each in found),
    )


def called(text: str, dialect: Engine) -> frozenset[str]:
    """Names before a `(`, in upper case: functions, and words such as IN. Never raises."""
    meant = [t for t in tokens(text, dialect) if t.kind not in (Kind.SPACE, Kind.COMMENT)]
    read = readings(meant) if dialect is Engine.MYSQL else [meant]
    return frozenset(name for each in read for name in _called(each))


_WORSE = (Effect.READ, Effect.SETTING, Effect.TRANSACTION, Effect.WRITE, Effect.UNKNOWN)


def _mysql(meant: list[Token]) -> Effects:
    if executed := _executed(meant):
        return replace(_classified(executed, Engine.MYSQL), command="ANALYZE", analyzes=True)
    words = [token.keyword for token in meant]
    if words[:2] == ["SET", "STATEMENT"] and "FOR" in words:
        # MariaDB: a setting for the length of one statement.
        inside = _classified(meant[words.index("FOR") + 1 :], Engine.MYSQL)
        return replace(inside, evades=inside.evades or _sets_mode("SET", words, _names(meant)))
    if words[:1] and (words[0] in _COMPOUND or words[:2] == ["BEGIN", "NOT"]):
        return Effects(
            Effect.UNKNOWN,
            words[0],
            evades="a compound statement could switch the session to read-write",
        )
    return _classified(meant, Engine.MYSQL)


def _names(meant: list[Token]) -> set[str]:
    return {token.name for token in meant}


def _executed(meant: list[Token]) -> list[Token]:
    """The statement behind MariaDB's `ANALYZE [FORMAT=…]`, which executes it; not `ANALYZE TABLE`'s
    words, which is another thing."""
    words = [token.keyword for token in meant[:4]]
    if words[:1] != ["ANALYZE"]:
        return []
    rest = meant[4:] if words[1:2] == ["FORMAT"] else meant[1:]
    begins = rest and (rest[0].text == "(" or rest[0].keyword in (_VERBS | {"WITH"}) - {"TABLE"})
    return rest if begins else []


def _classified(meant: list[Token], dialect: Engine) -> Effects:
    clauses = _clauses(meant)
    top = _words(clauses[0])
    command = next((token.keyword for token in meant if token.text != "("), "")
    changes = [clause for clause in clauses if _verb(clause) in _CHANGES]
    limits = [_limit(clause) for clause in changes if _unconditional(clause)]
    return Effects(
        effect=_effect(command, top, clauses, bool(changes), dialect),
        command=command,
        evades=_evades(command, top, clauses, meant, dialect),
        every_row=command == "TRUNCATE" or None in limits,
        some_rows=max((limit for limit in limits if limit is not None), default=0),
        locks=command == "LOCK" or any(_locks(_words(clause)) for clause in clauses),
        begins=_begins(command, top),
        undoes=command in ("ROLLBACK", "ABORT") and not {"TO", "PREPARED"} & set(top),
        copies_in=command == "COPY" and ("FROM", "STDIN") in pairwise(top),
        client_copy=command == "COPY" and bool({"STDIN", "STDOUT"} & set(top)),
        analyzes=command == "EXPLAIN" and _analyzes(clauses),
    )


def _clauses(meant: Sequence[Token]) -> list[_Clause]:
    """The tokens outside parentheses, then those of each pair, whose `)` counts as outside."""
    found: list[_Clause] = [[]]
    stack = [found[0]]
    for token in meant:
        if token.text == "(" and token.kind is Kind.OTHER:
            found.append([])
            stack.append(found[-1])
            continue
        if token.text == ")" and token.kind is Kind.OTHER and len(stack) > 1:
            stack.pop()
        stack[-1].append(token)
    return found


def _words(clause: _Clause) -> list[str]:
    return [token.keyword for token in clause if token.kind is Kind.WORD]


def _verb(clause: _Clause) -> str:
    """What a clause does: behind WITH, EXPLAIN, PREPARE … AS, DECLARE … FOR."""
    words = _words(clause)
    if not words:
        return ""
    if words[0] in _VERBS:
        return words[0]
    if words[0] in ("WITH", "EXPLAIN", "PREPARE", "DECLARE", "COPY", "CREATE"):
        behind = ("AS", "FOR") if words[0] in ("PREPARE", "DECLARE", "CREATE") else ()
        return next(_verbs_behind(clause, behind), "")
    return ""


def _verbs_behind(clause: _Clause, words: tuple[str, ...]) -> Iterator[str]:
    """Verbs that stand where a statement may begin: behind `)`, one of `words`, or an option."""
    for before, token in pairwise(clause):
        starts = before.text == ")" or before.keyword in ("EXPLAIN", "ANALYZE", "VERBOSE", *words)
        if token.keyword in _VERBS and (starts or before.keyword == "ANALYSE"):
            yield token.keyword


def _effect(
    command: str, top: list[str], clauses: list[_Clause], changes: bool, dialect: Engine
) -> Effect:
    if dialect is Engine.MYSQL and _lasts(command, top):
        return Effect.WRITE
    if command in _TRANSACTION:
        return Effect.TRANSACTION
    if command in _OPAQUE:
        return Effect.UNKNOWN
    if command in _SETTING:
        return Effect.SETTING
    if command == "COPY":
        return Effect.READ if "TO" in top and "STDOUT" in top and not changes else Effect.WRITE
    if command not in _READS:
        return Effect.WRITE if command else Effect.UNKNOWN
    if command == "EXPLAIN" and not _analyzes(clauses):
        return Effect.READ
    if command == "EXPLAIN" and "EXECUTE" in top:
        return Effect.UNKNOWN
    # What MySQL's SELECT … INTO leaves behind is a variable of the session, or a file.
    makes = _writes_file(top) if dialect is Engine.MYSQL else _makes_table(command, top)
    return Effect.WRITE if changes or makes else Effect.READ


def _lasts(command: str, top: list[str]) -> bool:
    """Whether a SET, START or RESET of MySQL's reaches beyond the session."""
    if command == "SET":
        return bool(_SERVERS & set(top)) or top[1:2] == ["PASSWORD"] or top[1:3] == _DEFAULT_ROLE
    return command == "RESET" or (command == "START" and top[1:2] != ["TRANSACTION"])


def _analyzes(clauses: list[_Clause]) -> bool:
    options = _words(clauses[0])[1:2] + (_words(clauses[1]) if len(clauses) > 1 else [])
    return bool({"ANALYZE", "ANALYSE"} & set(options))


def _makes_table(command: str, top: list[str]) -> bool:
    """SELECT … INTO, and EXPLAIN ANALYZE CREATE TABLE AS."""
    if command == "EXPLAIN" and "CREATE" in top:
        return True
    return "INTO" in top and not _CHANGES & set(top)


def _writes_file(top: list[str]) -> bool:
    return "INTO" in top and bool({"OUTFILE", "DUMPFILE"} & set(top))


def _limit(clause: _Clause) -> int | None:
    """The rows that a LIMIT allows; None without one, or where a variable says how many."""
    for word, number in pairwise(clause):
        if word.keyword == "LIMIT" and number.kind is Kind.NUMBER and number.text.isdecimal():
            return int(number.text)
    return None


def _unconditional(clause: _Clause) -> bool:
    words = _words(clause)
    if "WHERE" in words:
        return False
    verb = _verb(clause)
    return (verb == "DELETE" and "FROM" in words) or (verb == "UPDATE" and "SET" in words)


def _locks(words: list[str]) -> bool:
    pairs = set(pairwise(words))
    strengths = {("FOR", word) for word in ("UPDATE", "SHARE", "NO", "KEY")}
    return bool(pairs & (strengths | {("IN", "SHARE")}))


def _begins(command: str, top: list[str]) -> bool:
    if command == "BEGIN" or (command == "START" and "TRANSACTION" in top):
        return True
    chained = command in _TRANSACTION and "CHAIN" in top
    return chained and "NO" not in top


def _evades(
    command: str, top: list[str], clauses: list[_Clause], meant: list[Token], dialect: Engine
) -> str:
    names = _names(meant)
    if (reason := _sets_mode(command, top, names)) or (
        reason := _reaches_out(command, top, clauses, meant)
    ):
        return reason
    starts = command == "START" and top[1:2] != ["TRANSACTION"]
    if command in _UNHELD[dialect] or starts:
        return f"{command} isn't stopped by the server's read-only mode"
    if command == "EXPLAIN" and _analyzes(clauses) and _makes_table(command, top):
        # PostgreSQL 18 makes the table even in a read-only transaction (tried).
        return "EXPLAIN ANALYZE would make the table: the server's read-only mode lets it"
    functions = _called(meant)
    if acting := sorted(_ACTING & functions):
        return f"{acting[0].lower()} acts at once, in a read-only transaction too"
    if unmindful := sorted(_UNMINDFUL & functions):
        return f"{unmindful[0].lower()} writes in a read-only transaction too"
    if dialect is Engine.POSTGRES and _hides_name(meant):
        return "a function's name is written in escapes, so nobody knows what it does"
    return ""


def _called(meant: list[Token]) -> set[str]:
    return {token.name for token, following in pairwise(meant) if following.text == "("}


def _hides_name(meant: list[Token]) -> bool:
    """Whether a U&"…" with escapes is called."""
    escaped = (
        name.kind is Kind.NAME
        and sign.text == "&"
        and (behind.keyword == "UESCAPE" or (behind.text == "(" and "\\" in name.text))
        for sign, name, behind in zip(meant, meant[1:], meant[2:], strict=False)
    )
    return any(escaped)


def _sets_mode(command: str, top: list[str], names: set[str]) -> str:
    if command in ("SET", "BEGIN", "START") and ("READ", "WRITE") in pairwise(top):
        return "it would make transactions read-write"
    if command in ("SET", "RESET") and _READ_ONLY_SETTINGS & names:
        return "it would change the read-only setting"
    if command in ("RESET", "DISCARD") and "ALL" in top[1:2]:
        return f"{command} ALL would drop the read-only setting"
    if "SET_CONFIG" in names:
        return "set_config could change the read-only setting"
    return ""


def _reaches_out(command: str, top: list[str], clauses: list[_Clause], meant: list[Token]) -> str:
    if top[:2] == ["ALTER", "SYSTEM"] or (command == "SET" and _SERVERS & set(top)):
        return "it changes the server's settings, which a read-only transaction doesn't hold"
    if "PREPARED" in top or top[:2] == ["PREPARE", "TRANSACTION"]:
        return "it ends or leaves behind a prepared transaction"
    if command == "COPY" and ("FROM", "STDIN") in pairwise(top):
        return "COPY … FROM STDIN writes into a table"
    if command == "COPY" and ("FROM" in top or "PROGRAM" in top or "STDOUT" not in top):
        return "COPY reads or writes the server's files or runs a program there"
    if _writes_file(top):
        return "it writes a file on the server"
    return ""
