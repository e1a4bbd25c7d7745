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
