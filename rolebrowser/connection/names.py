"""Names as SQL writes them.

Pure. Source: quote_identifier in PostgreSQL's utils/adt/ruleutils.c: a name stays bare when it is
lower-case letters, digits and underscores, doesn't start with a digit, and isn't a keyword other
than an unreserved one (pg_get_keywords() of PostgreSQL 18; a word too many does no harm).
"""

from __future__ import annotations

import re
from functools import lru_cache

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_RESERVED = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary
bit boolean both case cast char character check coalesce collate collation column
concurrently constraint create cross current_catalog current_date current_role
current_schema current_time current_timestamp current_user dec decimal default deferrable
desc distinct do else end except exists extract false fetch float for foreign freeze from
full grant greatest group grouping having ilike in initially inner inout int integer
intersect interval into is isnull join json json_array json_arrayagg json_exists
json_object json_objectagg json_query json_scalar json_serialize json_table json_value
lateral leading least left like limit localtime localtimestamp merge_action national
natural nchar none normalize not notnull null nullif numeric offset on only or order out
outer overlaps overlay placing position precision primary real references returning right
row select session_user setof similar smallint some substring symmetric system_user table
tablesample then time timestamp to trailing treat trim true union unique user using values
varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement
xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_KEYWORDS = frozenset(_RESERVED.split())


@lru_cache(maxsize=1 << 14)
def quoted(name: str) -> str:
    """`name` as an SQL identifier, in double quotes only where it must be."""
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def split(text: str) -> tuple[str, ...]:
    """The parts of a dotted name, as SQL reads it: `S."t.x"` → ("s", "t.x").

    Raises:
        ValueError: a quote isn't closed, or a part is empty.
    """
    parts: list[str] = []
    place = 0
    while True:
        found = _PART.match(text, place)
        if found is None:
            raise ValueError(f"not a name: {text!r}")
        inner, bare = found.groups()
        parts.append(inner.replace('""', '"') if inner is not None else bare.lower())
        place = found.end()
        if place == len(text):
            return tuple(parts)
        if text[place] != ".":
            raise ValueError(f"not a name: {text!r}")
        place += 1


_PART = re.compile(r'"((?:[^"]|"")+)"|([^".\s(]+)')
