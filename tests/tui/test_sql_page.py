"""The SQL page as a person uses it, on the sandbox's PostgreSQL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest

from rolebrowser.tui.widgets.result_pane import holds_focus
from rolebrowser.tui.widgets.sql_editor import SqlEditor

if TYPE_CHECKING:
    from .conftest import AtTheApp


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_statement_runs_and_its_rows_can_be_walked(
    at_the_app: AtTheApp, size: tuple[int, int]
) -> None:
    async with at_the_app(size=size) as person:
        await person.run("SELECT 6*7 AS answer, NULL AS nothing, '' AS empty", "answer", "42")
        assert "1 row" in person.text
        await person.press("right")
        assert person.grid.cursor == (0, 1)


async def test_what_can_be_walked_has_the_focus_after_a_run_and_after_a_sentence_the_editor(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("2") as person:
        page = person.connection._sql
        walked = {
            "SELECT 'rows' AS one": "rows",
            "\\dn": "pg_database_owner",
            # Something can be done there: w.
            "SELECT * FROM pg_authid": "w says why",
        }
        told = {
            "\\x on": "Expanded display is on.",
            "SELECT nonsense": "42703",
            "DO $$ BEGIN RAISE NOTICE 'heard'; END $$": "heard",
            "BEGIN": "in transaction",
        }
        # From the editor, and from the result that has the focus by then.
        for writes in (True, False):
            for sql, seen in (walked | told).items():
                if writes:
                    await person.run(sql, seen)
                else:
                    page.editors.active.take(sql)
                    await person.run("SELECT 1 AS before", "before")
                    await person.until(lambda: holds_focus(page.results), "the focus on rows")
                    page.editors.active.take(sql)
                    await person.press("f5")
                    await person.sees(seen)
                result = page.results if sql in walked else page.editors
                await person.until(lambda at=result: holds_focus(at), f"the focus after {sql}")
            await person.run("ROLLBACK", " idle")
        await person.run("SELECT 1 AS one", "one")
        await person.press("f6")
        assert page.editors.active.has_focus
        await person.press("shift+f6")
        assert holds_focus(person.find("#overview"))


async def test_who_writes_on_while_a_statement_runs_is_left_to_it(at_the_app: AtTheApp) -> None:
    dsn = os.environ["SANDBOX_PG_DSN"]
    async with at_the_app() as person:
        with psycopg.connect(dsn) as admin:
            admin.execute("LOCK TABLE sales.orders IN ACCESS EXCLUSIVE MODE")
            await person.run("SELECT count(*), 'done' AS state FROM sales.orders;", "Running")
            await person.type(" q")
            assert person.connection._sql.running
        await person.ended()
        await person.sees("│ done")
        await person.type("ues")
        assert person.connection._sql.editors.active.text.endswith("; ques")


async def test_an_error_is_shown_in_the_servers_words(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT * FROM nowhere", 'relation "nowhere" does not exist', "42P01")


async def test_a_write_is_refused_while_read_only(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("INSERT INTO sales.orders (id) VALUES (-1)", "read-only")
        assert "READ-ONLY" in person.text


async def test_rows_come_as_one_scrolls(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT g FROM generate_series(1, 1700) g", "≥ 500 rows")
        person.grid.focus()
        await person.press("G")
        await person.sees("≥ 1,000 rows")
        await person.press("G")
        await person.sees("≥ 1,500 rows")
        await person.press("G")
        await person.sees(" 1,700 rows")


async def test_f4_on_production_wants_the_databases_name(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("3")
        await person.sees("MFA code")
        await person.type("123456\n")
        await person.sees("Role name")
        await person.press("f4")
        await person.sees("Type orders to allow writing")
        await person.type("order\n")
        await person.sees("Type orders to confirm")
        assert "READ-WRITE" not in person.text
        await person.type("s\n")
        await person.sees("READ-WRITE")


async def test_f2_hides_the_overview_and_brings_it_back(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        assert "Role name" in person.text
        await person.press("f2")
        await person.loses("Role name")
        await person.press("f2")
        await person.sees("Role name")


async def test_f3_logs_in_anew(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT 'first' AS pid, pg_backend_pid()", "first")
        before = person.grid.row(0)[1]
        await person.press("f3")
        await person.hears("Connected again")
        await person.run("SELECT 'second' AS pid, pg_backend_pid()", "second")
        assert person.grid.row(0)[1] != before


async def test_a_suggested_statement_is_read_whole_on_a_small_terminal(
    at_the_app: AtTheApp,
) -> None:
    lines = [f"GRANT SELECT ON TABLE sales.table_{number} TO app_oncall;" for number in range(8)]
    async with at_the_app(size=(80, 24)) as person:
        await person.connection.offer("\n".join(lines))
        await person.sees(*lines, "suggested, not run", "F4 lets you write, then F9 runs all 8")
        # F5 would run the last one alone, if the cursor stood behind it.
        editor = next(each for each in person.connection.query(SqlEditor) if each.display)
        assert editor.cursor_location == (0, 0)
        assert not person.app._notifications
        await person.press("escape")
        await person.sees("role_table_grants")
        await person.run("SELECT 1 AS one", "one")
        assert "suggested" not in person.text


async def test_what_read_only_held_back_names_the_key_that_lets_it(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        # Held by the server, and not even sent.
        for sql in ("CREATE TABLE made (n int)", "SELECT set_config('a.b', 'c', false)"):
            await person.run(sql, "(F4; --read-write", "F4 Read-write")
        await person.press("f4")
        await person.sees("READ-WRITE", "F4 Read-only")
        await person.press("f4")
        await person.sees("F4 Read-write")


async def test_an_error_points_into_its_line_as_psqls_does(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.run("SELECT id\n  FROM sales.orders\n WHERE staus = 'x'", "42703")
        lines = [line.strip("│ ") for line in person.text.splitlines()]
        at = next(place for place, line in enumerate(lines) if line.startswith("LINE 3:"))
        assert lines[at] == "LINE 3:  WHERE staus = 'x'"
        full = person.text.splitlines()
        assert full[at + 1].index("^") == full[at].index("staus")


async def test_how_a_transaction_that_is_kept_open_ends_is_said(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.run("BEGIN", "in transaction")
        await person.run("SELECT nothing", "42703", "failed transaction")
        await person.run("SELECT 1", "25P02", "ROLLBACK ends it; in the pane Alt+R does.")
        await person.press("alt+r")
        await person.sees(" idle")
        await person.run("SELECT pg_sleep(60)", " running ")
        await person.press("f4")
        await person.hears("A statement is running: Esc cancels it.")
        await person.press("escape")
        await person.sees(" idle")
