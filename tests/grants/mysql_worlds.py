"""Random worlds for MariaDB: statements that hypothesis thinks up, and what real logins may do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pymysql
from hypothesis import strategies as st

from rolebrowser.grants.mysql.facts import Level, Securable, Who, quoted
from rolebrowser.sandbox.mariadb import MariadbServer

PASSWORD = "x"
# ASCII only: MariaDB 10.11 writes other letters of a user's name to procs_priv as if it was latin1.
USERS = ("za", 'we"ird` @%', "z'c")
HOSTS = ("%", "127.0.0.1", "127.0.%", "localhost", "127.0.0.0/255.255.255.0", "10.%")
ACCOUNTS = tuple(Who(user, host) for user in USERS for host in ("%", "127.0.0.1", "localhost"))
ROLES = tuple(Who(name, "") for name in ("zr", "zr2", "z r3", "zr4"))
DATABASES = ("zs", "zs_x", "zsAx", "zs%y", "z`q")
PATTERNS = ("zs", r"zs\_x", "zs_x", "zs%", "z%", "%", "zs_", r"zs\%y", "z`q", "%x", "_s%")
TABLES = ("t", "T`é")
PUBLIC = Who("PUBLIC", "")

DENIED = frozenset((1044, 1045, 1142, 1143, 1227, 1370))

roles = st.sampled_from(ROLES)
accounts = st.sampled_from(ACCOUNTS)
grantees = st.one_of(accounts, roles, st.just(PUBLIC))
table_words = st.sampled_from(("SELECT", "INSERT", "UPDATE", "DELETE", "DROP", "CREATE"))
column_words = st.sampled_from(("SELECT", "INSERT", "UPDATE"))


@st.composite
def grant(draw: st.DrawFn) -> str:
    to = draw(grantees).sql
    level = draw(st.sampled_from(("server", "database", "database", "table", "column", "routine")))
    table = f"{quoted(draw(st.sampled_from(DATABASES)))}.{quoted(draw(st.sampled_from(TABLES)))}"
    if level == "server":
        on = f"{draw(table_words)} ON *.*"
    elif level == "database":
        word = draw(st.one_of(table_words, st.just("EXECUTE")))
        on = f"{word} ON {quoted(draw(st.sampled_from(PATTERNS)))}.*"
    elif level == "table":
        on = f"{draw(table_words)} ON {table}"
    elif level == "column":
        on = f"{draw(column_words)} ({draw(st.sampled_from(('a', 'b')))}) ON {table}"
    else:
        on = f"EXECUTE ON PROCEDURE {quoted(draw(st.sampled_from(DATABASES)))}.p"
    if draw(st.integers(0, 5)):
        return f"GRANT {on} TO {to}"
    return f"REVOKE {on} FROM {to}"


@st.composite
def membership(draw: st.DrawFn) -> str:
    to = draw(st.one_of(accounts, roles)).sql
    return f"GRANT {draw(roles).sql} TO {to}"


@st.composite
def default_role(draw: st.DrawFn) -> str:
    return f"SET DEFAULT ROLE {draw(roles).sql} FOR {draw(accounts).sql}"


steps = st.lists(
    st.one_of(grant(), grant(), grant(), membership(), default_role()), min_size=5, max_size=40
)


@contextlib.contextmanager
def world(server: MariadbServer, script: list[str]) -> Iterator[Any]:
    """A root connection in the world; everything is dropped in the end."""
    root = server.connect()
    try:
        for each in (*ACCOUNTS,):
            root.query(f"CREATE USER {each.sql} IDENTIFIED BY '{PASSWORD}'")
        for each in ROLES:
            root.query(f"CREATE ROLE {each.sql}")
        for step in script:
            with contextlib.suppress(pymysql.MySQLError):
                root.query(step)
        yield root
    finally:
        for each in ACCOUNTS:
            root.query(f"DROP USER IF EXISTS {each.sql}")
        for each in ROLES:
            root.query(f"DROP ROLE IF EXISTS {each.sql}")
        with contextlib.suppress(pymysql.MySQLError):
            root.query("REVOKE ALL, GRANT OPTION FROM PUBLIC")
        root.close()


def make_databases(server: MariadbServer) -> None:
    """What the grants are on; the same in every world."""
    root = server.connect()
    for database in DATABASES:
        root.query(f"CREATE DATABASE {quoted(database)}")
        root.query(f"CREATE PROCEDURE {quoted(database)}.p() SELECT 1")
        for table in TABLES:
            root.query(f"CREATE TABLE {quoted(database)}.{quoted(table)} (a int, b int, c int)")
    root.close()


def drop_databases(server: MariadbServer) -> None:
    """Take them away."""
    root = server.connect()
    for database in DATABASES:
        root.query(f"DROP DATABASE {quoted(database)}")
    root.close()


class Probe(NamedTuple):
    """A statement that needs one privilege and nothing else."""

    word: str
    thing: Securable
    statement: str


def probes() -> list[Probe]:
    """Statements for every table, column and procedure; column c is never granted by itself."""
    found: list[Probe] = []
    for database in DATABASES:
        routine = Securable(Level.PROCEDURE, database, "p")
        found.append(Probe("EXECUTE", routine, f"CALL {quoted(database)}.p()"))
        for table in TABLES:
            name = f"{quoted(database)}.{quoted(table)}"
            thing = Securable(Level.TABLE, database, table)
            for word, text in (
                ("SELECT", f"SELECT c FROM {name}"),
                ("INSERT", f"INSERT INTO {name} (c) VALUES (1)"),
                ("UPDATE", f"UPDATE {name} SET c = 1"),
                ("DELETE", f"DELETE FROM {name}"),
                ("DROP", f"TRUNCATE TABLE {name}"),
                ("CREATE", f"CREATE TABLE IF NOT EXISTS {name} (a int)"),
            ):
                found.append(Probe(word, thing, text))
            for column in ("a", "b"):
                of = thing._replace(level=Level.COLUMN, column=column)
                for word, text in (
                    ("SELECT", f"SELECT {column} FROM {name}"),
                    ("INSERT", f"INSERT INTO {name} ({column}) VALUES (1)"),
                    ("UPDATE", f"UPDATE {name} SET {column} = 1"),
                ):
                    found.append(Probe(word, of, text))
    return found


def may(login: Any, probe: Probe) -> bool:
    """Whether the server lets a login do it.

    Raises:
        pymysql.MySQLError: it fails for another reason.
    """
    try:
        with login.cursor() as cursor:
            cursor.execute(probe.statement.replace("%", "%%"), ())
            cursor.fetchall()
    except pymysql.MySQLError as error:
        if error.args[0] in DENIED:
            return False
        raise
    return True
