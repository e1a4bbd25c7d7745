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
        return _NOT[self]

    def __and__(self, other: int) -> Truth:
        """And."""
        return self if self <= other else Truth(other)

    def __or__(self, other: int) -> Truth:
        """Or."""
        return self if self >= other else Truth(other)


_NOT = (Truth.YES, Truth.UNKNOWN, Truth.NO)


def truth(value: bool) -> Truth:
    """A yes or a no."""
    return Truth.YES if value else Truth.NO


def every(values: Iterable[Truth]) -> Truth:
    """And of all; yes when there are none."""
    found = Truth.YES
    for value in values:
        if value is Truth.NO:
            return value
        found &= value
    return found


def some(values: Iterable[Truth]) -> Truth:
    """Or of all; no when there are none."""
    found = Truth.NO
    for value in values:
        if value is Truth.YES:
            return value
        found |= value
    return found
