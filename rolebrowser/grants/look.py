"""Look at the grants of whatever server is at the other end of a connection."""

from __future__ import annotations

from rolebrowser.connection.protocol import Connection
from rolebrowser.grants import postgres
from rolebrowser.grants.mysql import load as mysql
from rolebrowser.grants.mysql.survey import MysqlSurvey
from rolebrowser.grants.postgres_survey import PostgresSurvey
from rolebrowser.grants.survey import Survey
from rolebrowser.target import Engine


def look(connection: Connection) -> Survey:
    """Read the facts; blocks.

    Raises:
        StatementError: the server refused, or is too old.
        ConnectionLost, Cancelled: as `Connection.query`.
    """
    if connection.info.engine is Engine.MYSQL:
        return MysqlSurvey(mysql.load(connection))
    return PostgresSurvey(postgres.load(connection))
