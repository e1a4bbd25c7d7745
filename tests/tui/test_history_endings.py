"""The history says how each statement ended; on the sandbox's PostgreSQL and MariaDB."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolebrowser.sandbox import mariadb

if TYPE_CHECKING:
    from .conftest import AtTheApp

MARIADB = pytest.param(
    "7", marks=pytest.mark.skipif(not mariadb.available(), reason="mariadbd is not installed")
)


@pytest.mark.parametrize("bookmark", ["2", MARIADB])
@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_each_statement_has_its_end_beside_it(
    at_the_app: AtTheApp, bookmark: str, size: tuple[int, int]
) -> None:
    async with at_the_app("", size=size) as person:
        await person.press(bookmark)
        await person.sees(" idle")
        await person.run("SELECT 'alive' AS now", "│ alive")
        await person.run("SELECT nothing_here", "nothing_here", " idle")
        await person.run("CALL something()", "The statement was not sent")
        sleep = "SELECT pg_sleep(60)" if bookmark == "2" else "SELECT SLEEP(60)"
        await person.run(sleep, " running ")
        await person.press("escape")
        await person.sees("The statement was cancelled", " idle")
        await person.press("ctrl+r")
        await person.sees("History")

        def ends(statement: str, word: str) -> bool:
            return bool(re.search(rf"{re.escape(statement)} .* {word}  ", person.front))

        wanted = (
            ("SELECT 'alive' AS now", "ok"),
            ("SELECT nothing_here", "failed"),
            ("CALL something()", "not sent"),
            (sleep, "cancelled"),
        )
        await person.until(lambda: all(ends(*each) for each in wanted), "how each ended", 20)


async def test_what_was_not_sent_and_what_only_lost_its_file_are_told_apart(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    async with at_the_app("2") as person:
        await person.sees(" idle")
        await person.write("SELECT nothing_here;\nSELECT 'behind' AS it;")
        await person.press("f9")
        await person.sees("nothing_here", "1 statement was not sent after the error")
        file = tmp_path / "none" / "out.txt"
        await person.run(f"SELECT 'written' AS it \\g {file}", "No such file")
        await person.press("ctrl+r")
        await person.sees("History")

        def ends(statement: str, word: str) -> bool:
            return bool(re.search(rf"{re.escape(statement)}.* {word}  ", person.front))

        wanted = (
            ("SELECT nothing_here", "failed"),
            ("SELECT 'behind' AS it", "not sent"),
            ("SELECT 'written' AS it", "ok"),
        )
        await person.until(lambda: all(ends(*each) for each in wanted), "how each ended", 20)
