"""The checks at the door and behind it: login, the user as the database has it, CONNECT."""

from __future__ import annotations

from dataclasses import replace

from rolebrowser.cancel import bounded
from rolebrowser.connect import open_target
from rolebrowser.connection.protocol import Connection
from rolebrowser.database.login_advice import escaped, quoted
from rolebrowser.doctor import causes, leads
from rolebrowser.doctor.case import Case
from rolebrowser.doctor.finding import Cause, CheckName, Finding, failed, passed, skipped, unknown
from rolebrowser.doctor.policy_checks import allowed_users
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.opened import Opened
from rolebrowser.target import Engine, Target

_IN_THE_WAY = (CheckName.DNS, CheckName.TCP, CheckName.TRUST, CheckName.TLS, CheckName.TOKEN)


def login(case: Case) -> Finding:
    """The database lets the user in."""
    if case.session is None or case.endpoint is None or case.bad(CheckName.DATABASE):
        return skipped(CheckName.LOGIN, "There is nothing to log in with, or to.")
    if case.bad(*_IN_THE_WAY):
        return skipped(CheckName.LOGIN, "The way there is not clear; a token goes no other way.")
    if not case.target.user:
        return skipped(CheckName.LOGIN, "No database user was named.")
    case.hang_up()
    try:
        case.opened = _open(case, case.target)
    except RolebrowserError as error:
        case.cancel.check()
        return causes.because(CheckName.LOGIN, causes.of_login(error), error)
    info = case.opened.connection.info
    return passed(
        CheckName.LOGIN, f"{info.user} is in: {info.flavor} {info.version}, {info.dbname}"
    )


def _open(case: Case, target: Target) -> Opened:
    return open_target(
        target, config=case.config, prompts=NobodyToAsk(), cancel=case.cancel, read_only=True
    )


def user(case: Case) -> Finding:
    """The user exists, can log in, and is an IAM user: asked from inside."""
    opened, why = _inside(case)
    if opened is None:
        return unknown(CheckName.USER, why, "Name a bookmark that gets in: --via BOOKMARK.")
    connection = opened.connection
    by = "" if opened is case.opened else f" (asked as {connection.info.user})"
    try:
        if connection.info.engine is Engine.MYSQL:
            return _mysql_user(case, connection, by)
        return _postgres_user(case, connection, by)
    except RolebrowserError as error:
        case.cancel.check()
        return unknown(CheckName.USER, f"{error.what}{by}")


def _inside(case: Case) -> tuple[Opened | None, str]:
    """A connection to the database: our own, else one by another bookmark; and why there is none.

    It is kept in the case, and closed with it.
    """
    if case.opened is not None:
        return case.opened, ""
    if case.inside is not None:
        return case.inside, ""
    if not case.reached:
        return None, "Nothing was reached to ask."
    if case.bad(CheckName.TRUST, CheckName.TLS):
        return None, "Nobody else gets in either: TLS comes before every login."
    others = _other_ways(case)[:_TRIES]
    for target in others:
        try:
            opened = _open(case, target)
        except RolebrowserError:
            case.cancel.check()
            continue
        if case.endpoint is not None and not leads.same_server(case.database, opened):
            opened.connection.close()
            return None, f"{case.via or target.user} leads to another server."
        case.inside = opened
        return case.inside, ""
    tried = ", ".join(each.user for each in others)
    return None, f"No other way in: {tried} failed too." if tried else "No other way in is known."


_TRIES = 3
"""Logins tried to get inside: each failure counts against us on a MySQL server."""


def _other_ways(case: Case) -> list[Target]:
    """Other logins to the same database: the one named; else bookmarks', then those that the
    session's policies name.
    """
    if case.via:
        named = case.config.bookmark(case.via)
        return [named.target] if named is not None else []
    marked = [each.target for each in case.config.bookmarks]
    found = [each for each in marked if leads.inside(each, case.target)]
    known = {each.user for each in found} | {case.target.user}
    others = [each for each in allowed_users(case) if each not in known]
    return found + [replace(case.target, user=each) for each in others]


_ROLE = """
SELECT r.rolcanlogin, r.rolsuper,
  coalesce(pg_catalog.pg_has_role(r.oid, i.oid, 'MEMBER'), false),
  coalesce(r.rolvaliduntil < pg_catalog.now(), false), r.rolconnlimit
FROM pg_catalog.pg_roles r LEFT JOIN pg_catalog.pg_roles i ON i.rolname = 'rds_iam'
WHERE r.rolname = %s
"""


def _postgres_user(case: Case, connection: Connection, by: str) -> Finding:
    name, sql = case.target.user, quoted(case.target.user)
    rows = _ask(case, connection, _ROLE, name)
    if not rows:
        fix = f"As the master user: CREATE USER {sql}; GRANT rds_iam TO {sql};"
        evidence = f"There is no role {name} in the database{by}."
        return failed(CheckName.USER, Cause.NO_USER, evidence, fix)
    can_log_in, superuser, iam, lapsed, limit = rows[0]
    if can_log_in != "t":
        evidence = f"{name} is NOLOGIN{by}."
        fix = f"As the master user: ALTER ROLE {sql} LOGIN;"
        return failed(CheckName.USER, Cause.NOLOGIN, evidence, fix)
    if iam != "t" or superuser == "t":
        evidence = f"{name} exists and may log in, but is not a member of rds_iam{by}."
        fix = f"As the master user: GRANT rds_iam TO {sql};"
        return failed(CheckName.USER, Cause.NOT_IAM_USER, evidence, fix)
    if limit == "0":
        evidence = f"{name} has CONNECTION LIMIT 0{by}."
        fix = f"As the master user: ALTER ROLE {sql} CONNECTION LIMIT -1;"
        return failed(CheckName.USER, Cause.FULL, evidence, fix)
    ends = "; its VALID UNTIL is over, which ends passwords only" if lapsed == "t" else ""
    return passed(CheckName.USER, f"{name} may log in and is a member of rds_iam{ends}{by}")


def _ask(case: Case, connection: Connection, sql: str, *values: str):
    return bounded(
        lambda: connection.query(sql, values).result(),
        cancel=case.cancel,
        limit=case.config.timeouts.connect or 86_400.0,
        what="Asking the database",
    )


def _mysql_user(case: Case, connection: Connection, by: str) -> Finding:
    name = case.target.user
    account = f"'{escaped(name)}'@'%'"
    sql = "SELECT Host, plugin FROM mysql.user WHERE User = %s"
    try:
        rows = _ask(case, connection, sql, name)
    except RolebrowserError as error:
        if case.opened is connection or connection.info.user.partition("@")[0] == name:
            return passed(CheckName.USER, f"{connection.info.user}, by its own login")
        return unknown(CheckName.USER, f"mysql.user may not be read{by}: {error.what}")
    if not rows:
        create = f"CREATE USER {account} IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS';"
        evidence = f"There is no user {name} in the database{by}."
        return failed(CheckName.USER, Cause.NO_USER, evidence, f"As the master user: {create}")
    others = [f"{name}@{host} ({plugin})" for host, plugin in rows if plugin != _PLUGIN]
    if len(others) == len(rows):
        evidence = f"{', '.join(others)} is not identified with {_PLUGIN}{by}."
        fix = f"As the master user: ALTER USER {account} IDENTIFIED WITH {_PLUGIN} AS 'RDS';"
        return failed(CheckName.USER, Cause.NOT_IAM_USER, evidence, fix)
    hosts = ", ".join(str(host) for host, plugin in rows if plugin == _PLUGIN)
    return passed(CheckName.USER, f"{name} is an IAM user, from {hosts}{by}")


_PLUGIN = "AWSAuthenticationPlugin"

_CONNECT = """
SELECT d.datname, pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT'), d.datallowconn
FROM pg_catalog.pg_roles r LEFT JOIN pg_catalog.pg_database d ON d.datname = %s
WHERE r.rolname = %s
"""


def connect(case: Case) -> Finding:
    """The user may connect to the database inside the server."""
    name = case.target.dbname or (case.database.dbname if case.database else "")
    if case.opened is not None:
        return passed(CheckName.CONNECT, f"{case.opened.connection.info.dbname}, by the login")
    opened, why = _inside(case)
    if opened is None:
        return unknown(CheckName.CONNECT, why)
    if opened.connection.info.engine is Engine.MYSQL:
        return skipped(CheckName.CONNECT, "MySQL has no such privilege.")
    name = name or "postgres"
    try:
        rows = _ask(case, opened.connection, _CONNECT, name, case.target.user)
    except RolebrowserError as error:
        case.cancel.check()
        return unknown(CheckName.CONNECT, error.what)
    if not rows:
        return skipped(CheckName.CONNECT, f"There is no role {case.target.user}.")
    found, allowed, open_ = rows[0]
    if found is None:
        evidence = f"There is no database {name} on the server."
        return failed(CheckName.CONNECT, Cause.NO_DBNAME, evidence, "See \\l; give -d DBNAME.")
    if allowed != "t" or open_ != "t":
        fix = f"As its owner: GRANT CONNECT ON DATABASE {quoted(name)} TO "
        evidence = f"{case.target.user} lacks CONNECT on {name}."
        fix = f"{fix}{quoted(case.target.user)};"
        return failed(CheckName.CONNECT, Cause.NO_CONNECT, evidence, fix)
    return passed(CheckName.CONNECT, f"{case.target.user} has CONNECT on {name}")
