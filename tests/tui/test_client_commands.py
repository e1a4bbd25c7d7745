"""psql's own commands on the SQL page, as a person types them."""

from __future__ import annotations

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
        (r"\i /nowhere/at/all.sql", "No such file"),
        (r"\?", "show this list"),
    ],
)
async def test_a_command_answers_with_a_sentence(
    at_the_app: AtTheApp, command: str, answer: str
) -> None:
    async with at_the_app() as person:
        await person.run(command, answer)


async def test_i_runs_a_files_statements_each_into_a_tab(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    inner, script, endless = (tmp_path / name for name in ("inner.sql", "a.sql", "endless.sql"))
    inner.write_text("SELECT 'within' AS place;\n")
    script.write_text(f"SELECT 'before' AS place;\n\\i '{inner}'\nSELECT nonsense;\nSELECT 9;\n")
    endless.write_text(f"\\i '{endless}'\n")
    async with at_the_app() as person:
        await person.run(f"\\i '{script}'", 'column "nonsense" does not exist')
        shown = [pane.outcome for pane in person.connection.query_one("#results").panes]  # type: ignore[attr-defined]
        values = [each.page.rows[0][0] for each in shown if each is not None]
        assert values == ["before", "within"]
        await person.hears("1 statement was not sent")
        await person.run(f"\\i '{endless}'", "files include each other too")


async def test_e_opens_the_persons_editor_on_the_text_without_itself(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 1;\n\\e")
        await person.press("f5")
        # A pilot has no terminal to lend: the real editor is tests/terminal's business.
        await person.hears("This terminal can't be lent to an editor.")
        assert person.connection.query_one(SqlEditor).text == "SELECT 1;"
