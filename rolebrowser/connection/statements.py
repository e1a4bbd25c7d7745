"""Splitting a script into statements, and telling what a statement does. Pure.

The lexical rules are PostgreSQL's (manual, "Lexical Structure") and those of psql's scanner:
quotes, E'' strings, dollar quotes, nested comments, BEGIN ATOMIC bodies; `dialect` MySQL adds
backtick quotes, `#` comments and backslash escapes. What a statement does is read from its words:
good enough to ask a person twice, never relied on for safety: the server's read-only mode is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rolebrowser.target import Engine


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a script.

    Attributes:
        text: without surrounding blanks and without its semicolon.
        start, end: offsets of `text` in the script, in characters.
        backslash: a psql command such as `\\du`.
    """

    text: str
    start: int
    end: int
    backslash: bool = False


_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<estring>\b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<string>'(?:[^']|'')*(?:'|\Z))
    | (?P<ident>"(?:[^"]|"")*(?:"|\Z))
    | (?P<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)
    | (?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)
    | (?P<number>\d[\w.]*)
    | (?P<semi>;)
    | (?P<backslash>\\)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_MYSQL_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<comment>--(?=\s|\Z)[^\n]*|\#[^\n]*)
    | (?P<block>/\*)
    | (?P<string>'(?:[^'\\]|\\.|'')*(?:'|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z))
    | (?P<ident>`(?:[^`]|``)*(?:`|\Z))
    | (?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)
    | (?P<number>\d[\w.]*)
    | (?P<semi>;)
    | (?P<backslash>\\)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A lexical piece: its kind, text and offset."""

    kind: str
    text: str
    start: int


def tokens(text: str, dialect: Engine = Engine.POSTGRES) -> list[Token]:
    """Every piece of the text, in order; joined they give the text back. Never raises."""
    pattern = _TOKEN if dialect is Engine.POSTGRES else _MYSQL_TOKEN
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = pattern.match(text, place)
        assert match is not None and match.lastgroup is not None  # noqa: PT018
        kind, piece = match.lastgroup, match[0]
        if kind == "block":
            piece = _block(text, place, nested=dialect is Engine.POSTGRES)
            kind = "comment"
        elif kind == "dollar":
            end = text.find(piece, place + len(piece))
            piece = text[place:] if end < 0 else text[place : end + len(piece)]
            kind = "string"
        elif kind == "estring":
            kind = "string"
        found.append(Token(kind, piece, place))
        place += len(piece)
    return found


def _block(text: str, start: int, *, nested: bool) -> str:
    depth, place = 1, start + 2
    for edge in re.compile(r"/\*|\*/").finditer(text, place):
        if edge[0] == "*/":
            depth -= 1
        elif nested:
            depth += 1
        if depth == 0:
            return text[start : edge.end()]
    return text[start:]


def split(text: str, dialect: Engine = Engine.POSTGRES) -> list[Statement]:
    """The statements of a script, empty ones left out.

    A backslash outside quotes begins a psql command, which ends with its line.
    """
    found: list[Statement] = []
    start, depth, atomic = 0, 0, 0
    words: list[str] = []
    skip_to = 0
    for token in tokens(text, dialect):
        if token.start < skip_to:
            continue
        if token.kind == "backslash":
            _add(found, text, start, token.start, dialect)
            end = text.find("\n", token.start)
            skip_to = len(text) if end < 0 else end
            command = text[token.start : skip_to].rstrip()
            found.append(Statement(command, token.start, token.start + len(command), True))
            start, depth, atomic, words = skip_to, 0, 0, []
        elif token.kind == "word":
            atomic = _atomic(words, token.text.upper(), atomic)
        elif token.text in "()":
            depth += 1 if token.text == "(" else -1
        elif token.kind == "semi" and depth <= 0 and not atomic:
            _add(found, text, start, token.start, dialect)
            start, depth, words = token.start + 1, 0, []
    _add(found, text, start, len(text), dialect)
    return found


def _atomic(words: list[str], word: str, depth: int) -> int:
    """Depth inside BEGIN ATOMIC … END of a CREATE FUNCTION, as psql's scanner counts it."""
    words.append(word)
    if words[0] != "CREATE":
        return 0
    if word == "ATOMIC" and words[-2:-1] == ["BEGIN"]:
        return depth + 1
    if depth and word == "CASE":
        return depth + 1
    return depth - 1 if depth and word == "END" else depth


def _add(found: list[Statement], text: str, start: int, end: int, dialect: Engine) -> None:
    piece = text[start:end]
    pieces = tokens(piece, dialect)
    meant = [token for token in pieces if token.kind not in ("space", "comment")]
    if not meant:
        return
    first = next(token.start for token in pieces if token.kind != "space")
    last = piece.rstrip()
    found.append(Statement(last[first:], start + first, start + len(last)))


def statement_at(text: str, offset: int, dialect: Engine = Engine.POSTGRES) -> Statement | None:
    """The statement the cursor stands in, or just behind; the last one before it otherwise."""
    chosen: Statement | None = None
    for statement in split(text, dialect):
        if statement.start <= offset or chosen is None:
            chosen = statement
        if offset <= statement.end:
            break
    return chosen


class Effect(StrEnum):
    """What a statement does, by its words."""

    READ = "reads"
    WRITE = "writes"
    TRANSACTION = "transaction"
    SETTING = "setting"
    UNKNOWN = "unknown"
    """It may do anything: DO, CALL, a function with side effects."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a statement does.

    Attributes:
        undoes_read_only: it would switch the read-only setting, or could; why, in words.
        no_where: an UPDATE or DELETE of every row.
    """

    effect: Effect
    command: str = ""
    undoes_read_only: str = ""
    no_where: bool = False


_READS = {
    "SELECT",
    "TABLE",
    "VALUES",
    "SHOW",
    "EXPLAIN",
    "WITH",
    "DESCRIBE",
    "DESC",
    "FETCH",
    "MOVE",
}
_TRANSACTION = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}
_WRITES = {"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "REPLACE"}
_OPAQUE = {"DO", "CALL", "EXECUTE", "PREPARE", "LOAD", "HANDLER"}
_READ_ONLY_SETTINGS = {
    "TRANSACTION_READ_ONLY",
    "DEFAULT_TRANSACTION_READ_ONLY",
    "TX_READ_ONLY",
    "SESSION_AUTHORIZATION",
}


def classify(text: str, dialect: Engine = Engine.POSTGRES) -> Verdict:
    """What a statement does."""
    meant = [t for t in tokens(text, dialect) if t.kind not in ("space", "comment")]
    words = [t.text.upper() for t in meant if t.kind in ("word", "ident")]
    plain = [word.strip('"`') for word in words]
    opening = [t for t in meant if t.text != "("]
    command = opening[0].text.upper() if opening and opening[0].kind == "word" else ""
    undoes = _undoes(command, plain, meant)
    if command in _TRANSACTION:
        return Verdict(Effect.TRANSACTION, command, undoes)
    if command in ("SET", "RESET", "DISCARD"):
        return Verdict(Effect.SETTING, command, undoes)
    if command in _OPAQUE:
        return Verdict(Effect.UNKNOWN, command, undoes)
    if command == "COPY":
        writes = "FROM" in plain or "PROGRAM" in plain
        return Verdict(Effect.WRITE if writes else Effect.READ, command, undoes)
    if command in _READS:
        writing = _writes_inside(command, plain)
        return Verdict(Effect.WRITE if writing else Effect.READ, command, undoes)
    everything = command in ("UPDATE", "DELETE") and "WHERE" not in plain
    known = bool(command)
    return Verdict(Effect.WRITE if known else Effect.UNKNOWN, command, undoes, everything)


def _writes_inside(command: str, words: list[str]) -> bool:
    if command == "EXPLAIN":
        runs = "ANALYZE" in words or "ANALYSE" in words
        return runs and bool((_WRITES | {"CREATE", "REFRESH", "EXECUTE"}) & set(words))
    if command in ("SELECT", "WITH", "TABLE") and "INTO" in words and not _WRITES & set(words):
        return True
    return command in ("WITH", "SELECT") and bool(_WRITES & set(_unlocked(words)))


def _unlocked(words: list[str]) -> list[str]:
    """Without the UPDATE of SELECT … FOR [NO KEY] UPDATE."""
    return [
        word
        for place, word in enumerate(words)
        if not (word == "UPDATE" and place and words[place - 1] in ("FOR", "KEY"))
    ]


def _undoes(command: str, words: list[str], meant: list[Token]) -> str:
    joined = " ".join(words)
    if command in ("SET", "BEGIN", "START") and "READ WRITE" in joined:
        return "it would make the transaction read-write"
    if command in ("SET", "RESET") and _READ_ONLY_SETTINGS & set(words):
        return "it would change the read-only setting"
    if command == "RESET" and "ALL" in words:
        return "RESET ALL would drop the read-only setting"
    if command == "DISCARD" and "ALL" in words:
        return "DISCARD ALL would drop the read-only setting"
    if command == "SET" and words[1:3] == ["SESSION", "AUTHORIZATION"]:
        return "it would change who the connection is"
    if "SET_CONFIG" in words:
        return "set_config could change the read-only setting"
    return _opaque(command, words, meant)


def _opaque(command: str, words: list[str], meant: list[Token]) -> str:
    text = " ".join(token.text.upper() for token in meant if token.kind == "string")
    if command in ("DO", "CALL"):
        return f"{command} runs code that could change the read-only setting"
    if command == "EXPLAIN" and {"ANALYZE", "ANALYSE"} & set(words) and "CREATE" in words:
        # PostgreSQL 18 creates the table here even in a read-only transaction (tried).
        return "EXPLAIN ANALYZE of CREATE TABLE AS is not stopped by the server's read-only mode"
    if command in ("EXECUTE", "PREPARE") and ("SET_CONFIG" in text or "READ ONLY" in text):
        return f"{command} could change the read-only setting"
    return ""
