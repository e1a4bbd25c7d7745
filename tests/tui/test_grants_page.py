"""The Grants page as a person uses it, on the sandbox's PostgreSQL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest
from textual.widgets import Static

from rolebrowser.tui.pages.grants import GrantsPage
from rolebrowser.tui.widgets.grant_matrix import GrantMatrix
from rolebrowser.tui.widgets.sql_editor import SqlEditor

if TYPE_CHECKING:
    from .conftest import AtTheApp, Person


async def open_grants(person: Person) -> GrantMatrix:
    """Go to the tab; wait until the first row is there."""
    await person.press("f7", "f7")
    await person.sees("roles ×", "PUBLIC", "of the server's own")
    matrix = person.connection.query_one(GrantMatrix)
    await person.until(lambda: "a·······✗" in person.text, "letters")
    return matrix


def matrix_line(person: Person, head: str) -> str:
    return next(line for line in person.text.splitlines() if head in line)


async def put_cursor(person: Person, role: str, title: str) -> None:
    """Walk to a cell with the filter, as one does; drop the filter there."""
    await person.press("slash")
    await person.type(role)
    await person.press("tab")
    await person.type(title)
    await person.press("enter")
    await person.sees("filtered")
    await person.press("escape")
    matrix = person.connection.query_one(GrantMatrix)
    assert matrix.role is not None
    assert matrix.role.name == role
    assert matrix.object is not None
    assert matrix.object.title == title


@pytest.mark.parametrize("size", [(140, 45), (80, 24)])
async def test_the_matrix_shows_letters_and_says_the_cell_in_words(
    at_the_app: AtTheApp, size: tuple[int, int]
) -> None:
    async with at_the_app(size=size) as person:
        await open_grants(person)
        await put_cursor(person, "app_oncall", "sales.order_items")
        await person.sees("app_oncall × sales.order_items", "app_oncall → oncall → readers")
        await person.sees("DELETE", "⇒ SET ROLE incident_writers")


async def test_the_cursor_moves_in_both_directions_and_the_heads_stay(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app(size=(80, 24)) as person:
        matrix = await open_grants(person)
        await person.press("end", "G")
        await person.sees("top_customers")
        assert matrix.role is not None
        assert matrix.role.name in person.text
        await person.press("home", "g")
        assert matrix.cursor == (0, 0)
        await person.press("right_square_bracket")
        assert matrix.object is not None
        assert matrix.object.group == "finance"


async def test_zooming_goes_through_schemas_columns_sequences_and_functions(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        await open_grants(person)
        await put_cursor(person, "app_oncall", "sales.orders")
        for level in ("schemas", "columns", "sequences", "functions"):
            await person.press("z")
            await person.sees(f"[{level}]")
            if level == "schemas":
                await person.sees("sales", "9/10")
        await person.press("Z")
        await person.sees("[sequences]")


async def test_a_level_without_objects_says_so_and_blames_no_filter(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app(size=(80, 24)) as person:
        await open_grants(person)
        for level in ("schemas", "columns", "sequences", "functions", "databases", "others"):
            await person.press("z")
            await person.sees(f"[{level}]")
        await person.sees("No others here; z goes on.")
        await first_keys_are_of(person, "The matrix", "Grants", "SQL")
        await person.press("e")
        await person.sees("is and can do")
        await first_keys_are_of(person, "Grants", "SQL")


async def first_keys_are_of(person: Person, *headings: str) -> None:
    """Help begins with the keys of the view that one is in."""
    await person.press("question_mark")
    await person.sees("Esc closes")
    found = person.app.screen.query(".dialog-box Static").results(Static)
    shown = [str(each.content) for each in found]
    assert shown[: len(headings)] == list(headings)
    await person.press("escape")


async def test_a_role_is_told_by_path_with_its_memberships(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 60)) as person:
        await open_grants(person)
        await person.press("e")
        await person.sees("What app_oncall is and can do", "only with an IAM token")
        text = await person.sees("Member of", "incident_writers", "SET · by dbadmin")
        assert "app_oncall → oncall → readers" in text
        await person.press("slash")
        await person.type("order_items")
        await person.loses("sales.promotions")
        await person.sees("sales.order_items", "SELECT*, MAINTAIN*")
        # Looked at anew meanwhile, the matrix says what its cell is as it comes back.
        await person.press("escape", "r")
        await person.sees("Nothing has changed since the last look")
        await person.press("m")
        await person.sees(
            "roles ×", "app_oncall × audit.log", "✗ INSERT", "no USAGE on schema audit"
        )


async def test_who_can_reach_a_table_is_grouped_by_the_way(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 60)) as person:
        await open_grants(person)
        await put_cursor(person, "app_oncall", "finance.invoices")
        await person.press("t")
        await person.sees(
            "Superusers", "Predefined roles", "Owner", "Granted to a role", "Through a view",
            "sales.paid_invoices", "After SET ROLE", "auditor ⇒ SET ROLE finance_team",
            "Held, but blocked", "app_oncall [no USAGE on schema finance]",
        )  # fmt: skip


async def test_why_goes_gate_by_gate_and_the_server_agrees(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 50)) as person:
        await open_grants(person)
        await put_cursor(person, "app_oncall", "finance.invoices")
        await person.press("w")
        await person.sees("app_oncall lacks USAGE on schema finance", "Verified")
        await person.sees("no   has_schema_privilege(app_oncall, schema finance, USAGE)")
        await person.press("right")
        await person.sees("app_oncall INSERT finance.invoices", "can't use INSERT")


async def test_why_asks_for_what_the_cell_has(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 50)) as person:
        await open_grants(person)
        await put_cursor(person, "app_oncall", "audit.log")
        await person.press("enter")
        await person.sees("app_oncall INSERT audit.log", "lacks USAGE on schema audit")


async def test_a_fix_goes_to_an_editor_of_its_own_and_is_not_run(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 50)) as person:
        # No semicolon: what followed it in the same text would be one statement with it.
        await person.write("SELECT 1")
        await open_grants(person)
        await put_cursor(person, "app_oncall", "finance.invoices")
        await person.press("w")
        await person.sees("What would give it")
        await person.press("f")
        await person.sees("suggested, not run · read-only: F4 lets you write, then F5 runs it")
        before, editor = person.connection.query(SqlEditor)
        assert before.text == "SELECT 1"
        assert editor.text == "GRANT USAGE ON SCHEMA finance TO app_oncall;"
        assert editor.has_focus
        with psycopg.connect(os.environ["SANDBOX_PG_DSN"]) as admin:
            found = admin.execute(
                "SELECT has_schema_privilege('app_oncall', 'finance', 'USAGE')"
            ).fetchone()
        assert found == (False,)
        await person.press("f5")
        await person.sees("read-only transaction")


async def test_a_statement_that_was_denied_is_explained_with_one_key(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app(size=(140, 50)) as person:
        await person.run("SELECT * FROM finance.invoices", "permission denied", "w says why")
        await person.press("w")
        await person.sees("lacks USAGE on schema finance")
        await person.sees("· agrees: EXPLAIN as app_oncall is refused")
        await person.sees("permission denied for schema finance")
        await person.press("escape")
        await person.sees("w says why")
        page = person.connection.query_one(GrantsPage)
        assert page.view == "why"
        # What says so has the keys again.
        await person.press("w")
        await person.sees("lacks USAGE on schema finance")
        await person.press("escape")
        await person.sees("w says why")
        # Asked from elsewhere it goes back there.
        await person.press("f7", "f7", "m")
        await person.sees("roles ×")
        await person.press("e")
        await person.sees("is and can do")
        await person.press("w")
        await person.sees("Why can, or can't")
        await person.press("escape")
        await person.until(lambda: page.view == "role", "the view that Why was opened from")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT o.id, s.amount FROM sales.orders o JOIN finance.salaries s ON s.employee = ''",
        "SELECT id FROM sales.orders WHERE status IN (SELECT employee FROM finance.salaries)",
    ],
)
async def test_what_is_denied_comes_first_and_what_is_held_is_never_revoked(
    at_the_app: AtTheApp, statement: str
) -> None:
    async with at_the_app(size=(140, 60)) as person:
        await person.run(statement, "permission denied", "w says why")
        await person.press("w")
        text = await person.sees(
            "can't use SELECT on finance.salaries", "Verified", "Held, so not what"
        )
        assert text.index("can't use SELECT on finance.salaries") < text.index(
            "app_oncall has SELECT on sales.orders"
        )
        assert "What would take it away" not in text
        await person.press("f")
        await person.sees("suggested, not run")
        editor = person.connection.query(SqlEditor).last()
        assert "GRANT" in editor.text or "SET ROLE" in editor.text
        assert "finance" in editor.text
        assert "REVOKE" not in editor.text


async def test_a_refusal_of_what_is_not_found_in_the_statement_offers_no_revoke(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app(size=(140, 50)) as person:
        await person.run(
            "SELECT pg_read_file('/etc/passwd') FROM sales.orders", "permission denied"
        )
        await person.press("w")
        await person.sees("What was refused isn't found here", "pg_read_file", "Held, so not")
        assert "REVOKE" not in person.text


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SET ROLE rdsadmin", "permission denied"),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied for function"),
    ],
)
async def test_w_is_not_offered_where_it_has_no_certain_answer(
    at_the_app: AtTheApp, statement: str, said: str
) -> None:
    async with at_the_app() as person:
        await person.run(statement, said, "(42501)")
        assert "w says why" not in person.text


async def test_a_table_that_may_not_be_created_is_a_question_of_its_schema(
    at_the_app: AtTheApp,
) -> None:
    # The second isn't production: F4 asks for no name.
    async with at_the_app("2", size=(140, 50)) as person:
        await person.press("f4")
        await person.sees("READ-WRITE")
        await person.run("CREATE TABLE public.x(a int)", "for schema public", "w says why")
        await person.press("w")
        await person.sees("app_oncall CREATE schema public", "can't use CREATE on schema public")
        await person.press("f")
        await person.sees("suggested, not run")
        assert "GRANT CREATE ON SCHEMA public" in person.connection.query(SqlEditor).last().text


async def test_a_question_can_be_typed_and_a_wrong_one_is_answered_with_a_sentence(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app(size=(140, 50)) as person:
        await open_grants(person)
        await person.press("w")
        assert "w Why" not in await person.sees("Verified", "w Ask")
        await person.press("w")
        await person.press("ctrl+u")
        await person.type("auditor SELECT finance.salaries\n")
        await person.sees("auditor ⇒ SET ROLE finance_team", "it can go this way")
        seen = await person.sees("Set the role finance_team", "SET ROLE finance_team;")
        assert seen.index("SET ROLE finance_team;") < seen.index("GRANT ")
        await person.press("w", "ctrl+u")
        await person.type("nobody SELECT finance.salaries\n")
        await person.sees("nobody")
        assert "Traceback" not in person.text


async def test_two_roles_are_compared_by_what_differs(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 60)) as person:
        await open_grants(person)
        await person.press("c")
        await person.sees("Compare app_oncall with")
        await person.type("analyst\n")
        text = await person.sees("Only app_oncall", "Only analyst", "sales.customers.country")
        assert "sales.promotions" not in text  # both have it, through PUBLIC
        lines = [line for line in text.splitlines() if "sales.orders.status" in line]
        assert all("SELECT" not in line for line in lines)  # that it has as its whole table has


async def test_one_role_is_compared_in_two_open_connections(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 60)) as person:
        await person.press("f8")
        await person.sees("BOOKMARKS")
        await person.press("2")
        await person.sees("Role name")
        await open_grants_anywhere(person)
        await person.press("c")
        await person.sees("Compare", "in orders")
        await person.press("enter")
        await person.until(
            lambda: "Only" in person.text or "They may do the same" in person.text, "an answer"
        )


async def open_grants_anywhere(person: Person) -> None:
    """Go to the tab of whichever connection is in front."""
    await person.press("f7", "f7")
    await person.sees("roles ×", "PUBLIC")


async def test_role_table_grants_is_as_it_is_and_what_it_leaves_out_is_counted(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        await open_grants(person)
        await person.press("s")
        await person.sees("role_table_grants as seen by app_oncall", "13 rows")
        await person.sees("2 to PUBLIC", "8 on materialized views", "4 on sequences", "18 MAINTAIN")


async def test_the_classic_sql_stands_beside_the_view(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 45)) as person:
        await open_grants(person)
        await person.press("v")
        await person.sees("What the classic tools would run", "has_table_privilege(r.oid")
        await put_cursor(person, "app_oncall", "finance.invoices")
        await person.press("w")
        await person.sees("SELECT has_schema_privilege('app_oncall',")
        await person.press("v")
        await person.loses("What the classic tools would run")


async def test_a_refresh_says_what_has_changed(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(140, 45)) as person:
        matrix = await open_grants(person)
        await put_cursor(person, "app_oncall", "finance.invoices")
        with psycopg.connect(os.environ["SANDBOX_PG_DSN"], autocommit=True) as admin:
            admin.execute("GRANT USAGE ON SCHEMA finance TO app_oncall")
        try:
            await person.press("r")
            await person.sees("changed since the last look", "Changes (")
            assert matrix.role is not None
            assert matrix.role.name == "app_oncall"
            await person.until(lambda: "▌" in matrix_line(person, "● app_oncall"), "a marked cell")
            await person.sees(
                "▌ changed since the last look: was", "▌\N{NO-BREAK SPACE}changed · direct"
            )
            assert "▌" not in matrix_line(person, "● auditor")
            await person.press("n")
            await person.sees("on schema finance to app_oncall")
            await person.press("m", "r")
            await person.sees("Nothing has changed since the last look")
            await person.until(
                lambda: "▌" not in matrix_line(person, "● app_oncall"), "marks until the next look"
            )
        finally:
            with psycopg.connect(os.environ["SANDBOX_PG_DSN"], autocommit=True) as admin:
                admin.execute("REVOKE USAGE ON SCHEMA finance FROM app_oncall")


async def test_reading_can_be_given_up_and_taken_up_again(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        with psycopg.connect(os.environ["SANDBOX_PG_DSN"]) as admin:
            admin.execute("LOCK TABLE pg_catalog.pg_default_acl IN ACCESS EXCLUSIVE MODE")
            await person.press("f7", "f7")
            await person.sees("Reading roles, grants and policies")
            await person.press("escape")
            await person.sees("r reads them")
        await person.press("r")
        await person.sees("roles ×", "PUBLIC")


async def test_escape_goes_back_step_by_step(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await open_grants(person)
        await person.press("t")
        await person.sees("Who can reach")
        await person.press("escape")
        await person.sees("roles ×")
        page = person.connection.query_one(GrantsPage)
        assert page.view == "matrix"
        await person.press("escape")
        await person.sees("BOOKMARKS")
