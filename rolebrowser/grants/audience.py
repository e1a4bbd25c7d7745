"""One object: who can reach it, by the kind of way.

Pure. Superusers / predefined roles / PUBLIC / its owner / roles it was granted to, and through
them / only on columns / through views, parents and functions that read with another's rights /
after SET ROLE / held but blocked / could grant it to themselves.

Rules of the ways round: `detours`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rolebrowser.connection.names import quoted
from rolebrowser.grants import bitset
from rolebrowser.grants.detours import Detour, Sort
from rolebrowser.grants.facts import Securable
from rolebrowser.grants.listing import Listing
from rolebrowser.grants.model import Rights, State
from rolebrowser.grants.paths import Why
from rolebrowser.grants.picture import Entry, Mark, Section
from rolebrowser.grants.portrait import MARKS
from rolebrowser.grants.privileges import (
    SELECT,
    WORDS,
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


_HINTS = {Sort.PERHAPS: "SECURITY DEFINER; its body names it"}


def audience(listing: Listing, place: int) -> tuple[Section, ...]:
    """Who can reach the object of that number; groups without anybody are left out."""
    found = _Audience(listing, place)
    sections = (*found.direct(), *found.columns(), *found.around(), *found.others())
    return tuple(each for each in sections if each.entries)


class _Audience:
    def __init__(self, listing: Listing, place: int) -> None:
        self.listing = listing
        self.model = listing.model
        self.holders = listing.holders
        self.place = place
        self.securable: Securable = self.model.securables[place]
        self.states = self.holders.states(place)

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
        found: dict[Sort, dict[tuple[int, str], list[Detour]]] = {sort: {} for sort in Sort}
        for detour in self.listing.detours.to(self.place):
            whole = self.model.parents.get(detour.entrance, detour.entrance)
            found[detour.sort].setdefault((whole, detour.text), []).append(detour)
        for sort, ways in found.items():
            ordered = sorted(ways.items(), key=lambda way: way[0][1])
            entries = [each for _, alike in ordered for each in self._through(alike)]
            yield Section(sort.value, tuple(entries), _HINTS.get(sort, ""))

    def _through(self, alike: list[Detour]) -> Iterator[Entry]:
        """Who gets through; those that read the object by themselves are only counted."""
        mine = self.states[State.EFFECTIVE].get(SELECT, 0)
        users = 0
        for detour in alike:
            users |= detour.users
        if not users:
            return
        yield Entry(alike[0].text, mark=Mark.PARTLY)
        names = {
            quoted(self.model.roles[role].name): (role, detour)
            for detour in alike
            for role in bitset.members(detour.users & ~mine)
        }
        for name, (role, detour) in sorted(names.items()):
            asked = Question(role, detour.entrance, detour.privilege)
            note = f"{WORDS[detour.privilege]} there, not here"
            yield Entry(name, note, Mark.YES, 1, asked, role)
        also = (users & mine).bit_count()
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
