"""What the columns of a query inside a statement are called: a derived table's, a WITH's. Pure.

Of the words in its select list; which columns a `*` stands for is the catalog's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rolebrowser.connection.completion_words import NO_ALIAS, words_of
from rolebrowser.connection.lexer import Kind, Token
from rolebrowser.connection.names import unquoted
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a query.

    Attributes:
        name: what it is called.
        every: instead of a name: the table all of whose columns stand here.
    """

    name: str = ""
    every: Table | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table a statement names; what it is called in it is `alias`, else `name`.

    Attributes:
        outputs: of a query in its place, or of one whose columns are named anew: what they are.
    """

    schema: str
    name: str
    alias: str = ""
    outputs: tuple[Output, ...] = ()


_ENDS = frozenset(
    words_of(
        "FROM WHERE GROUP HAVING ORDER LIMIT UNION INTERSECT EXCEPT INTO WINDOW FETCH OFFSET FOR"
    )
)
_NO_NAMES = NO_ALIAS | frozenset(
    words_of("END NULL TRUE FALSE UNKNOWN AND OR NOT IN IS LIKE ILIKE BETWEEN DISTINCT CASE WHEN")
)
_TYPES_END = frozenset(words_of("ZONE PRECISION VARYING"))


def outputs(meant: Sequence[Token], tables: Sequence[Table], engine: Engine) -> tuple[Output, ...]:
    """The columns of a query, those without a name left out.

    Args:
        meant: its tokens, of what stands in parentheses only these.
        tables: those of its FROM.
    """
    return tuple(found for item in _items(meant) for found in _of_item(item, tables, engine))


def renamed(
    found: Sequence[Output], names: Sequence[str], table: Table | None = None
) -> tuple[Output, ...]:
    """The columns of `t (a, b)`: the first ones are called so, where each is known by itself.

    Args:
        table: whose columns they are, where it isn't a query's.
    """
    rest = () if table is not None or any(each.every for each in found) else found[len(names) :]
    return (*(Output(name) for name in names), *rest)


def listed(meant: Sequence[Token], engine: Engine) -> list[str]:
    """The names of a list of columns, types left aside: `a, b` or `a int, b text`."""
    return [
        unquoted(item[0].text, engine)
        for item in _split(meant)
        if item and item[0].kind in (Kind.WORD, Kind.NAME)
    ]


def _items(meant: Sequence[Token]) -> Iterator[list[Token]]:
    """The select list, at its commas."""
    start = next((n for n, token in enumerate(meant) if token.keyword == "SELECT"), len(meant))
    rest = list(meant[start + 1 :])
    if rest[:1] and rest[0].keyword in ("DISTINCT", "ALL"):
        # DISTINCT ON ( )
        del rest[: 4 if len(rest) > 1 and rest[1].keyword == "ON" else 1]
    for n, token in enumerate(rest):
        distinct = token.keyword == "FROM" and n and rest[n - 1].keyword == "DISTINCT"
        if token.keyword in _ENDS and not distinct:
            rest = rest[:n]
            break
    yield from _split(rest)


def _split(meant: Sequence[Token]) -> Iterator[list[Token]]:
    item: list[Token] = []
    for token in meant:
        if token.text == "," and token.kind is Kind.OTHER:
            yield item
            item = []
        else:
            item.append(token)
    yield item


def _of_item(item: Sequence[Token], tables: Sequence[Table], engine: Engine) -> Iterator[Output]:
    if not item:
        return
    if item[-1].text == "*":
        yield from _every(item, tables, engine)
    elif name := _name(item, engine):
        yield Output(name)


def _every(item: Sequence[Token], tables: Sequence[Table], engine: Engine) -> Iterator[Output]:
    """`*` and `t.*`; a product that isn't finished is neither."""
    if len(item) == 1:
        yield from (Output(every=replace(table, alias="")) for table in tables)
    elif len(item) > 2 and item[-2].text == ".":
        name = unquoted(item[-3].text, engine)
        called = (each for each in tables if (each.alias or each.name) == name)
        yield from (Output(every=replace(table, alias="")) for table in called)


def _name(item: Sequence[Token], engine: Engine) -> str:
    """What the server calls a column; empty for what nobody can refer to by a name.

    PostgreSQL's FigureColname (parse_target.c): the alias, the column, the function.
    """
    words = [token.keyword for token in item]
    if "AS" in words[:-1]:
        return unquoted(item[words.index("AS") + 1].text, engine)
    meant = _uncast(item)
    last = meant[-1]
    named = last.kind is Kind.NAME or (last.kind is Kind.WORD and last.keyword not in _NO_NAMES)
    if named and (all(_plain(token) for token in meant) or _aliased(item)):
        return unquoted((item if _aliased(item) else meant)[-1].text, engine)
    called = len(meant) > 2 and [token.text for token in meant[-2:]] == ["(", ")"]
    alone = called and all(_plain(token) for token in meant[:-2])
    if alone and engine is Engine.POSTGRES:
        return unquoted(meant[-3].text, engine)
    return ""


def _uncast(item: Sequence[Token]) -> Sequence[Token]:
    """Without `::type`."""
    cast = next((n for n, token in enumerate(item) if token.text == ":"), len(item))
    return item[:cast] if 0 < cast < len(item) and not _aliased(item) else item


def _plain(token: Token) -> bool:
    return token.text == "." or token.kind in (Kind.WORD, Kind.NAME)


def _aliased(item: Sequence[Token]) -> bool:
    """`expression name`: without the AS."""
    if len(item) < 2 or item[-1].kind not in (Kind.WORD, Kind.NAME):
        return False
    if item[-1].keyword in _TYPES_END:
        return False
    before = item[-2]
    operand = before.text == ")" or before.kind in (Kind.NAME, Kind.NUMBER, Kind.STRING)
    return operand or (before.kind is Kind.WORD and before.keyword not in _NO_NAMES - {"END"})
