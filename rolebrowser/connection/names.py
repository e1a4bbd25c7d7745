"""Names as SQL writes them.

Pure. Source: quote_identifier in PostgreSQL's utils/adt/ruleutils.c: a name stays bare when it is
lower-case letters, digits and underscores, doesn't start with a digit, and isn't a keyword other
than an unreserved one (pg_get_keywords() of PostgreSQL 18; a word too many does no harm). MySQL's
manual, "Schema Object Names" and "Keywords and Reserved Words" (8.4; MariaDB's beside them).
"""

from __future__ import annotations

import re
from functools import lru_cache

from rolebrowser.target import Engine

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

_MYSQL_PLAIN = re.compile(r"(?!\d+$)[0-9a-zA-Z$_\u0080-\uffff]+")
_MYSQL_RESERVED = """
accessible add after alter before blob by call cascade change condition continue convert cube
cume_dist current cursor database databases day_hour day_microsecond day_minute day_second declare
delayed delete dense_rank describe deterministic distinctrow div drop dual each elseif empty
enclosed escaped exit explain first_value float4 float8 force function generated get groups
high_priority hour_microsecond hour_minute hour_second if ignore index infile insert int1 int2 int3
int4 int8 io_after_gtids io_before_gtids iterate key keys kill lag last_value lead leave linear
lines load lock long longblob longtext loop low_priority master_bind
master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext middleint
minute_microsecond minute_second mod modifies no_write_to_binlog nth_value ntile of optimize
optimizer_costs option optionally outfile over partition percent_rank procedure purge range rank
read reads read_write recursive regexp release rename repeat replace require resignal restrict
revoke rlike row_number rows schema schemas second_microsecond sensitive separator set show signal
spatial specific sql sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate
sqlwarning ssl starting stored straight_join system terminated tinyblob tinyint tinytext trigger
undo unlock unsigned update usage use utc_date utc_time utc_timestamp varbinary varcharacter varying
virtual while write xor year_month zerofill
"""
_MYSQL_KEYWORDS = _KEYWORDS | frozenset(_MYSQL_RESERVED.split())


@lru_cache(maxsize=1 << 14)
def quoted(name: str, engine: Engine = Engine.POSTGRES) -> str:
    """`name` as an SQL identifier, in double quotes or backticks only where it must be."""
    if engine is Engine.MYSQL:
        if _MYSQL_PLAIN.fullmatch(name) and name.lower() not in _MYSQL_KEYWORDS:
            return name
        return "`" + name.replace("`", "``") + "`"
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def unquoted(text: str, engine: Engine = Engine.POSTGRES) -> str:
    """The name that a bare or quoted identifier means; a quote may still be open."""
    if text[:1] in ('"', "`"):
        quote = text[0]
        return text[1:].removesuffix(quote).replace(quote * 2, quote)
    return text if engine is Engine.MYSQL else text.lower()


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
