"""Walks: visits to some screens each, on the real sandbox, with a name for every picture.

Who takes the pictures decides what becomes of them: text held to tests/snapshots, PNGs for the
README, or contrasts to be measured. A walk only gets there, and waits for what must be in view.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolebrowser import config
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.holdings import Holdings
from rolebrowser.tui.rows.who import BookmarkRow
from rolebrowser.tui.screens.browser import BrowserScreen
from rolebrowser.tui.widgets.column import Column
from tests.person import Person, sit_down

Size = tuple[int, int]
Keep = Callable[[Person, str], Awaitable[None]]
"""Takes a picture of what the person sees, under a name."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a walk has at hand.

    Attributes:
        person: at the app.
        sandbox: for its fault switches.
    """

    person: Person
    sandbox: SandboxProcess
    _keep: Keep

    async def keep(self, name: str) -> None:
        """Have a picture taken."""
        await self._keep(self.person, name)

    def stand_on(self, column: str, text: str) -> None:
        """Put the cursor of a browser's column on a row: its name, id or ARN, no bookmark's."""
        screen = next(s for s in self.person.app.screen_stack if isinstance(s, BrowserScreen))
        named = re.compile(rf"\b(name|id|arn)='{re.escape(text)}'")

        def meant(row: object) -> bool:
            return not isinstance(row, BookmarkRow) and bool(named.search(repr(row)))

        assert screen.query_one(f"#{column}", Column).rows.move_to(meant), text


Go = Callable[[Visit], Awaitable[None]]
World = Callable[[Path, SandboxProcess], contextlib.AbstractContextManager[Mapping[str, str]]]


@contextlib.contextmanager
def as_it_is(directory: Path, sandbox: SandboxProcess) -> Iterator[Mapping[str, str]]:
    """The sandbox's world and nothing else."""
    yield {}


@dataclass(frozen=True, slots=True)
class Walk:
    """One visit.

    Attributes:
        go: the steps.
        bookmark: the digit to connect to at first; "" stays in the browser.
        world: what is different from the sandbox's world: gives environment variables.
        first: what is in view once the app is up.
    """

    go: Go
    bookmark: str = ""
    world: World = as_it_is
    first: str = "BOOKMARKS"

    @property
    def name(self) -> str:
        """What it is called."""
        return self.go.__name__.replace("_", "-")


WALKS: list[Walk] = []


def walk(
    bookmark: str = "", world: World = as_it_is, first: str = "BOOKMARKS"
) -> Callable[[Go], Go]:
    """Adds a function to the walks."""

    def added(go: Go) -> Go:
        WALKS.append(Walk(go, bookmark, world, first))
        return go

    return added


async def play(each: Walk, sandbox: SandboxProcess, size: Size, keep: Keep) -> None:
    """Take a walk; environment and home are the caller's to set."""
    app = RolebrowserApp(Holdings(config.load()))
    async with sit_down(app, each.bookmark, size=size, toasts=False, first=each.first) as person:
        try:
            await each.go(Visit(person, sandbox, keep))
        finally:
            sandbox.control("latency", seconds=0)
            sandbox.control("throttle", requests=0)
            sandbox.control("sso", answer="", interval=1, end_sessions=True)
