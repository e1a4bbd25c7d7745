"""The Grants page on the sandbox's MariaDB: the same keys, and what isn't to be seen is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.tui.widgets.sql_editor import SqlEditor
from tests.person import TAKES

if TYPE_CHECKING:
    from .conftest import AtTheApp, Person

pytestmark = pytest.mark.skipif(
    not mariadb.available(), reason="mariadbd is not installed (Debian: mariadb-server)"
)


async def open_grants(person: Person) -> None:
    """Connect to the bookmark of the MariaDB, and go to the tab."""
    await person.press("7")
    await person.sees("List of users and roles")
    await person.press("f7", "f7")
    await person.sees("app_oncall@%", "roles ×")


@pytest.mark.parametrize("size", [(140, 45), (80, 24)])
async def test_the_tab_shows_ones_own_and_says_so(
    at_the_app: AtTheApp, size: tuple[int, int]
) -> None:
    async with at_the_app("", size=size) as person:
        await open_grants(person)
        await person.sees("N reads 4 notes: Only app_oncall@%")
        await person.press("N")
        await person.sees("What isn't shown", "can't be seen while it isn't active")
        await person.press("escape")
        # What a role has that isn't active can't be seen: no row of it looks like nothing.
        assert "2 roles ×" in person.text
        await person.press("e")
        await person.sees("It can log in from anywhere", "stock_reader", "stock_writer")


async def test_a_refusal_is_explained_by_w(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.press("7")
        await person.sees("List of users and roles")
        await person.run("-- mine\nSELECT * FROM mysql.db", "(1142)", "w says why")
        await person.press("w")
        # The server shows no table that one has no right on: that is the answer.
        await person.sees("app_oncall@% sees no table mysql.db", "GRANT SELECT ON mysql.db TO")
        await person.press("escape")
        await person.sees("(1142)")
        await person.run("DELETE FROM inventory.suppliers WHERE 1 = 0", "(1142)", "w says why")
        await person.press("w")
        await person.sees("Answer", "DELETE on inventory.suppliers")


async def test_a_table_that_is_not_shown_comes_before_what_is_held(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.press("7")
        await person.sees("List of users and roles")
        # `added` is no table, though it stands behind a FROM.
        await person.run(
            "SELECT EXTRACT(YEAR FROM added) FROM items i JOIN mysql.user u ON 1 = 1",
            "(1142)", "w says why",
        )  # fmt: skip
        await person.press("w")
        text = await person.sees("app_oncall@% sees no table mysql.user", "Held, so not what")
        assert text.index("sees no table") < text.index("has SELECT on inventory.items")
        assert "take it away" not in text
        assert "no table added" not in text
        await person.press("f")
        await person.sees("suggested, not run")
        editor = person.connection.query(SqlEditor).last()
        assert editor.text == "GRANT SELECT ON mysql.user TO `app_oncall`@`%`;"


async def test_a_table_that_may_not_be_created_is_a_question_of_its_database(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.press("7")
        await person.sees("List of users and roles")
        await person.press("f4")
        await person.sees("READ-WRITE")
        await person.run("CREATE TABLE zz(a int)", TAKES)
        await person.press("s")
        await person.sees("(1142)", "w says why")
        await person.press("w")
        await person.sees("CREATE `inventory`.*", "can't use CREATE on inventory.*")
        assert "sees no table" not in person.text


async def test_a_bare_name_is_one_of_the_current_database(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await person.press("7")
        await person.sees("List of users and roles")
        await person.run("USE zs_x", "OK")
        await person.run("DELETE FROM t WHERE 1 = 0", "(1142)", "w says why")
        await person.press("w")
        await person.sees("can't use DELETE on zs_x.t")


async def test_why_is_answered_and_tried_as_oneself(at_the_app: AtTheApp) -> None:
    async with at_the_app("1", size=(140, 45)) as person:
        await person.press("f8")
        await person.sees("BOOKMARKS")
        await open_grants(person)
        # The open PostgreSQL is no server to compare with.
        await person.press("c")
        await person.sees("Compare app_oncall@% with", "stock_reader")
        assert "in orders" not in person.text
        await person.press("escape", "m", "w")
        await person.sees("app_oncall@% may log in from anywhere")
        await person.press("left")
        await person.sees("app_oncall@% has SELECT on inventory.", "Asked of the server")
