"""One object: who can reach it, by the kind of way.

Pure. Superusers / predefined roles / PUBLIC / its owner / roles it was granted to, and through
them / only on columns / through views, parents and functions that read with another's rights /
after SET ROLE / held but blocked / could grant it to themselves.

Rules of the ways round: a view reads as its owner unless it is security_invoker (15 and later;
PostgreSQL's manual, CREATE VIEW, "Notes"); a materialized view holds a copy; a query of a parent
table isn't checked on its children (manual, "Inheritance", caveats); a SECURITY DEFINER function
runs as its owner, but what its body reads is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rolebrowser.connection.names import quoted
from rolebrowser.grants import bitset
from rolebrowser.grants.facts import Securable
from rolebrowser.grants.holders import Holders
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.model import Rights, State
from rolebrowser.grants.paths import Why
from rolebrowser.grants.picture import Entry, Mark, Section
from rolebrowser.grants.portrait import MARKS
from rolebrowser.grants.privileges import (
    EXECUTE,
    RELATIONS,
    SELECT,
    WORDS,
    Kind,
    bits,
    phrase,
)
from rolebrowser.grants.question import Question

_DIRECT_WAYS = {
    Why.SUPERUSER: "Superusers",
    Why.PREDEFINED: "Predefined roles",
    Why.PUBLIC: "PUBLIC",
    Why.OWNER: "Owner",
    Why.GRANTED: "Granted to a role",
}
_OTHER_STATES = {
    State.LATENT: "After SET ROLE",
    State.BLOCKED: "Held, but blocked",
    State.ESCALATABLE: "Could grant it to themselves",
}


def audience(listing: Listing, holders: Holders, place: int) -> tuple[Section, ...]:
    """Who can reach the object of that number; groups without anybody are left out."""
    found = _Audience(listing, holders, place)
    sections = (*found.direct(), *found.columns(), *found.around(), *found.others())
    return tuple(each for each in sections if each.entries)


class _Audience:
    def __init__(self, listing: Listing, holders: Holders, place: int) -> None:
        self.listing = listing
        self.model = listing.model
        self.holders = holders
        self.place = place
        self.securable: Securable = self.model.securables[place]
        self.states = holders.states(place)

    # ── by itself ────────────────────────────────────────────────────────────────────────────

    def direct(self) -> Iterator[Section]:
        """Those who have it now, by where it comes from."""
        ways: dict[Why, dict[tuple[int, str], int]] = defaultdict(lambda: defaultdict(int))
        everybody = self._everybody()
        for role, privileges in _by_role(self.states[State.EFFECTIVE]):
            for bit in bits(privileges):
                for path in self.listing.paths.of(role, self.place, bit):
                    if path.source.why is not Why.PUBLIC:
                        line = self.listing.text.line(path)
                        ways[path.source.why][role, line] |= bit
        for why, title in _DIRECT_WAYS.items():
            if why is Why.PUBLIC:
                yield Section(title, everybody)
            else:
                yield Section(title, tuple(self._entries(ways[why], Mark.YES)))

    def _everybody(self) -> tuple[Entry, ...]:
        """One line for all that PUBLIC has: naming every role would say less."""
        given = 0
        for entry in self.model.entries(self.securable):
            given |= entry.privileges if not entry.grantee else 0
        if not given:
            return ()
        every = self.model.memberships.everybody
        reaching = self.holders.using(self.securable.schema) & self.holders.connecting & every
        words = phrase(given, self.model.privileges(self.securable))
        note = f"{words} · {reaching.bit_count()} of {every.bit_count()} roles"
        if reaching != every:
            note += " have USAGE and CONNECT"
        return (Entry("everybody", note, Mark.YES if reaching else Mark.NO),)

    def _entries(self, found: dict[tuple[int, str], int], mark: Mark) -> Iterator[Entry]:
        roles = self.model.roles
        for (role, line), privileges in sorted(
            found.items(), key=lambda item: (roles[item[0][0]].name, len(item[0][1]), item[0][1])
        ):
            asked = Question(role, self.place, bits(privileges)[0])
            there = self.model.privileges(self.securable)
            yield Entry(line, phrase(privileges, there), mark, asked=asked, role=role)

    # ── only on columns ──────────────────────────────────────────────────────────────────────

    def columns(self) -> Iterator[Section]:
        """Those who have a privilege on some columns and not on the whole."""
        ways: dict[tuple[int, str], dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        held = self.holders.held(self.place)
        for column in self.listing.with_columns(self.place)[1:]:
            name = quoted(self.model.securables[column].name)
            for bit, having in self.holders.states(column)[State.EFFECTIVE].items():
                for role in bitset.members(having & ~held.get(bit, 0)):
                    for path in self.listing.paths.of(role, column, bit):
                        ways[role, self.listing.text.line(path)][bit].append(name)
        entries = [
            Entry(
                line,
                ", ".join(f"{WORDS[bit]} ({', '.join(names)})" for bit, names in found.items()),
                Mark.PARTLY,
                asked=Question(role, self.place, next(iter(found))),
                role=role,
            )
            for (role, line), found in sorted(
                ways.items(), key=lambda item: self.model.roles[item[0][0]].name
            )
        ]
        yield Section("On some columns only", tuple(entries))

    # ── round about ──────────────────────────────────────────────────────────────────────────

    def around(self) -> Iterator[Section]:
        """Those who see its rows with the rights of somebody else."""
        if self.securable.kind in RELATIONS:
            yield Section("Through a view", tuple(self._views(self.securable, set(), "")))
            yield Section("Through a parent table", tuple(self._parents()))
            yield Section(
                "Perhaps through a function",
                tuple(self._functions()),
                "SECURITY DEFINER; what its body reads isn't known here",
            )

    def _views(self, read: Securable, seen: set[int], behind: str) -> Iterator[Entry]:
        for view in self._readers_of(read):
            if view.oid in seen:
                continue
            seen.add(view.oid)
            copied = view.kind is Kind.MATERIALIZED_VIEW
            title = self.model.facts.label(view)
            owner = quoted(self.model.facts.role_name(view.owner))
            if view.invoker or not (copied or self._owner_reads(view, read)):
                continue
            how = "a copy, as of its last refresh" if copied else f"reads as its owner {owner}"
            yield from self._through(view, f"{title}{behind}", how, SELECT)
            yield from self._views(view, seen, f" of {title}{behind}")

    def _readers_of(self, read: Securable) -> list[Securable]:
        facts = self.model.facts
        views = {view for view, relation in facts.view_reads if relation == read.oid}
        found = [facts.relation_by_oid[oid] for oid in views if oid in facts.relation_by_oid]
        return sorted((each for each in found if not facts.is_system(each)), key=facts.label)

    def _owner_reads(self, view: Securable, read: Securable) -> bool:
        owner = self.model.memberships.number.get(view.owner)
        place = self.model.number[read.kind, read.oid, 0]
        return owner is not None and bool(self.holders.held(place).get(SELECT, 0) >> owner & 1)

    def _parents(self) -> Iterator[Entry]:
        facts, child, seen = self.model.facts, self.securable.oid, set[int]()
        waiting = [child]
        while waiting:
            oid = waiting.pop()
            for below, above in facts.inherits:
                parent = facts.relation_by_oid.get(above)
                if below == oid and parent is not None and above not in seen:
                    seen.add(above)
                    waiting.append(above)
                    title = facts.label(parent)
                    yield from self._through(parent, title, "its children aren't asked", SELECT)

    def _functions(self) -> Iterator[Entry]:
        readers = self.holders.held(self.place).get(SELECT, 0)
        number = self.model.memberships.number
        for place in bitset.members(self.model.of_kind.get(Kind.FUNCTION, 0)):
            function = self.model.securables[place]
            owner = number.get(function.owner)
            if not function.definer or self.model.facts.is_system(function) or owner is None:
                continue
            if readers >> owner & 1:
                name = self.model.facts.label(function)
                how = f"runs as {quoted(self.model.roles[owner].name)}"
                yield from self._through(function, name, how, EXECUTE)

    def _through(self, other: Securable, title: str, how: str, privilege: int) -> Iterator[Entry]:
        """Who may use `other`; those that read the object by themselves are only counted."""
        place = self.model.number[other.kind, other.oid, 0]
        using = self.holders.states(place)[State.EFFECTIVE].get(privilege, 0)
        mine = self.states[State.EFFECTIVE].get(SELECT, 0)
        if not using:
            return
        yield Entry(title, how, Mark.PARTLY)
        names = {
            quoted(self.model.roles[role].name): role for role in bitset.members(using & ~mine)
        }
        for name, role in sorted(names.items()):
            note = f"{WORDS[privilege]} there, not here"
            yield Entry(name, note, Mark.YES, 1, Question(role, place, privilege), role)
        also = (using & mine).bit_count()
        if also:
            others = "1 role that reads" if also == 1 else f"{also} roles that read"
            yield Entry(f"and {others} it anyway", depth=1)

    # ── not now ──────────────────────────────────────────────────────────────────────────────

    def others(self) -> Iterator[Section]:
        """Those who don't have it now, but hold it or could come to it."""
        for state, title in _OTHER_STATES.items():
            ways: dict[tuple[int, str], int] = defaultdict(int)
            for role, privileges in _by_role(self.states[state]):
                for bit in bits(privileges):
                    for line in self.listing.via(state, role, self.place, bit):
                        ways[role, line] |= bit
            yield Section(title, tuple(self._entries(ways, MARKS[state])))


def _by_role(rights: Rights) -> Iterator[tuple[int, int]]:
    """(role, its privileges) of sets of roles by privilege."""
    found: dict[int, int] = defaultdict(int)
    for bit, having in rights.items():
        for role in bitset.members(having):
            found[role] |= bit
    yield from sorted(found.items())
