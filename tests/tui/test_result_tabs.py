"""One tab per statement, as a person uses them, on the sandbox's PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolebrowser.tui.widgets import result_tabs
from rolebrowser.tui.widgets.result_tabs import ResultTabs, tab_title

if TYPE_CHECKING:
    import pytest

    from .conftest import AtTheApp


def test_a_tabs_title_is_the_beginning_of_its_statement_in_one_line() -> None:
    assert tab_title(3, "SELECT 1") == "3 SELECT 1"
    assert tab_title(1, "SELECT\n  *\nFROM a_long_name") == "1 SELECT * FROM a_l…"


async def test_a_script_gives_a_tab_per_statement_and_keys_go_round(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 'un' AS a; SELECT 'deux' AS a; SELECT 'trois' AS a")
        await person.press("f9")
        await person.sees("[3 SELECT 'trois'", "│ trois")
        await person.press("right_square_bracket")
        await person.sees("[1 SELECT 'un'", "│ un")
        await person.press("left_square_bracket", "left_square_bracket")
        await person.sees("[2 SELECT 'deux'", "│ deux")
        await person.press("ctrl+w")
        await person.sees("[3 SELECT 'trois'", "│ trois")
        await person.press("ctrl+w", "ctrl+w")
        await person.sees("F5 runs the statement")


async def test_a_closed_tab_may_be_drawn_and_walked_until_it_is_gone(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT 'un' AS a UNION ALL SELECT 'deux'", "2 rows")
        pane, grid = person.connection.query_one(ResultTabs).active, person.grid
        pane.forget()
        grid.notify_style_update()
        grid.action_move(1, 0)
        lines = [grid.render_line(y).text.strip() for y in range(grid.size.height)]
        assert set(lines) == {""}


async def test_after_an_error_the_rest_is_said_not_to_have_been_sent(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.write("SELECT 1 AS first; SELECT wrong; SELECT 3; SELECT 4")
        await person.press("f9")
        await person.sees('column "wrong" does not exist', "2 statements were not sent")
        assert len(person.connection.query_one(ResultTabs).panes) == 2


async def test_the_oldest_tabs_make_room(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_tabs, "KEPT", 3)
    async with at_the_app() as person:
        await person.write("; ".join(f"SELECT {n} AS n{n}" for n in range(1, 6)))
        await person.press("f9")
        await person.sees("[5 SELECT 5 AS n5]", "3 SELECT 3")
        await person.hears("The first 2 results made room: 3 tabs are kept.")
        assert "2 SELECT 2" not in person.text
