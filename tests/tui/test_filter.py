"""The filter of the browser's columns, as a person uses it."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from rolebrowser import config
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.holdings import Holdings
from rolebrowser.tui.rows.who import ProfileRow
from rolebrowser.tui.screens.browser import BrowserScreen
from tests.person import sit_down

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


async def test_letters_typed_before_all_is_made_ready_find_among_all_the_profiles(
    clean_env: Path,
) -> None:
    (clean_env / ".aws").mkdir()
    sections = (f"[profile team-{number:05d}]\nregion = eu-west-1\n" for number in range(5000))
    (clean_env / ".aws" / "config").write_text("".join(sections))
    async with sit_down(RolebrowserApp(Holdings(config.load())), first="team-00000") as person:
        browser = person.app.screen
        assert isinstance(browser, BrowserScreen)
        await person.press("slash")
        await person.type("04999")
        row = browser.who.rows.current
        assert isinstance(row, ProfileRow)
        assert row.name == "team-04999"


async def test_the_hits_are_listed_with_the_letter_itself(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        browser = person.app.screen
        assert isinstance(browser, BrowserScreen)
        await person.press("slash")
        entry = browser.who.query_one(Input)
        entry.value = "staging"
        # No turn of the event loop in between: one frame holds both.
        assert isinstance(browser.who.rows.current, ProfileRow)
        assert "staging" in browser.who.rows.current.name


async def test_of_what_is_longer_than_the_line_the_end_is_seen(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("slash")
        await person.type("a" * 100 + "then-the-end")
        await person.sees("aaathen-the-end")
        await person.press("home")
        await person.type("the-start")
        await person.sees("the-startaaa")


async def test_a_letter_that_changes_no_hit_lays_nothing_out(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        laid_out: list[object] = []
        await person.press("slash")
        await person.type("stagin")
        await person.loses("BOOKMARKS")
        await person.rests()
        person.app.screen.screen_layout_refresh_signal.subscribe(person.app, laid_out.append)
        await person.type("g")
        await person.sees("staging")
        await person.rests()
        assert laid_out == []


async def test_what_is_chosen_is_the_best_hit_also_where_only_that_has_changed(
    at_the_app: AtTheApp,
) -> None:
    """Another row in the same place: keys, the context line and the preflight go with it."""
    async with at_the_app("") as person:
        browser = person.app.screen
        assert isinstance(browser, BrowserScreen)
        await person.press("slash")
        one, other, typed = "production-readonly", "production", ""
        for more, best in (("productio", one), ("n", other), ("-r", one)):
            typed += more
            await person.type(more)
            await person.rests()
            row = browser.who.rows.current
            assert isinstance(row, ProfileRow)
            assert row.name == best, typed
            subject, _ = browser._subject()
            assert subject is not None
            assert subject.name == row.name, typed
