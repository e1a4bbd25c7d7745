"""Writing on the sandbox's MariaDB: what is held is asked about, what commits by itself is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pymysql
import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from tests.mysql_server import inventory_admin
from tests.person import ASKED, TAKES

if TYPE_CHECKING:
    from .conftest import AtTheApp, Person

pytestmark = pytest.mark.skipif(
    not mariadb.available(), reason="mariadbd is not installed (Debian: mariadb-server)"
)
Rows = Callable[..., list[str]]


@pytest.fixture
def admin(sandbox_env: SandboxProcess) -> Iterator[pymysql.Connection]:  # type: ignore[type-arg]
    """The superuser's own connection."""
    with inventory_admin() as direct:
        yield direct


@pytest.fixture
def rows(admin: pymysql.Connection) -> Iterator[Rows]:  # type: ignore[type-arg]
    """What a table holds: two rows at first."""

    def do(*statements: str) -> None:
        for statement in statements:
            admin.query(statement)

    do(
        "CREATE OR REPLACE TABLE pane_notes (note VARCHAR(20))",
        "CREATE OR REPLACE TABLE pane_old (note VARCHAR(20)) ENGINE=MyISAM",
        "INSERT INTO pane_notes VALUES ('a'), ('b')",
        "INSERT INTO pane_old VALUES ('a')",
        "CREATE OR REPLACE PROCEDURE pane_commits() BEGIN"
        " INSERT INTO pane_notes VALUES ('z'); COMMIT; END",
        # To its default role: a GRANT to an IAM user would have the server read its plugin anew.
        "GRANT ALL ON inventory.* TO stock_reader",
    )

    def read(table: str = "pane_notes") -> list[str]:
        with admin.cursor() as cursor:
            cursor.execute(f"SELECT note FROM {table} ORDER BY 1")
            return [str(row[0]) for row in cursor.fetchall()]

    yield read
    do(
        "REVOKE ALL ON inventory.* FROM stock_reader",
        "GRANT SELECT ON inventory.* TO stock_reader",
        "DROP TABLE IF EXISTS pane_notes, pane_old, pane_made",
        "DROP PROCEDURE pane_commits",
    )


async def read_write(person: Person) -> None:
    """Connect to the bookmark of the MariaDB, for writing."""
    await person.press("7")
    await person.sees("inventory", "idle")
    await person.press("f4")
    await person.sees("READ-WRITE")


async def test_a_change_is_shown_before_it_is_committed(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        delete = "DELETE FROM pane_notes WHERE note = 'a'"
        await person.run(delete, *ASKED, "1 row affected")
        assert rows() == ["a", "b"]
        await person.press("r")
        await person.sees("Rolled back")
        assert rows() == ["a", "b"]
        await person.run(delete, *ASKED)
        await person.press("c")
        await person.sees("Committed")
        assert rows() == ["b"]


async def test_what_a_version_comment_hides_is_asked_about(
    at_the_app: AtTheApp, rows: Rows
) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("/*!50000 DELETE */ FROM pane_notes", "without WHERE", TAKES)
        await person.press("s")
        await person.sees(*ASKED, "2 rows affected")
        await person.press("escape")
        await person.sees("Rolled back")
        assert rows() == ["a", "b"]


async def test_a_transaction_of_ones_own_outlives_a_large_result(
    at_the_app: AtTheApp, rows: Rows
) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("BEGIN", "in transaction")
        await person.run("INSERT INTO pane_notes VALUES ('c')", "1 row affected")
        await person.run("SELECT seq FROM seq_1_to_2000000000", "≥ ", "in transaction")
        # A BEGIN of ours would have the server commit what is open.
        await person.run("DELETE FROM pane_notes WHERE note = 'a'", "1 row affected")
        assert "Commit?" not in person.text
        await person.press("alt+r")
        await person.sees("Rolled back", " idle")
        assert rows() == ["a", "b"]


async def test_an_implicit_commit_is_said_first(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("BEGIN", "in transaction")
        await person.run("INSERT INTO pane_notes VALUES ('c')", "1 row affected")
        await person.run("CREATE TABLE pane_made (a INT)", "at once", "committed with it", TAKES)
        await person.press("n")
        await person.sees("Not sent")
        assert rows() == ["a", "b"]
        await person.run("CREATE TABLE pane_made (a INT)", TAKES)
        await person.press("s")
        await person.sees("Query OK", " idle")
        assert rows() == ["a", "b", "c"]


async def test_a_procedure_that_commits_is_found_out(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("CALL pane_commits()", "Committed already", "ended the transaction")
        assert "Commit?" not in person.text
        assert rows() == ["a", "b", "z"]


async def test_a_deadlocks_victim_is_told_as_rolled_back(
    at_the_app: AtTheApp,
    rows: Rows,
    admin: pymysql.Connection,  # type: ignore[type-arg]
) -> None:
    admin.query("CREATE TABLE pane_made (a INT)")
    admin.query("INSERT INTO pane_made VALUES (1)")
    # The server lets the one go on that has changed more.
    admin.query("BEGIN")
    admin.query("INSERT INTO pane_notes SELECT seq FROM seq_100_to_300")
    async with at_the_app("") as person:
        await read_write(person)
        await person.write(
            "UPDATE pane_made SET a = 2 WHERE a = 1; DELETE FROM pane_notes WHERE note = 'a'"
        )
        await person.press("f9")
        await person.sees("2 DELETE", "Running")
        waits = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"
        await person.until(lambda: bool(admin.query(waits)), "the change waiting")
        await asyncio.to_thread(admin.query, "UPDATE pane_made SET a = 3")
        await person.sees("(1213)", " idle")
        await person.hears("Rolled back by the server")
        admin.query("ROLLBACK")
        assert rows("pane_notes") == ["a", "b"]


async def test_what_a_table_cannot_undo_is_said(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("INSERT INTO pane_old VALUES ('b')", *ASKED)
        await person.press("r")
        await person.hears("but for tables without transactions")
        assert rows("pane_old") == ["a", "b"]


async def test_analyze_of_a_change_is_rolled_back(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("ANALYZE DELETE FROM pane_notes", "is executed, then rolled back", TAKES)
        await person.press("s")
        await person.sees("executed and rolled back", " idle")
        assert rows() == ["a", "b"]


async def test_a_server_that_dies_under_a_change_leaves_nothing_half(
    at_the_app: AtTheApp,
    rows: Rows,
    admin: pymysql.Connection,  # type: ignore[type-arg]
) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("UPDATE pane_notes SET note = SLEEP(50) WHERE note = 'a'", "Running")
        opened = person.connection._opened
        assert opened is not None
        admin.query(f"KILL {opened.connection.info.backend_pid}")
        await person.sees("may or may not have taken effect", "It is not run again")
        await person.hears("Connected again with a fresh token")
        assert rows() == ["a", "b"]
        await person.run("SELECT 'alive' AS now", "alive")


async def test_cancel_reaches_the_server(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("") as person:
        await read_write(person)
        await person.run("SELECT SLEEP(60) AS slept", "Running")
        await person.press("escape")
        await person.sees("cancelled")
        await person.run("SELECT 'alive' AS now", "alive")


async def test_a_gateway_that_drops_and_a_session_that_ends(
    at_the_app: AtTheApp, sandbox: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        await person.press("7")
        await person.sees("inventory", "idle")
        sandbox.control("expire")
        assert sandbox.control("drop", database="inventory") >= 1
        await person.hears("The connection was lost.")
        await person.hears("Connected again with a fresh token")
        await person.run("SELECT 'alive' AS now", "alive")
