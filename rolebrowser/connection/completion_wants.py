"""Which kinds of names may come next, by the words before. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.connection.completion_scan import PRIVILEGES, QUERIES, Level, Want
from rolebrowser.connection.completion_words import FOLLOWING, IN_QUERIES, words_of
from rolebrowser.connection.lexer import Kind, Token
from rolebrowser.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Here:
    """Where one stands in a statement.

    Attributes:
        before: its meaningful tokens, the name at the cursor and its qualifiers left out.
        first: nothing stands in this level yet.
    """

    before: Sequence[Token]
    level: Level
    verb: str
    clause: str
    first: bool

    @property
    def last(self) -> Token | None:
        """The token before."""
        return self.before[-1] if self.before else None

    @property
    def word(self) -> str:
        """The keyword before, in upper case."""
        return self.before[-1].keyword if self.before else ""


_OPERATORS = frozenset("=<>+-/%|&^~!@#([")
_BEFORE_EXPRESSIONS = frozenset(
    words_of(
        "SELECT WHERE ON HAVING AND OR NOT WHEN THEN ELSE CASE BETWEEN LIKE ILIKE IN DISTINCT "
        "RETURNING ALL ANY SIMILAR LIMIT OFFSET FILTER OVER XOR REGEXP RLIKE"
    )
)
_RELATION = (Want.RELATION,)
_AFTER_WORD = {
    **dict.fromkeys(
        ("FROM", "JOIN", "INTO", "UPDATE", "REFERENCES", "COPY", "DESCRIBE", "DESC", "ONLY"),
        _RELATION,
    ),
    **dict.fromkeys(("TABLE", "VIEW", "SEQUENCE", "TRUNCATE", "VACUUM", "ANALYZE"), _RELATION),
    "LATERAL": (Want.RELATION, Want.FUNCTION),
    "ROLE": (Want.ROLE,),
    "USER": (Want.ROLE,),
    "GROUP": (Want.ROLE,),
    "AUTHORIZATION": (Want.ROLE,),
    "SCHEMA": (Want.SCHEMA,),
    "USE": (Want.SCHEMA,),
    "DATABASE": (Want.DATABASE,),
    "FUNCTION": (Want.FUNCTION,),
    "PROCEDURE": (Want.FUNCTION,),
    "ROUTINE": (Want.FUNCTION,),
    "CALL": (Want.FUNCTION,),
    "COLUMN": (Want.COLUMN,),
}


def wanted(here: Here) -> tuple[Want, ...]:
    """What may come next."""
    last = here.last
    if last is None:
        return (Want.BEGINNING,)
    if here.first:
        return _in_parenthesis(here)
    if here.verb in PRIVILEGES and here.level.parent is None:
        return _privileges(here)
    if last.kind is Kind.OTHER:
        return _after_sign(here, last.text)
    if here.word:
        return _after_word(here, here.word)
    return _after_name(here)


def _in_parenthesis(here: Here) -> tuple[Want, ...]:
    opener = here.level.opener
    if here.level.around is not None:
        return (Want.COLUMN,)
    if opener == "USING" or here.verb in PRIVILEGES:
        return (Want.COLUMN,)
    if opener in ("FROM", "JOIN", "AS", "EXISTS", "LATERAL"):
        return (Want.BEGINNING,)
    return (
        (Want.EXPRESSION, Want.BEGINNING) if opener in ("IN", "ANY", "ALL") else (Want.EXPRESSION,)
    )


_GRANTING = frozenset(
    words_of("GRANT REVOKE ON TO FROM BY TABLE SCHEMA DATABASE FUNCTION PROCEDURE ROUTINE SEQUENCE")
)


def _privileges(here: Here) -> tuple[Want, ...]:
    """GRANT and REVOKE: privileges or roles, ON what, TO or FROM whom."""
    last = here.last
    clause = next(t.keyword for t in reversed(here.before) if t.keyword in _GRANTING)
    if last is not None and last.text != "," and here.word != clause:
        return (Want.WORD,)
    if clause in ("TO", "FROM", "BY"):
        return (Want.ROLE,)
    if clause == "ON":
        return (Want.RELATION, Want.OBJECT)
    return _AFTER_WORD.get(clause, (Want.PRIVILEGE, Want.ROLE))


def _after_sign(here: Here, sign: str) -> tuple[Want, ...]:
    level, texts = here.level, [token.text for token in here.before[-3:]]
    if texts[-2:] == [":", ":"]:
        return (Want.TYPE,)
    if sign == "*" and (len(texts) < 2 or texts[-2].upper() in ("SELECT", ",", ".", "(")):
        return (Want.AFTER_OPERAND,)
    if sign == ")":
        return _after_name(here)
    if sign == ",":
        if level.around is not None or level.opener == "USING" or here.verb in PRIVILEGES:
            return (Want.COLUMN,)
        return _again(here)
    if sign in _OPERATORS or sign == "*":
        return _assigned(here) if here.verb == "SET" else (Want.EXPRESSION,)
    return (Want.NOTHING,)


def _again(here: Here) -> tuple[Want, ...]:
    """Behind a comma: what the clause took before it."""
    if here.clause in ("FROM", "JOIN", "TABLE", "TRUNCATE"):
        return _RELATION
    if here.clause == "SET":
        return (Want.COLUMN,) if here.verb in QUERIES else _assigned(here)
    if here.clause == "TO" or here.clause in _AFTER_WORD:
        return _after_clause(here, here.clause)
    return (Want.EXPRESSION,)


def _assigned(here: Here) -> tuple[Want, ...]:
    """`SET name =`, `SET name TO`: schemas for the search path."""
    names = {token.keyword for token in here.before}
    return (Want.SCHEMA,) if "SEARCH_PATH" in names else (Want.WORD,)


def _after_word(here: Here, word: str) -> tuple[Want, ...]:
    before = here.before[-2].keyword if len(here.before) > 1 else ""
    if before in ("UNION", "INTERSECT", "EXCEPT") and word in ("ALL", "DISTINCT"):
        return (Want.BEGINNING,)
    if word == "EXISTS" and before in ("IF", "NOT") and here.verb not in QUERIES:
        return _after_clause(here, here.clause)
    if word in FOLLOWING and (here.verb not in QUERIES or word in IN_QUERIES):
        return (Want.FOLLOWING,)
    if word == "AS":
        return _after_as(here)
    if word in ("SET", "SHOW"):
        return (Want.COLUMN,) if here.verb in QUERIES else (Want.FOLLOWING,)
    if word == here.clause or word in ("ONLY", "LATERAL"):
        return _after_clause(here, word)
    if word in _BEFORE_EXPRESSIONS and here.verb in QUERIES:
        return (Want.EXPRESSION,)
    return _after_name(here)


def _after_clause(here: Here, word: str) -> tuple[Want, ...]:
    if word == "ON":
        return _RELATION if here.verb not in QUERIES else (Want.EXPRESSION,)
    if word in ("TO", "BY"):
        return _after_to(here, word)
    if word in _AFTER_WORD:
        return _AFTER_WORD[word]
    return (Want.EXPRESSION,) if word in _BEFORE_EXPRESSIONS else (Want.WORD,)


def _after_to(here: Here, word: str) -> tuple[Want, ...]:
    names = {token.keyword for token in here.before}
    if {"OWNER", "OWNED", "POLICY", "REASSIGN", "GRANTED", "PRIVILEGES"} & names:
        return (Want.ROLE,)
    if here.verb == "SET":
        return _assigned(here)
    return (Want.EXPRESSION,) if word == "BY" else (Want.NOTHING,)


def _after_as(here: Here) -> tuple[Want, ...]:
    if here.level.opener == "CAST":
        return (Want.TYPE,)
    return (Want.BEGINNING,) if here.verb == "CREATE" else (Want.NOTHING,)


def _after_name(here: Here) -> tuple[Want, ...]:
    """Behind something complete: only words can follow."""
    if here.verb not in QUERIES:
        return (Want.WORD,)
    if here.level.expecting or here.clause in ("FROM", "JOIN", "UPDATE", "INTO"):
        return (Want.AFTER_TABLE,)
    return (Want.AFTER_OPERAND,)
