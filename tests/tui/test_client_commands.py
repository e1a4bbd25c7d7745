"""psql's own commands on the SQL page, as a person types them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolebrowser.tui.widgets.sql_editor import SqlEditor

if TYPE_CHECKING:
    from .conftest import AtTheApp


async def test_x_shows_the_results_to_come_as_records_until_it_is_off(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app() as person:
        await person.run(r"\x", "Expanded display is on.")
        await person.run("SELECT 6*7 AS answer", "RECORD 1", "answer", "42")
        await person.run(r"\x off", "Expanded display is off.")
        await person.run("SELECT 7 AS lucky", "SELECT 1 ", "1 row")
        assert "RECORD 1" not in person.text
        await person.run("SELECT 8 AS once \\gx", "RECORD 1", "once")
        await person.write("SELECT 9 AS mine\\G SELECT 10 AS next")
        await person.press("home", "f5")
        await person.sees("RECORD 1", "mine")
        await person.run("\\x sideways", 'unrecognized value "sideways"')


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (r"\timing", "Timing is always on here"),
        (r"\timing maybe", "Boolean expected"),
        (r"\c other", "a connection stays with its database"),
        (r"\e some.sql", "no file"),
        (r"\watch 1", "run a statement first"),
        (r"\i", "missing required argument"),
        (r"\i /nowhere/at/all.sql", "all.sql: No such file"),
        (r"\pset null X", 'NULL is "X" in such files'),
        (r"\pset pager off", "No pager is needed here"),
        (r"\pset expanded", "Expanded display is on."),
        (r"\pset format aligned", "Results are a grid here"),
        (r"\pset format html", "e exports"),
        (r"\pset border 2", "border isn't done here"),
        (r"\pset bordure 2", "unknown option: bordure"),
        (r"\pset", "Expanded display is off."),
        (r"\copy sales.orders from 'x.csv'", "it writes"),
        (r"\copy nowhere to '/tmp/never.csv'", 'relation "nowhere" does not exist'),
        (r"\o /nowhere/at/all", "/nowhere/at/all: No such file"),
        (r"\?", "show this list"),
    ],
)
async def test_a_command_answers_with_a_sentence(
    at_the_app: AtTheApp, command: str, answer: str
) -> None:
    async with at_the_app() as person:
        await person.run(command, answer)


async def test_i_runs_a_files_statements_each_into_a_tab(
    at_the_app: AtTheApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner.sql").write_text("SELECT 'within' AS place;\n")
    (tmp_path / "a.sql").write_text(
        "SELECT 'before' AS place;\n\\i inner.sql\nSELECT nonsense;\nSELECT 9;\n"
    )
    (tmp_path / "endless.sql").write_text("\\i endless.sql\n")
    async with at_the_app() as person:
        await person.run(r"\i a.sql", 'column "nonsense" does not exist')
        shown = [pane.outcome for pane in person.connection.query_one("#results").panes]  # type: ignore[attr-defined]
        values = [each.page.rows[0][0] for each in shown if each is not None]
        assert values == ["before", "within"]
        await person.hears("1 statement was not sent")
        await person.run(r"\i endless.sql", "files include each other too")


async def test_e_opens_the_persons_editor_on_the_text_without_itself(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 1;\n\\e")
        await person.press("f5")
        # A pilot has no terminal to lend: the real editor is tests/terminal's business.
        await person.hears("This terminal can't be lent to an editor.")
        assert person.connection.query_one(SqlEditor).text == "SELECT 1;"


async def test_copy_streams_a_table_into_a_file(at_the_app: AtTheApp, tmp_path: Path) -> None:
    goal = tmp_path / "many.csv"
    async with at_the_app() as person:
        query = "SELECT g, 'x' AS x FROM generate_series(1, 20000) g"
        await person.run(f"\\copy ({query}) TO '{goal}' CSV HEADER", "COPY 20000: written to")
    lines = goal.read_text().splitlines()
    assert (lines[0], lines[1], lines[-1], len(lines)) == ("g,x", "1,x", "20000,x", 20_001)


async def test_a_copy_that_is_cancelled_leaves_the_file_as_it_was(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    goal = tmp_path / "kept.csv"
    goal.write_text("precious")
    async with at_the_app() as person:
        await person.run(f"\\copy (SELECT pg_sleep(60)) TO '{goal}'", "running")
        await person.press("escape")
        await person.sees("is as it was")
    assert goal.read_text() == "precious"
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


async def test_o_sends_whole_results_to_a_file_until_it_is_ended(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    goal, other = tmp_path / "out.txt", tmp_path / "other.txt"
    async with at_the_app() as person:
        await person.run(f"\\o '{goal}'", "Results go to")
        await person.run("SELECT g AS n FROM generate_series(1, 1200) g", "1,200 rows: written to")
        await person.run(r"\pset null (nothing)", '"(nothing)"')
        await person.run(f"SELECT 'else' AS place, NULL \\g '{other}'", "1 row: written to")
        await person.run(r"SELECT 1 \g SELECT 2", 'extra argument "2"')
        await person.run("\\o", "Results are shown here again.")
        await person.run("SELECT 5 AS shown", "1 row  ·")
    assert goal.read_text().splitlines()[0].strip() == "n"
    assert "(1200 rows)" in goal.read_text()
    assert "else" in other.read_text()
    assert "(nothing)" in other.read_text()
    assert "else" not in goal.read_text()


async def test_watch_repeats_in_one_tab_until_esc(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT clock_timestamp() AS now \\watch 0.2", "so far, Esc stops")

        def times() -> int:
            told = re.search(r"(\d+) so far, Esc stops", person.text)
            return int(told[1]) if told else 0

        # Each stands there for a moment only.
        await person.until(lambda: times() >= 3, "the third time")
        await person.press("escape")
        await person.sees("in all")
        assert len(person.connection.query_one("#results").panes) == 1  # type: ignore[attr-defined]
        await person.run("SELECT pg_sleep(60) \\watch 1", "running")
        await person.press("escape")
        await person.sees("The statement was cancelled")
        await person.run("SELECT 1 AS twice \\watch 0.1 c=2", "2 in all")
        await person.run("DELETE FROM sales.orders \\watch 1", "repeats only what reads")
