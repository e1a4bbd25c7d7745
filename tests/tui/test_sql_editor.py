"""The editor by itself."""

from __future__ import annotations

from textual.app import App, ComposeResult

from rolebrowser.tui.widgets.sql_editor import COLOURED_LINES, SqlEditor


class Desk(App[None]):
    """An app with an editor."""

    def compose(self) -> ComposeResult:
        """Only that."""
        yield SqlEditor()


async def test_highlighting_that_comes_late_does_not_move_the_cursor() -> None:
    async with Desk().run_test() as pilot:
        editor = pilot.app.query_one(SqlEditor)
        editor.focus()
        await pilot.press(*"SELECT")
        editor.colour()
        await pilot.press("space", "1")
        assert editor.text == "SELECT 1"
        assert editor.language == "sql"


async def test_text_from_elsewhere_is_cleaned() -> None:
    async with Desk().run_test() as pilot:
        editor = pilot.app.query_one(SqlEditor)
        editor.take("SELECT 1;\r\n\tSELECT '\x1b]0;owned\x07'")
        assert editor.text.startswith("SELECT 1;\n\tSELECT")
        assert "\x1b" not in editor.text


async def test_a_long_script_is_not_coloured_so_that_typing_stays_quick() -> None:
    async with Desk().run_test() as pilot:
        editor = pilot.app.query_one(SqlEditor)
        editor.colour()
        editor.take("SELECT 1;")
        assert editor._highlights
        editor.take("SELECT 1;\n" * (COLOURED_LINES + 1))
        assert not editor._highlights
