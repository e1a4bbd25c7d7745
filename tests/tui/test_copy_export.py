"""Taking rows along: the clipboard in five forms, and the whole result into a file."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rolebrowser.connection.export import FORMS
from rolebrowser.tui.dialogs.progress import ProgressDialog, progress_text, size_text

if TYPE_CHECKING:
    import pytest

    from .conftest import AtTheApp

MANY = "SELECT g AS n, repeat('x', 20) AS t FROM generate_series(1, 1300) g"


def test_progress_is_said_in_numbers() -> None:
    assert progress_text(1_234_000, 56_700_000, 2.0) == (
        "1,234,000 rows · 56.7 MB · 617,000 rows/s"
    )
    assert progress_text(0, 0, 0.0) == "0 rows"
    assert [size_text(size) for size in (999, 1000, 999_499, 1_000_000)] == [
        *("999 bytes", "1 kB", "999 kB", "1.0 MB")
    ]


async def test_a_part_is_copied_in_a_form_with_a_preview(at_the_app: AtTheApp) -> None:
    async with at_the_app(size=(80, 24)) as person:
        await person.run("SELECT id, NULL AS nothing FROM sales.orders WHERE id < 3", "nothing")
        await person.press("c")
        await person.sees("[cell]", "Markdown table")
        await person.press("right")
        await person.sees("[row]")
        await person.press("down", "down", "down")
        await person.sees('INSERT INTO sales.orders ("id", "nothing") VALUES (1')
        await person.press("right", "right")
        await person.sees("[all 2 loaded rows]", "VALUES (2")
        await person.press("j")
        await person.hears("all loaded rows as JSON")
        assert json.loads(person.app.clipboard) == [
            {"id": 1, "nothing": None},
            {"id": 2, "nothing": None},
        ]


async def test_the_whole_result_is_exported_not_only_what_is_loaded(
    at_the_app: AtTheApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.csv"
    monkeypatch.chdir(tmp_path)
    async with at_the_app() as person:
        await person.run(MANY, "≥ 500 rows")
        await person.press("e")
        await person.sees("unread rows included", *FORMS)
        await person.press("ctrl+u")
        await person.type("rows.xls\n")
        await person.sees("doesn't say in which form")
        await person.press("ctrl+u")
        await person.type("rows.csv\n")
        await person.hears(f"1,300 rows were written to {path}.")
        assert person.grid.row_count == 1300
        assert len(path.read_text().splitlines()) == 1301
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await person.press("e")
        await person.sees("result.csv")
        await person.press("ctrl+u")
        await person.type("rows.csv\n")
        await person.sees("rows.csv is there already")


async def test_rows_still_at_the_server_are_exported_by_the_server_itself(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    async with at_the_app() as person:
        # More than is read ahead.
        await person.run("SELECT generate_series(1, 900000) AS n, NULL AS x, '' AS y", "≥ 500 rows")
        await person.press("e")
        await person.sees("result.csv")
        person.find("#path").value = str(path)  # type: ignore[attr-defined]
        await person.press("enter")
        await person.hears("900,000 rows were written")
        await person.hears("the query ran again, as COPY")
    lines = path.read_text().splitlines()
    assert (len(lines), lines[0], lines[1], lines[-1]) == (900_001, "n,x,y", '1,,""', '900000,,""')


async def test_an_export_can_be_stopped_and_leaves_nothing(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    async with at_the_app() as person:
        nap = "pg_sleep(CASE WHEN g > 600 THEN 0.01 ELSE 0 END)"
        slow = f"SELECT g, {nap} FROM generate_series(1, 90000) g"
        await person.run(slow, "≥")
        await person.press("e")
        await person.sees("result.csv")
        person.find("#path").value = str(tmp_path / "rows.csv")  # type: ignore[attr-defined]
        await person.press("enter")
        await person.sees("Esc stops it")
        await person.press("ctrl+q")
        await person.sees("Quit?", "a file that was begun is dropped")
        await person.press("n")
        await person.loses("Quit?")
        await person.press("escape")
        await person.sees("nothing was written")
        assert os.listdir(tmp_path) == ["home"]


async def test_work_that_ends_under_another_dialog_takes_only_its_own_away(
    at_the_app: AtTheApp,
) -> None:
    goes, told = threading.Event(), list[object]()
    async with at_the_app("") as person:
        job = ProgressDialog("Some work", lambda report, cancel: goes.wait(300))
        person.app.push_screen(job, told.append)
        await person.sees("Esc stops it")
        await person.press("f1")
        await person.sees("Show these keys")
        goes.set()
        await person.until(lambda: job._withdrawn, "the end of the work")
        assert "Show these keys" in person.text
        await person.press("escape")
        await person.until(lambda: told == [None], "the dialog's end")
        await person.sees("BOOKMARKS")


async def test_every_row_can_be_loaded(at_the_app: AtTheApp) -> None:
    async with at_the_app() as person:
        await person.run(MANY, "≥ 500 rows")
        await person.press("L")
        await person.sees(" 1,300 rows")
        await person.press("G")
        assert person.grid.cursor[0] == 1299


async def test_a_result_that_fails_midway_leaves_no_half_file(
    at_the_app: AtTheApp, tmp_path: Path
) -> None:
    async with at_the_app() as person:
        failing = "SELECT g, 1 / (1200 - g) FROM generate_series(1, 3000) g"
        await person.run(failing, "≥ 500 rows")
        await person.press("e")
        await person.sees("result.csv")
        person.find("#path").value = str(tmp_path / "rows.jsonl")  # type: ignore[attr-defined]
        await person.press("enter")
        await person.sees("division by zero")
        assert os.listdir(tmp_path) == ["home"]
