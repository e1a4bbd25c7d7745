"""Random worlds for MariaDB and MySQL: what hypothesis thinks up, and what real logins may do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pymysql
from hypothesis import strategies as st

from rolebrowser.grants.mysql.facts import SERVER, Level, Securable, Who, quoted
from rolebrowser.sandbox.mariadb import MariadbServer

PASSWORD = "x"
# ASCII only: MariaDB 10.11 writes other letters of a user's name to procs_priv as if it was latin1.
USERS = ("za", 'we"ird` @%', "z'c")
ACCOUNTS = tuple(Who(user, host) for user in USERS for host in ("%", "127.0.0.1", "localhost"))
DATABASES = ("zs", "zs_x", "zsAx", "zs%y", "z`q")
PATTERNS = ("zs", r"zs\_x", "zs_x", "zs%", "z%", "%", "zs_", r"zs\%y", "z`q", "%x", "_s%")
TABLES = ("t", "T`é")
DYNAMIC = ("BACKUP_ADMIN", "FLUSH_STATUS")

DENIED = frozenset((1044, 1045, 1142, 1143, 1227, 1370))

accounts = st.sampled_from(ACCOUNTS)
table_words = st.sampled_from(("SELECT", "INSERT", "UPDATE", "DELETE", "DROP", "CREATE"))
column_words = st.sampled_from(("SELECT", "INSERT", "UPDATE"))


class Product(NamedTuple):
    """What the two are told differently.

    Attributes:
        everybody: what else can be granted to.
    """

    roles: tuple[Who, ...]
    everybody: tuple[Who, ...]

    @property
    def mariadb(self) -> bool:
        """Which of the two."""
        return bool(self.everybody)


def _product(role_host: str, *everybody: Who) -> Product:
    names = ("zr", "zr2", "z r3", "zr4")
    return Product(tuple(Who(name, role_host) for name in names), everybody)


MARIADB, MYSQL = _product("", Who("PUBLIC", "")), _product("%")


@st.composite
def grant(draw: st.DrawFn, product: Product) -> list[str]:
    to = draw(st.sampled_from((*ACCOUNTS, *product.roles * 2, *product.everybody * 4))).sql
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
        return [f"GRANT {on} TO {to}"]
    return [f"REVOKE {on} FROM {to}"]


@st.composite
def membership(draw: st.DrawFn, product: Product) -> list[str]:
    to = draw(st.sampled_from((*ACCOUNTS, *product.roles * 2))).sql
    return [f"GRANT {draw(st.sampled_from(product.roles)).sql} TO {to}"]


@st.composite
def default_role(draw: st.DrawFn, product: Product) -> list[str]:
    role, to = draw(st.sampled_from(product.roles)).sql, draw(accounts).sql
    if product.mariadb:
        return [f"SET DEFAULT ROLE {role} FOR {to}"]
    also = draw(st.sampled_from(product.roles)).sql
    return [draw(st.sampled_from((f"SET DEFAULT ROLE {role}, {also} TO {to}",
                                  f"SET DEFAULT ROLE ALL TO {to}")))]  # fmt: skip


@st.composite
def mysqls_own(draw: st.DrawFn) -> list[str]:
    """Partial revokes, dynamic privileges, and the variables that change what grants mean."""
    who = draw(st.sampled_from((*ACCOUNTS, *MYSQL.roles))).sql
    word, database = draw(table_words), quoted(draw(st.sampled_from(DATABASES)))
    role, dynamic = draw(st.sampled_from(MYSQL.roles)), draw(st.sampled_from(DYNAMIC))
    return draw(
        st.sampled_from(
            (
                [f"GRANT {word} ON *.* TO {who}", "SET GLOBAL partial_revokes = ON",
                 f"REVOKE {word} ON {database}.* FROM {who}"],
                [f"GRANT {dynamic} ON *.* TO {who}"],
                [f'SET GLOBAL mandatory_roles = "{role.sql}"'],
                [f"SET GLOBAL activate_all_roles_on_login = {draw(st.booleans())}"],
                [f"SET GLOBAL activate_mandatory_roles = {draw(st.booleans())}"],
                [f"SET GLOBAL partial_revokes = {draw(st.booleans())}"],
            )
        )
    )  # fmt: skip


def steps(product: Product) -> st.SearchStrategy[list[str]]:
    """A world's making."""
    given = grant(product)
    kinds = [given, given, given, membership(product), default_role(product)]
    if not product.mariadb:
        kinds.append(mysqls_own())
    made = st.lists(st.one_of(kinds), min_size=5, max_size=40)
    return made.map(lambda found: [each for step in found for each in step])


@contextlib.contextmanager
def world(server: MariadbServer, script: list[str], product: Product) -> Iterator[Any]:
    """A root connection in the world; everything is dropped in the end."""
    root = server.connect()
    try:
        for each in (*ACCOUNTS,):
            root.query(f"CREATE USER {each.sql} IDENTIFIED BY '{PASSWORD}'")
        for each in product.roles:
            root.query(f"CREATE ROLE {each.sql}")
        for step in script:
            with contextlib.suppress(pymysql.MySQLError):
                root.query(step)
        yield root
    finally:
        if not product.mariadb:
            root.query("SET GLOBAL mandatory_roles = ''")
        for each in ACCOUNTS:
            root.query(f"DROP USER IF EXISTS {each.sql}")
        for each in product.roles:
            root.query(f"DROP ROLE IF EXISTS {each.sql}")
        if product.mariadb:
            with contextlib.suppress(pymysql.MySQLError):
                root.query("REVOKE ALL, GRANT OPTION FROM PUBLIC")
        else:
            root.query("SET GLOBAL partial_revokes = OFF, activate_all_roles_on_login = OFF")
            with contextlib.suppress(pymysql.MySQLError):
                root.query("SET GLOBAL activate_mandatory_roles = ON")
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


def probes(product: Product) -> list[Probe]:
    """Statements for every table, column and procedure; column c is never granted by itself."""
    found: list[Probe] = []
    if not product.mariadb:
        found += [
            Probe("BACKUP_ADMIN", SERVER, "LOCK INSTANCE FOR BACKUP"),
            Probe("FLUSH_STATUS", SERVER, "FLUSH STATUS"),
        ]
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
