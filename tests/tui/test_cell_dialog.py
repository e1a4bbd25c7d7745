"""Reading one cell, as a person does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import AtTheApp


async def test_a_cell_is_read_searched_and_copied(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(80, 24)) as person:
        document = '{"a": [1, 2], "deep": {"needle": true}}'
        await person.run(f"SELECT '{document}'::jsonb AS doc", "doc", "needle")
        await person.press("enter")
        await person.sees('    "needle": true', "jsonb · 39 characters · indented")
        await person.press("y")
        await person.sees("Sent to the terminal's clipboard")
        assert person.app.clipboard == document
        await person.press("Y")
        assert person.app.clipboard.startswith('{\n  "a": [\n')
        await person.press("slash")
        await person.type("nowhere\n")
        await person.sees("No line holds that")
        await person.press("t")
        await person.sees('{"a": [1, 2], "deep"')
        await person.press("escape")
        await person.loses("39 characters")


async def test_a_long_line_is_broken_rather_than_cut(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(80, 24)) as person:
        await person.run("SELECT repeat('ab ', 100) || 'the end' AS long", "long")
        await person.press("enter")
        await person.sees("the end", "307 characters")


async def test_null_is_not_the_empty_string(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run("SELECT NULL::text AS gone, ''::text AS empty", "gone")
        await person.press("enter")
        await person.sees("text · NULL")
        await person.press("escape", "right", "enter")
        await person.sees("text · the empty string")


async def test_a_dump_is_whole_at_80_columns(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(80, 24)) as person:
        await person.run("SELECT decode(repeat('41', 40), 'hex') AS raw", "raw")
        await person.press("enter")
        await person.sees("00000000  41 41 41 41  41 41 41 41  |AAAAAAAA|", "00000020")
