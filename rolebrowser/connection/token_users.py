"""The users a database itself takes tokens from: members of rds_iam, users of the IAM plugin."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from rolebrowser.connection.protocol import Connection, Row
from rolebrowser.connection.queries import sql
from rolebrowser.target import Engine


def ask(connection: Connection, tell: Callable[[tuple[str, ...]], object]) -> None:
    """Ask in the background, when nobody waits for anything else.

    Args:
        tell: called with the names, sorted, by the connection's thread; not at all where the user
            may not ask (mysql.user).
    """
    name = "mysql_token_users" if connection.info.engine is Engine.MYSQL else "token_users"

    def answered(future: Future[tuple[Row, ...]]) -> None:
        if not future.cancelled() and future.exception() is None:
            tell(tuple(str(row[0]) for row in future.result()))

    connection.background(sql(name)).add_done_callback(answered)
