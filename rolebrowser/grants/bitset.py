"""Sets of small numbers as ints: bit n is set when n is in the set.

Pure. Why: joining the rights of five hundred roles on five thousand tables is then a few thousand
`|` of ints, some milliseconds in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def of(numbers: Iterable[int], size: int) -> int:
    """The set of `numbers`, each below `size`."""
    octets = bytearray((size + 7) // 8)
    for each in numbers:
        octets[each >> 3] |= 1 << (each & 7)
    return int.from_bytes(octets, "little")


def members(bits: int) -> Iterator[int]:
    """The numbers in a set, ascending."""
    for place, octet in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if octet:
            for each in _IN_OCTET[octet]:
                yield (place << 3) + each


_IN_OCTET = tuple(tuple(n for n in range(8) if octet >> n & 1) for octet in range(256))
