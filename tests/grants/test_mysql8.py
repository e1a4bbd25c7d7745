r"""MySQL 8's own rules, on rows as its manual describes them.

Where there is a MySQL (tests/mysql_servers.py), real logins decide (test_mysql_worlds.py). Here,
where there may be none, the SQL of the loader runs on a MariaDB, against tables made as MySQL's
manual lists their columns ("Grant Tables"), and the rules are held to what the manual says ("Using
Roles", "Privilege Restriction Using Partial Revokes", "Access Control, Stage 2") and to the sources
named in `grants/mysql/model.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Row, ServerInfo, Settings, Value
from rolebrowser.connection.url import parse
from rolebrowser.grants.model import State
from rolebrowser.grants.mysql import fix, own, rows, shown
from rolebrowser.grants.mysql.facts import (
    Account,
    Entry,
    Facts,
    Level,
    Membership,
    Securable,
    Who,
)
from rolebrowser.grants.mysql.listing import Listing
from rolebrowser.grants.mysql.load import load
from rolebrowser.grants.mysql.model import Model
from rolebrowser.sandbox.mariadb import MariadbServer

U, R, R2, ROOT = Who("u", "%"), Who("r", "%"), Who("r2", "%"), Who("root", "localhost")
T = Securable(Level.TABLE, "world", "city")

_SERVER = """Select Insert Update Delete Create Drop Reload Shutdown Process File Grant References
Index Alter Show_db Super Create_tmp_table Lock_tables Execute Repl_slave Repl_client Create_view
Show_view Create_routine Alter_routine Create_user Event Trigger Create_tablespace Create_role
Drop_role"""
_DATABASE = """Select Insert Update Delete Create Drop Grant References Index Alter Create_tmp_table
Lock_tables Create_view Show_view Create_routine Alter_routine Execute Event Trigger"""


def _columns(names: str) -> str:
    return ", ".join(f"{name}_priv enum('N','Y') NOT NULL DEFAULT 'N'" for name in names.split())


TABLES = (
    f"""CREATE TABLE mysql8.user (Host char(255), User char(32), {_columns(_SERVER)},
        plugin char(64) DEFAULT 'caching_sha2_password', authentication_string text DEFAULT 'x',
        password_expired enum('N','Y') DEFAULT 'N', account_locked enum('N','Y') DEFAULT 'N',
        User_attributes json)""",
    f"CREATE TABLE mysql8.db (Host char(255), Db char(64), User char(32), {_columns(_DATABASE)})",
    "CREATE TABLE mysql8.tables_priv LIKE mysql.tables_priv",
    "CREATE TABLE mysql8.columns_priv LIKE mysql.columns_priv",
    "CREATE TABLE mysql8.proxies_priv LIKE mysql.proxies_priv",
    """CREATE TABLE mysql8.procs_priv (Host char(255), Db char(64), User char(32),
        Routine_name char(64), Routine_type enum('FUNCTION','PROCEDURE'), Grantor varchar(288),
        Proc_priv set('Execute','Alter Routine','Grant'))""",
    """CREATE TABLE mysql8.role_edges (FROM_HOST char(255), FROM_USER char(32), TO_HOST char(255),
        TO_USER char(32), WITH_ADMIN_OPTION enum('N','Y') DEFAULT 'N')""",
    """CREATE TABLE mysql8.default_roles (HOST char(255), USER char(32),
        DEFAULT_ROLE_HOST char(255), DEFAULT_ROLE_USER char(32))""",
    """CREATE TABLE mysql8.global_grants (USER char(32), HOST char(255), PRIV char(32),
        WITH_GRANT_OPTION enum('N','Y') DEFAULT 'N')""",
)
ROWS = (
    "INSERT INTO mysql8.user (Host, User, Select_priv, Insert_priv, Grant_priv, User_attributes)"
    """ VALUES ('%', 'u', 'Y', 'Y', 'Y',
        '{"Restrictions": [{"Database": "world", "Privileges": ["INSERT"]}]}')""",
    "INSERT INTO mysql8.user (Host, User, plugin) VALUES ('%', 'iam', 'AWSAuthenticationPlugin')",
    "INSERT INTO mysql8.user (Host, User, account_locked, password_expired,"
    " authentication_string, Create_role_priv) VALUES ('%', 'r', 'Y', 'Y', '', 'Y')",
    "INSERT INTO mysql8.db (Host, Db, User, Update_priv, Grant_priv)"
    r" VALUES ('%', 'wor\\_d', 'r', 'Y', 'Y')",
    "INSERT INTO mysql8.tables_priv (Host, Db, User, Table_name, Table_priv, Column_priv)"
    " VALUES ('%', 'world', 'r', 'city', 'Select,Create View,Grant', 'Update')",
    "INSERT INTO mysql8.columns_priv (Host, Db, User, Table_name, Column_name, Column_priv)"
    " VALUES ('%', 'world', 'r', 'city', 'Name', 'Update')",
    "INSERT INTO mysql8.procs_priv (Host, Db, User, Routine_name, Routine_type, Proc_priv)"
    " VALUES ('%', 'world', 'r', 'p', 'PROCEDURE', 'Execute')",
    "INSERT INTO mysql8.role_edges VALUES ('%', 'r', '%', 'u', 'Y')",
    "INSERT INTO mysql8.default_roles VALUES ('%', 'u', '%', 'r')",
    "INSERT INTO mysql8.global_grants VALUES ('u', '%', 'BACKUP_ADMIN', 'Y'),"
    " ('u', '%', 'XA_RECOVER_ADMIN', 'N')",
)


class AsMysql8:
    """A connection to a MariaDB that asks `mysql8` where it is asked of `mysql`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @property
    def info(self) -> ServerInfo:
        return replace(self._connection.info, version="8.0.36", version_number=80036)

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> Future[tuple[Row, ...]]:
        return self._connection.query(sql.replace("FROM mysql.", "FROM mysql8."), parameters)


@pytest.fixture
def mysql8(mariadb_server: MariadbServer) -> Iterator[Any]:
    mariadb_server.execute("CREATE DATABASE mysql8", *TABLES, *ROWS)
    connection = open_connection(parse(mariadb_server.dsn(), {}, None), Settings())
    yield AsMysql8(connection)
    connection.close()
    mariadb_server.execute("DROP DATABASE mysql8")


def test_the_grant_tables_are_read(mysql8: Any) -> None:
    facts = load(mysql8)
    assert not facts.mariadb
    u, r = facts.account[U], facts.account[R]
    assert u.privileges == {"SELECT", "INSERT", "BACKUP_ADMIN", "XA_RECOVER_ADMIN"}
    assert u.grantable == {"SELECT", "INSERT", "BACKUP_ADMIN"}
    assert u.restrictions == (("world", frozenset(("INSERT",))),)
    assert u.default_roles == (R,)
    assert not u.role
    assert r.role
    assert r.privileges == {"CREATE ROLE"}
    assert facts.account[Who("iam", "%")].plugin == "AWSAuthenticationPlugin"
    assert facts.memberships == (Membership(U, R, admin=True),)
    given = frozenset
    assert set(facts.entries) == {
        Entry(R, Level.DATABASE, r"wor\_d", "", "", given(("UPDATE",)), True),
        Entry(R, Level.TABLE, "world", "city", "", given(("SELECT", "CREATE VIEW")), True),
        Entry(R, Level.COLUMN, "world", "city", "Name", given(("UPDATE",))),
        Entry(R, Level.PROCEDURE, "world", "p", "", given(("EXECUTE",))),
    }


def facts_of(
    *accounts: Account, entries: Sequence[Entry] = (), roles: Sequence[tuple[Who, Who]] = ()
) -> Facts:
    memberships = tuple(Membership(member, role) for role, member in roles)
    return Facts(False, 80036, ROOT, accounts, tuple(entries), memberships, securables=(T,))


def state(facts: Facts, who: Who, word: str, on: Securable = T) -> State | None:
    standing = Listing(Model(facts)).standings.of(who, on).get(word)
    return standing.state if standing is not None else None


def has(words: str) -> frozenset[str]:
    return frozenset(words.split(", "))


def test_several_default_roles_are_active_and_others_wait() -> None:
    facts = facts_of(
        Account(U, default_roles=(R,)),
        Account(R, has("SELECT"), role=True),
        Account(R2, has("UPDATE"), role=True),
        roles=((R, U), (R2, U)),
    )
    assert state(facts, U, "SELECT") is State.EFFECTIVE
    assert state(facts, U, "UPDATE") is State.LATENT
    assert state(replace(facts, activate_all=True), U, "UPDATE") is State.EFFECTIVE
    both = facts_of(Account(U, default_roles=(R, R2)), *facts.accounts[1:], roles=((R, U), (R2, U)))
    assert state(both, U, "UPDATE") is State.EFFECTIVE


def test_mandatory_roles_are_everybodys_but_active_only_by_default_or_all() -> None:
    accounts = (Account(U), Account(R, has("SELECT"), role=True))
    facts = replace(facts_of(*accounts), mandatory=rows.mandatory_roles("`r`@`%`"))
    assert state(facts, U, "SELECT") is State.LATENT
    assert state(replace(facts, activate_all=True), U, "SELECT") is State.EFFECTIVE
    assert state(replace(facts, activate_mandatory=True), U, "SELECT") is State.EFFECTIVE
    assert rows.mandatory_roles("r,'x y'@'10.%'") == (R, Who("x y", "10.%"))


def test_with_a_role_active_a_name_hides_patterns_and_the_first_pattern_hides_others() -> None:
    entries = [
        Entry(U, Level.DATABASE, "wor%", privileges=has("SELECT")),
        Entry(R, Level.DATABASE, "wor%", privileges=has("UPDATE")),
        Entry(R, Level.DATABASE, "worl%", privileges=has("INSERT")),
    ]
    facts = facts_of(Account(U, default_roles=(R,)), Account(R, role=True),
                     entries=entries, roles=((R, U),))  # fmt: skip
    assert state(facts, U, "SELECT") is State.EFFECTIVE
    assert state(facts, U, "UPDATE") is State.EFFECTIVE
    assert state(facts, U, "INSERT") is None
    exact = Entry(R, Level.DATABASE, "world", privileges=has("DELETE"))
    hidden = replace(facts, entries=(*entries, exact))
    assert state(hidden, U, "DELETE") is State.EFFECTIVE
    # Without the role it is the account's own pattern that counts.
    assert state(hidden, U, "SELECT") is State.LATENT
    assert state(hidden, U, "UPDATE") is None


def test_without_roles_the_most_specific_pattern_counts_alone() -> None:
    entries = [
        Entry(U, Level.DATABASE, "wor%", privileges=has("SELECT")),
        Entry(U, Level.DATABASE, "w%", privileges=has("UPDATE")),
    ]
    facts = facts_of(Account(U), entries=entries)
    assert state(facts, U, "SELECT") is State.EFFECTIVE
    assert state(facts, U, "UPDATE") is None


def test_partial_revokes_take_from_the_server_level_only() -> None:
    restricted = Account(U, has("SELECT, INSERT"), restrictions=(("world", has("INSERT")),))
    facts = replace(facts_of(restricted), partial_revokes=True)
    assert state(facts, U, "INSERT") is None
    assert state(facts, U, "SELECT") is State.EFFECTIVE
    assert state(facts, U, "INSERT", T._replace(database="sakila")) is State.EFFECTIVE
    granted = Entry(U, Level.TABLE, "world", "city", "", has("INSERT"))
    assert state(replace(facts, entries=(granted,)), U, "INSERT") is State.EFFECTIVE
    # Where partial revokes are on, % and _ are letters.
    pattern = Entry(U, Level.DATABASE, "wor%", privileges=has("UPDATE"))
    assert state(replace(facts, entries=(pattern,)), U, "UPDATE") is None


def test_a_fix_with_partial_revokes_leaves_other_databases_alone() -> None:
    facts = replace(facts_of(Account(U, has("SELECT"))), partial_revokes=True)
    taken = fix.taking(Listing(Model(facts)), U, T, "SELECT")
    assert [plan.statements for plan in taken.plans] == [
        ("REVOKE SELECT ON *.* FROM `u`@`%`;",),
        ("REVOKE SELECT ON `world`.* FROM `u`@`%`;",),
    ]
    assert all(plan.reached for plan in taken.plans)


def test_role_admin_grants_itself_roles_and_system_user_keeps_create_user_out() -> None:
    boss = Account(ROOT, has("SELECT, SYSTEM_USER"))
    role = Account(R, has("UPDATE"), role=True)
    admin = facts_of(Account(U, has("ROLE_ADMIN")), role, boss)
    assert state(admin, U, "UPDATE") is State.ESCALATABLE
    assert state(admin, U, "SELECT") is None
    creator = facts_of(Account(U, has("CREATE USER")), role, boss)
    assert state(creator, U, "SELECT") is None
    unprotected = facts_of(Account(U, has("CREATE USER")), boss._replace(privileges=has("SELECT")))
    assert state(unprotected, U, "SELECT") is State.ESCALATABLE


def test_a_grant_from_some_hosts_only_is_blocked_elsewhere() -> None:
    narrow = Entry(Who("u", "10.%"), Level.DATABASE, "world", privileges=has("SELECT"))
    facts = facts_of(Account(U), entries=[narrow])
    standing = Listing(Model(facts)).standings.of(U, T)["SELECT"]
    assert standing.state is State.BLOCKED
    assert "only from some hosts: 10." in standing.via[0]


SHOWN = (
    "GRANT SELECT, INSERT ON *.* TO `u`@`%`",
    "GRANT BACKUP_ADMIN ON *.* TO `u`@`%` WITH GRANT OPTION",
    "REVOKE INSERT ON `world`.* FROM `u`@`%`",
    "GRANT UPDATE (`Name`, `a``,(b`), REFERENCES ON `world`.`city` TO `u`@`%`",
    "GRANT ALL PRIVILEGES ON `wor\\_d`.* TO `u`@`%` WITH GRANT OPTION",
    "GRANT EXECUTE ON PROCEDURE `world`.`p` TO `u`@`%`",
    "GRANT PROXY ON ``@`` TO `u`@`%`",
    "GRANT `r`@`%`,`r2`@`%` TO `u`@`%` WITH ADMIN OPTION",
)


def test_show_grants_is_read_back() -> None:
    found = shown.read(SHOWN)
    assert found.server == {U: {"SELECT", "INSERT", "BACKUP_ADMIN"}}
    assert found.grantable[U] == {"BACKUP_ADMIN"}
    assert found.restrictions == {U: [("world", has("INSERT"))]}
    assert found.memberships == [Membership(U, R, True), Membership(U, R2, True)]
    by_place = {(each.level, each.column): each for each in found.entries}
    assert by_place[Level.COLUMN, "a`,(b"].privileges == {"UPDATE"}
    assert by_place[Level.TABLE, ""].privileges == {"REFERENCES"}
    database = by_place[Level.DATABASE, ""]
    assert database.database == r"wor\_d"
    assert database.grantable
    assert {"SELECT", "EXECUTE", "EVENT"} <= database.privileges
    assert by_place[Level.PROCEDURE, ""].privileges == {"EXECUTE"}


def test_what_a_role_adds_is_told_from_the_accounts_own() -> None:
    mine = shown.read(SHOWN)
    together = shown.read(
        (
            "GRANT SELECT, INSERT, DROP ON *.* TO `u`@`%`",
            "GRANT SELECT, UPDATE (`Name`) ON `world`.`city` TO `u`@`%`",
            "GRANT `r`@`%`,`r2`@`%` TO `u`@`%` WITH ADMIN OPTION",
        )
    )
    more = own.less(together, mine, U, R)
    assert more.server == {R: {"DROP"}}
    assert more.entries == [Entry(R, Level.TABLE, "world", "city", "", has("SELECT"))]
