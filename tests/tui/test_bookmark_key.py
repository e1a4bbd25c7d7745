"""`m` keeps what is chosen, and never takes another bookmark's place unasked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from rolebrowser import config
from rolebrowser.sandbox.process import SandboxProcess
from tests.tui.conftest import AtTheApp, choose_database


@pytest.fixture
def own_config(sandbox_env: SandboxProcess, tmp_path: Path) -> Path:
    """A copy of the sandbox's config.toml, which others read."""
    path = tmp_path / "config.toml"
    path.write_bytes(Path(os.environ["ROLEBROWSER_CONFIG"]).read_bytes())
    return path


async def test_a_bookmark_that_leads_elsewhere_is_replaced_only_by_ones_word(
    at_the_app: AtTheApp, own_config: Path
) -> None:
    path = own_config
    before = config.load(environ={"ROLEBROWSER_CONFIG": str(path)}).bookmarks
    taken = before[1].name

    def kept() -> tuple[str, ...]:
        found = config.load(environ={"ROLEBROWSER_CONFIG": str(path)}).bookmarks
        return tuple(each.target.database for each in found if each.name == taken)

    async with at_the_app("", adjust=lambda found: replace(found, path=path)) as person:
        await choose_database(person)
        await person.sees("another user")
        await person.press("m")
        await person.sees("Name of the bookmark")
        await person.press("ctrl+u")
        person.find("#answer").value = taken  # type: ignore[attr-defined]
        await person.press("enter")
        await person.sees("There is a bookmark")
        await person.press("escape")
        await person.loses("There is a bookmark")
        assert kept() == (before[1].target.database,)
        await person.press("m")
        await person.sees("Name of the bookmark")
        person.find("#answer").value = taken  # type: ignore[attr-defined]
        await person.press("enter")
        await person.sees("There is a bookmark")
        await person.press("r")
        await person.hears(f"Bookmark {taken} is kept")
        assert kept() == ("orders-staging",)
