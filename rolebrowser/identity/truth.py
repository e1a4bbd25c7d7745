"""Truth: yes, no, or not to be known from here; Kleene's three-valued logic. Pure.

An unknown is never turned into a no, nor into a yes: what is claimed of a role must hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """Ordered so that `min` is *and*, `max` is *or*."""

    NO = 0
    UNKNOWN = 1
    YES = 2

    def __invert__(self) -> Truth:
        """Not: an unknown stays one."""
        return Truth(2 - self)

    def __and__(self, other: int) -> Truth:
        """And."""
        return Truth(min(self, other))

    def __or__(self, other: int) -> Truth:
        """Or."""
        return Truth(max(self, other))


def truth(value: bool) -> Truth:
    """A yes or a no."""
    return Truth.YES if value else Truth.NO


def every(values: Iterable[Truth]) -> Truth:
    """And of all; yes when there are none."""
    return min(values, default=Truth.YES)


def some(values: Iterable[Truth]) -> Truth:
    """Or of all; no when there are none."""
    return max(values, default=Truth.NO)
