"""Two roles side by side, in one database or in two.

Pure. Objects are matched by name, since oids differ between servers; only differences are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.frozen import dataclass
from rolebrowser.grants import bitset
from rolebrowser.grants.listing import Listing, object_name
from rolebrowser.grants.model import Model, State
from rolebrowser.grants.privileges import RELATIONS, SELECT, WORDS


class Side(NamedTuple):
    """One of the two: a role in a database."""

    listing: Listing
    role: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A privilege to which the two stand differently.

    Attributes:
        states: of the first and of the second; None where there is no way to it at all.
        via: the paths of each, as `Listing.via` words them.
        missing: the object isn't there on this side (1 or 2); 0 = it is on both.
    """

    object: str
    privilege: str
    states: tuple[State | None, State | None]
    via: tuple[tuple[str, ...], tuple[str, ...]]
    missing: int = 0


def differences(one: Side, other: Side, *, system: bool = False) -> Iterator[Difference]:
    """What only one of them may, or may in another state; ordered by object.

    Args:
        system: PostgreSQL's own objects too.
    """
    sides = (one, other)
    standings = tuple(_standings(side, system=system) for side in sides)
    places = tuple(_places(side.listing.model, system=system) for side in sides)
    tables = _tables(one.listing.model) | _tables(other.listing.model)
    keys = standings[0].keys() | standings[1].keys()
    order = {word: place for place, word in enumerate(WORDS.values())}
    for name, privilege in sorted(keys, key=lambda key: (key[0], order[WORDS[key[1]]])):
        # A column without an ACL of its own is none of the facts: the table speaks for it.
        names = tuple(name if name in there else tables.get(name, name) for there in places)
        states = tuple(
            each.get((found, privilege)) for each, found in zip(standings, names, strict=True)
        )
        if states[0] is states[1]:
            continue
        via = tuple(
            side.listing.via(state, side.role, there[found], privilege) if state else ()
            for side, state, there, found in zip(sides, states, places, names, strict=True)
        )
        missing = next(
            (n for n, (there, found) in enumerate(zip(places, names, strict=True), 1)
             if found not in there), 0,
        )  # fmt: skip
        yield Difference(name, WORDS[privilege], (states[0], states[1]), (via[0], via[1]), missing)


def _tables(model: Model) -> dict[str, str]:
    """The table of each column that has an ACL of its own, both by name."""
    facts = model.facts
    tables = {
        each.oid: object_name(facts, each) for each in facts.securables if each.kind in RELATIONS
    }
    return {
        object_name(facts, each): tables[each.oid] for each in facts.columns if each.oid in tables
    }


def _standings(side: Side, *, system: bool) -> dict[tuple[str, int], State]:
    model = side.listing.model
    names = {place: name for name, place in _places(model, system=system).items()}
    wanted = bitset.of(names, model.size)
    standings = {
        (names[place], bit): state
        for state, rights in model.states(side.role).items()
        for bit, having in rights.items()
        for place in bitset.members(having & wanted)
        if model.privileges(model.securables[place]) & bit
    }
    around = side.listing.indirect(side.role) & wanted
    return standings | {(names[n], SELECT): State.INDIRECT for n in bitset.members(around)}


def _places(model: Model, *, system: bool) -> dict[str, int]:
    return {
        object_name(model.facts, each): place
        for place, each in enumerate(model.securables)
        if system or not model.facts.is_system(each)
    }
