"""A keymap and a theme of one's own, from config.toml."""

from __future__ import annotations

from dataclasses import replace

from rolebrowser.tui.actions import ACTIONS
from rolebrowser.tui.keys import keys_table
from rolebrowser.tui.screens.base import HEADINGS

from .conftest import AtTheApp


def test_every_key_has_a_line_in_the_help() -> None:
    told = {text for _, text in keys_table(HEADINGS)}
    digits = {f"browser.open_{digit}" for digit in range(1, 10)}
    here = [each for each in ACTIONS if each.scope in HEADINGS and each.id not in digits]
    assert [each.id for each in here if each.help not in told] == []


async def test_the_palette_has_nothing_twice_and_nothing_that_does_not_work(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("") as person:
        await person.press("ctrl+p")
        await person.sees("Stop  (Esc)", "Filter  (/)")
        labels = [line.strip() for line in person.text.splitlines()]
        assert labels.index("Stop  (Esc)") < labels.index("Filter  (/)")
        await person.type("theme")
        await person.sees("Any theme")
        await person.press(*["backspace"] * len("theme"))
        await person.type("screenshot")
        await person.sees("No matches found")


async def test_own_keys_do_what_they_are_given_and_help_shows_them(at_the_app: AtTheApp) -> None:
    keymap = (("app.help", "f4"), ("app.nothing", "x"))
    async with at_the_app("", adjust=lambda config: replace(config, keymap=keymap)) as person:
        await person.sees("BOOKMARKS")
        await person.hears("keymap.app.nothing: there is no 'app.nothing'.")
        await person.press("question_mark")
        assert "Find any action by name" not in person.text
        await person.press("f4")
        await person.sees("Esc closes")
        await person.press("end")
        seen = await person.sees("Show the keys of this screen")
        assert "F4" in next(line for line in seen.splitlines() if "Show the keys of" in line)


async def test_a_theme_nobody_knows_is_said_and_does_without(at_the_app: AtTheApp) -> None:
    adjusted = at_the_app("", adjust=lambda config: replace(config, theme="rolebrowser-drak"))
    async with adjusted as person:
        await person.hears("Did you mean 'rolebrowser-dark'?")
        assert person.app.theme == "rolebrowser-dark"
