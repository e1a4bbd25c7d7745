"""The SQL in `sql/*.sql`, by name and server version.

`NAME.sql` serves every version; where the catalogs differ there are `NAME_VERSION.sql` files, each
for servers from that version (PostgreSQL's number: 160000) on. A DBA can read and try them in psql.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def sql(name: str, version: int = 0) -> str:
    """The text of query `name` for a server of that version number.

    Raises FileNotFoundError when there is no such query: a mistake of ours.
    """
    folder = files("rolebrowser.connection") / "sql"
    prefix = f"{name}_"
    dated: list[int] = []
    for entry in folder.iterdir():
        suffix = entry.name.removeprefix(prefix).removesuffix(".sql")
        if entry.name.startswith(prefix) and suffix.isdigit():
            dated.append(int(suffix))
    if not dated:
        return (folder / f"{name}.sql").read_text(encoding="utf-8")
    fitting = [each for each in dated if each <= version] or [min(dated)]
    return (folder / f"{name}_{max(fitting)}.sql").read_text(encoding="utf-8")
