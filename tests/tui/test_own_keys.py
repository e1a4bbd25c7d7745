"""A keymap and a theme of one's own, from config.toml."""

from __future__ import annotations

from dataclasses import replace

from .conftest import AtTheApp


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
