"""Completion: what a person may mean at a place of a script, from the names there are. Pure.

Fast enough for each keystroke with 50,000 columns: names are matched from lists made ready when the
catalog was read, and no more candidates are made than can be looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from rolebrowser.connection import completion_words as words
from rolebrowser.connection.catalog import Attribute, Catalog, Function, Relation
from rolebrowser.connection.completion_context import Context, context
from rolebrowser.connection.completion_match import Group, matching
from rolebrowser.connection.completion_outputs import Table
from rolebrowser.connection.completion_scan import Want
from rolebrowser.connection.names import quoted, unquoted
from rolebrowser.frozen import dataclass
from rolebrowser.safetext import clean
from rolebrowser.target import Engine

MOST = 100
"""Candidates given."""

_DEEPEST = 16
"""Queries within queries whose `*` is followed."""
_QUOTES = ('"', "`")
_ROLE_WORDS = ("PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may stand at the cursor.

    Attributes:
        text: what to put there, quoted where SQL wants it.
        label: what to call it: the name itself; foreign text.
        kind: "table", "column", "keyword" …
        detail: a column's type, a table's schema …; foreign text.
    """

    text: str
    label: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """The candidates for the text from offset `start` to offset `end`, best first.

    Attributes:
        typed: what stands there.
    """

    start: int
    end: int
    typed: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def settled(self) -> bool:
        """What stands there is a whole name already: there is nothing to complete."""
        typed = self.typed.lower()
        return any(typed == each.text.lower().rstrip("(.") for each in self.candidates)


def complete(
    text: str,
    cursor: int,
    catalog: Catalog,
    commands: Sequence[tuple[str, str]] = (),
    *,
    asked: bool = True,
) -> Completion:
    r"""What may stand at offset `cursor` of a script. Never raises.

    Args:
        commands: the backslash commands and what they do: ("\\du", "list roles").
        asked: a person asked for it; else only what holds the typed letters together.
    """
    here = context(text, cursor, catalog.engine)
    quote = here.prefix[:1] if here.prefix[:1] in _QUOTES else ""
    end = cursor + 1 if quote and text[cursor : cursor + 1] == quote else cursor
    typed = unquoted(here.prefix, Engine.MYSQL).lower()
    finder = _Finder(catalog, here, commands)
    found: Iterator[Candidate] = matching(  # type: ignore[assignment]
        list(finder.groups()), typed, asked=asked
    )
    if quote:
        found = (each for each in found if each.kind not in ("keyword", "type"))
    return Completion(here.start, end, here.prefix, tuple(islice(found, MOST)))


class _Finder:
    """The groups of names that may stand somewhere, the likeliest first."""

    def __init__(
        self, catalog: Catalog, here: Context, commands: Sequence[tuple[str, str]]
    ) -> None:
        self._catalog = catalog
        self._engine = catalog.engine
        self._here = here
        self._commands = commands
        self._lower = any(char.islower() for char in here.prefix)
        self._quoted = here.prefix[:1] in _QUOTES

    def groups(self) -> Iterator[Group]:
        """See the class."""
        if self._here.qualifiers:
            yield from self._inside(self._here.qualifiers)
            return
        for want in self._here.wants:
            yield from _OF[want](self)

    # ── names ────────────────────────────────────────────────────────────────────────────────

    def _name(self, name: str) -> str:
        if self._engine is Engine.POSTGRES and clean(name) != name:
            return _escaped(name)
        if self._quoted:
            quote = self._here.prefix[0]
            return quote + name.replace(quote, quote * 2) + quote
        return quoted(name, self._engine)

    def _dotted(self, schema: str, name: str) -> str:
        return f"{quoted(schema, self._engine)}.{self._name(name)}"

    def _relation(self, relation: Relation) -> Candidate:
        if self._here.qualifiers or self._catalog.relations.visible(relation):
            return Candidate(self._name(relation.name), relation.name, relation.kind)
        text = self._dotted(relation.schema, relation.name)
        return Candidate(text, relation.name, relation.kind, relation.schema)

    def _function(self, function: Function) -> Candidate:
        known = self._here.qualifiers or not function.schema
        if known or self._catalog.functions.visible(function):
            name = self._name(function.name)
            if not function.schema and self._lower:
                name = name.lower()
            return Candidate(f"{name}(", function.name, function.kind, function.arguments)
        text = self._dotted(function.schema, function.name)
        return Candidate(f"{text}(", function.name, function.kind, function.schema)

    def _schema(self, schema: str) -> Candidate:
        return Candidate(f"{self._name(schema)}.", schema, "schema")

    def _plain(self, kind: str) -> Callable[[str], Candidate]:
        return lambda name: Candidate(self._name(name), name, kind)

    def _column(self, column: Attribute) -> Candidate:
        return Candidate(self._name(column.name), column.name, "column", column.type)

    def _account(self, name: str) -> Candidate:
        user, at, host = name.rpartition("@")
        if not at or self._engine is Engine.POSTGRES:
            return Candidate(self._name(name), name, "role")
        if not host:
            return Candidate(self._name(user), user, "role")
        doubled = [part.replace("'", "''") for part in (user, host)]
        return Candidate("'{}'@'{}'".format(*doubled), name, "user")

    def _words(self, found: Iterable[str], kind: str = "keyword") -> Iterator[Group]:
        def make(word: str) -> Candidate:
            text = word.lower() if self._lower else word
            return Candidate(text, text, kind)

        yield Group(tuple(dict.fromkeys(found)), make)

    # ── behind a dot ─────────────────────────────────────────────────────────────────────────

    def _inside(self, qualifiers: tuple[str, ...]) -> Iterator[Group]:
        catalog, wants = self._catalog, self._here.wants
        columns = {Want.COLUMN, Want.EXPRESSION} & set(wants)
        *schemas, name = qualifiers
        if schemas:
            if columns:
                yield self._columns_group(catalog.columns_of(schemas[-1], name))
            return
        table = next((t for t in self._here.tables if (t.alias or t.name) == name), None)
        if table is not None and columns:
            yield self._columns_group(self._columns_of(table))
        elif columns:
            yield self._columns_group(catalog.columns_of("", name))
        if Want.RELATION in wants or Want.EXPRESSION in wants:
            inside = catalog.relations.inside(name)
            yield Group(inside, self._relation, [each.name.lower() for each in inside])
        if Want.FUNCTION in wants or Want.EXPRESSION in wants:
            functions = catalog.functions.inside(name)
            yield Group(functions, self._function, [each.name.lower() for each in functions])

    def _columns_group(self, columns: Sequence[Attribute]) -> Group:
        return Group(columns, self._column, [each.name.lower() for each in columns])

    def _columns_of(self, table: Table, depth: int = 0) -> tuple[Attribute, ...]:
        """Those of a table, or of the query that stands for it."""
        query = self._here.queries.get(table.name, ()) if not table.schema else ()
        found = table.outputs or query
        if not found:
            return self._catalog.columns_of(table.schema, table.name)
        columns: list[Attribute] = []
        for each in found:
            if each.every is None:
                columns.append(Attribute(each.name))
            elif depth < _DEEPEST:
                columns += self._columns_of(each.every, depth + 1)
        return tuple(columns)

    # ── by what is wanted ────────────────────────────────────────────────────────────────────

    def _scope(self) -> tuple[Table, ...]:
        tables = (table for table in self._here.tables if table.name or table.outputs)
        return tuple(dict.fromkeys(tables))

    def columns(self) -> Iterator[Group]:
        """Columns of the tables in scope; one that several have, with its table before it."""
        found = [(table, column) for table in self._scope() for column in self._columns_of(table)]
        names = [column.name for _, column in found]
        counts = Counter(names)

        def make(pair: tuple[Table, Attribute]) -> Candidate:
            table, column = pair
            if counts[column.name] == 1 or Want.COLUMN in self._here.wants:
                return self._column(column)
            called = table.alias or table.name
            detail = " · ".join(part for part in (called, column.type) if part)
            if not called:
                return self._column(column)
            return Candidate(self._dotted(called, column.name), column.name, "column", detail)

        yield Group(found, make, [name.lower() for name in names])

    def expression(self) -> Iterator[Group]:
        """Columns, tables to name them by, functions, words."""
        yield from self.columns()
        names = (table.alias or table.name for table in self._scope())
        called = tuple(dict.fromkeys(name for name in names if name))
        yield Group(called, lambda name: Candidate(f"{self._name(name)}.", name, "alias"))
        yield from self._words(words.EXPRESSION)
        if self._here.prefix:
            yield from self.functions()
            yield from self.schemas_to_enter()

    def functions(self) -> Iterator[Group]:
        """Functions."""
        listing = self._catalog.functions
        yield Group(listing.items, self._function, listing.folded)
        if self._engine is Engine.MYSQL and not listing.inside(""):
            builtins = tuple(Function("", name) for name in words.MYSQL_FUNCTIONS)
            yield Group(builtins, self._function, [each.name.lower() for each in builtins])

    def relations(self) -> Iterator[Group]:
        """WITH queries, tables, schemas."""
        listing = self._catalog.relations
        queries = tuple(self._here.queries)
        yield Group(queries, self._plain("query"))
        yield Group(listing.items, self._relation, listing.folded)
        yield from self.schemas_to_enter()

    def schemas_to_enter(self) -> Iterator[Group]:
        """Schemas with the dot that leads into them."""
        yield Group(self._catalog.schemas, self._schema)

    def roles(self) -> Iterator[Group]:
        """Roles, and the words for some."""
        yield Group(self._catalog.roles, self._account)
        if self._engine is Engine.POSTGRES:
            yield from self._words(_ROLE_WORDS)

    def commands(self) -> Iterator[Group]:
        """Backslash commands."""
        yield Group(
            self._commands,
            lambda command: Candidate(command[0], command[0], "command", command[1]),
            [name.lower() for name, _ in self._commands],
        )

    def following(self) -> Iterator[Group]:
        """What the word before demands."""
        after = self._here.after
        special = {"SET": words.SET_WORDS, "SHOW": words.SHOWN}
        if after in special:
            yield from self._words(special[after][self._engine])
        else:
            yield from self._words(words.FOLLOWING.get(after, ()))


def _escaped(name: str) -> str:
    """A name with invisible characters, for a text that must not hold them: `U&"a\\001B"`.

    Source: the manual, "Lexical Structure", identifiers with Unicode escapes.
    """
    shown = name.replace("\\", "\\\\").replace('"', '""')
    parts = [char if clean(char) == char else f"\\+{ord(char):06X}" for char in shown]
    return f'U&"{"".join(parts)}"'


def _keywords(found: Callable[[Engine], Iterable[str]]) -> Callable[[_Finder], Iterator[Group]]:
    return lambda finder: finder._words(found(finder._engine))


_OF: dict[Want, Callable[[_Finder], Iterator[Group]]] = {
    Want.BEGINNING: _keywords(words.BEGINNINGS.__getitem__),
    Want.RELATION: _Finder.relations,
    Want.COLUMN: _Finder.columns,
    Want.EXPRESSION: _Finder.expression,
    Want.FUNCTION: _Finder.functions,
    Want.ROLE: _Finder.roles,
    Want.SCHEMA: lambda f: iter([Group(f._catalog.schemas, f._plain("schema"))]),
    Want.DATABASE: lambda f: iter([Group(f._catalog.databases, f._plain("database"))]),
    Want.TYPE: lambda f: f._words(words.TYPES[f._engine], "type"),
    Want.COMMAND: _Finder.commands,
    Want.AFTER_TABLE: _keywords(words.AFTER_TABLE.__getitem__),
    Want.AFTER_OPERAND: _keywords(words.AFTER_OPERAND.__getitem__),
    Want.OBJECT: _keywords(lambda engine: words.OBJECTS),
    Want.PRIVILEGE: _keywords(lambda engine: words.FOLLOWING["GRANT"]),
    Want.FOLLOWING: _Finder.following,
    Want.WORD: _keywords(lambda engine: words.ELSEWHERE),
    Want.NOTHING: lambda f: iter(()),
}
