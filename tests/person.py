"""A person at the app, without a terminal: the real app on the real sandbox, driven by Pilot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.screens.connection import ConnectionScreen
from rolebrowser.tui.widgets.result_grid import ResultGrid
from rolebrowser.tui.widgets.sql_editor import SqlEditor

_NAMES = {
    " ": "space",
    ";": "semicolon",
    "*": "asterisk",
    "\\": "backslash",
    "\n": "enter",
    ".": "full_stop",
    ",": "comma",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "'": "apostrophe",
    "=": "equals_sign",
    "_": "underscore",
    "/": "slash",
}


TAKES = "the letter takes it"
"""A question takes answers: one that came unasked waits until nobody types."""
ASKED = ("Commit?", TAKES)


class Person:
    """What a person does and sees.

    Attributes:
        app: the app under the fingers.
    """

    def __init__(self, pilot: Pilot[str]) -> None:
        self._pilot = pilot
        self.app: RolebrowserApp = pilot.app  # type: ignore[assignment]
        self._frames = 0
        self._seen: tuple[object, list[Strip]] = (None, [])
        display = self.app._display

        def count(screen: Any, renderable: Any) -> None:
            self._frames += 1
            display(screen, renderable)

        self.app._display = count

    @property
    def _strips(self) -> list[Strip]:
        """The lines of the screen; looked at anew only when something has been drawn since.

        Who waits for a text looks fifty times a second, which cost more than the app itself.
        """
        at = (self._frames, self.app.screen, self.app.size)
        if self._seen[0] != at:
            self._seen = (at, self.app.screen._compositor.render_strips(self.app.size))
        return self._seen[1]

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        return "\n".join(strip.text for strip in self._strips)

    @property
    def front(self) -> str:
        """What stands in the dialog that lies over the screen; without one, on the screen."""
        boxes = self.app.screen.query(".dialog-box")
        region = boxes.first().region if boxes else self.app.screen.region
        rows = self._strips[region.y : region.bottom]
        return "\n".join(strip.crop(region.x, region.right).text for strip in rows)

    @property
    def connection(self) -> ConnectionScreen:
        """The connection's screen, whatever dialog lies over it."""
        found = [each for each in self.app.screen_stack if isinstance(each, ConnectionScreen)]
        return found[-1]

    @property
    def grid(self) -> ResultGrid:
        """The grid that shows a result of the editor's."""
        return next(g for g in self.connection.query("#results ResultGrid") if g.region)  # type: ignore[return-value]

    def find(self, selector: str) -> Widget:
        """A widget of the screen on top."""
        return self.app.screen.query_one(selector)

    async def press(self, *keys: str) -> None:
        """Press keys, by Textual's names."""
        await self._pilot.press(*keys)

    async def resize(self, columns: int, lines: int) -> None:
        """Make the terminal that large."""
        await self._pilot.resize_terminal(columns, lines)

    async def rests(self) -> None:
        """Wait until nothing more comes: two looks in a row show the same, and nothing is asked."""
        before = ""
        async with asyncio.timeout(60):
            while self.text != before:
                before = self.text
                await self._pilot.pause(0.03)

    async def click(self, widget: Widget, offset: tuple[int, int] = (0, 0)) -> None:
        """Click into a widget, so many cells from its corner."""
        await self._pilot.click(widget, offset=offset)

    async def type(self, text: str) -> None:
        """Type text, key by key."""
        await self._pilot.press(*(_NAMES.get(char, char) for char in text))

    async def write(self, sql: str) -> None:
        """Put a statement into the editor in place of what is there, and the cursor behind it."""
        editor = next(each for each in self.connection.query(SqlEditor) if each.display)
        editor.focus()
        editor.take(sql)
        editor.move_cursor(editor.document.end)
        await self._pilot.pause()

    async def run(self, sql: str, *texts: str) -> None:
        """Write a statement, press F5, wait for what is to be seen."""
        await self.write(sql)
        await self.press("f5")
        if texts:
            await self.sees(*texts)

    async def sees(self, *texts: str, seconds: float = 60) -> str:
        """Wait until all texts stand on the screen; fails with the screen."""
        await self.until(lambda: all(each in self.text for each in texts), repr(texts), seconds)
        return self.text

    async def hears(self, text: str, seconds: float = 60) -> None:
        """Wait until a toast says a text; fails with the screen."""

        def said() -> bool:
            return any(text in each.text for each in self.app.said)

        await self.until(said, f"a toast with {text!r}", seconds)

    async def loses(self, text: str, seconds: float = 60) -> None:
        """Wait until a text has left the screen."""
        await self.until(lambda: text not in self.text, f"no {text!r}", seconds)

    async def until(self, holds: Callable[[], bool], what: str = "", seconds: float = 60) -> None:
        """Wait until something holds; fails with the screen."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._pilot.pause(0.02)
                return
        pytest.fail(f"waited in vain for {what} on:\n{self.text}")


@contextlib.asynccontextmanager
async def sit_down(
    app: RolebrowserApp,
    bookmark: str = "",
    *,
    size: tuple[int, int] = (120, 40),
    toasts: bool = True,
    first: str = "BOOKMARKS",
) -> AsyncIterator[Person]:
    """Someone at the app, with its first screen in view, or a bookmark's connection.

    Args:
        bookmark: the digit to press; "" stays in the browser.
        first: what is in view once the app is up.
    """
    async with app.run_test(size=size, notifications=toasts) as pilot:
        person = Person(pilot)
        await person.sees(first)
        if bookmark:
            await person.press(bookmark)
            await person.sees("Role name")
        yield person
