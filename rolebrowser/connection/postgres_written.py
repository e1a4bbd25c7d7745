"""Whether a statement that still runs has changed anything: what stopping it would undo."""

from __future__ import annotations

from rolebrowser.connection import postgres_login
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.errors import RolebrowserError

_SAME = 200
"""Characters by which a statement is known again: behind a name there may be several servers."""
_UNWRITTEN = """SELECT 1 FROM pg_stat_activity
    WHERE pid = %s AND backend_xid IS NULL AND left(query, %s) = left(%s, %s)"""
"""backend_xid: PostgreSQL's manual, pg_stat_activity; assigned with the first change."""


def wrote_nothing(address: Address, settings: Settings, process: int, statement: str) -> bool:
    """Ask the server over a second connection; False also where that isn't known.

    Args:
        process: of the server, that runs the statement.
    """
    import psycopg

    values = (process, _SAME, statement, _SAME)
    try:
        with postgres_login.connect(address, settings) as second:
            return second.execute(_UNWRITTEN, values).fetchone() is not None
    except (RolebrowserError, psycopg.Error, OSError):
        return False
