"""The tables of a statement, and where in it one stands: a walk over its tokens. Pure.

Each pair of parentheses is a level of its own with its own clause and tables: a subquery sees its
own tables and those of the queries around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from enum import StrEnum

from rolebrowser.connection.completion_outputs import Output, Table, listed, outputs, renamed
from rolebrowser.connection.completion_words import NO_ALIAS, OBJECTS, words_of
from rolebrowser.connection.lexer import Kind, Token
from rolebrowser.connection.names import unquoted
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine


class Want(StrEnum):
    """A kind of thing that may stand somewhere."""

    BEGINNING = "beginning"
    RELATION = "relation"
    COLUMN = "column"
    EXPRESSION = "expression"
    """Columns, functions, and the words of expressions."""
    FUNCTION = "function"
    ROLE = "role"
    SCHEMA = "schema"
    DATABASE = "database"
    TYPE = "type"
    COMMAND = "command"
    """A backslash command."""
    AFTER_TABLE = "after table"
    AFTER_OPERAND = "after operand"
    PRIVILEGE = "privilege"
    FOLLOWING = "following"
    """What the word before demands: ORDER BY."""
    OBJECT = "object"
    """What privileges are granted on."""
    WORD = "word"
    """A keyword of a statement that is no query."""
    NOTHING = "nothing"


@dataclass(slots=True)
class Level:
    """What stands between a pair of parentheses, or in none.

    Attributes:
        opener: the word before the parenthesis, in upper case.
        around: the table before it, whose columns it lists: `INTO t (`.
        clause: the last word that says what follows: SELECT, FROM, ON …
        count: how many tokens stand in it so far.
        expecting: a table comes next.
        parts: of the table's name as far as it was read.
        awaiting: the table whose alias may follow; of a subquery one without a name.
        naming: the table whose alias was the token before: a list of column names may follow.
        query: the WITH query whose text this is; "" = none's.
        names: what this lists the column names of: a WITH query or `naming`.
        tokens: the meaningful ones, of what stands in parentheses only these.
    last: the word before, in upper case; other tokens as they are, names as "?".
    """

    parent: Level | None = None
    opener: str = ""
    around: Table | None = None
    clause: str = ""
    tables: list[Table] = field(default_factory=list)
    count: int = 0
    expecting: bool = False
    parts: list[str] = field(default_factory=list)
    awaiting: Table | None = None
    naming: Table | None = None
    query: str = ""
    names: Table | str | None = None
    tokens: list[Token] = field(default_factory=list)
    last: str = ""

    def visible(self) -> Iterator[Table]:
        """The tables in scope, the innermost first."""
        if self.around is not None:
            yield self.around
        yield from self.tables
        if self.parent is not None:
            yield from self.parent.visible()


CLAUSES = frozenset(
    words_of(
        "SELECT FROM JOIN WHERE ON HAVING BY SET INTO VALUES TO USING RETURNING LIMIT OFFSET "
        "UPDATE ROLE USER GROUP SCHEMA DATABASE FUNCTION PROCEDURE TABLE VIEW SEQUENCE INDEX "
        "COLUMN GRANT REVOKE CALL USE OWNED TRUNCATE COPY REFERENCES DESCRIBE DESC VACUUM "
        "ANALYZE FOR WINDOW POLICY SHOW TYPE EXTENSION AUTHORIZATION LOCK"
    )
)
_BEFORE_TABLES = frozenset(
    words_of("FROM JOIN INTO TABLE REFERENCES COPY DESCRIBE TRUNCATE VACUUM ANALYZE LOCK")
)
_NO_TABLES = frozenset(words_of("EXTRACT SUBSTRING TRIM OVERLAY POSITION"))
"""Functions with a FROM of their own."""
_SKIPPED = frozenset(words_of("ONLY LATERAL IF NOT EXISTS"))
_NO_NAMES = NO_ALIAS | _SKIPPED | {"TABLE", "ALL", "VERBOSE", "FREEZE", "FULL", "ANALYZE", "IF"}
_NO_ALIASES = NO_ALIAS | CLAUSES
_EXPLAINING = frozenset(("", "EXPLAIN", "ANALYZE", "VERBOSE"))
PRIVILEGES = frozenset(("GRANT", "REVOKE"))
QUERIES = frozenset(words_of("SELECT INSERT UPDATE DELETE WITH MERGE VALUES TABLE REPLACE"))
"""First words of the statements that are queries; in others tables have no aliases."""


class Scan:
    """Takes a statement's meaningful tokens one after the other.

    Attributes:
        verb: the statement's first word, EXPLAIN left aside, in upper case.
        queries: the WITH queries read so far, and their columns; those of one that isn't at its end
            yet as far as they are known.
        level: the level one stands in.
    """

    def __init__(self, engine: Engine) -> None:
        self.verb = ""
        self.queries: dict[str, tuple[Output, ...]] = {}
        self.level = Level()
        self._engine = engine
        self._name = ""
        self._with = ""

    def take(self, token: Token) -> None:
        """One token on."""
        level = self.level
        level.count += 1
        level.tokens.append(token)
        if token.text == "(" and token.kind is Kind.OTHER:
            self._open(level)
        elif token.text == ")" and token.kind is Kind.OTHER:
            self._close(level)
        else:
            self._read(level, token)
        if token.kind in (Kind.WORD, Kind.NAME):
            self._name = unquoted(token.text, self._engine)

    def end(self) -> None:
        """The text ends here."""
        level: Level | None = self.level
        while level is not None:
            self._finish(level)
            self._query_ends(level)
            level = level.parent

    def _open(self, level: Level) -> None:
        table = self._finish(level)
        inner = Level(level, opener=level.last)
        if table is not None and level.clause in ("FROM", "JOIN"):
            # A function in FROM, no table.
            level.tables.remove(table)
        elif table is not None:
            inner.around = table
        elif self._with_query(level):
            self._with = self._name
            self.queries[self._with] = ()
            inner.names = self._with
        elif self._with_body(level):
            inner.query = self._with
        elif level.naming is not None:
            inner.names = level.naming
        level.naming = None
        level.awaiting = Table("", "") if level.expecting or table is not None else None
        level.expecting = False
        self.level = inner

    def _with_query(self, level: Level) -> bool:
        """`WITH name (`, whose columns come before its AS."""
        return self._among_queries(level) and level.last not in ("", "AS", "MATERIALIZED", ")")

    def _with_body(self, level: Level) -> bool:
        """`WITH name AS (`."""
        return self._among_queries(level) and level.last in ("AS", "MATERIALIZED")

    def _among_queries(self, level: Level) -> bool:
        """Between WITH and what it is for."""
        first = level.tokens[0].keyword if level.tokens else ""
        verb = self.verb if level.parent is None else first
        return verb == "WITH" and level.clause == ""

    def _query_ends(self, inner: Level) -> None:
        """What a query's columns are is known, to who asks for it by its name or alias."""
        parent = inner.parent
        if inner.query and not self.queries.get(inner.query):
            self.queries[inner.query] = self._outputs(inner)
        elif isinstance(inner.names, str):
            self.queries[inner.names] = renamed((), listed(inner.tokens, self._engine))
        elif inner.names is not None and parent is not None and parent.tables:
            table, names = parent.tables[-1], listed(inner.tokens, self._engine)
            real = None if table.outputs or not table.name else table
            parent.tables[-1] = replace(table, outputs=renamed(table.outputs, names, real))
        elif parent is not None and parent.awaiting == Table("", ""):
            # A derived table, or a function's result: of that nobody knows the columns.
            parent.awaiting = Table("", "", "", self._outputs(inner))
            parent.tables.append(parent.awaiting)

    def _outputs(self, inner: Level) -> tuple[Output, ...]:
        return outputs(inner.tokens, inner.tables, self._engine)

    def _close(self, level: Level) -> None:
        self._finish(level)
        level.tokens.pop()
        self._query_ends(level)
        if level.parent is not None:
            level.parent.tokens.append(level.parent.tokens[-1]._replace(text=")"))
            self.level = level.parent
            self.level.last = ")"

    def _read(self, level: Level, token: Token) -> None:
        word = token.keyword
        level.naming = None
        if not self.verb and word and word not in _EXPLAINING and level.parent is None:
            self.verb = word
        if level.parts and (token.text == "." or level.last == "."):
            if token.text != ".":
                level.parts.append(unquoted(token.text, self._engine))
            level.last = token.text if token.text == "." else word or "?"
            return
        if level.parts:
            self._finish(level)
        if level.awaiting is not None and self._alias(level, token):
            level.last = "?"
            return
        if level.expecting and self._names(token):
            level.parts = [unquoted(token.text, self._engine)]
            level.last = "?"
            return
        self._clause(level, token)
        level.last = word or token.text

    def _names(self, token: Token) -> bool:
        if token.kind is Kind.NAME:
            return True
        taken = self.verb in PRIVILEGES and token.keyword in OBJECTS
        return token.kind is Kind.WORD and not taken and token.keyword not in _NO_NAMES

    def _alias(self, level: Level, token: Token) -> bool:
        """Whether the token belongs to the table before."""
        table = level.awaiting
        if token.keyword == "AS":
            return True
        level.awaiting = None
        if token.kind is not Kind.NAME and (not token.keyword or token.keyword in _NO_ALIASES):
            return False
        if table is not None and level.tables and level.tables[-1] is table:
            alias = unquoted(token.text, self._engine)
            level.tables[-1] = level.naming = replace(table, alias=alias)
        return True

    def _finish(self, level: Level) -> Table | None:
        """The table whose name ends here."""
        if not level.parts:
            return None
        schema = level.parts[-2] if len(level.parts) > 1 else ""
        table = Table(schema, level.parts[-1])
        level.tables.append(table)
        level.parts = []
        level.expecting = False
        level.awaiting = table if self.verb in QUERIES else None
        return table

    def _clause(self, level: Level, token: Token) -> None:
        word = token.keyword
        if token.text == ",":
            level.expecting = level.clause in ("FROM", "TABLE", "TRUNCATE")
            return
        if word == "AS" and self._with_query(level):
            self._with = self._name
            self.queries.setdefault(self._with, ())
        if word in _SKIPPED:
            return
        level.expecting = bool(word) and self._introduces(level, word)
        if word in CLAUSES and level.last != "." and not self._expression(level, word):
            level.clause = word

    def _introduces(self, level: Level, word: str) -> bool:
        """Whether a table's name comes after this word."""
        if word == "ON":
            return self.verb in PRIVILEGES | {"CREATE"}
        if word == "USING":
            return self.verb in ("DELETE", "MERGE") and level.clause != "JOIN"
        if word == "UPDATE":
            return level.last in _EXPLAINING | {")"}
        if word == "FROM" and self.verb in PRIVILEGES:
            return False
        return word in _BEFORE_TABLES and not self._expression(level, word)

    @staticmethod
    def _expression(level: Level, word: str) -> bool:
        """A word that is part of an expression: EXTRACT(… FROM …), IS DISTINCT FROM, FOR UPDATE."""
        if word == "FROM":
            return level.opener in _NO_TABLES or level.last == "DISTINCT"
        return word == "UPDATE" and level.last in ("FOR", "DO", "ON")
