"""Makes the README's pictures from the sandbox: `python screenshots/make.py [DIRECTORY]`.

Every picture is taken from the running program with real keys; nothing is drawn by hand. Needs the
dev extra.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path

import cairosvg
from textual.pilot import Pilot

from rolebrowser.config import Config
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.widgets.sql_editor import SqlEditor

FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
SQL = "SELECT status, count(*), sum(total)\nFROM sales.orders\nGROUP BY status ORDER BY 2 DESC;"
KINDS = (
    ((140, 45), "", ""),
    ((80, 24), "-80x24", ""),
    ((140, 45), "-light", "rolebrowser-light"),
    ((80, 24), "-80x24-light", "rolebrowser-light"),
)


class Photographer:
    """Walks through the program once and takes the pictures.

    Args:
        suffix: of the pictures' names.
        directory: where they go.
    """

    def __init__(
        self, app: RolebrowserApp, pilot: Pilot[str], suffix: str, directory: Path
    ) -> None:
        self._app = app
        self._pilot = pilot
        self._suffix = suffix
        self._directory = directory

    @property
    def text(self) -> str:
        """What is on the screen."""
        strips = self._app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys, by Textual's names."""
        await self._pilot.press(*keys)

    async def sees(self, *texts: str) -> None:
        """Wait until all texts are on the screen; fails with the screen after 20 s."""
        await self._until(lambda: all(each in self.text for each in texts), texts)

    async def loses(self, text: str) -> None:
        """Wait until a text has left the screen."""
        await self._until(lambda: text not in self.text, text)

    async def _until(self, holds: Callable[[], bool], what: object) -> None:
        try:
            async with asyncio.timeout(20):
                while not holds():
                    await self._pilot.pause(0.05)
        except TimeoutError:
            raise SystemExit(f"waited in vain for {what!r} on:\n{self.text}") from None
        await self._pilot.pause(0.3)

    def keep(self, name: str) -> None:
        """Write the screen as SVG and PNG."""
        svg = self._app.export_screenshot(title="rolebrowser")
        # The web font can't be fetched by everybody who looks; a local one always can.
        svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
        svg = re.sub(r"font-family: [^;]*;", f"font-family: {FONT};", svg)
        path = self._directory / f"{name}{self._suffix}"
        path.with_suffix(".svg").write_text(svg, encoding="utf-8")
        cairosvg.svg2png(bytestring=svg.encode(), write_to=str(path.with_suffix(".png")))

    async def walk(self) -> None:
        """All scenes."""
        await self.sees("BOOKMARKS", "engineer")
        await self.browser()
        await self.refusal()
        await self.connection()
        await self.grants()

    async def browser(self) -> None:
        """The three columns, the roles with their verdicts, why."""
        await self.press("slash", *"staging", "enter")
        await self.sees("orders-staging")
        await self.press("slash", *"orders-s", "enter")
        await self.sees("another user")
        self.keep("browser")
        await self.press("question_mark")
        await self.sees("Esc closes")
        self.keep("help")
        await self.press("escape")
        for _ in range(4):
            await self.press("escape")
        await self.sees("BOOKMARKS")

    async def refusal(self) -> None:
        """A login that fails, and the doctor."""
        await self.press("4")
        await self.sees("✗")
        self.keep("refused")
        await self.press("d")
        await self.sees("Doctor: ", "GRANT rds_iam TO billing_app;")
        self.keep("doctor")
        await self.press("escape")
        await self.loses("Doctor: ")
        await self.press("escape")
        await self.sees("BOOKMARKS")

    async def connection(self) -> None:
        """Inside a database: the overview, then a result, then the roles."""
        await self.press("1")
        await self.sees("Role name", "grantee")
        self.keep("connection")
        editor = next(each for each in self._app.screen.query(SqlEditor) if each.display)
        editor.take(SQL)
        await self.press("f5")
        await self.sees("returned", "paid")
        self.keep("result")
        await self.press("f7")
        await self.sees("List of role grants")
        self.keep("roles")

    async def grants(self) -> None:
        """The Grants tab: matrix, a role, a table, why."""
        await self.press("f7")
        await self.sees("roles ×", "app_oncall")
        await self.press("right", "right")
        self.keep("grants")
        await self.press("w")
        await self.sees("CONNECT", "USAGE")
        self.keep("grants-why")


async def scenes(size: tuple[int, int], suffix: str, theme: str, directory: Path) -> None:
    """One walk, in a sandbox of its own."""
    sandbox = SandboxProcess()
    sandbox.wait_ready()
    app = RolebrowserApp(Config(theme=theme), sandbox)
    try:
        async with app.run_test(size=size) as pilot:
            if theme:
                app.theme = theme
            await Photographer(app, pilot, suffix, directory).walk()
    finally:
        sandbox.stop()


def main() -> None:
    """All sizes and themes."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    directory.mkdir(parents=True, exist_ok=True)
    for size, suffix, theme in KINDS:
        asyncio.run(scenes(size, suffix, theme, directory))


if __name__ == "__main__":
    main()
