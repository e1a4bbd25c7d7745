"""A terminal too small to work in says so, also where a dialog would be in the way."""

from __future__ import annotations

import pytest

from .conftest import AtTheApp


@pytest.mark.parametrize("size", [(20, 5), (80, 5), (30, 24)])
async def test_a_dialog_does_not_hide_that_the_terminal_is_too_small(
    at_the_app: AtTheApp, size: tuple[int, int]
) -> None:
    async with at_the_app("") as person:
        for open_it, title in (("f1", "Keys"), ("3", "MFA code"), ("d", "Doctor: ")):
            await person.press(open_it)
            await person.sees(title)
            await person.resize(*size)
            await person.sees("Make the terminal")
            await person.resize(120, 40)
            await person.sees(title)
            await person.press("escape")
            await person.loses(title)


async def test_what_had_the_focus_has_it_again_once_there_is_room(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("down")
        before = person.app.focused
        assert before is not None
        await person.resize(20, 5)
        await person.loses("BOOKMARKS")
        await person.resize(120, 40)
        await person.sees("BOOKMARKS")
        await person.until(lambda: person.app.focused is before, "the focus")


async def test_a_dialog_has_the_focus_again_once_there_is_room(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.press("3")
        await person.sees("MFA code")
        await person.resize(20, 5)
        await person.sees("Make the terminal")
        await person.resize(120, 40)
        await person.sees("MFA code")
        await person.until(lambda: person.app.focused is not None, "the focus")
        await person.type("123456")
        await person.sees("••••••")


async def test_keys_wait_until_what_they_act_on_is_shown(at_the_app: AtTheApp) -> None:
    async with at_the_app("") as person:
        await person.resize(20, 5)
        await person.sees("Make the terminal")
        await person.press("1", "2", "enter", "x")
        await person.resize(120, 40)
        await person.sees("BOOKMARKS")
        assert person.app.connection_count == 0
        await person.resize(20, 5)
        await person.sees("Make the terminal")
        await person.press("ctrl+q")
        await person.until(lambda: person.app._exit, "the end")
