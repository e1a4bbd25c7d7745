"""Ways to a table's rows round about it: views, parents and functions that read it for others.

Pure. Rules: a view's relations are checked as its owner, those of a security_invoker view (15 and
later) as who runs the query, also where a view of the other kind is in between; USAGE on their
schemas isn't asked (PostgreSQL's manual, CREATE VIEW, "Notes"; RelationBuildRuleLock in
utils/cache/relcache.c). A materialized view holds a copy. A query of a parent table isn't checked
on its children (manual, "Inheritance", caveats). A SECURITY DEFINER function runs as its owner;
what a body in SQL's own syntax reads is known (pg_depend, 14 and later), of any other only which
names stand in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from rolebrowser.connection.names import quoted
from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Body, Securable
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.privileges import EXECUTE, RELATIONS, SELECT, Kind

_FUNCTIONS = frozenset((Kind.FUNCTION, Kind.PROCEDURE))
_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAME = re.compile(rf"(?:({_IDENTIFIER})\s*\.\s*)?({_IDENTIFIER})")


class Sort(StrEnum):
    """What a detour leads through; titles of lists of them."""

    VIEW = "Through a view"
    PARENT = "Through a parent table"
    FUNCTION = "Through a function"
    PERHAPS = "Perhaps through a function"


class Detour(NamedTuple):
    """One way to rows that somebody else reads.

    Attributes:
        entrance: the number of what one must have `privilege` on: a view, one of its columns, a
            parent table, a function.
        users: the roles that get through, a set.
        steps: what is passed on the way, the entrance first.
    """

    sort: Sort
    entrance: int
    privilege: int
    users: int
    steps: tuple[str, ...]

    @property
    def text(self) -> str:
        """The steps on one line."""
        return " → ".join(self.steps)


class Check(NamedTuple):
    """What the server asks when a view is read, besides the privilege on the view itself.

    Attributes:
        view, relation: numbers: which of them reads which.
        acting: the number of the role that is asked about; None: a role that is gone.
        passed: it may read the columns that the view takes.
    """

    view: int
    relation: int
    acting: int | None
    passed: bool


class _Steps(NamedTuple):
    names: tuple[str, ...]
    sure: bool = True

    def after(self, first: str, *, sure: bool = True) -> _Steps:
        return _Steps((first, *self.names), self.sure and sure)


class _Walk(NamedTuple):
    """What reading something reads.

    Attributes:
        open_to: the roles for whom no check inside fails.
        others: relations read with the rights of somebody else, or of nobody, and how.
        own: relations read with the rights of who asks.
    """

    open_to: int
    others: Mapping[int, _Steps]
    own: Mapping[int, _Steps]


class Detours:
    """All detours in a model."""

    def __init__(self, holders: Holders) -> None:
        self.holders = holders
        self.model = holders.model
        self._facts = holders.model.facts
        self._walks: dict[int, _Walk] = {}

    def to(self, place: int) -> list[Detour]:
        """The ways to a relation's rows."""
        return self._found.get(place, [])

    @cached_property
    def places(self) -> int:
        """The relations that there are ways to, as a set."""
        return bitset.of(self._found, self.model.size)

    def checks(self, place: int, role: int) -> Iterator[Check]:
        """What is asked when a role reads a view; nothing of anything else."""
        seen, waiting = {place}, [place]
        for at in waiting:
            view = self.model.securables[at]
            if view.kind is not Kind.VIEW:
                continue
            acting = role if view.invoker else self._number(view.owner)
            for relation, columns in self._reads.get(at, ()):
                able = self._selecting(relation, columns)
                passed = acting is not None and bool(able >> acting & 1)
                yield Check(at, relation, acting, passed)
                if relation not in seen:
                    seen.add(relation)
                    waiting.append(relation)

    @cached_property
    def _found(self) -> dict[int, list[Detour]]:
        found: dict[int, list[Detour]] = defaultdict(list)
        for entrance, securable in enumerate(self._facts.securables):
            if self._facts.is_system(securable) or not self._leads_on(entrance, securable):
                continue
            walk = self._walk(entrance)
            for use, privilege, users in self._uses(entrance, securable):
                through = users & walk.open_to
                for place, steps in walk.others.items():
                    sort = _sort(securable, sure=steps.sure)
                    found[place].append(Detour(sort, use, privilege, through, steps.names))
        return found

    def _leads_on(self, place: int, securable: Securable) -> bool:
        if securable.kind in _FUNCTIONS:
            return securable.definer
        return place in self._reads or place in self._children

    def _uses(self, place: int, securable: Securable) -> Iterator[tuple[int, int, int]]:
        """(what is granted on, which privilege, who can use it now): the whole, then columns."""
        reached = self.holders.using(securable.schema) & self.holders.connecting
        privilege = EXECUTE if securable.kind in _FUNCTIONS else SELECT
        whole = self.holders.held(place).get(privilege, 0)
        yield place, privilege, whole & reached
        for column in self._columns.get(place, {}).values():
            yield column, SELECT, self.holders.held(column).get(SELECT, 0) & reached & ~whole

    # ── what reads what ──────────────────────────────────────────────────────────────────────

    def _place(self, oid: int) -> int | None:
        relation = self._facts.relation_by_oid.get(oid)
        return self.model.number[relation.kind, oid, 0] if relation is not None else None

    def _number(self, oid: int) -> int | None:
        return self.model.memberships.number.get(oid)

    @cached_property
    def _reads(self) -> dict[int, list[tuple[int, tuple[int, ...]]]]:
        found: dict[int, list[tuple[int, tuple[int, ...]]]] = defaultdict(list)
        for reader, relation, columns, _ in self._facts.reads:
            view, place = self._place(reader), self._place(relation)
            if view is not None and place is not None:
                found[view].append((place, columns))
        return found

    @cached_property
    def _alone(self) -> frozenset[tuple[int | None, int | None]]:
        """(view, parent) where the view reads the parent without its children: FROM ONLY."""
        return frozenset(
            (self._place(each.reader), self._place(each.relation))
            for each in self._facts.reads
            if each.only
        )

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for below, above in self._facts.inherits:
            child, parent = self._place(below), self._place(above)
            if child is not None and parent is not None:
                found[parent].append(child)
        return found

    @cached_property
    def _columns(self) -> dict[int, dict[int, int]]:
        """By relation and attribute number the columns with an ACL of their own."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for column, parent in self.model.parents.items():
            found[parent][self.model.securables[column].attnum] = column
        return found

    def _selecting(self, place: int, columns: Iterable[int]) -> int:
        """The roles that may read these columns; where none is named any one is enough."""
        whole = self.holders.held(place).get(SELECT, 0)
        granted = self._columns.get(place, {})
        by_column = {
            number: self.holders.held(column).get(SELECT, 0) for number, column in granted.items()
        }
        able = self.model.memberships.everybody
        for number in columns:
            able &= by_column.get(number, whole)
        if columns:
            return able
        for having in by_column.values():
            whole |= having
        return whole

    # ── walks ────────────────────────────────────────────────────────────────────────────────

    def _walk(self, place: int) -> _Walk:
        known = self._walks.get(place)
        if known is None:
            # Functions may call each other in a circle: the second time round adds nothing.
            self._walks[place] = _Walk(self.model.memberships.everybody, {}, {})
            known = self._walks[place] = self._begin(place, self.model.securables[place])
        return known

    def _begin(self, place: int, securable: Securable) -> _Walk:
        if securable.kind is Kind.VIEW:
            return self._through_view(place, securable)
        everybody = self.model.memberships.everybody
        if securable.kind is Kind.MATERIALIZED_VIEW:
            step = f"{self._title(securable)} (a copy, as of its last refresh)"
            return _Walk(everybody, dict.fromkeys(self._below(place), _Steps((step,))), {})
        if securable.kind in _FUNCTIONS:
            return _Walk(everybody, self._through_function(securable), {})
        others: dict[int, _Steps] = {}
        step = f"{self._title(securable)} (its children aren't asked)"
        for child in self._children.get(place, ()):
            others.setdefault(child, _Steps((step,)))
            for each in self._walk(child).others:
                others.setdefault(each, _Steps((step,)))
        return _Walk(everybody, others, {})

    def _through_view(self, place: int, view: Securable) -> _Walk:
        owner = self._number(view.owner)
        how = f"as its owner {self._role(view.owner)}" if not view.invoker else "as who asks"
        step = f"{self._title(view)} ({how})"
        walk = _Walk(self.model.memberships.everybody, {}, {})
        open_to, others, own = walk.open_to, dict(walk.others), dict(walk.own)
        for relation, columns in self._reads.get(place, ()):
            able, below = self._selecting(relation, columns), walk
            if (place, relation) not in self._alone:
                below = self._walk(relation)
            open_to &= below.open_to
            if view.invoker:
                open_to &= able
                own.setdefault(relation, _Steps((step,)))
            elif owner is not None and able >> owner & 1:
                others.setdefault(relation, _Steps((step,)))
            else:
                open_to = 0
            for found, more in ((others, below.others), (own, below.own)):
                for each, steps in more.items():
                    found.setdefault(each, steps.after(step))
        return _Walk(open_to, others, own)

    def _below(self, place: int) -> Iterator[int]:
        """All that was read to make a copy, each once."""
        seen, opened, waiting = {place}, {place}, [place]
        while waiting:
            at = waiting.pop()
            read = [each for each, _ in self._reads.get(at, ())] + self._children.get(at, [])
            for each in read:
                if each not in seen:
                    seen.add(each)
                    yield each
                if each not in opened and (at, each) not in self._alone:
                    opened.add(each)
                    waiting.append(each)

    def _through_function(self, function: Securable) -> dict[int, _Steps]:
        others: dict[int, _Steps] = {}
        owner, body = self._number(function.owner), self._bodies.get(function.oid)
        if owner is None or body is None or not function.definer:
            return others
        step = f"{self._title(function)} (runs as {self._role(function.owner)})"
        for place, sure in self._in_body(body, owner):
            below, name = self._walk(place), self._title(self.model.securables[place])
            first = step if sure else f"{step[:-1]}; its body names {name})"
            if self.model.securables[place].kind in RELATIONS:
                if not below.open_to >> owner & 1:
                    continue
                others.setdefault(place, _Steps((first,), sure))
            for more in (below.others, below.own):
                for each, steps in more.items():
                    others.setdefault(each, steps.after(first, sure=sure))
        return others

    # ── bodies of functions ──────────────────────────────────────────────────────────────────

    @cached_property
    def _bodies(self) -> dict[int, Body]:
        return {each.function: each for each in self._facts.bodies}

    def _in_body(self, body: Body, owner: int) -> Iterator[tuple[int, bool]]:
        """(relation or function, whether it is sure) that a body uses and its owner may use."""
        places = (self._place(oid) for oid in body.relations)
        called = (self.model.number.get((Kind.FUNCTION, oid, 0)) for oid in body.functions)
        known = [place for place in (*places, *called) if place is not None]
        for place in known:
            if self._may_use(place, owner):
                yield place, True
        for place in self._named(body.source):
            schema = self.model.securables[place].schema
            usable = self.holders.using(schema) >> owner & 1 and self._may_use(place, owner)
            if usable and place not in known:
                yield place, False

    def _may_use(self, place: int, role: int) -> bool:
        if self.model.securables[place].kind in _FUNCTIONS:
            return bool(self.holders.held(place).get(EXECUTE, 0) >> role & 1)
        return bool(self._selecting(place, ()) >> role & 1)

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Relations, and functions with their owners' rights, by their bare names."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(self._facts.securables):
            wanted = each.kind in RELATIONS or (each.kind in _FUNCTIONS and each.definer)
            if wanted and not self._facts.is_system(each):
                found[each.name].append(place)
        return found

    def _named(self, source: str) -> Iterator[int]:
        """What the words of a body could mean, each once."""
        schemas = frozenset(self._facts.schema_names.values())
        for qualifier, word in {(_plain(one), _plain(two)) for one, two in _NAME.findall(source)}:
            for place in self._by_name.get(word, ()):
                schema = self._facts.schema_names.get(self.model.securables[place].schema)
                if qualifier not in schemas or qualifier == schema:
                    yield place

    # ── in words ─────────────────────────────────────────────────────────────────────────────

    def _title(self, securable: Securable) -> str:
        return f"{securable.kind} {self._facts.label(securable)}"

    def _role(self, oid: int) -> str:
        return quoted(self._facts.role_name(oid))


def _sort(entrance: Securable, *, sure: bool) -> Sort:
    if entrance.kind in _FUNCTIONS:
        return Sort.FUNCTION if sure else Sort.PERHAPS
    viewed = entrance.kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW)
    return Sort.VIEW if viewed else Sort.PARENT


def _plain(identifier: str) -> str:
    """An identifier's name: out of its quotes, or in lower case as PostgreSQL folds it."""
    if identifier.startswith('"'):
        return identifier[1:-1].replace('""', '"')
    return identifier.lower()
