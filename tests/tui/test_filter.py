"""The filter of the browser's columns, as a person uses it."""

from __future__ import annotations

from rolebrowser.tui.rows.who import ProfileRow
from rolebrowser.tui.screens.browser import BrowserScreen

from .conftest import AtTheApp


async def test_the_cursor_stays_on_the_row_found_when_the_filter_ends(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        browser = person.app.screen
        assert isinstance(browser, BrowserScreen)
        await person.press("slash")
        await person.type("staging")
        await person.loses("BOOKMARKS")
        row = browser.who.rows.current
        await person.press("escape")
        await person.sees("BOOKMARKS")
        await person.rests()
        assert isinstance(row, ProfileRow)
        assert browser.who.rows.current == row
