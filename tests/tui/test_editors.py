"""Editor tabs, history, saved queries and formatting, at the keyboard."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from rolebrowser.config import Config
from rolebrowser.tui.widgets.sql_editor import SqlEditor

from .conftest import AtTheApp, Person


def editor(person: Person) -> SqlEditor:
    return next(each for each in person.connection.query(SqlEditor) if each.display)


def at_home(tmp_path: Path):
    """State and configuration of this test alone."""

    def adjust(config: Config) -> Config:
        return replace(config, state_dir=tmp_path / "state", path=tmp_path / "config.toml")

    return adjust


async def test_what_was_run_is_found_by_typing_and_in_the_next_run(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    async with at_the_app(adjust=at_home(tmp_path)) as person:
        await person.run("SELECT 'first' AS a", "1 row")
        await person.run("ALTER ROLE app PASSWORD 'hunter2'", "read-only")
        await person.run("\\conninfo", "Client User")
        await person.write("")
        await person.press("ctrl+r")
        await person.sees("History", "\\conninfo", "SELECT 'first' AS a", "PASSWORD '***'")
        assert "hunter2" not in person.text
        await person.type("first")
        await person.loses("\\conninfo")
        await person.press("enter")
        await person.until(lambda: editor(person).text == "SELECT 'first' AS a")
        assert editor(person).has_focus
    lines = (tmp_path / "state" / "history.jsonl").read_text().splitlines()
    bodies = [json.loads(line) for line in lines]
    assert [each["statement"] for each in bodies if "statement" in each] == [
        "SELECT 'first' AS a",
        "ALTER ROLE app PASSWORD '***'",
        "\\conninfo",
    ]
    async with at_the_app(adjust=at_home(tmp_path)) as person:
        await person.press("ctrl+r")
        await person.sees("SELECT 'first' AS a")


async def test_stepping_back_and_forth_ends_at_what_one_was_writing(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    async with at_the_app(adjust=at_home(tmp_path)) as person:
        await person.run("SELECT 1 AS one", "1 row")
        await person.run("SELECT 2 AS two", "two")
        await person.write("SELECT 'draft'")
        for key, text in (
            ("alt+up", "SELECT 2 AS two"),
            ("ctrl+up", "SELECT 1 AS one"),
            ("alt+down", "SELECT 2 AS two"),
            ("ctrl+down", "SELECT 'draft'"),
        ):
            await person.press(key)
            await person.until(lambda text=text: editor(person).text == text)
        await person.press("alt+down")
        await person.sees("This is the newest.")
        await person.press("alt+up")
        await person.until(lambda: editor(person).text == "SELECT 2 AS two")
        await person.press("ctrl+z")
        assert editor(person).text == "SELECT 'draft'"


async def test_each_tab_keeps_its_text_and_runs_its_own_statement(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 'left' AS l;\nSELECT 'other' AS o;")
        await person.press("up")
        await person.press("ctrl+t")
        await person.sees("[2 empty]")
        await person.type("SELECT 'right' AS r;")
        await person.sees("1 SELECT 'left' AS … ", "[2 SELECT 'right' AS…]")
        await person.press("f5")
        await person.sees("right", "1 row")
        await person.press("f6")
        await person.until(lambda: editor(person).has_focus)
        await person.press("alt+left")
        await person.sees("[1 SELECT 'left' AS …]")
        await person.press("f5")
        await person.sees("left")
        await person.press("f6")
        await person.until(lambda: editor(person).has_focus)
        await person.press("alt+w")
        await person.sees("Close the editor")
        await person.press("escape")
        await person.press("alt+right", "alt+w")
        await person.sees("Close the editor", "SELECT 'right' AS r;")
        await person.press("c")
        await person.until(lambda: len(person.connection.query(SqlEditor)) == 1)
        assert editor(person).text.startswith("SELECT 'left'")


async def test_a_query_is_saved_found_opened_and_deleted(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    async with at_the_app(adjust=at_home(tmp_path)) as person:
        await person.write("SELECT 'kept' AS k")
        await person.press("ctrl+s")
        await person.sees("Save the query", "queries.sql")
        await person.type("one of mine\n")
        await person.sees("Saved as one of mine.")
        saved = tmp_path / "queries.sql"
        assert saved.read_text() == "-- name: one of mine\nSELECT 'kept' AS k\n"
        saved.write_text(saved.read_text() + "\n-- name: by hand\nSELECT 2\n")
        await person.press("ctrl+o")
        await person.sees("Saved queries", "one of mine", "by hand")
        await person.type("hand")
        await person.loses("one of mine")
        await person.press("enter")
        await person.sees("[2 by hand]")
        assert editor(person).text == "SELECT 2"
        await person.press("ctrl+o")
        await person.sees("Saved queries", "one of mine")
        await person.type("mine")
        await person.press("ctrl+d")
        await person.sees("Delete for good?")
        await person.press("escape")
        await person.loses("Delete for good?")
        assert "one of mine" in saved.read_text()
        await person.press("ctrl+d")
        await person.sees("Delete for good?")
        await person.press("d")
        await person.sees("Nothing matches.")
        await person.press("escape")
        assert saved.read_text() == "-- name: by hand\nSELECT 2\n"


async def test_a_name_that_is_taken_is_asked_about(at_the_app: AtTheApp, tmp_path: Path) -> None:
    (tmp_path / "queries.sql").write_text("-- name: mine\nSELECT 1\n")
    async with at_the_app(adjust=at_home(tmp_path)) as person:
        await person.write("SELECT 2")
        await person.press("ctrl+s")
        await person.sees("Save the query")
        await person.type("mine\n")
        await person.sees("There is a query named mine already.")
        await person.press("escape")
        assert "SELECT 1" in (tmp_path / "queries.sql").read_text()
        await person.press("ctrl+s")
        await person.sees("Save the query")
        await person.type("mine\n")
        await person.sees("There is a query named mine already.")
        await person.press("r")
        await person.sees("Saved as mine.")
        assert (tmp_path / "queries.sql").read_text() == "-- name: mine\nSELECT 2\n"


async def test_formatting_lays_out_the_text_and_can_be_undone(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.write("select 1,2 from sales.orders where id=1")
        await person.press("alt+q")
        await person.until(lambda: "\nfrom sales.orders\nwhere" in editor(person).text)
        await person.press("ctrl+z")
        assert editor(person).text == "select 1,2 from sales.orders where id=1"
        await person.write("SELECT 'a'\n'b'")
        await person.press("alt+q")
        await person.sees("can't be formatted")


async def test_a_text_that_was_only_shown_makes_room_for_the_next(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 'mine'")
        for number in range(3):
            await person.connection.offer(f"GRANT SELECT ON t{number} TO app;")
            await person.sees(f"t{number} TO app")
        assert "[3 " not in person.text
        texts = [each.text for each in person.connection._sql.editors.texts()]
        assert texts == ["SELECT 'mine'", "GRANT SELECT ON t2 TO app;"]
        # What somebody has changed is theirs, and stays.
        await person.type(" --")
        await person.connection.offer("GRANT SELECT ON t3 TO app;")
        texts = [each.text for each in person.connection._sql.editors.texts()]
        assert texts[1:] == ["GRANT SELECT ON t2 TO app; --", "GRANT SELECT ON t3 TO app;"]


async def test_a_new_editor_takes_what_is_typed_also_from_a_result(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT 'rows' AS one", "rows", "1 row")
        await person.until(lambda: person.grid.has_focus, "the focus on the rows")
        await person.press("ctrl+t", *"else")
        await person.until(lambda: editor(person).text == "else", "a new editor's text")
        assert "Export" not in person.text
        await person.press("alt+left")
        await person.until(lambda: editor(person).text.startswith("SELECT"), "the first editor")


async def test_the_editors_keys_work_from_a_result(at_the_app: AtTheApp, tmp_path: Path) -> None:
    async with at_the_app(adjust=at_home(tmp_path)) as person:

        async def at_the_rows(sql: str) -> None:
            await person.run(sql, "1 row")
            await person.until(lambda: person.grid.has_focus, "the focus on the rows")

        await at_the_rows("SELECT 'first' AS one")
        await at_the_rows("SELECT 'second' AS two")
        await person.press("ctrl+r")
        await person.sees("History", "'first'")
        await person.press("escape")
        await person.loses("History")
        await person.press("ctrl+s")
        await person.sees("Save the query")
        await person.type("mine\n")
        await person.sees("Saved as mine.")
        await person.press("ctrl+o")
        await person.sees("Saved queries", "mine")
        await person.press("escape")
        await person.loses("Saved queries")
        assert person.grid.has_focus
        await person.press("alt+up", "alt+up")
        await person.until(lambda: "'first'" in editor(person).text, "the first statement")
        assert editor(person).has_focus
