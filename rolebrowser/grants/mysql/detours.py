"""Ways to a table's rows round about it: views and routines that read it as their definer.

Pure. Rules, each tried on MariaDB by real logins (tests/grants/test_mysql_detours.py): what a
SQL SECURITY DEFINER view reads is checked as its definer; what an INVOKER view reads as who reads
it, and that is the definer of a DEFINER view around it, not who asks. A definer that is gone
closes the view (1449). The definer acts as the account that its name and host find, in MariaDB
with no role active, in MySQL with its default roles (MySQL's manual, "Using Roles"; "Stored Object
Access Control"); a routine it must be allowed to EXECUTE itself. A routine's body is text: only
which names stand in it is known. Not followed: functions that a view calls, and INVOKER routines
that a routine calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.bodies import routine_names, view_reads
from rolebrowser.grants.mysql.facts import Level, Securable, Who, split_account
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.sessions import Session
from rolebrowser.grants.mysql.standing import Standings

_ROUTINES = frozenset((Level.FUNCTION, Level.PROCEDURE))


class Sort(StrEnum):
    """What a detour leads through; titles of lists of them."""

    VIEW = "Through a view"
    UNSEEN = "Perhaps through a view"
    PERHAPS = "Perhaps through a routine"


HINTS = {
    Sort.UNSEEN: "what its definer may read can't be seen",
    Sort.PERHAPS: "SQL SECURITY DEFINER; its body names it",
}


class Detour(NamedTuple):
    """One way to rows that somebody else reads.

    Attributes:
        entrance: what one must have `word` on: a view, a routine.
        needs: what who comes this way must be able to read by itself, each with the columns.
    """

    sort: Sort
    entrance: Securable
    word: str
    steps: tuple[str, ...]
    needs: tuple[tuple[Securable, frozenset[str]], ...]

    @property
    def text(self) -> str:
        """The steps on one line."""
        return " → ".join(self.steps)


class Check(NamedTuple):
    """What the server asks when a view is read, besides the privilege on the view itself.

    Attributes:
        acting: who is asked about; None: a definer that is gone.
        passed: it may read the columns that the view takes; None: that can't be seen.
    """

    view: Securable
    relation: Securable
    acting: Who | None
    passed: bool | None


@dataclass
class _Walk:
    """What reading something reads.

    Attributes:
        shut: some check inside fails whoever asks.
        sure: all checks inside could be made.
        others: relations read with the rights of somebody else, and how.
        own: relations read with the rights of who asks, the columns of each, and how.
    """

    shut: bool = False
    sure: bool = True
    others: dict[Securable, tuple[str, ...]] = field(default_factory=dict)
    own: dict[Securable, tuple[frozenset[str], tuple[str, ...]]] = field(default_factory=dict)


class Detours:
    """All detours in a model."""

    def __init__(self, model: Model, standings: Standings) -> None:
        self.model = model
        self._facts = model.facts
        self._standings = standings
        self._walks: dict[Securable, _Walk] = {}
        self._entering: dict[tuple[Who, Securable, str], Securable | None] = {}

    def to(self, on: Securable) -> list[Detour]:
        """The ways to a relation's rows."""
        return self._found.get(on, [])

    def entered(self, who: Who, detour: Detour) -> Securable | None:
        """Where an account gets into a detour after login: the entrance, or a column of it."""
        if not all(self._reads_all(who, *need) for need in detour.needs):
            return None
        return self._entered(who, detour.entrance, detour.word)

    def round_about(self, who: Who, on: Securable) -> tuple[str, ...]:
        """The ways that are open to one who may not read it itself."""
        lines = (
            f"{who.label} → {each.text}"
            for each in self.to(on)
            if each.sort is not Sort.UNSEEN and self.entered(who, each) is not None
        )
        return tuple(dict.fromkeys(lines))

    def checks(self, on: Securable, who: Who) -> Iterator[Check]:
        """What is asked when an account reads a view; nothing of anything else."""
        seen: set[tuple[Securable, Who | None]] = set()
        waiting: list[tuple[Securable, Who | None]] = [(on, None)]
        for view, outer in waiting:
            definer = outer if view.invoker else self._definer(view)
            for relation, columns in self._reads.get(view, ()):
                if definer is not None or not view.invoker:
                    passed = self._able(definer, relation, columns)
                else:
                    passed = self._reads_all(who, relation, columns)
                acting = who if definer is None and view.invoker else definer
                yield Check(view, relation, acting, passed)
                if relation.view and (relation, definer) not in seen:
                    seen.add((relation, definer))
                    waiting.append((relation, definer))

    # ── who may ──────────────────────────────────────────────────────────────────────────────

    def _entered(self, who: Who, entrance: Securable, word: str) -> Securable | None:
        key = who, entrance, word
        if key not in self._entering:
            places = [entrance]
            if entrance.level is Level.TABLE:
                places += self.model.columns_of(entrance)
            found = (place for place in places if self._has(who, place, word))
            self._entering[key] = next(found, None)
        return self._entering[key]

    def _has(self, who: Who, on: Securable, word: str = "SELECT") -> bool:
        standing = self._standings.of(who, on).get(word)
        return standing is not None and standing.state is State.EFFECTIVE

    def _reads_all(self, who: Who, on: Securable, columns: frozenset[str]) -> bool:
        if self._has(who, on):
            return True
        mine = (each for each in self.model.columns_of(on) if self._has(who, each))
        return _enough((each.column for each in mine), columns)

    def _definer(self, on: Securable) -> Who | None:
        """The account that a definer's name and host find; None: there is none."""
        named = split_account(on.definer.removesuffix("@"))
        if named in self._facts.account or not named.host:
            return named if named in self._facts.account else None
        return self.model.sessions.account_for(named.user, named.host)

    def _session(self, who: Who) -> Session:
        roles = () if self._facts.mariadb or not who.host else (
            self.model.sessions.login(self.model.account(who))[0].roles
        )  # fmt: skip
        return Session(who, who.host, roles)

    def _able(self, definer: Who | None, on: Securable, columns: frozenset[str]) -> bool | None:
        """Whether a definer may read; None where its rights can't be seen."""
        if definer is None:
            return False if self._facts.complete else None
        session = self._session(definer)
        if "SELECT" in self.model.rights(session, on):
            return True
        granted = {
            each.column
            for each in self.model.columns_of(on)
            if "SELECT" in self.model.rights(session, each)
        }
        return _enough(granted, columns)

    # ── what reads what ──────────────────────────────────────────────────────────────────────

    @cached_property
    def _relations(self) -> dict[tuple[str, str], Securable]:
        things = (each for each in self._facts.securables if each.level is Level.TABLE)
        return {self._key(each.database, each.name): each for each in things}

    @cached_property
    def _routines(self) -> dict[tuple[str, str], list[Securable]]:
        found: dict[tuple[str, str], list[Securable]] = defaultdict(list)
        for each in self._facts.securables:
            if each.level in _ROUTINES:
                found[self._key(each.database, each.name.lower())].append(each)
        return found

    def _key(self, database: str, name: str) -> tuple[str, str]:
        fold = self._facts.fold_case
        return (database.lower(), name.lower()) if fold else (database, name)

    @cached_property
    def _reads(self) -> dict[Securable, list[tuple[Securable, frozenset[str]]]]:
        found: dict[Securable, list[tuple[Securable, frozenset[str]]]] = {}
        for (level, database, name), text in self._facts.texts.items():
            view = self._relations.get(self._key(database, name))
            if level is not Level.TABLE or view is None or self._facts.is_system(view):
                continue
            read = ((self._relations.get(self._key(*where)), columns)
                    for where, columns in view_reads(text).items())  # fmt: skip
            found[view] = [(each, columns) for each, columns in read if each is not None]
        return found

    @cached_property
    def _found(self) -> dict[Securable, list[Detour]]:
        found: dict[Securable, list[Detour]] = defaultdict(list)
        definers = (each for each in self._facts.securables
                    if each.level in _ROUTINES and not each.invoker)  # fmt: skip
        for entrance in (*self._reads, *definers):
            if self._facts.is_system(entrance):
                continue
            walk = self._walk(entrance)
            needs = tuple((on, columns) for on, (columns, _) in walk.own.items())
            for on, steps in walk.others.items() if not walk.shut else ():
                if entrance.level in _ROUTINES:
                    found[on].append(Detour(Sort.PERHAPS, entrance, "EXECUTE", steps, ()))
                else:
                    sort = Sort.VIEW if walk.sure else Sort.UNSEEN
                    found[on].append(Detour(sort, entrance, "SELECT", steps, needs))
        return found

    # ── walks ────────────────────────────────────────────────────────────────────────────────

    def _walk(self, on: Securable) -> _Walk:
        if on not in self._walks:
            # Routines may call each other in a circle: the second time round adds nothing.
            self._walks[on] = _Walk()
            self._walks[on] = self._view(on) if on.level is Level.TABLE else self._routine(on)
        return self._walks[on]

    def _view(self, view: Securable) -> _Walk:
        walk = _Walk()
        step = f"view {view.title} ({_how(view)})"
        definer = None if view.invoker else self._definer(view)
        for relation, columns in self._reads.get(view, ()):
            below = self._walk(relation) if relation.view else _Walk()
            walk.shut |= below.shut
            walk.sure &= below.sure
            mine = {relation: (columns, ())} | below.own
            for each, (wanted, steps) in mine.items():
                if view.invoker:
                    known = walk.own.get(each, (frozenset[str](), ()))[0]
                    walk.own[each] = (known | wanted, (step, *steps))
                    continue
                able = self._able(definer, each, wanted)
                walk.shut |= able is False
                walk.sure &= able is not None
                walk.others.setdefault(each, (step, *steps))
            for each, steps in below.others.items():
                walk.others.setdefault(each, (step, *steps))
        return walk

    def _routine(self, routine: Securable) -> _Walk:
        walk = _Walk()
        text = self._facts.texts.get((routine.level, routine.database, routine.name))
        definer = self._definer(routine)
        if text is None or definer is None or routine.invoker:
            return walk
        session = self._session(definer)
        if "EXECUTE" not in self.model.rights(session, routine):
            return walk
        step = f"{routine.title} (runs as {definer.label}; its body names "
        for place in routine_names(text, routine.database):
            for each, word in self._named(place):
                if each == routine or not self._usable(session, each, word):
                    continue
                below = self._walk(each) if each.view or word == "EXECUTE" else _Walk()
                needs = ((on, columns) for on, (columns, _) in below.own.items())
                if below.shut or not all(self._able(definer, *need) for need in needs):
                    continue
                first = f"{step}{each.title})"
                own = {on: steps for on, (_, steps) in below.own.items()}
                if word == "SELECT":
                    walk.others.setdefault(each, (first,))
                for on, steps in (own | below.others).items():
                    walk.others.setdefault(on, (first, *steps))
        return walk

    def _named(self, place: tuple[str, str]) -> Iterator[tuple[Securable, str]]:
        relation = self._relations.get(self._key(*place))
        if relation is not None and not self._facts.is_system(relation):
            yield relation, "SELECT"
        for each in self._routines.get(self._key(place[0], place[1].lower()), ()):
            if not each.invoker:
                yield each, "EXECUTE"

    def _usable(self, session: Session, on: Securable, word: str) -> bool:
        places = [on, *(self.model.columns_of(on) if word == "SELECT" else ())]
        return any(word in self.model.rights(session, each) for each in places)


def _enough(granted: Iterable[str], columns: frozenset[str]) -> bool:
    """Whether these columns do; where a view takes none of them, any one does."""
    able = {each.lower() for each in granted}
    return bool(able) and {each.lower() for each in columns} <= able


def _how(view: Securable) -> str:
    if view.invoker:
        return "as who asks"
    return f"as its definer {split_account(view.definer.removesuffix('@')).label}"
