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
from rolebrowser.tui.background import under_way
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
PATIENCE = 120.0
"""Seconds until a wait is in vain, on a machine that is busy with three such suites."""
_LOOKS = 12
"""Looks in a row that show the same while something is asked: nothing more comes by itself."""


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
        """Press keys, by Textual's names; each has done what it does by itself before the next.

        What it sets going in a worker, a question that is asked there, may be still to come.
        """
        for key in keys:
            await self._pilot.press(key)
            await self._settled()

    async def _settled(self) -> None:
        """Wait until the app has taken in all it was told: twice in a row no message waits.

        Pilot waits until the process is idle, as one also seems that gets no turn on a busy
        machine.
        """
        empty = 0
        for _ in range(50):
            if not await self._pilot._wait_for_screen(PATIENCE):
                return
            self.app.screen._on_timer_update()
            nodes = (self.app, *self.app.screen.walk_children(with_self=True))
            empty = empty + 1 if all(each.message_queue_size == 0 for each in nodes) else 0
            if empty == 2:
                return

    async def resize(self, columns: int, lines: int) -> None:
        """Make the terminal that large."""
        await self._pilot.resize_terminal(columns, lines)

    async def rests(self) -> None:
        """Wait until nothing more comes: two looks in a row show the same, and nothing is asked.

        What is asked and isn't answered by design gets some looks more.
        """
        before, same = "", 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self._settled()
                    await self._pilot.pause(0.03)
                    before, last = self.text, before
                    same = same + 1 if before == last else 0
                    asked = any(not each.is_finished for each in self.app.workers)
                    if same >= (_LOOKS if asked else 1):
                        return
        pytest.fail(f"waited in vain for the screen to stay as it is:\n{self.text}")

    async def click(self, widget: Widget, offset: tuple[int, int] = (0, 0)) -> None:
        """Click into a widget, so many cells from its corner."""
        await self._pilot.click(widget, offset=offset)
        await self._settled()

    async def type(self, text: str) -> None:
        """Type text, key by key."""
        await self._pilot.press(*(_NAMES.get(char, char) for char in text))
        await self._settled()

    async def write(self, sql: str) -> None:
        """Put a statement into the editor in place of what is there, and the cursor behind it."""
        editor = next(each for each in self.connection.query(SqlEditor) if each.display)
        editor.focus()
        editor.take(sql)
        editor.move_cursor(editor.document.end)
        await self._settled()

    async def run(self, sql: str, *texts: str) -> None:
        """Write a statement once the one before has ended, press F5, wait for what is to be seen.

        Where all of it stood on the screen before, in the statement itself above all, it counts
        once the statement has ended, or something is asked.
        """
        await self.ended()
        opened = self.connection._sql.results.opened
        await self.write(sql)
        here, before = self.app.screen, self.text
        await self.press("f5")
        if texts and all(text in before for text in texts):
            await self.until(
                lambda: (
                    self.app.screen is not here
                    or (self.connection._sql.results.opened > opened and not self._runs)
                ),
                f"the end of {sql}",
            )
            await self._settled()
        if texts:
            await self.sees(*texts)

    async def ended(self) -> None:
        """Wait until no statement runs, and what comes of it has been done."""
        await self.until(lambda: not self._runs, "the end of a statement")

    @property
    def _runs(self) -> bool:
        return under_way(self.connection._sql, "run")

    async def sees(self, *texts: str, seconds: float = PATIENCE) -> str:
        """Wait until all texts stand on the screen; fails with the screen."""
        await self.until(lambda: all(each in self.text for each in texts), repr(texts), seconds)
        return self.text

    async def hears(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until a toast says a text; fails with the screen."""

        def said() -> bool:
            return any(text in each.text for each in self.app.said)

        await self.until(said, f"a toast with {text!r}", seconds)

    async def loses(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until a text has left the screen."""
        await self.until(lambda: text not in self.text, f"no {text!r}", seconds)

    async def until(
        self, holds: Callable[[], bool], what: str = "", seconds: float = PATIENCE
    ) -> None:
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
