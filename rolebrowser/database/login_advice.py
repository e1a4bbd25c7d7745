"""Why a database turned a token away, as far as can be told from here, and what to do. Pure.

Order of suspicion: shared/reference/rds-iam-auth.md, rows 22 to 28.
"""

from __future__ import annotations

import json
import re
import shlex

from rolebrowser.database.model import Database, DatabaseKind, partition
from rolebrowser.errors import LoginRefused
from rolebrowser.identity.model import Session

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
"""Names SQL takes as they are, reserved words aside."""


def statement(database: Database, user: str) -> str:
    """The IAM statement that allows a user, with real values, as JSON."""
    return json.dumps(grant(database, user))


def grant(database: Database, user: str) -> dict[str, str]:
    """The same as an object."""
    part = partition(database.region)
    # What AWS was not asked for (an endpoint given by its host name) any value may stand for.
    account, resource_id = database.account or "*", database.resource_id or "*"
    resource = f"arn:{part}:rds-db:{database.region}:{account}:dbuser:{resource_id}/{user}"
    return {"Effect": "Allow", "Action": "rds-db:connect", "Resource": resource}


def to_allow(database: Database, user: str) -> str:
    """What IAM must allow, where a refusal doesn't tell which of its gates is shut."""
    return (
        "Its policies must allow this, and so must a permissions boundary or an organisation's "
        f"policy where there is one (the doctor tells which doesn't):\n{statement(database, user)}"
    )


def turn_on(database: Database) -> str:
    """How to turn IAM database authentication on."""
    if database.kind is DatabaseKind.PROXY:
        return "Set the proxy's IAM authentication to REQUIRED (aws rds modify-db-proxy --auth)."
    kind = "cluster" if database.kind is DatabaseKind.CLUSTER else "instance"
    return (
        f"Turn it on: aws rds modify-db-{kind} --db-{kind}-identifier {shlex.quote(database.id)} "
        f"--region {database.region} --enable-iam-database-authentication --apply-immediately"
    )


def advise(
    refused: LoginRefused, *, database: Database, user: str, session: Session
) -> LoginRefused:
    """The refusal with its likely cause in front of the server's words, and the fix."""
    said = refused.why
    cause, fix = _cause(said, database, user, session)
    if not cause:
        return refused
    return LoginRefused(cause, why=said, fix=fix, code=refused.code)


def _cause(said: str, database: Database, user: str, session: Session) -> tuple[str, str]:
    if "PAM authentication failed" in said:
        who = session.role or session.profile or "the session"
        cause = f"IAM did not let {who} in as {user} on {database.id}."
        return cause, to_allow(database, user)
    if "password authentication failed" in said:
        if database.iam_auth is False:
            cause = f"IAM database authentication is off on {database.id}, so no token works there."
            return cause, turn_on(database)
        cause = f"{user} doesn't exist in {database.id}, or is not a member of rds_iam."
        name = quoted(user)
        return cause, (
            f"As the master user: CREATE USER {name}; GRANT rds_iam TO {name};\n"
            "Where it exists the GRANT alone. Which it is the doctor tells: key d, or\n"
            f"{_doctor(database, user, session)}"
        )
    if "Access denied for user" in said:
        return _denied_by_mysql(said, database, user, session)
    return _of_postgres(said, database, user)


def _doctor(database: Database, user: str, session: Session) -> str:
    options = (("-p", session.profile), ("--role", session.role), ("-u", user))
    given = (word for option, value in options if value for word in (option, value))
    return shlex.join(("rolebrowser", "doctor", database.id, *given))


def _of_postgres(said: str, database: Database, user: str) -> tuple[str, str]:
    """PostgreSQL's own words, about the user and the database rather than the token."""
    if "is not permitted to log in" in said:
        return f"{user} may not log in.", f"As the master user: ALTER ROLE {quoted(user)} LOGIN;"
    if "does not exist" in said and "role" in said:
        fix = f"CREATE USER {quoted(user)}; GRANT rds_iam TO {quoted(user)};"
        return f"There is no user {user} in {database.id}.", f"As the master user: {fix}"
    if "permission denied for database" in said:
        fix = f"As its owner: GRANT CONNECT ON DATABASE … TO {quoted(user)};"
        return f"{user} lacks CONNECT on the database.", fix
    if "database" in said and "does not exist" in said:
        return "That database doesn't exist on the server.", "Name another: --dbname, or \\l."
    if "too many connections" in said or "remaining connection slots" in said:
        return f"{database.id} has no free connection slot.", "Close some, or use a proxy."
    if "the database system is" in said:
        return f"{database.id} is starting or failing over.", "Try again in a moment."
    return "", ""


def _denied_by_mysql(said: str, database: Database, user: str, session: Session) -> tuple[str, str]:
    """MySQL and MariaDB have one refusal for everything, and another for a database's name."""
    if "to database" in said:
        fix = f"As the master user: GRANT SELECT ON `…`.* TO '{escaped(user)}'@'%';"
        return f"{user} has no privilege on that database.", fix
    if database.iam_auth is False:
        cause = f"IAM database authentication is off on {database.id}, so no token works there."
        return cause, turn_on(database)
    who = session.role or session.profile or "the session"
    return (
        f"{database.id} turned {user} away: IAM doesn't let {who} in, or {user} isn't an IAM user.",
        f"{to_allow(database, user)}\n"
        f"And {database.id} needs this user, made by the master user:\n"
        f"CREATE USER '{escaped(user)}'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS';",
    )


def escaped(user: str) -> str:
    """A MySQL user's name for between single quotes."""
    return user.replace("\\", "\\\\").replace("'", "''")


def quoted(user: str) -> str:
    """A PostgreSQL role's name as SQL takes it."""
    if _PLAIN.fullmatch(user):
        return user
    return '"' + user.replace('"', '""') + '"'
