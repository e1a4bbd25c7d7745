"""What a person has chosen stays, whatever comes in behind their back, until they go elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.screens.browser import BrowserScreen
from tests.tui.conftest import AtTheApp, choose_database


def add_profile(config: Path) -> None:
    """As another program would."""
    with config.open("a", encoding="utf-8") as file:
        file.write("\n[profile zebra]\nregion = eu-west-1\n")


@pytest.fixture
def config(sandbox_env: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The world's AWS config, to change."""
    path = tmp_path / "aws-config"
    path.write_bytes(Path(sandbox_env.exports["AWS_CONFIG_FILE"]).read_bytes())
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


async def test_profiles_that_another_program_changes_do_not_undo_the_database(
    config: Path, at_the_app: AtTheApp
) -> None:
    async with at_the_app("") as person:
        await choose_database(person)
        await person.sees("another user")
        browser = person.app.screen
        assert isinstance(browser, BrowserScreen)
        before = browser.who.rows.current
        add_profile(config)
        browser.who.load()
        await person.until(
            lambda: browser.who.rows.current is not before and browser.who.rows.current is not None,
            "another row for the same profile",
        )
        await person.rests()
        assert " rolebrowser ▸ staging ▸ orders-staging" in person.text
        await person.press("m")
        await person.sees("Name of the bookmark")


async def test_the_users_that_come_while_one_is_elsewhere_can_be_gone_to(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("") as person:
        await choose_database(person)
        await person.press("left")
        await person.sees("another user")
        await person.press("right")
        await person.sees(" rolebrowser ▸ staging ▸ orders-staging ▸ ")


async def test_a_key_on_a_bookmark_acts_on_the_bookmark_not_on_what_was_chosen_before(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("") as person:
        await choose_database(person)
        await person.sees(" rolebrowser ▸ staging ▸ orders-staging ▸ ")
        # Out of the users, out of the filter, to the left, out of its filter.
        await person.press("left", "left", "left", "left", "home")
        await person.until(
            lambda: "▸" not in person.text.splitlines()[0], "nothing chosen any more"
        )
        await person.press("m")
        await person.hears("Choose a database first.")
        await person.press("c")
        await person.sees("production-readonly ▸ orders-production ▸ app_oncall", "Role name")
