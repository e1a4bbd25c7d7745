"""Rows out of what a MySQL server has sent already: many at a time, where PyMySQL asks twice a row.

What isn't a plain row packet (the end, an error, a packet that isn't all there, or out of its turn)
is left to PyMySQL. Source: MySQL's protocol documentation, "Text Resultset Row" and "Protocol
Basics".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rolebrowser.connection.protocol import Row

_HEAD = 4
_NULL, _TWO_BYTES, _THREE_BYTES, _EIGHT_BYTES = 0xFB, 0xFC, 0xFD, 0xFE
_MARKS = {_TWO_BYTES: 2, _THREE_BYTES: 3, _EIGHT_BYTES: 8}
_WHOLE = 0xFFFFFF
"""A packet of that size goes on in the next one."""


def buffered_rows(result: Any, count: int) -> list[Row]:
    """Up to `count` rows that are here already; waits at most for the first bytes.

    Args:
        result: PyMySQL's, unbuffered and with rows to come.
    """
    connection = result.connection
    encodings = [encoding for encoding, converter in result.converters if converter is None]
    if connection is None or len(encodings) != len(result.converters):
        return []
    try:
        data: bytes = connection._rfile.peek()
    except OSError:
        return []  # whoever reads next is told
    rows, taken = read_rows(data, encodings, count, connection._next_seq_id)
    connection._rfile.read(taken)
    connection._next_seq_id = (connection._next_seq_id + len(rows)) % 256
    return rows


def read_rows(
    data: bytes, encodings: Sequence[str | None], count: int, number: int
) -> tuple[list[Row], int]:
    """The whole row packets at the beginning of `data`, and how many bytes they take. Pure.

    Args:
        encodings: of each column; None = bytes, written as 0x and hexadecimal digits.
        count: rows at most.
        number: the first packet's.
    """
    rows: list[Row] = []
    place, total = 0, len(data)
    while len(rows) < count and place + _HEAD < total:
        size = data[place] | data[place + 1] << 8 | data[place + 2] << 16
        end = place + _HEAD + size
        turn = data[place + 3] == (number + len(rows)) % 256
        if end > total or not turn or not 0 < size < _WHOLE or data[place + _HEAD] >= _EIGHT_BYTES:
            break
        rows.append(_row(data, place + _HEAD, encodings))
        place = end
    return rows, place


def _row(data: bytes, place: int, encodings: Sequence[str | None]) -> Row:
    row: list[str | None] = []
    for encoding in encodings:
        size = data[place]
        place += 1
        if size == _NULL:
            row.append(None)
            continue
        if size > _NULL:
            behind = place + _MARKS[size]
            size = int.from_bytes(data[place:behind], "little")
            place = behind
        piece = data[place : place + size]
        row.append(piece.decode(encoding) if encoding else f"0x{piece.hex().upper()}")
        place += size
    return tuple(row)
