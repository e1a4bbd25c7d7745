"""The server's own word beside ours: has_*_privilege, and EXPLAIN under SET ROLE.

Nothing is executed: EXPLAIN without ANALYZE checks the permissions for real and shows row-level
security's conditions, inside a read-only transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence

from rolebrowser.connection.names import quoted
from rolebrowser.connection.protocol import Connection, Transaction
from rolebrowser.connection.statements import split
from rolebrowser.errors import ConfigError, StatementError
from rolebrowser.frozen import dataclass
from rolebrowser.grants.explain import Why
from rolebrowser.grants.listing import object_name
from rolebrowser.grants.model import Model
from rolebrowser.grants.privileges import CONNECT, RELATIONS, USAGE, WORDS, Kind

FUNCTIONS = {
    Kind.DATABASE: "has_database_privilege",
    Kind.SCHEMA: "has_schema_privilege",
    Kind.SEQUENCE: "has_sequence_privilege",
    Kind.COLUMN: "has_column_privilege",
    Kind.FUNCTION: "has_function_privilege",
    Kind.PROCEDURE: "has_function_privilege",
    Kind.TYPE: "has_type_privilege",
    Kind.LANGUAGE: "has_language_privilege",
    Kind.FOREIGN_DATA_WRAPPER: "has_foreign_data_wrapper_privilege",
    Kind.FOREIGN_SERVER: "has_server_privilege",
    Kind.TABLESPACE: "has_tablespace_privilege",
    Kind.PARAMETER: "has_parameter_privilege",
} | dict.fromkeys(RELATIONS, "has_table_privilege")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One question to the server.

    Attributes:
        call: what was asked, to be read and repeated by a person.
        server, ours: the answers; the server's is None where it has no such function, or the
            object is gone.
    """

    call: str
    server: bool | None
    ours: bool

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.server is self.ours


@dataclass(frozen=True, slots=True)
class Trial:
    """What EXPLAIN said of a statement under SET ROLE.

    Attributes:
        allowed: None where we may not SET ROLE, or the statement failed for another reason.
        text: the plan, or the server's error.
    """

    allowed: bool | None
    text: str


def expected(answers: Sequence[Why]) -> bool | None:
    """Whether the answers about a statement's parts let it run; None = it isn't known.

    Where a role may read some columns only, or nothing is known of what the statement needs,
    there is nothing to compare with.
    """
    if not answers or any(answer.partly for answer in answers):
        return None
    return all(answer.can for answer in answers)


def told(trial: Trial, who: str, ours: bool | None) -> str:
    """`agrees: EXPLAIN as alice is refused`.

    Args:
        ours: as `expected` says.
    """
    said = {True: "is allowed", False: "is refused", None: "is not to be had"}[trial.allowed]
    beside = ""
    if trial.allowed is not None and ours is not None:
        beside = "agrees: " if trial.allowed is ours else "DIFFERS: "
    return f"{beside}EXPLAIN as {who} {said}"


def agreements(connection: Connection, model: Model, why: Why) -> tuple[Agreement, ...]:
    """Ask the server about the privilege, and about USAGE and CONNECT before it; blocks.

    Raises:
        StatementError: a role or object is gone since the facts were read.
    """
    asked = [(why.place, why.privilege)]
    schema = model.number.get((Kind.SCHEMA, model.securables[why.place].schema, 0))
    if schema is not None:
        asked.insert(0, (schema, USAGE))
    database = model.number.get((Kind.DATABASE, model.facts.database, 0))
    if database is not None and model.roles[why.role].login:
        asked.insert(0, (database, CONNECT))
    return tuple(_ask(connection, model, why.role, *each) for each in dict.fromkeys(asked))


def _ask(connection: Connection, model: Model, role: int, place: int, privilege: int) -> Agreement:
    securable, word = model.securables[place], WORDS[privilege]
    ours = bool(model.held(role).get(privilege, 0) >> place & 1)
    function = FUNCTIONS.get(securable.kind, "")
    name = model.roles[role].name
    title = object_name(model.facts, securable)
    call = f"{function or 'nothing to ask'}({quoted(name)}, {title}, {word})"
    if not function:
        return Agreement(call, None, ours)
    # By oid: `'s.t'::regclass` needs USAGE on s, and a name could be taken for another.
    values = [str(model.roles[role].oid), str(securable.oid)]
    arguments = "%s::oid, %s::oid"
    if securable.kind is Kind.COLUMN:
        arguments += ", %s::int2"
        values.append(str(securable.attnum))
    elif securable.kind is Kind.PARAMETER:
        arguments, values[1] = "%s::oid, %s", securable.name
    rows = connection.query(f"SELECT {function}({arguments}, %s)", (*values, word)).result()
    return Agreement(call, None if rows[0][0] is None else rows[0][0] == "t", ours)


def trial(connection: Connection, role: str, statement: str) -> Trial:
    """EXPLAIN a statement as a role; blocks.

    Args:
        statement: exactly one.

    Raises:
        ConfigError: it is none, several, or a transaction of the person's is open.
        ConnectionLost, Cancelled: as `Connection.run`.
    """
    statements = split(statement)
    if len(statements) != 1 or statements[0].backslash:
        raise ConfigError("EXPLAIN takes one statement.")
    if connection.transaction is not Transaction.IDLE:
        raise ConfigError(
            "A transaction is open; nothing was tried in it.", fix="COMMIT or ROLLBACK first."
        )
    connection.run("BEGIN READ ONLY").result()
    try:
        if role != connection.info.user:
            try:
                connection.run(f"SET LOCAL ROLE {quoted(role)}").result()
            except StatementError as error:
                return Trial(None, f"{connection.info.user} can't try it: {error.what}")
        try:
            outcome = connection.run(f"EXPLAIN (COSTS OFF) {statements[0].text}").result()
        except StatementError as error:
            return Trial(False if error.code == "42501" else None, str(error))
        plan = "\n".join(str(row[0]) for row in outcome.page.rows)
        return Trial(True, plan)
    finally:
        connection.run("ROLLBACK").result()
