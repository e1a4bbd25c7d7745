"""Changing something in read-write mode: held, shown, committed or rolled back, and asked about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.dialogs import choice
from tests.person import ASKED, TAKES

if TYPE_CHECKING:
    from .conftest import AtTheApp, Person

Rows = Callable[[], list[str]]


@pytest.fixture
def rows(sandbox_env: SandboxProcess) -> Iterator[Rows]:
    """The rows of public.pane_notes in the bookmark's database: two at first."""
    dsn = sandbox_env.exports["SANDBOX_PG_DSN"].rpartition("/")[0] + "/orders_staging"
    with psycopg.connect(dsn, autocommit=True) as direct:
        direct.execute("DROP TABLE IF EXISTS public.pane_notes")
        direct.execute("CREATE TABLE public.pane_notes (note text PRIMARY KEY)")
        direct.execute("INSERT INTO public.pane_notes VALUES ('a'), ('b')")
        direct.execute("GRANT USAGE ON SCHEMA public TO app_oncall")
        direct.execute("GRANT ALL ON public.pane_notes TO app_oncall")

        def read() -> list[str]:
            found = direct.execute("SELECT note FROM public.pane_notes ORDER BY 1").fetchall()
            return [str(row[0]) for row in found]

        yield read
        direct.execute("DROP TABLE public.pane_notes")


async def read_write(person: Person) -> None:
    """Switch the second bookmark's connection, which isn't production."""
    await person.press("f4")
    await person.sees("READ-WRITE")


async def test_a_change_is_shown_before_it_is_committed(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        assert " idle" in person.text
        await person.run("DELETE FROM public.pane_notes WHERE note = 'a'", *ASKED, "DELETE 1")
        assert rows() == ["a", "b"]
        await person.press("c")
        await person.sees("Committed")
        assert rows() == ["b"]
        assert person.app.focused is not None


async def test_a_question_that_comes_under_typing_fingers_takes_no_answer(
    at_the_app: AtTheApp, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody types as slowly as a busy machine has Pilot do.
    monkeypatch.setattr(choice, "QUIET", 6.0)
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run(
            "DELETE FROM public.pane_notes WHERE note = 'a' AND pg_sleep(1) IS NOT NULL"
        )
        while "Commit?" not in person.text:
            await person.press("c")
        for key in ("o", "m", "c", "escape", "enter"):
            await person.press(key)
        assert "Commit?" in person.text
        assert rows() == ["a", "b"]
        await person.sees(TAKES)
        await person.press("c")
        await person.sees("Committed")
        assert rows() == ["b"]


@pytest.mark.parametrize("key", ["alt+r", "r", "escape", "enter"])
async def test_whatever_else_is_pressed_rolls_back(
    at_the_app: AtTheApp, rows: Rows, key: str
) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run("INSERT INTO public.pane_notes VALUES ('c')", *ASKED, "INSERT 0 1")
        await person.press(key)
        await person.sees("Rolled back")
        # The tab that said INSERT 0 1 says so too.
        await person.until(lambda: "rolled back" in person.text)
        assert rows() == ["a", "b"]


async def test_one_may_look_before_one_commits(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run("INSERT INTO public.pane_notes VALUES ('c')", *ASKED)
        await person.press("o")
        await person.sees("in transaction")
        await person.run("SELECT count(*) AS found FROM public.pane_notes", "found", "3")
        await person.press("alt+c")
        await person.sees("Committed", " idle")
        assert rows() == ["a", "b", "c"]


async def test_every_row_is_asked_about_first(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run("DELETE FROM public.pane_notes", "without WHERE", "Don't send it", TAKES)
        await person.press("escape")
        await person.sees("Not sent: you said no.")
        await person.run("DELETE FROM public.pane_notes", "without WHERE", TAKES)
        await person.press("s")
        await person.sees(*ASKED, "DELETE 2")
        await person.press("c")
        await person.sees("Committed")
        assert rows() == []


async def test_what_cannot_be_rolled_back_is_asked_about_first(
    at_the_app: AtTheApp, rows: Rows
) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run("VACUUM public.pane_notes", "outside transactions", "Don't send it", TAKES)
        await person.press("n")
        await person.sees("Not sent")


async def test_a_typed_explain_analyze_is_rolled_back_and_says_so(
    at_the_app: AtTheApp, rows: Rows
) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        typed = "EXPLAIN ANALYZE DELETE FROM public.pane_notes"
        await person.run(typed, "Delete on pane_notes", "executed and rolled back", " idle")
        assert "Commit?" not in person.text
        assert rows() == ["a", "b"]


async def test_several_changes_are_one_transaction(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        insert = "INSERT INTO public.pane_notes VALUES ('c')"
        await person.write(f"{insert}; DELETE FROM public.pane_notes WHERE note = 'a'")
        await person.press("f9")
        await person.sees("INSERT 0 1 · DELETE 1", *ASKED)
        assert rows() == ["a", "b"]
        await person.press("c")
        await person.sees("Committed")
        assert rows() == ["b", "c"]


async def test_an_error_on_the_way_undoes_all_of_it(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.write("INSERT INTO public.pane_notes VALUES ('c'); SELECT 1/0")
        await person.press("f9")
        await person.sees("division by zero")
        await person.hears("Rolled back")
        await person.sees(" idle")
        assert rows() == ["a", "b"]


async def test_a_commit_midway_is_asked_about_and_its_answer_told(
    at_the_app: AtTheApp, rows: Rows
) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        insert = "INSERT INTO public.pane_notes VALUES"
        await person.write(f"{insert} ('c'); COMMIT; {insert} ('d'); SELECT 1 AS one")
        await person.press("f9")
        await person.sees("INSERT 0 1", *ASKED)
        await person.press("r")
        await person.hears("Rolled back.")
        await person.sees(*ASKED)
        assert rows() == ["a", "b"]
        await person.press("c")
        await person.sees("Committed.")
        # Each tab says what became of its own.
        await person.press("right_square_bracket")
        await person.until(lambda: "rolled back" in person.text)
        assert rows() == ["a", "b", "d"]


async def test_ones_own_transaction_is_ones_own(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run("BEGIN", "in transaction")
        await person.run("INSERT INTO public.pane_notes VALUES ('c')", "INSERT 0 1")
        assert "Commit?" not in person.text
        await person.run("SELECT 1/0", "failed transaction")
        await person.ended()
        await person.press("alt+r")
        await person.sees("Rolled back", " idle")
        assert rows() == ["a", "b"]


async def test_a_commit_under_a_running_statement_is_told_to_wait(
    at_the_app: AtTheApp, rows: Rows
) -> None:
    async with at_the_app("2") as person:
        await person.run("BEGIN", "in transaction")
        await person.run("SELECT pg_sleep(50)", "Running")
        await person.press("alt+c")
        await person.hears("A statement is running")
        assert all("No transaction" not in each.text for each in person.app.said)


async def test_by_hand_a_statement_begins_a_transaction(at_the_app: AtTheApp, rows: Rows) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.press("alt+a")
        await person.sees("commit by hand")
        await person.run("INSERT INTO public.pane_notes VALUES ('c')", "in transaction")
        await person.ended()
        assert rows() == ["a", "b"]
        await person.press("alt+c")
        await person.sees("Committed")
        assert rows() == ["a", "b", "c"]


async def test_the_log_tells_what_became_of_it(
    at_the_app: AtTheApp, rows: Rows, clean_env: Path
) -> None:
    async with at_the_app("2") as person:
        await read_write(person)
        await person.run("INSERT INTO public.pane_notes VALUES ('c')", *ASKED)
        await person.press("r")
        await person.sees("Rolled back")
    log = (clean_env / ".local/state/rolebrowser/audit.jsonl").read_text()
    entries = [json.loads(line) for line in log.splitlines()]
    assert [each["statement"].split()[0] for each in entries] == ["BEGIN", "INSERT", "ROLLBACK"]
    assert entries[1]["rows"] == 1
    assert {each["mode"] for each in entries} == {"read-write"}
