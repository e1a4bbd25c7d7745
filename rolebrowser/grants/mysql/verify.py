"""The server's own word beside ours: EXPLAIN, as far as it can be had for one's own account only.

Nothing is executed: EXPLAIN asks for the privileges of the statement that it explains.
"""

from __future__ import annotations

from rolebrowser.connection.protocol import Connection, Transaction
from rolebrowser.connection.statements import split
from rolebrowser.errors import ConfigError, StatementError
from rolebrowser.grants.mysql.explain import Answer
from rolebrowser.grants.mysql.facts import Facts, Level, Who, quoted
from rolebrowser.grants.verify import Agreement, Trial
from rolebrowser.target import Engine

_REFUSED = frozenset(("1044", "1142", "1143", "1227", "1370"))


def agreements(connection: Connection, facts: Facts, answer: Answer) -> tuple[Agreement, ...]:
    """EXPLAIN a SELECT of the whole table or of the column, where the account is one's own; blocks.

    Raises:
        ConnectionLost, Cancelled: as `Connection.run`.
    """
    on = answer.on
    if answer.who != facts.user or answer.word != "SELECT":
        return ()
    if on.level not in (Level.TABLE, Level.COLUMN):
        return ()
    what = quoted(on.column) if on.level is Level.COLUMN else "*"
    statement = f"SELECT {what} FROM {quoted(on.database)}.{quoted(on.name)}"
    tried = trial(connection, facts, answer.who, statement)
    return (Agreement(f"EXPLAIN {statement}", tried.allowed, answer.can),)


def trial(connection: Connection, facts: Facts, who: Who, statement: str) -> Trial:
    """EXPLAIN a statement as the account that is logged in; blocks.

    Raises:
        ConfigError: it is none, several, or a transaction of the person's is open.
        ConnectionLost, Cancelled: as `Connection.run`.
    """
    if who != facts.user:
        return Trial(None, f"{facts.user.label} can't try it as {who.label}: log in as that.")
    statements = split(statement, Engine.MYSQL)
    if len(statements) != 1 or statements[0].backslash:
        raise ConfigError("EXPLAIN takes one statement.")
    if connection.transaction is not Transaction.IDLE:
        raise ConfigError(
            "A transaction is open; nothing was tried in it.", fix="COMMIT or ROLLBACK first."
        )
    try:
        outcome = connection.run(f"EXPLAIN {statements[0].text}").result()
    except StatementError as error:
        return Trial(False if error.code in _REFUSED else None, str(error))
    rows = ("  ".join(value or "NULL" for value in row) for row in outcome.page.rows)
    return Trial(True, "\n".join(rows))
