"""Makes the README's pictures from the sandbox: `python screenshots/make.py` (needs the dev extra).

Every picture is taken from the running program with real keys; nothing is drawn by hand.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from html import unescape
from pathlib import Path

import cairosvg
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import TextArea

from rolebrowser.config import Config
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.widgets.grant_matrix import GrantMatrix

HERE = Path(__file__).parent
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"

Scene = Callable[[Pilot[str], RolebrowserApp], Awaitable[None]]


async def until(pilot: Pilot[str], holds: Callable[[], bool]) -> None:
    """Wait until something holds on screen; TimeoutError after 20 s."""
    async with asyncio.timeout(20):
        while not holds():
            await pilot.pause(0.05)
    await pilot.pause(0.3)


def keep(app: RolebrowserApp, name: str) -> None:
    """Write the screen as SVG and PNG."""
    svg = app.export_screenshot(title="rolebrowser")
    # The web font can't be fetched by everybody who looks; a local one always can.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    svg = re.sub(r"font-family: [^;]*;", f"font-family: {FONT};", svg)
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
    drawn = _TEXT.sub(_locks_drawn, svg)
    cairosvg.svg2png(bytestring=drawn.encode(), write_to=str(HERE / f"{name}.png"))


_TEXT = re.compile(
    r'<text [^>]*?x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)</text>'
)
_LOCK = (
    '<g transform="translate({x},{y})" fill="none" stroke="#e8a24f" stroke-width="2">'
    '<rect x="3" y="-9" width="13" height="9" fill="#e8a24f"/>'
    '<path d="M6 -9v-3a3.5 3.5 0 0 1 7 0v3"/></g>'
)


def _locks_drawn(found: re.Match[str]) -> str:
    """A text of the SVG with its locks as shapes: cairo takes one font, and none has them."""
    x, y, length, text = found.groups()
    if "🔒" not in text:
        return found[0]
    plain = unescape(text)
    cell = float(length) / cell_len(plain)
    locks = [
        _LOCK.format(x=float(x) + cell * cell_len(plain[:place]), y=y)
        for place, char in enumerate(plain)
        if char == "🔒"
    ]
    return found[0].replace("🔒", "&#160;&#160;") + "".join(locks)


def on(app: RolebrowserApp, name: str) -> bool:
    """Whether the screen of that class is up."""
    return type(app.screen).__name__ == name


async def scenes(size: tuple[int, int], suffix: str, theme: str = "") -> None:
    """Walk through the program once and take the pictures."""
    sandbox = SandboxProcess()
    sandbox.wait_ready()
    app = RolebrowserApp(Config(), sandbox)
    try:
        async with app.run_test(size=size) as pilot:
            if theme:
                app.theme = theme
            await until(pilot, lambda: bool(app.holdings.profiles.profiles))
            await browse(pilot, app, suffix)
            await connect(pilot, app, suffix)
    finally:
        sandbox.stop()


async def browse(pilot: Pilot[str], app: RolebrowserApp, suffix: str) -> None:
    """The three columns, and a login that fails."""
    screen = app.screen
    await pilot.press("slash", *"staging", "enter")
    where = screen.query_one("#where")
    await until(pilot, lambda: bool(where.all_rows))  # type: ignore[attr-defined]
    await pilot.press("slash", *"orders", "enter")
    whom = screen.query_one("#whom")
    await until(pilot, lambda: bool(whom.all_rows))  # type: ignore[attr-defined]
    keep(app, f"browser{suffix}")
    await pilot.press("escape", "escape", "escape", "escape", "4")
    await until(pilot, lambda: on(app, "ConnectionScreen") and "✗" in _text(app))
    keep(app, f"refused{suffix}")
    await pilot.press("escape")
    await until(pilot, lambda: on(app, "BrowserScreen"))


async def connect(pilot: Pilot[str], app: RolebrowserApp, suffix: str) -> None:
    """Inside a database: the overview, then a result."""
    await pilot.press("1")
    await until(pilot, lambda: on(app, "ConnectionScreen"))
    await until(pilot, lambda: "Role name" in _text(app) and "grantee" in _text(app))
    keep(app, f"connection{suffix}")
    app.screen.query_one(
        TextArea
    ).text = (
        "SELECT status, count(*), sum(total)\nFROM sales.orders\nGROUP BY status ORDER BY 2 DESC;"
    )
    await pilot.press("f5")
    await until(pilot, lambda: "returned" in _text(app))
    keep(app, f"result{suffix}")
    await pilot.press("f7")
    await until(pilot, lambda: "List of role grants" in _text(app))
    keep(app, f"roles{suffix}")
    await grants(pilot, app, suffix)


async def grants(pilot: Pilot[str], app: RolebrowserApp, suffix: str) -> None:
    """The matrix, who reaches a table, a role, and why."""
    await pilot.press("f7")
    await until(pilot, lambda: "a·······✗" in _text(app))
    matrix = app.screen.query_one(GrantMatrix)
    await to_column(pilot, matrix, "sales.order_items")
    await until(pilot, lambda: "SET ROLE incident_writers" in _text(app))
    keep(app, f"grants{suffix}")
    await to_column(pilot, matrix, "finance.invoices")
    await pilot.press("t")
    await until(pilot, lambda: "Through a view" in _text(app))
    keep(app, f"reach{suffix}")
    await pilot.press("escape", "e")
    await until(pilot, lambda: "Member of" in _text(app))
    keep(app, f"role{suffix}")
    await pilot.press("escape", "w")
    await until(pilot, lambda: "Verified" in _text(app))
    keep(app, f"why{suffix}")


async def to_column(pilot: Pilot[str], matrix: GrantMatrix, title: str) -> None:
    """Walk to a column of the matrix."""
    await pilot.press("home")
    while matrix.object is not None and matrix.object.title != title:
        await pilot.press("right")


def _text(app: RolebrowserApp) -> str:
    return re.sub(r"<[^>]*>", "", app.export_screenshot()).replace("&#160;", " ")


def main() -> None:
    """All sizes and themes."""
    asyncio.run(scenes((140, 45), ""))
    asyncio.run(scenes((80, 24), "-80x24"))
    asyncio.run(scenes((140, 45), "-light", "rolebrowser-light"))


if __name__ == "__main__":
    main()
