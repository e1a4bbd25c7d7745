"""How a whole value is shown to read: JSON with indents, bytes as a dump, text as it is. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rolebrowser.connection.protocol import Column, Value
from rolebrowser.frozen import dataclass

LONGEST = 1_000_000
"""Characters shown of a value."""
_PER_LINE = (16, 8, 4)
"""Bytes on a line of a dump: as many as there is room for."""
_BYTES = re.compile(r"(?:\\x|0x)(?P<digits>(?:[0-9a-fA-F]{2})*)")
"""bytea as PostgreSQL writes it (bytea_output = hex), MySQL's binary strings as shown here."""


@dataclass(frozen=True, slots=True)
class CellText:
    """A value to read.

    Attributes:
        kind: what it is and how much of it there is: "jsonb · 41 characters".
        text: to be shown.
        wraps: its lines may be broken; not those of a dump.
        form: how `text` differs from the value: "indented", "hex dump"; empty when it doesn't.
    """

    kind: str
    text: str
    wraps: bool = True
    form: str = ""


def cell_text(column: Column, value: Value, *, raw: bool = False, width: int = 80) -> CellText:
    """A value to read.

    Args:
        raw: as the server wrote it, whatever it is.
        width: cells there are for a line.
    """
    if value is None:
        return CellText(_joined(column.type_name, "NULL"), "NULL")
    if not value:
        return CellText(_joined(column.type_name, "the empty string"), "")
    if not raw and (found := _binary(column, value)) is not None:
        count = f"{len(found):,} byte{'' if len(found) == 1 else 's'}"
        dump = "\n".join(hex_dump(found[: LONGEST // 5], width))
        return CellText(_joined(column.type_name, count), dump, wraps=False, form="hex dump")
    count = f"{len(value):,} character{'' if len(value) == 1 else 's'}"
    if len(value) > LONGEST:
        count += f", the first {LONGEST:,} shown"
    elif not raw and (indented := pretty_json(value)) is not None:
        return CellText(_joined(column.type_name, count), indented, form="indented")
    return CellText(_joined(column.type_name, count), value[:LONGEST])


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _binary(column: Column, value: str) -> bytes | None:
    found = _BYTES.fullmatch(value)
    if found is None or (column.type_name != "bytea" and not value.startswith("0x")):
        return None
    return bytes.fromhex(found["digits"])


def hex_dump(data: bytes, width: int = 80) -> Iterator[str]:
    """Lines of 16 bytes: offset, hexadecimal, and ASCII where it is printable (as `hexdump -C`).

    Args:
        width: cells there are; of 8 or 4 bytes where 16 don't fit.
    """
    fitting = (each for each in _PER_LINE if _dump_width(each) <= width)
    count = next(fitting, _PER_LINE[-1])
    half = count // 2
    for start in range(0, len(data), count):
        line = data[start : start + count]
        groups = "  ".join((line[:half].hex(" "), line[half:].hex(" ")))
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in line)
        yield f"{start:08x}  {groups:<{3 * count}}  |{shown}|"


def _dump_width(count: int) -> int:
    return 8 + 2 + 3 * count + 2 + count + 2


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


class _Number(str):
    """A number as it was written: none of its digits is lost."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """An object, repeated keys and their order included."""


def pretty_json(text: str) -> str | None:
    """A JSON object or array with an indent of 2; None for anything else."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found = json.loads(
            text,
            object_pairs_hook=_Pairs,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_no_constant,
        )
        return _indented(found, "")
    except (ValueError, RecursionError):
        return None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} isn't JSON")


def _indented(value: Any, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(value, _Pairs):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_indented(each, deeper)}"
            for key, each in value
        ]
        return _bracketed("{", parts, "}", indent)
    if isinstance(value, list):
        return _bracketed("[", [_indented(each, deeper) for each in value], "]", indent)
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _bracketed(opening: str, parts: list[str], closing: str, indent: str) -> str:
    if not parts:
        return opening + closing
    inside = f",\n{indent}  ".join(parts)
    return f"{opening}\n{indent}  {inside}\n{indent}{closing}"
