"""^C while a statement runs: it is the statement that ends, as in psql."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import AtTheApp

TALE = "SELECT pg_sleep(60) AS slept"


@pytest.mark.parametrize("bookmark", ["2", "7"])
async def test_it_cancels_what_runs(at_the_app: AtTheApp, bookmark: str) -> None:
    async with at_the_app("") as person:
        await person.press(bookmark)
        await person.until(lambda: bool(person.connection._opened), "a connection")
        await person.run(TALE if bookmark == "2" else "SELECT sleep(60) AS slept", "Running")
        await person.press("ctrl+c")
        await person.sees("The statement was cancelled")
        assert all("quit" not in each.text for each in person.app.said)


async def test_it_cancels_also_where_what_runs_is_selected(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.write(TALE)
        await person.press("shift+home", "f5")
        await person.sees("Running")
        await person.press("ctrl+c")
        await person.sees("The statement was cancelled")


async def test_it_cancels_from_another_tab(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.run(TALE, "Running")
        await person.press("f7")
        await person.sees("\\drg")
        await person.press("ctrl+c")
        await person.hears("Asked the server to cancel.")


async def test_when_nothing_runs_it_copies_or_says_so_in_a_line(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.write("SELECT 1")
        await person.press("shift+home", "ctrl+c")
        assert person.app.clipboard == "SELECT 1"
        await person.press("end", "ctrl+c")
        await person.hears("Nothing is running here. ^Q quits.")
        assert all("?" not in each.text for each in person.app.said)
        assert person.connection._sql.editors.active.text == "SELECT 1"


async def test_ctrl_q_quits_from_a_dialog_and_asks_about_what_is_under_way(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("2") as person:
        await person.press("f1")
        await person.sees("Keys")
        await person.press("question_mark", "ctrl+r")
        await person.sees("History")
        await person.press("f1")
        await person.sees("leave; what is under way")
        await person.press("escape", "escape")
        await person.run("BEGIN", "in transaction")
        await person.press("f10")
        await person.sees("Close orders-staging?")
        await person.press("ctrl+q")
        await person.sees("Quit?", "A transaction is open")
        await person.press("n")
        await person.loses("Quit?")
        await person.press("ctrl+q")
        await person.sees("Quit?")
        await person.press("q")
        await person.until(lambda: not person.app.is_running or person.app._exit)
