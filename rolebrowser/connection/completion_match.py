"""Which of many names a few typed letters may mean, best first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import Generic, TypeVar

from rolebrowser.frozen import dataclass
from rolebrowser.fuzzy import ranked

T = TypeVar("T")
R = TypeVar("R")

_SCATTERED_OF = 5_000
"""Names among which letters with gaps between them are looked for."""


@dataclass(frozen=True, slots=True)
class Group(Generic[T, R]):
    """Things of one kind and what to make of those that match.

    Attributes:
        folded: the items' names in lower case, in the same order; empty = take the items' own.
    """

    items: Sequence[T]
    make: Callable[[T], R]
    folded: Sequence[str] = field(default=())


_Ready = list[tuple[Group, Sequence[str]]]


def matching(groups: Sequence[Group], typed: str, *, asked: bool = True) -> Iterator[object]:
    """What matches: names that begin so, of each group in turn; then those that hold it; then
    those with the letters in order.

    Args:
        typed: in lower case; empty takes everything.
        asked: a person asked for it; else a few letters don't match inside names, nor scattered.
    """
    ready = [
        (group, group.folded or [str(item).lower() for item in group.items]) for group in groups
    ]
    yield from _that(ready, lambda name: name.startswith(typed))
    if len(typed) > (1 if asked else 2):
        yield from _that(ready, lambda name: typed in name and not name.startswith(typed))
    if asked and len(typed) > 2:
        yield from _scattered(ready, typed)


def _that(ready: _Ready, fits: Callable[[str], bool]) -> Iterator[object]:
    for group, folded in ready:
        for item, name in zip(group.items, folded, strict=True):
            if fits(name):
                yield group.make(item)


def _scattered(ready: _Ready, typed: str) -> Iterator[object]:
    for group, folded in ready:
        if len(folded) > _SCATTERED_OF:
            continue
        pairs = zip(group.items, folded, strict=True)
        rest = [(item, name) for item, name in pairs if typed not in name]
        for item, _ in ranked(typed, rest, (name for _, name in rest)):
            yield group.make(item)
