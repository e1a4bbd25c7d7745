"""What goes around a server's read-only mode isn't sent; what is said of a change is true there.

The statements are tried on the real server without us in between first: those that get through
there are the ones that have to be known by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rolebrowser.connection import explain, mysql, url
from rolebrowser.connection.caution import caution
from rolebrowser.connection.protocol import Connection, Settings, Transaction
from rolebrowser.errors import ReadOnlyRefused, StatementError
from rolebrowser.sandbox.mariadb import MariadbServer
from rolebrowser.target import Engine
from tests.mysql_server import is_mysql

Open = Callable[..., Connection]

WRITE = "INSERT INTO t VALUES (9)"
AROUND = [
    f"BEGIN NOT ATOMIC SET SESSION TRANSACTION READ WRITE; {WRITE}; END",
    f"BEGIN NOT ATOMIC SET @@tx_read_only = 0; {WRITE}; END",
    f"IF 1 THEN SET SESSION TRANSACTION READ WRITE; {WRITE}; END IF",
    f"CASE WHEN 1 THEN SET SESSION TRANSACTION READ WRITE; {WRITE}; END CASE",
    f"REPEAT SET SESSION TRANSACTION READ WRITE; {WRITE}; UNTIL 1 END REPEAT",
    f"FOR i IN 1..1 DO SET SESSION TRANSACTION READ WRITE; {WRITE}; END FOR",
    f"SET STATEMENT tx_read_only = 0 FOR {WRITE}",
    f"SET STATEMENT `tx_read_only` = 0 FOR {WRITE}",
    f"/*!50000 SET STATEMENT tx_read_only = 0 FOR {WRITE} */",
    f"/*M!100000 IF 1 THEN */ SET SESSION TRANSACTION READ WRITE; {WRITE}; END IF",
    f"/*!999999 SELECT */ IF 1 THEN SET SESSION TRANSACTION READ WRITE; {WRITE}; END IF",
    "CALL writes()",
    "EXECUTE IMMEDIATE 'BEGIN NOT ATOMIC SET SESSION TRANSACTION READ WRITE;"
    " INSERT INTO t VALUES (9); END'",
    "/*!50000 */ /*!50000 */ /*!50000 */ /*!50000 */ CALL writes()",
]


HELD = [
    WRITE,
    "SELECT NEXTVAL(counter)",
    "SELECT SETVAL(counter, 50)",
    "SELECT writing()",
    "DO writing()",
    "SET @x = writing()",
    "SELECT @x := writing()",
    f"PREPARE p FROM '{WRITE}'",
    f"SET STATEMENT max_statement_time = 1 FOR {WRITE}",
    "INSERT INTO old VALUES (9)",
    "REPLACE INTO t VALUES (9)",
    "SELECT a FROM t FOR UPDATE",
    "CREATE TEMPORARY TABLE mine (a INT)",
    "RENAME TABLE t TO t9",
    "SET PASSWORD FOR somebody@'%' = PASSWORD('x')",
    "GRANT SELECT ON t TO somebody@'%'",
    "ANALYZE INSERT INTO t VALUES (9)",
]
"""What MariaDB's own read-only transaction refuses."""
NOT_SENT = [
    "SELECT 1 INTO OUTFILE '/tmp/never'",
    "SELECT 1 INTO DUMPFILE '/tmp/never'",
    "LOAD DATA INFILE '/etc/hostname' INTO TABLE t",
    "LOCK TABLES t WRITE",
    "FLUSH TABLES",
    "KILL 99999",
    "SET GLOBAL max_connections = 99",
    "EXECUTE p",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "ANALYZE TABLE t",
    "OPTIMIZE TABLE t",
    "REPAIR TABLE old",
    "INSTALL SONAME 'x'",
    "PURGE BINARY LOGS BEFORE NOW()",
    "RESET QUERY CACHE",
    "XA START 'x'",
    "SELECT GET_LOCK('x', 0)",
    "/*!50000 FLUSH TABLES */",
    "-- a remark\nFLUSH /* b */ TABLES",
    "SET SESSION TRANSACTION READ WRITE",
    "START TRANSACTION READ WRITE",
]


MYSQLS = [
    "CALL writes()",
    "/*!80000 CALL writes() */",
    "PREPARE s FROM 'CALL writes()'; EXECUTE s",
    "SET SESSION transaction_read_only = 0",
    "SET @a = 1, @@local.transaction_read_only = 0",
    "SET PERSIST max_connections = 120",
    "RESET PERSIST",
    "SET GLOBAL max_connections = 120",
    "FLUSH STATUS",
    "LOCK INSTANCE FOR BACKUP",
    "XA START 'x'",
]


@pytest.fixture(scope="module")
def world(either_server: MariadbServer) -> Iterator[MariadbServer]:
    either_server.execute(
        "CREATE DATABASE careful",
        "CREATE TABLE careful.t (a INT)",
        "CREATE TABLE careful.old (a INT) ENGINE=MyISAM",
        "CREATE PROCEDURE careful.writes() MODIFIES SQL DATA BEGIN"
        " SET SESSION TRANSACTION READ WRITE; INSERT INTO t VALUES (9); END",
        "CREATE PROCEDURE careful.commits() BEGIN INSERT INTO t VALUES (1); COMMIT; END",
    )
    yield either_server
    either_server.execute("DROP DATABASE careful", "DROP USER IF EXISTS somebody")


@pytest.fixture
def connect(world: MariadbServer) -> Iterator[Open]:
    opened: list[Connection] = []
    world.execute("TRUNCATE careful.t", "TRUNCATE careful.old")

    def go(**settings: object) -> Connection:
        address = url.parse(world.dsn("careful"), {})
        connection = mysql.open_connection(address, Settings(**settings))  # type: ignore[arg-type]
        opened.append(connection)
        return connection

    yield go
    for connection in opened:
        connection.close()


def rows(world: MariadbServer, table: str = "t") -> list[int]:
    direct = world.connect(dbname="careful")
    try:
        with direct.cursor() as cursor:
            cursor.execute(f"SELECT a FROM {table} ORDER BY a")
            return [row[0] for row in cursor.fetchall()]
    finally:
        direct.close()


@pytest.mark.parametrize("statement", AROUND)
def test_what_goes_around_read_only_mode_is_not_sent(
    world: MariadbServer, connect: Open, statement: str
) -> None:
    if is_mysql(world):
        pytest.skip("MariaDB's ways")
    direct = world.connect(dbname="careful")
    direct.query("SET SESSION TRANSACTION READ ONLY")
    direct.query(statement)
    direct.close()
    assert rows(world) == [9], "the server holds it: it needn't be known"
    world.execute("TRUNCATE careful.t")
    connection = connect()
    with pytest.raises(ReadOnlyRefused):
        connection.run(statement).result()
    assert rows(world) == []


def test_an_attackers_list_changes_nothing(world: MariadbServer, connect: Open) -> None:
    if is_mysql(world):
        pytest.skip("MariaDB's ways")
    world.execute(
        "CREATE OR REPLACE SEQUENCE careful.counter",
        "CREATE OR REPLACE USER somebody@'%'",
        "CREATE OR REPLACE FUNCTION careful.writing() RETURNS INT MODIFIES SQL DATA"
        " BEGIN INSERT INTO t VALUES (9); RETURN 1; END",
    )
    connection = connect()
    for statement in HELD:
        with pytest.raises(StatementError, match="READ ONLY"):
            connection.run(statement).result()
    for statement in NOT_SENT:
        with pytest.raises(ReadOnlyRefused):
            connection.run(statement).result()
    with pytest.raises(StatementError):
        # Two at once aren't taken by the server.
        connection.run(f"SELECT 1; {WRITE}").result()
    assert rows(world) == rows(world, "old") == []
    assert connection.run("SELECT next_not_cached_value FROM counter").result().page.rows == (
        ("1",),
    )


@pytest.mark.parametrize("statement", MYSQLS)
def test_what_mysql_lets_through_in_a_read_only_transaction_is_not_sent(
    world: MariadbServer, connect: Open, statement: str
) -> None:
    if not is_mysql(world):
        pytest.skip("MySQL's ways")
    *before, last = statement.split("; ")
    direct = world.connect(dbname="careful")
    direct.query("SET SESSION TRANSACTION READ ONLY")
    for each in (*before, last):
        direct.query(each)
    direct.close()
    connection = connect()
    for each in before:
        connection.run(each).result()
    with pytest.raises(ReadOnlyRefused):
        connection.run(last).result()


@pytest.mark.parametrize(
    "statement",
    [
        "/*!50000 DELETE */ FROM t",
        "/*M! DELETE FROM t */",
        "/*!999999 SELECT */ DELETE FROM t",
        "/*!999999 SELECT 1 */ /*!50000 DELETE FROM t */",
        "SET STATEMENT max_statement_time = 5 FOR DELETE FROM t",
        "BEGIN NOT ATOMIC DELETE FROM t; END",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "DELETE t FROM t JOIN t u USING (a)",
        "UPDATE LOW_PRIORITY t SET a = 2",
        "REPLACE INTO t VALUES (2)",
        "CALL commits()",
        "LOAD DATA INFILE '/nowhere' INTO TABLE t",
    ],
)
def test_a_change_is_known_however_it_is_written(statement: str) -> None:
    asked = caution(statement, Engine.MYSQL)
    assert (asked.changes, asked.held) == (True, True)


@pytest.mark.parametrize(
    "statement",
    [
        "/*!50000 DELETE */ FROM t",
        "/*!999999 SELECT */ DELETE FROM t",
        "SET STATEMENT max_statement_time = 5 FOR DELETE FROM t",
        "DELETE t FROM t JOIN t u USING (a)",
        "UPDATE LOW_PRIORITY t SET a = 2",
    ],
)
def test_a_change_of_every_row_is_asked_about(statement: str) -> None:
    assert "every row" in caution(statement, Engine.MYSQL).warning


@pytest.mark.parametrize(
    ("statement", "rows"),
    [("DELETE FROM t LIMIT 1", "up to 1 row,"), ("UPDATE t SET a = 2 LIMIT 1000", "1,000 rows")],
)
def test_a_change_of_some_rows_is_asked_about(statement: str, rows: str) -> None:
    warning = caution(statement, Engine.MYSQL).warning
    assert rows in warning
    assert "every row" not in warning


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE made (a INT)",
        "/*!50000 CREATE TABLE made (a INT) */",
        "ALTER TABLE t ADD COLUMN b INT",
        "RENAME TABLE t TO u",
        "CREATE USER somebody",
        "GRANT SELECT ON careful.* TO somebody",
        "SET PASSWORD FOR somebody = PASSWORD('secret-word-1')",
        "DROP USER somebody",
    ],
)
def test_an_implicit_commit_is_said_and_happens(
    world: MariadbServer, connect: Open, statement: str
) -> None:
    asked = caution(statement, Engine.MYSQL)
    assert (asked.changes, asked.held) == (True, False)
    assert "can't be rolled back" in asked.warning
    if is_mysql(world):
        statement = statement.replace("PASSWORD('secret-word-1')", "'secret-word-1'")
    world.execute("DROP TABLE IF EXISTS careful.made, careful.u, careful.t")
    world.execute("CREATE TABLE careful.t (a INT)", "CREATE USER IF NOT EXISTS somebody")
    if "CREATE USER" in statement:
        world.execute("DROP USER somebody")
    connection = connect(read_only=False)
    connection.run("BEGIN").result()
    connection.run("INSERT INTO t VALUES (5)").result()
    connection.run(statement).result()
    assert connection.transaction is Transaction.IDLE
    connection.run("ROLLBACK").result()
    assert rows(world, "u" if "RENAME" in statement else "t") == [5]
    world.execute("CREATE TABLE IF NOT EXISTS careful.t (a INT)")


@pytest.mark.parametrize(
    "statement",
    ["SET GLOBAL max_connections = 500", "SET @@global.max_connections = 500", "KILL 1"],
)
def test_what_acts_at_once_is_asked_about(statement: str) -> None:
    assert "at once" in caution(statement, Engine.MYSQL).warning


@pytest.mark.parametrize(
    "statement", ["ANALYZE DELETE FROM t", "ANALYZE FORMAT=JSON UPDATE t SET a = 2"]
)
def test_mariadbs_analyze_of_a_change_is_rolled_back(
    world: MariadbServer, connect: Open, statement: str
) -> None:
    if is_mysql(world):
        pytest.skip("MySQL has no such ANALYZE")
    world.execute("INSERT INTO careful.t VALUES (1), (2)")
    with pytest.raises(StatementError, match="READ ONLY"):
        connect().run(statement).result()
    assert "keep the change" in caution(statement, Engine.MYSQL).warning
    connection = connect(read_only=False)
    assert explain.runs_for_real(connection, statement)
    outcome = explain.undone(connection, statement)
    assert outcome.page.rows
    assert [each.text for each in outcome.notices] == [
        "The statement was executed and rolled back."
    ]
    connection.run("BEGIN").result()
    explain.undone(connection, statement)
    assert connection.transaction is Transaction.OPEN
    connection.run("COMMIT").result()
    assert rows(world) == [1, 2]


def test_a_table_without_transactions_keeps_the_change_and_it_is_said(
    world: MariadbServer, connect: Open
) -> None:
    if is_mysql(world):
        pytest.skip("MySQL has no such ANALYZE")
    world.execute("INSERT INTO careful.old VALUES (1)")
    change = "ANALYZE DELETE FROM old"
    assert explain.runs_for_real(connect(read_only=False), change)
    outcome = explain.undone(connect(read_only=False), change)
    assert rows(world, "old") == []
    assert [each.code for each in outcome.notices] == ["", "1196"]


def test_row_locks_are_the_servers_to_refuse(connect: Open) -> None:
    with pytest.raises(StatementError, match="READ ONLY"):
        connect().run("SELECT * FROM t FOR UPDATE").result()
