"""The history's file: private, bounded, shared by processes, and no secrets in it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from rolebrowser.audit import Ending
from rolebrowser.history import BYTES_EACH, LONGEST, Entry, History

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def statements(history: History) -> list[str]:
    return [entry.statement for entry in history.entries()]


def test_statements_outlive_the_program_newest_first(tmp_path: Path) -> None:
    History(tmp_path / "state").add(["SELECT 1", "SELECT '広い\n\ud800'"], "orders", NOW)
    history = History(tmp_path / "state")
    assert history.entries() == (
        Entry("2026-11-24T03:00:00.000001+00:00", "orders", "SELECT '広い\n\ud800'"),
        Entry("2026-11-24T03:00:00+00:00", "orders", "SELECT 1"),
    )
    assert history.entries()[1].when == NOW
    assert stat.S_IMODE(history.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.path.parent.stat().st_mode) == 0o700


def test_a_statement_stands_there_once_where_it_was_run_last(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(["SELECT 1", "SELECT 1", "SELECT 2", "SELECT 1 "], "orders", NOW)
    assert statements(history) == ["SELECT 1", "SELECT 2"]
    assert len(history.path.read_bytes().splitlines()) == 3


def test_how_a_statement_ended_stands_behind_it(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(["SELECT 1", "ALTER ROLE a PASSWORD 'x'", "SELECT 3"], "orders", NOW)
    history.ended([("SELECT 1", Ending.OK), ("ALTER ROLE a PASSWORD 'x'", Ending.ERROR)])
    history.ended([("SELECT 'never added'", Ending.OK)])
    assert [entry.ended for entry in History(tmp_path).entries()] == ["", "error", "ok"]
    # What is run once more isn't kept twice; its end is the last one.
    history.add(["SELECT 3"], "orders", NOW)
    history.ended([("SELECT 3", Ending.CANCELLED)])
    history.add(["SELECT 3"], "orders", NOW)
    history.ended([("SELECT 3", Ending.OK)])
    assert [entry.ended for entry in history.entries()] == ["ok", "error", "ok"]


def test_an_older_rolebrowser_reads_the_same_statements(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(["SELECT 1"], "orders", NOW)
    history.ended([("SELECT 1", Ending.OK)])
    first, second = map(json.loads, history.path.read_bytes().splitlines())
    assert first.keys() == {"time", "database", "statement"}
    assert "statement" not in second  # and so it is left out there


def test_secrets_are_never_written(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(
        [
            "ALTER ROLE app PASSWORD 'hunter2'",
            "CREATE USER a IDENTIFIED BY 'hunter2'",
            "SELECT 'postgresql://a:hunter2@h/d'",
        ],
        "orders",
        NOW,
    )
    assert b"hunter2" not in history.path.read_bytes()
    assert "PASSWORD '***'" in statements(history)[2]


def test_it_stays_bounded_and_keeps_the_newest(tmp_path: Path) -> None:
    history = History(tmp_path, kept=20)
    for number in range(400):
        history.add([f"SELECT {number}, '{'x' * 1000}'"], "orders", NOW)
    assert history.path.stat().st_size <= 20 * BYTES_EACH + 1_200
    found = statements(history)
    assert 1 < len(found) <= 20
    assert found[0].startswith("SELECT 399,")
    history.add(["x" * (LONGEST + 1), "SELECT 'after'"], "orders", NOW)
    assert statements(history)[0] == "SELECT 'after'"
    assert not list(tmp_path.glob("*.tmp"))


def test_two_processes_lose_nothing_of_each_other_while_one_cuts_back(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from rolebrowser.history import History\n"
        "history = History(Path(sys.argv[1]), kept=400)\n"
        "for n in range(300):\n"
        "    history.add([f'SELECT {n} -- {sys.argv[2]}' + ' ' + 'x' * 2500], 'db', "
        "datetime.now(UTC))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in "ab"
    ]
    assert [each.wait(60) for each in running] == [0, 0]
    lines = (tmp_path / "history.jsonl").read_bytes().splitlines()
    kept = {tuple(json.loads(line)["statement"].split()[1:4:2]) for line in lines}
    assert kept
    for name in "ab":  # on a busy machine one may be done, and cut away, before the other begins
        numbers = sorted(int(number) for number, who in kept if who == name)
        assert numbers == list(range(300 - len(numbers), 300)), "the newest, without a gap"


def test_lines_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add(["SELECT 1"], "orders", NOW)
    with history.path.open("ab") as file:
        file.write(b'\xff\n[1]\n{"time": 1, "database": "", "statement": "x"}\n{"statement"\n')
    history.add(["SELECT 2"], "orders", NOW)
    assert statements(history) == ["SELECT 2", "SELECT 1"]
    assert Entry("yesterday", "", "").when is None


def test_what_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, no directory")
    history = History(tmp_path / "state")
    assert "The history is not kept" in history.add(["SELECT 1"], "orders", NOW)
    assert history.add(["SELECT 2"], "orders", NOW) == ""
    assert history.entries() == ()


def test_it_can_be_turned_off(tmp_path: Path) -> None:
    history = History(tmp_path, kept=0)
    assert history.add(["SELECT 1"], "orders", NOW) == ""
    assert not history.path.exists()
    assert history.entries() == ()
