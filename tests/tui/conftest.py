"""A person at the app, without a terminal: the real app on the real sandbox, driven by Pilot."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from rolebrowser import config
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.holdings import Holdings
from tests.person import Person, sit_down

__all__ = ["AtTheApp", "Person", "at_the_app", "choose_database"]

AtTheApp = Callable[..., AbstractAsyncContextManager[Person]]


@pytest.fixture
def at_the_app(sandbox_env: SandboxProcess) -> AtTheApp:
    """Opens the app in the sandbox's world, and a bookmark in it.

    The returned context manager takes `bookmark` (a digit, "" to stay in the browser), `size` and
    `adjust`, a function of the config.
    """

    @contextlib.asynccontextmanager
    async def go(
        bookmark: str = "1",
        *,
        size: tuple[int, int] = (120, 40),
        adjust: Callable[[config.Config], config.Config] = lambda found: found,
    ) -> AsyncIterator[Person]:
        found = config.load()
        # No test is about these, and the sandbox has to share the machine with two others.
        found = replace(found, timeouts=replace(found.timeouts, aws=90.0, connect=90.0))
        app = RolebrowserApp(Holdings(adjust(found)))
        async with sit_down(app, bookmark, size=size) as person:
            yield person

    return go


async def choose_database(person: Person) -> None:
    """From the browser's first column to the users of orders-staging, as they are asked for."""
    await person.type("/staging")
    await person.press("enter")
    await person.sees("orders-proxy")
    await person.type("/orders-staging")
    await person.press("enter")
