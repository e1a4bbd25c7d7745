"""What may stand at a place of a statement: which kinds of names, of which tables. Pure.

Reads the statement around the cursor by its tokens, no grammar: a half-written statement has none.
Of a long script only a window is looked at, so that a keystroke costs no more there than in a short
one: it begins behind the last semicolon that ends a line, which may be one inside a string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from rolebrowser.connection.completion_outputs import Output, Table
from rolebrowser.connection.completion_scan import Scan, Want
from rolebrowser.connection.completion_wants import Here, wanted
from rolebrowser.connection.lexer import Kind, Token, tokens
from rolebrowser.connection.names import unquoted
from rolebrowser.frozen import dataclass
from rolebrowser.target import Engine

_EXACT = 2_000
"""Characters before the cursor up to which the script is read from its beginning."""
_BEFORE = 6_000
_BEHIND = 3_000
"""Characters around the cursor that are looked at in a longer one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What may stand at the cursor.

    Attributes:
        start: offset in the text where the name at the cursor begins, its qualifiers not counted.
        prefix: what of it is typed, as typed.
        qualifiers: the names before it, each ended by a dot, unquoted: `a.b.` → ("a", "b").
        tables: those in scope, the innermost query's first.
        queries: the WITH queries and their columns.
        after: the keyword before, in upper case; empty after anything else.
    """

    wants: tuple[Want, ...]
    start: int
    prefix: str = ""
    qualifiers: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    queries: Mapping[str, tuple[Output, ...]] = field(default_factory=dict)
    after: str = ""


def context(text: str, cursor: int, engine: Engine = Engine.POSTGRES) -> Context:
    """What may stand at offset `cursor` of a script. Never raises."""
    first = _window(text, cursor)
    found = _tail(text[first:cursor], engine)
    if found is None:
        return Context((Want.NOTHING,), cursor)
    if found.command >= 0:
        return _command(text[first:cursor], found.command, first, engine)
    rest = text[cursor : cursor + _BEHIND]
    if found.under[:1] in ('"', "`") and rest[:1] == found.under[0]:
        rest = rest[1:]
    behind = _head(rest, engine, joined=bool(found.under))
    return _described(found, behind, cursor, engine)


def _window(text: str, cursor: int) -> int:
    if cursor <= _EXACT:
        return 0
    first = max(0, cursor - _BEFORE)
    border = text.rfind(";\n", first, cursor)
    return border + 2 if border >= 0 else first


@dataclass(slots=True)
class _Tail:
    """The statement before the cursor.

    Attributes:
        before: its meaningful tokens without the name at the cursor.
        under: what of that name is typed.
        command: offset of a backslash command the cursor stands in; -1 outside of one.
    """

    before: list[Token] = field(default_factory=list)
    under: str = ""
    command: int = -1


def _tail(text: str, engine: Engine) -> _Tail | None:
    """None where nothing can be completed: inside a string, a comment, a number."""
    found = _Tail()
    place = 0
    while place < len(text):
        place = _walk(text, place, engine, found)
        if found.command >= 0:
            return found
    if not found.before:
        return found
    last = found.before[-1]
    if last.kind is Kind.COMMENT:
        return None
    found.before = [token for token in found.before if token.kind is not Kind.COMMENT]
    if last.end < len(text) or last.kind in (Kind.SEMICOLON, Kind.OTHER):
        return found
    if last.kind in (Kind.WORD, Kind.NAME):
        found.under = last.text
        found.before.pop()
        return found
    return None if last.kind is Kind.NUMBER or _open(last, engine) else found


def _walk(text: str, start: int, engine: Engine, found: _Tail) -> int:
    """Up to the end, or behind a backslash command's line."""
    for token in tokens(text, engine, start):
        if token.kind is Kind.SEMICOLON:
            found.before = []
        elif token.kind is Kind.BACKSLASH:
            found.before = []
            newline = text.find("\n", token.start)
            if newline >= 0:
                return newline
            found.command = token.start
            return len(text)
        elif token.kind is Kind.COMMENT:
            if token.end == len(text) and _open(token, engine):
                found.before.append(token)
        elif token.kind is not Kind.SPACE:
            found.before.append(token)
    return len(text)


def _open(token: Token, engine: Engine) -> bool:
    """Whether what comes next would belong to it: a string or comment without its end."""
    return len(list(tokens(token.text + " ;", engine))) == 1


def _head(text: str, engine: Engine, *, joined: bool) -> list[Token]:
    """The statement behind the cursor; `joined`: it begins with the rest of the name there."""
    found: list[Token] = []
    for token in tokens(text, engine):
        if token.kind in (Kind.SEMICOLON, Kind.BACKSLASH):
            break
        if joined and token.start == 0 and token.kind in (Kind.WORD, Kind.NAME, Kind.NUMBER):
            continue
        if token.kind not in (Kind.SPACE, Kind.COMMENT):
            found.append(token)
    return found


# ── backslash commands ───────────────────────────────────────────────────────────────────────

_ARGUMENTS = {
    Want.ROLE: ("du", "dg", "drg"),
    Want.SCHEMA: ("dn", "ddp", "u"),
    Want.FUNCTION: ("df",),
    Want.DATABASE: ("l", "list", "c", "connect"),
    Want.RELATION: ("d", "dt", "dv", "dm", "ds", "dE", "dp", "z", "copy"),
}
_COMMANDS = {name: want for want, names in _ARGUMENTS.items() for name in names}


def _command(text: str, start: int, first: int, engine: Engine) -> Context:
    word, blank, rest = text[start:].partition(" ")
    if not blank:
        return Context((Want.COMMAND,), first + start, word)
    want = _COMMANDS.get(word.removeprefix("\\").rstrip("+Sx") or word, Want.NOTHING)
    argument = rest[max(rest.rfind(" "), rest.rfind("\t")) + 1 :]
    *qualifiers, prefix = argument.split(".")
    return Context(
        (want,),
        first + len(text) - len(prefix),
        prefix,
        tuple(unquoted(name, engine) for name in qualifiers),
    )


# ── statements ───────────────────────────────────────────────────────────────────────────────


def _described(tail: _Tail, behind: Iterable[Token], cursor: int, engine: Engine) -> Context:
    before, qualifiers = _qualified(tail.before, engine)
    if before is None:
        return Context((Want.NOTHING,), cursor)
    scan = Scan(engine)
    for token in before:
        scan.take(token)
    level = scan.level
    here = Here(tuple(before), level, scan.verb, level.clause, level.count == 0)
    wants = wanted(here)
    # The name at the cursor may be a table itself, with an alias behind it.
    scan.take(Token(Kind.OTHER, "?", 0))
    for token in behind:
        scan.take(token)
    scan.end()
    return Context(
        wants,
        cursor - len(tail.under),
        tail.under,
        qualifiers,
        tuple(level.visible()),
        scan.queries,
        before[-1].keyword if before else "",
    )


def _qualified(
    before: Sequence[Token], engine: Engine
) -> tuple[list[Token] | None, tuple[str, ...]]:
    """The tokens without the names and dots right before the cursor; None for a lone dot."""
    rest = list(before)
    names: list[str] = []
    while rest and rest[-1].text == ".":
        if len(rest) < 2 or rest[-2].kind not in (Kind.WORD, Kind.NAME):
            return None, ()
        names.insert(0, unquoted(rest[-2].text, engine))
        del rest[-2:]
    return rest, tuple(names)
