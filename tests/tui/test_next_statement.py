"""The statement after a large result, and the transaction's state, which is always in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolebrowser.sandbox import mariadb

if TYPE_CHECKING:
    from .conftest import AtTheApp, Person

LARGE = {
    "2": "SELECT generate_series(1, 2000000000) AS g",
    "7": "SELECT seq AS g FROM seq_1_to_2000000000",
}
SLEEP = {"2": "SELECT pg_sleep(60)", "7": "SELECT SLEEP(60)"}
MARIADB = pytest.param(
    "7", marks=pytest.mark.skipif(not mariadb.available(), reason="mariadbd is not installed")
)
either = pytest.mark.parametrize("bookmark", ["2", MARIADB])


async def connect(person: Person, bookmark: str) -> None:
    """Open it, for writing."""
    await person.press(bookmark)
    await person.sees(" idle")
    await person.press("f4")
    await person.sees(" READ-WRITE ")


@either
async def test_in_read_write_it_does_not_wait_for_rows_nobody_wants(
    at_the_app: AtTheApp, bookmark: str
) -> None:
    async with at_the_app("") as person:
        await connect(person, bookmark)
        await person.run(LARGE[bookmark], "≥ ")
        await person.run("SELECT 'alive' AS now", "│ alive")
        await person.run(LARGE[bookmark], "≥ ")
        await person.run("\\dt", "4 \\dt", "ms")
        assert "in transaction" not in person.text
        await person.sees(" idle")


async def test_what_waits_for_it_says_so_and_esc_ends_the_wait(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await connect(person, "2")
        await person.run("BEGIN", "in transaction")
        await person.run("CREATE TEMP TABLE mine (a int)", "CREATE TABLE")
        await person.run(LARGE["2"], "≥ ")
        await person.run("SELECT 'next' AS now", "The statement before it still runs", "waiting ")
        await person.press("escape")
        await person.sees("cancelled before it was sent", "in transaction")
        await person.run("SELECT count(*) AS found FROM mine", "│     0 │")


async def test_a_change_whose_wait_was_ended_was_never_begun(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await connect(person, "2")
        await person.run("BEGIN", "in transaction")
        await person.run("CREATE TEMP TABLE mine (a int)", "CREATE TABLE")
        await person.run(
            "CREATE FUNCTION pg_temp.note(n int) RETURNS int LANGUAGE sql AS "
            "'INSERT INTO pg_temp.mine VALUES (n) RETURNING n'",
            "CREATE FUNCTION",
        )
        await person.run("COMMIT", " idle")
        await person.run(f"SELECT pg_temp.note(g) FROM ({LARGE['2']}) AS many", "≥ ")
        await person.run("INSERT INTO mine VALUES (1)", "The statement before it still runs")
        await person.press("escape")
        await person.sees("cancelled before it was sent", " idle")
        await person.rests()
        assert not any("ommitted" in toast.message for toast in person.app._notifications)


async def test_a_commit_that_waits_for_it_says_so_and_esc_ends_the_wait(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("") as person:
        await connect(person, "2")
        await person.run("BEGIN", "in transaction")
        await person.run("CREATE TEMP TABLE mine (a int)", "CREATE TABLE")
        await person.run(LARGE["2"], "≥ ")
        await person.press("alt+c")
        await person.hears("The statement before it still runs")
        await person.press("escape")
        await person.hears("Not committed: The statement was cancelled before it was sent.")
        await person.sees("in transaction")
        await person.press("alt+c")
        await person.sees("Committed.", " idle")


@either
@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_state_is_in_view_on_every_tab(
    at_the_app: AtTheApp, bookmark: str, size: tuple[int, int]
) -> None:
    async with at_the_app("", size=size) as person:
        await connect(person, bookmark)
        await person.run(SLEEP[bookmark], " running ")
        assert " idle" not in person.text
        await person.press("f7")
        await person.sees(" running ")
        await person.press("ctrl+c")
        await person.sees(" idle")
        await person.press("f7", "f7")
        await person.run("BEGIN", " in transaction")
        for _ in range(3):
            await person.press("f7")
            await person.sees(" in transaction")
            assert " idle" not in person.text
        await person.run(LARGE[bookmark], "≥ ", " in transaction")
        await person.run(SLEEP[bookmark], " running ", " in transaction")
        await person.press("escape")
        await person.loses(" running ")
        if bookmark == "2":
            await person.sees(" failed transaction")
            await person.press("alt+r")
            await person.sees(" idle")
            await person.run("BEGIN", " in transaction")
        await person.run("SELECT nothing_here", "nothing_here")
        # MySQL has no failed transactions: what went before the refusal stays to be committed.
        state = " failed transaction" if bookmark == "2" else " in transaction"
        for _ in range(3):
            await person.sees(state)
            await person.press("f7")
        await person.press("alt+r")
        await person.sees(" idle")
