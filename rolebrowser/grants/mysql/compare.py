"""Two accounts side by side, in one server or in two; only differences.

Pure. `Difference` is that of PostgreSQL's `grants.compare`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rolebrowser.grants.compare import Difference
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql.facts import Securable, Who
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.privileges import ordered
from rolebrowser.grants.mysql.standing import Standing


class Side(NamedTuple):
    """One of the two: an account on a server."""

    listing: Listing
    who: Who


def differences(one: Side, other: Side, *, system: bool = False) -> Iterator[Difference]:
    """What only one of them may, or may in another state; the server first, then by name.

    Args:
        system: the server's own databases too.
    """
    sides = (one, other)
    things = [
        {each.title: each for each in side.listing.everything(system=system)[1]} for side in sides
    ]
    for title in sorted({*things[0], *things[1]}, key=lambda title: (title != "*.*", title)):
        found: list[dict[str, Standing]] = [
            _standings(side, there[title]) if title in there else {}
            for side, there in zip(sides, things, strict=True)
        ]
        missing = next((n for n, there in enumerate(things, 1) if title not in there), 0)
        for word in ordered({*found[0], *found[1]}):
            mine, theirs = (each.get(word) for each in found)
            states = (mine.state if mine else None, theirs.state if theirs else None)
            if states[0] is not states[1]:
                via = (mine.via if mine else (), theirs.via if theirs else ())
                yield Difference(title, word, states, via, missing)


def _standings(side: Side, on: Securable) -> dict[str, Standing]:
    standings = side.listing.standings.of(side.who, on)
    around = side.listing.round_about(side.who, on)
    return standings | {"SELECT": Standing(State.INDIRECT, around)} if around else standings
