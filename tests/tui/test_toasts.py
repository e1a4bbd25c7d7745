"""Toasts: short, few, gone with their screen; and all they said can be read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets._toast import Toast

from rolebrowser.tui.toasts import ToastApp, shortened

if TYPE_CHECKING:
    from .conftest import AtTheApp

LONG = "\n".join(f"This is note {number}, about something at the server." for number in range(13))


@pytest.mark.parametrize("text", ["", "Done.", "two\nlines", "x" * 57])
def test_what_fits_stays_as_it_is(text: str) -> None:
    assert shortened(text, 57, 2, "… Alt+M") == text


@pytest.mark.parametrize("width", [5, 20, 37, 57])
@pytest.mark.parametrize("text", [LONG, "word " * 60, "x" * 500, "漢字" * 100, "a\n\n\nb\nc\nd"])
def test_what_is_too_long_says_where_the_rest_is(text: str, width: int) -> None:
    lines = shortened(text, width, 2, "… Alt+M").splitlines()
    assert len(lines) == 2
    assert lines[-1].endswith("… Alt+M")


async def test_a_long_one_leaves_the_answer_in_view(at_the_app: AtTheApp) -> None:
    async with at_the_app("2", size=(80, 24)) as person:
        await person.run("SELECT 'the answer' AS told", "the answer")
        person.connection.tell(LONG, "warning", 12)
        await person.sees("note 0", "… Alt+M")
        assert "note 2" not in person.text
        assert "the answer" in person.text
        await person.press("alt+m")
        await person.sees("note 0", "note 12")


@pytest.mark.parametrize("width", [60, 80, 82, 140])
async def test_where_the_rest_is_can_be_read_at_any_width(width: int) -> None:
    app: ToastApp[None] = ToastApp()
    async with app.run_test(size=(width, 24), notifications=True) as pilot:
        # A first line of every length that just fits, or just doesn't.
        for length in range(30, 60):
            app.notify(f"{'x' * length} {LONG}", markup=False)
            while not (toasts := list(app.screen.query(Toast))) or not toasts[-1].size:
                await pilot.pause(0.01)
            lines = str(toasts[-1].render()).splitlines()
            assert len(lines) == 2
            assert lines[-1].endswith("… Alt+M")
            assert max(map(len, lines)) <= toasts[-1].content_size.width, lines
            app.clear_notifications()
            while app.screen.query(Toast):
                await pilot.pause(0.01)


async def test_many_at_once_are_two(at_the_app: AtTheApp) -> None:
    async with at_the_app("2", size=(80, 24)) as person:
        for number in range(6):
            person.connection.tell(f"toast {number}")
        await person.sees("toast 4", "toast 5")
        assert "toast 3" not in person.text


async def test_one_of_a_former_screen_goes_with_it(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        person.connection.tell("told on the SQL tab", seconds=60)
        await person.sees("told on the SQL tab")
        await person.press("f7")
        await person.loses("told on the SQL tab")
        person.connection.tell("told on Roles", seconds=60)
        await person.sees("told on Roles")
        await person.press("f8")
        await person.sees("BOOKMARKS")
        await person.loses("told on Roles")


async def test_a_connection_out_of_view_says_which_it_is(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        screen = person.connection
        await person.press("f8")
        await person.sees("BOOKMARKS")
        screen.tell("The connection was lost.")
        await person.sees(f"{screen.title_text}: The connection was lost.")


async def test_messages_are_broken_between_words(at_the_app: AtTheApp) -> None:
    async with at_the_app("2", size=(80, 24)) as person:
        person.connection.tell("Connected again with a fresh token. Nothing was run again.")
        await person.sees("Connected again")
        await person.press("alt+m")
        await person.sees("Messages", "fresh token. Nothing")
        lines = [line.strip(" │") for line in person.front.splitlines()]
        assert any(line.endswith(("Nothing was run", "was run again.")) for line in lines)
