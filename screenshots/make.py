"""Makes the README's pictures from the sandbox: `python screenshots/make.py`.

`--all DIRECTORY` makes every picture of tests/scenes there, in every size and look, to be reviewed;
`--walk NAME` only that walk's. Every picture is taken from the running program with real keys;
nothing is drawn by hand. Needs the dev extra.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import cairosvg
from rich.cells import cell_len
from textual.filter import Monochrome

from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.theme import DARK, LIGHT
from tests.person import Person
from tests.scenes import WALKS, play
from tests.scenes.stage import Size, Walk
from tests.scenes.worlds import at_home, own_home

FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
CELL = 12.2
"""Pixels: a cell's width, as Textual places cells."""
_TEXT = re.compile(r'(<text [^>]*? x=")([\d.]+)("[^>]*>)([^<]*)(?=</text>)')
README = {
    *("browser", "roles", "why-role", "users", "mfa", "refused", "doctor", "connection", "result"),
    *("grants", "grants-why", "grants-role", "grants-who", "explain-analyze", "help"),
}
"""What stands in the README and in screenshots/."""
SIZES: tuple[Size, ...] = ((140, 45), (80, 24))
REVIEWED: tuple[Size, ...] = ((80, 24), (120, 40), (200, 60))
TINY: Size = (20, 5)


@dataclass(frozen=True, slots=True)
class Look:
    """In what a screen is photographed: theme, without colour, very small."""

    suffix: str
    theme: str = DARK.name
    plain: bool = False
    tiny: bool = False


LOOKS = (Look(""), Look("-light", LIGHT.name))
REVIEW_LOOKS = (*LOOKS, Look("-plain", plain=True), Look("-tiny", tiny=True))


@dataclass(frozen=True, slots=True)
class Photographer:
    """Takes the pictures of one size.

    Attributes:
        names: those to take; None for all.
    """

    directory: Path
    size: Size
    looks: tuple[Look, ...]
    names: set[str] | None = None
    mark: str = ""

    async def keep(self, person: Person, name: str) -> None:
        """Write the screen as PNG, in every look."""
        if self.names is not None and name not in self.names:
            return
        await person.rests()
        for look in self.looks:
            await self._take(person, look, f"{name}{self.mark}{look.suffix}")

    async def _take(self, person: Person, look: Look, name: str) -> None:
        app = person.app
        app.theme = look.theme
        if look.plain:
            app._filters.insert(0, Monochrome())
        if look.tiny:
            await person.resize(*TINY)
        await person.rests()
        svg = app.export_screenshot(title="rolebrowser")
        if look.plain:
            app._filters.pop(0)
        if look.tiny:
            await person.resize(*self.size)
        app.theme = DARK.name
        # The web font can't be fetched by everybody who looks; a local one always can.
        svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
        svg = re.sub(r"font-family: [^;]*;", f"font-family: {FONT};", svg)
        svg = _TEXT.sub(_in_cells, svg)
        path = self.directory / f"{name}.png"
        cairosvg.svg2png(bytestring=svg.encode(), write_to=str(path))


def _in_cells(text: re.Match[str]) -> str:
    """A text of a screenshot with a place for each character.

    cairo rounds what a character takes to whole pixels, so that frames would stay open at the right
    and what is typed would end before the cursor.
    """
    start, x, rest, written = text.groups()
    places, at = [], float(x)
    for char in unescape(written):
        places.append(f"{at:.1f}")
        at += CELL * cell_len(char)
    return f"{start}{' '.join(places)}{rest}{written}"


async def visit(each: Walk, sandbox: SandboxProcess, photographer: Photographer) -> None:
    """One walk at one size, in a home of its own."""
    with own_home(sandbox) as home, each.world(home, sandbox) as more, at_home(more):
        await play(each, sandbox, photographer.size, photographer.keep)


def main() -> None:
    """The README's pictures, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIRECTORY")
    parser.add_argument(
        "--walk", nargs="*", choices=[each.name for each in WALKS], help="only these"
    )
    parser.add_argument("--size", metavar="COLUMNSxLINES", help="only this one")
    asked = parser.parse_args()
    directory: Path = asked.all or Path(__file__).parent
    directory.mkdir(parents=True, exist_ok=True)
    sandbox = SandboxProcess()
    sandbox.wait_ready()
    try:
        for size in REVIEWED if asked.all else SIZES:
            written = "{}x{}".format(*size)
            if asked.size not in (None, written):
                continue
            mark = "" if size == SIZES[0] else f"-{written}"
            photographer = Photographer(
                directory,
                size,
                REVIEW_LOOKS if asked.all else LOOKS,
                None if asked.all else README,
                mark,
            )
            for each in WALKS:
                if not asked.walk or each.name in asked.walk:
                    asyncio.run(visit(each, sandbox, photographer))
    finally:
        sandbox.stop()


if __name__ == "__main__":
    main()
