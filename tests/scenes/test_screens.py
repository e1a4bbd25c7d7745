"""Every screen looks as it was kept, is readable in both themes, does without colour, and names
no key that does nothing.

`SNAPSHOTS=keep pytest tests/scenes` keeps them as they are now; look at the diff then.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.theme import DARK, LIGHT
from tests.person import Person
from tests.scenes import WALKS, play
from tests.scenes.contrast import weak
from tests.scenes.frame import masked
from tests.scenes.keys import dead
from tests.scenes.stage import Size, Walk
from tests.scenes.worlds import at_home, own_home

MEASURED = frozenset(
    [
        *(
            "browser",
            "roles",
            "why-role",
            "users",
            "mfa-refused",
            "where-error",
            "refused",
            "doctor",
        ),
        *("help", "connection", "denied", "result", "records", "queries", "transaction", "grants"),
        *("explain-analyze", "grants-why", "grants-role", "grants-seen", "grants-compare"),
    ]
)
"""Where every kind of text is: a change of theme styles everything anew, which takes its time."""
NEVER_THE_SAME = frozenset(["explain", "explain-analyze"])
"""Costs follow the server's statistics, times the machine; so do the shares drawn of them."""
SNAPSHOTS = Path(__file__).parent.parent / "snapshots"


@pytest.fixture(scope="module")
def untouched() -> Iterator[SandboxProcess]:
    """A sandbox of its own, in which no other test has left anything."""
    if not mariadb.available():
        pytest.skip("mariadbd is not installed, and the lists show its database")
    process = SandboxProcess()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@pytest.fixture
def home(untouched: SandboxProcess, clean_env: Path) -> Iterator[Path]:
    """Who lives in it sees the sandbox, and nothing that another test has left."""
    with own_home(untouched) as home:
        yield home


class Album:
    """Takes a walk's frames, what is hard to read in them, and the keys that do nothing there.

    Args:
        measured: the frames whose contrast is looked at, in both themes.
    """

    def __init__(self, measured: frozenset[str]) -> None:
        self._measured = measured
        self.frames: dict[str, str] = {}
        self.weak: list[str] = []
        self.dead: list[str] = []

    async def keep(self, person: Person, name: str) -> None:
        """Take what the person sees."""
        await person.rests()
        self.dead += [f"{name}: {each}" for each in dead(person)]
        if name not in NEVER_THE_SAME:
            self.frames[name] = masked(person.front)
        if name not in self._measured:
            return
        for theme in (LIGHT.name, DARK.name):
            person.app.theme = theme
            await person.rests()
            self.weak += [f"{name}, {theme}: {each}" for each in weak(person.app)]

    @property
    def text(self) -> str:
        """All frames, each under its name."""
        return "\n".join(f"=== {name} ===\n{frame}\n" for name, frame in self.frames.items())


async def _album(
    each: Walk,
    size: Size,
    sandbox: SandboxProcess,
    home: Path,
    measured: frozenset[str] = frozenset(),
) -> Album:
    album = Album(measured)
    with each.world(home, sandbox) as more, at_home(more):
        await play(each, sandbox, size, album.keep)
    return album


def _hold(album: Album, file: Path) -> None:
    if os.environ.get("SNAPSHOTS") == "keep":
        file.parent.mkdir(exist_ok=True)
        file.write_text(album.text, encoding="utf-8")
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    diff = difflib.unified_diff(
        kept.splitlines(), album.text.splitlines(), "as kept", "as it is", lineterm="", n=2
    )
    said = "\n".join(diff)
    assert not said, f"{file.name}:\n{said}\n\nIf it is meant: SNAPSHOTS=keep pytest tests/scenes"


@pytest.mark.parametrize("each", WALKS, ids=lambda each: each.name)
async def test_wide_screens_look_as_kept_and_are_readable_in_both_themes(
    each: Walk, untouched: SandboxProcess, home: Path
) -> None:
    album = await _album(each, (120, 40), untouched, home, MEASURED)
    _hold(album, SNAPSHOTS / f"{each.name}-120x40.txt")
    assert not album.weak, "\n".join(album.weak)
    assert not album.dead, "\n".join(album.dead)


@pytest.mark.parametrize("each", WALKS, ids=lambda each: each.name)
async def test_small_screens_look_as_kept(
    each: Walk, untouched: SandboxProcess, home: Path
) -> None:
    album = await _album(each, (80, 24), untouched, home)
    _hold(album, SNAPSHOTS / f"{each.name}-80x24.txt")
    assert not album.dead, "\n".join(album.dead)
