"""The Grants page on the sandbox's MariaDB: the same keys, and what isn't to be seen is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolebrowser.sandbox import mariadb

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
        await person.hears("Only app_oncall@% and its roles are shown")
        # What a role has that isn't active can't be seen: no row of it looks like nothing.
        assert "2 roles ×" in person.text
        await person.press("e")
        await person.sees("It can log in from anywhere", "stock_reader", "stock_writer")


async def test_why_is_answered_and_tried_as_oneself(at_the_app: AtTheApp) -> None:
    async with at_the_app("", size=(140, 45)) as person:
        await open_grants(person)
        await person.press("w")
        await person.sees("app_oncall@% may log in from anywhere")
        await person.press("left")
        await person.sees("app_oncall@% has SELECT on inventory.", "Asked of the server")
