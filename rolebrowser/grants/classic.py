"""The SQL that the classic tools would run for a view of the grants, to be read beside it.

Pure but for reading its own files, `sql/classic/*.sql`. In them `{role}` and the like stand for
SQL literals, `{role_name}` for identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

NOTHING = "-- The classic tools ask about one role and one object: put the cursor on some."
_EMPTY = re.compile(r"\{[a-z_]+\}")


def literal(text: str) -> str:
    """`text` as an SQL string; with standard_conforming_strings, the default since 9.1."""
    return "'" + text.replace("'", "''") + "'"


def sql(view: str, values: Mapping[str, str]) -> str:
    """The statements for a view; a comment where there is nothing yet to put into them.

    Args:
        view: the stem of a file.
        values: SQL for each placeholder.
    """
    text = _read(f"classic/{view}.sql" if view != "seen" else "role_table_grants.sql")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return NOTHING if _EMPTY.search(text) else text


@cache
def _read(name: str) -> str:
    return (files("rolebrowser.grants") / "sql" / name).read_text(encoding="utf-8")
