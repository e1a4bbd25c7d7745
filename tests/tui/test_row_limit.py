"""`row_limit` in config.toml: so many rows of a result are loaded, and said to be the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolebrowser.config import Config
from rolebrowser.sandbox import mariadb

if TYPE_CHECKING:
    from .conftest import AtTheApp

NUMBERS = "SELECT g FROM generate_series(1, 3000) g"


def limited(rows: int) -> Callable[[Config], Config]:
    """A config with that limit."""
    return lambda config: replace(config, row_limit=rows)


async def test_the_rows_stop_at_the_limit_which_is_no_total(at_the_app: AtTheApp) -> None:
    async with at_the_app(adjust=limited(700)) as person:
        await person.run(NUMBERS, "≥ 500 rows")
        await person.press("L")
        await person.sees("first 700 rows (limit)")
        await person.press("G")
        assert person.grid.cursor[0] == 699
        assert len(person.grid.loaded) == 700


async def test_columns_grow_for_the_rows_that_come_into_view(at_the_app: AtTheApp) -> None:
    """All rows are loaded by a thread, which measures none."""
    async with at_the_app() as person:
        await person.run("SELECT g AS n FROM generate_series(1, 3000) g", "≥ 500 rows")
        await person.press("L")
        await person.sees("3,000 rows")
        await person.press("G")
        await person.sees("2998", "3000")
        assert "29…" not in person.text


async def test_a_first_page_is_no_longer_than_the_limit(at_the_app: AtTheApp) -> None:
    async with at_the_app(adjust=limited(40)) as person:
        await person.run(NUMBERS, "first 40 rows (limit)")
        await person.run("SELECT g FROM generate_series(1, 40) g", "SELECT 40", " 40 rows")
        assert "limit" not in person.text.splitlines()[-2]


async def test_the_export_is_whole(at_the_app: AtTheApp, tmp_path: Path) -> None:
    async with at_the_app(adjust=limited(40)) as person:
        for name in ("rows.csv", "rows.jsonl"):
            await person.run(NUMBERS, "first 40 rows (limit)")
            await person.press("e")
            await person.sees("result.csv")
            person.find("#path").value = str(tmp_path / name)  # type: ignore[attr-defined]
            await person.press("enter")
            await person.until((tmp_path / name).exists)
        assert (tmp_path / "rows.csv").read_text().splitlines()[-1] == "3000"
        assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 3000


@pytest.mark.skipif(not mariadb.available(), reason="mariadbd is not installed")
async def test_mariadbs_rows_stop_there_too(at_the_app: AtTheApp) -> None:
    async with at_the_app("", adjust=limited(700)) as person:
        await person.press("7")
        await person.sees("inventory", "idle")
        await person.run("SELECT id FROM movements ORDER BY id", "≥ 500 rows")
        await person.press("G", "G", "G")
        await person.sees("first 700 rows (limit)")
        await person.run("SELECT 1 AS one", "one")
        assert person.app.is_running
