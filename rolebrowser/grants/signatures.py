"""A function's argument types, as people write them and as PostgreSQL spells them out.

Pure. Source of the other names: PostgreSQL's manual, chapter "Data Types" (datatype), table 8.1,
and SystemTypeName in the grammar (gram.y); format_type_be in utils/adt/format_type.c spells.
"""

from __future__ import annotations

import re

_SPELT = {
    "int": "integer",
    "int4": "integer",
    "int2": "smallint",
    "int8": "bigint",
    "bool": "boolean",
    "varchar": "character varying",
    "char varying": "character varying",
    "char": "character",
    "bpchar": "character",
    "float": "double precision",
    "float8": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "dec": "numeric",
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
}
_SIGNATURE = re.compile(r"(.*)\((.*)\)", re.S)
_ARRAY = re.compile(r"(\s*\[\s*\d*\s*\])+$")


def spelt(text: str) -> str:
    """`s.f(int, varchar)` as `s.f(integer, character varying)`; what has no arguments as it is."""
    found = _SIGNATURE.fullmatch(text.strip())
    if found is None:
        return text
    name, arguments = found.groups()
    types = [_type(each.strip()) for each in arguments.split(",")] if arguments.strip() else []
    return f"{name.strip()}({', '.join(types)})"


def _type(text: str) -> str:
    """One type; an array of whatever depth is `type[]`, as the server has but one kind."""
    bare = _ARRAY.sub("", text)
    words = " ".join(bare.split())
    return _SPELT.get(words.lower(), words) + ("[]" if bare != text else "")
