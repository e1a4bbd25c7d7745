"""Answers about a PostgreSQL model as sections: one cell, why, the server's word, differences.

Pure. What `explain`, `fix`, `verify` and `compare` found, put into lines that anybody can draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

from rolebrowser.connection.names import quoted
from rolebrowser.grants import changes, compare, fix, refusals
from rolebrowser.grants.compare import Difference, Side
from rolebrowser.grants.explain import Gate, Passage, Why, rows_passage, verdict, why
from rolebrowser.grants.facts import Facts
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.picture import Entry, Inquiry, Mark, Section
from rolebrowser.grants.portrait import MARKS, NOTES
from rolebrowser.grants.privileges import BITS, MAINTAIN, RELATIONS, SELECT, WORDS, Kind, bits
from rolebrowser.grants.question import Question
from rolebrowser.grants.verify import Agreement, Trial, expected, told

PASSED = {True: Mark.YES, False: Mark.NO, None: Mark.PARTLY}


# ── one cell ─────────────────────────────────────────────────────────────────────────────────


def detail(listing: Listing, role: int, place: int) -> tuple[Entry, ...]:
    """What a role may do on an object: privileges that come in the same ways, then the ways."""
    model = listing.model
    alike: dict[tuple[State, tuple[str, ...]], list[int]] = {}
    states = model.states(role)
    for bit in bits(model.privileges(model.securables[place])):
        for state, rights in states.items():
            if rights.get(bit, 0) >> place & 1:
                via = listing.via(state, role, place, bit)
                alike.setdefault((state, via), []).append(bit)
    around = listing.round_about(role, place)
    if around and not states[State.EFFECTIVE].get(SELECT, 0) >> place & 1:
        alike[State.INDIRECT, around] = [SELECT]
    entries: list[Entry] = []
    grantable = model.grantable(role)
    for (state, via), found in sorted(
        alike.items(), key=lambda each: list(State).index(each[0][0])
    ):
        words = ", ".join(WORDS[bit] + "*" * (grantable.get(bit, 0) >> place & 1) for bit in found)
        asked = Question(role, place, found[0])
        entries.append(Entry(words, via[0] if via else NOTES[state], MARKS[state], asked=asked))
        entries += [Entry("", line) for line in via[1:]]
    if model.securables[place].rls and entries:
        passage = rows_passage(model, role, model.securables[place], "r")
        entries.insert(0, Entry(passage.sentence, "", PASSED[passage.passed]))
    return (*entries, *_columns(listing, role, place))


def _columns(listing: Listing, role: int, place: int) -> Iterator[Entry]:
    """Privileges that it has on some columns, but not on the whole."""
    held = listing.model.held(role)
    names: dict[int, list[str]] = {}
    for column in listing.with_columns(place)[1:]:
        for bit, having in held.items():
            if having >> column & 1 and not having >> place & 1:
                names.setdefault(bit, []).append(quoted(listing.model.securables[column].name))
    for bit in bits(sum(names)):
        words = f"{WORDS[bit]} ({', '.join(names[bit])})"
        yield Entry(words, "only these columns", Mark.PARTLY, asked=Question(role, place, bit))


def everybodys(listing: Listing, place: int) -> tuple[Entry, ...]:
    """What PUBLIC has on an object, and from whom."""
    facts, securable = listing.model.facts, listing.model.securables[place]
    entries: list[Entry] = []
    for grantee, grantor, privileges, _ in listing.model.entries(securable):
        if not grantee:
            by = f"granted by {quoted(facts.role_name(grantor))}"
            note = "what every new one starts with" if securable.acl is None else by
            words = ", ".join(WORDS[bit] for bit in bits(privileges))
            entries.append(Entry(words, note, Mark.YES))
    return tuple(entries)


# ── why ──────────────────────────────────────────────────────────────────────────────────────


def reasons(listing: Listing, inquiry: Inquiry) -> Iterator[Section]:
    """Gate by gate, then what would give it and what would take it away.

    Of a refused statement in full only what is denied, and nothing that would take more away.
    """
    found = [why(listing, each.role, each.place, each.privilege) for each in inquiry.parts]
    refused = refusals.asked(inquiry, found)
    denied = [answer for answer in found if not answer.can]
    for answer in denied if refused else found:
        yield Section(
            verdict(listing, answer), tuple(gate_entries(answer, WORDS[answer.privilege]))
        )
        arguments = (listing, answer.role, answer.place, answer.privilege)
        if not answer.can:
            yield remedy("What would give it", fix.giving(*arguments))
        if not refused and answer.state is not None and answer.state is not State.ESCALATABLE:
            yield remedy("What would take it away", fix.taking(*arguments))
    if refused:
        held = (verdict(listing, answer) for answer in found if answer.can)
        yield from refusals.held(held, alone=not denied)


class Reasoned(Protocol):
    """What the answers about either engine have in common."""

    @property
    def gates(self) -> tuple[Passage, ...]: ...
    @property
    def around(self) -> tuple[str, ...]: ...
    @property
    def detours(self) -> tuple[str, ...]: ...
    @property
    def escalations(self) -> tuple[str, ...]: ...


def gate_entries(answer: Reasoned, word: str) -> Iterator[Entry]:
    """Each gate with its paths, then the ways past a closed one.

    Args:
        word: the privilege asked about, as SQL has it.
    """
    for gate in answer.gates:
        name = gate.gate.value if gate.gate is not Gate.PRIVILEGE else word
        yield Entry(f"{name:<12} {gate.sentence}", mark=PASSED[gate.passed])
        yield from (Entry(path, depth=1) for path in gate.paths)
    for path in answer.around:
        yield Entry(path, "it can go this way", Mark.LATENT)
    for path in answer.detours:
        yield Entry(path, "it reads the rows this way", Mark.YES)
    for path in answer.escalations:
        yield Entry(path, "it could help itself", Mark.PARTLY)


def remedy(heading: str, suggested: fix.Fix) -> Section:
    """What would change it, each plan to be put into the editor."""
    entries = [Entry(sentence, mark=Mark.PARTLY) for sentence in suggested.sentences]
    for plan in (*suggested.at_once, *suggested.plans):
        title = plan.title if plan.reached else f"{plan.title} (not enough by itself)"
        entries.append(
            Entry(title, "f puts it into the editor", Mark.DO, statements=plan.statements)
        )
        entries += [
            Entry(statement, depth=1, statements=plan.statements) for statement in plan.statements
        ]
        entries += [Entry(note, depth=2, statements=plan.statements) for note in plan.notes]
    return Section(heading, tuple(entries))


# ── the server's word ────────────────────────────────────────────────────────────────────────


def agreement(said: Agreement) -> Entry:
    """One has_*_privilege call, what it said, and whether that is what is said here."""
    if said.server is None:
        return Entry(f"·    {said.call}", "the server has nothing to say", Mark.PARTLY)
    text = f"{'yes' if said.server else 'no':<4} {said.call}"
    if said.agrees:
        return Entry(text, mark=Mark.YES)
    return Entry(text, "here it is said otherwise", Mark.NO)


def tried(role: str, trial: Trial, answers: Sequence[Why]) -> list[Entry]:
    """What EXPLAIN said of a statement, and whether that is what the answers about it say."""
    ours = expected(answers)
    differs = None not in (trial.allowed, ours) and trial.allowed is not ours
    # No tick: beside "is refused" it would look like a yes.
    first = Entry(told(trial, quoted(role), ours), mark=Mark.NO if differs else Mark.PARTLY)
    return [first, *(Entry(line, depth=1) for line in trial.text.splitlines())]


def left_out(model: Model) -> tuple[str, ...]:
    """How many grants `role_table_grants` keeps from its reader, by the reason.

    Its rule (information_schema.sql): tables, views and foreign tables, privileges of the SQL
    standard, and only rows whose grantor or grantee is a role that the reader inherits from.
    """
    facts = model.facts
    reader = facts.role_by_name.get(facts.user)
    enabled = set(model.inherited_oids(model.memberships.number[reader.oid])) if reader else set()
    superuser = reader is not None and reader.superuser
    counts = dict.fromkeys(_LEFT_OUT, 0)
    for securable in (*facts.securables, *facts.columns):
        if securable.kind not in _GRANTED_ON or facts.is_system(securable):
            continue
        for grantee, grantor, privileges, _ in model.entries(securable):
            standard = privileges & ~MAINTAIN
            counts["MAINTAIN"] += bool(privileges & MAINTAIN)
            if securable.kind in _ELSEWHERE:
                counts[_ELSEWHERE[securable.kind]] += standard.bit_count()
            elif not superuser and not enabled & {grantee, grantor}:
                reason = "to PUBLIC" if not grantee else "to roles that aren't the reader's"
                counts[reason] += standard.bit_count()
    return tuple(f"{count:,} {reason}" for reason, count in counts.items() if count)


_ELSEWHERE = {
    Kind.MATERIALIZED_VIEW: "on materialized views",
    Kind.SEQUENCE: "on sequences",
    Kind.COLUMN: "on columns only",
}
_GRANTED_ON = RELATIONS | {Kind.SEQUENCE, Kind.COLUMN}
_LEFT_OUT = ("to roles that aren't the reader's", "to PUBLIC", *_ELSEWHERE.values(), "MAINTAIN")


# ── two sides ────────────────────────────────────────────────────────────────────────────────


def two_sides(one: Side, other: Side) -> Iterator[Section]:
    """What only the first can use, what only the second can, and where they differ otherwise."""
    found: dict[int, list[Difference]] = {0: [], 1: [], 2: []}
    for each in _without_echoes(compare.differences(one, other), one, other):
        usable = [state is State.EFFECTIVE for state in each.states]
        found[usable.index(True) if any(usable) else 2].append(each)
    names = [quoted(side.listing.model.roles[side.role].name) for side in (one, other)]
    if names[0] == names[1]:
        names = [f"{names[0]} here", f"{names[1]} there"]
    titles = (f"Only {names[0]}", f"Only {names[1]}", "Neither now, but in different ways")
    for which, title in enumerate(titles):
        if found[which]:
            yield Section(title, tuple(_differing(found[which], which, one, other)))


def _without_echoes(found: Iterable[Difference], one: Side, other: Side) -> Iterator[Difference]:
    """Leave out what a column has just as its whole table has it."""
    tables = _tables_of_columns(one) | _tables_of_columns(other)
    known: set[tuple[object, ...]] = set()
    # Ordered by name: a table comes before its columns.
    for each in found:
        way = (each.privilege, each.states, each.via)
        known.add((each.object, *way))
        if (tables.get(each.object), *way) not in known:
            yield each


def _tables_of_columns(side: Side) -> dict[str, str]:
    model = side.listing.model

    def name(place: int) -> str:
        return object_name(model.facts, model.securables[place])

    return {name(column): name(table) for column, table in model.parents.items()}


def _differing(found: Iterable[Difference], which: int, one: Side, other: Side) -> Iterator[Entry]:
    """Differences of one side; those of an object that come in the same ways as one entry."""
    place_of = one.listing.numbers(range(one.listing.model.size))
    for (name, states, via, missing), group in groupby(found, _way):
        same = list(group)
        side = which if which < 2 else int(states[0] is None)
        state = states[side]
        notes = [", ".join(each.privilege for each in same)]
        if missing:
            notes.append("the other has no such object")
        elif (theirs := states[1 - side]) is not None:
            notes.append(f"the other: {theirs.value}")
        # A question is asked of the picture in view: the first.
        asked = (
            Question(one.role, place_of[name], BITS[same[0].privilege])
            if name in place_of
            else None
        )
        yield Entry(name, " · ".join(notes), MARKS[state] if state else Mark.NONE, asked=asked)
        yield from (Entry(f"via {line}", depth=1) for line in via[side])


def _way(
    each: Difference,
) -> tuple[str, tuple[State | None, State | None], tuple[tuple[str, ...], tuple[str, ...]], int]:
    return each.object, each.states, each.via, each.missing


# ── two looks ────────────────────────────────────────────────────────────────────────────────


def news(before: Facts, after: Facts) -> Iterator[Section]:
    """What happened, by what it happened to."""
    found = sorted(changes.changes(before, after), key=lambda change: change.what)
    for what, group in groupby(found, key=lambda change: change.what):
        entries = tuple(
            Entry(change.sentence, mark=Mark.CAME if change.added else Mark.WENT)
            for change in sorted(group, key=lambda change: change.sentence)
        )
        yield Section(what, entries)
