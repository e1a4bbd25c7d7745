"""kept.py: answers with their age, and files that are none."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rolebrowser import private_file
from rolebrowser.kept import MOST, Answer, Kept

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_what_was_kept_comes_back_with_its_time(tmp_path: Path) -> None:
    Kept(tmp_path / "new" / "answers.json").keep("a", [{"id": 1}], NOW)
    found = Kept(tmp_path / "new" / "answers.json").recall("a")
    assert found == Answer([{"id": 1}], NOW)
    assert Kept(tmp_path / "new" / "answers.json").recall("b") is None
    assert (tmp_path / "new" / "answers.json").stat().st_mode & 0o777 == 0o600


def test_the_oldest_go(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "answers.json")
    for number in range(MOST + 1):
        kept.keep(str(number), number, NOW + timedelta(minutes=number))
    assert kept.recall("0") is None
    assert kept.recall(str(MOST)) is not None


def test_what_threads_keep_at_the_same_moment_is_all_there(tmp_path: Path) -> None:
    path, together = tmp_path / "answers.json", threading.Barrier(8)

    def keep(number: int) -> None:
        together.wait()
        Kept(path).keep(str(number), number, NOW)

    with ThreadPoolExecutor(8) as people:
        list(people.map(keep, range(8)))
    assert sorted(answer.body for answer in Kept(path).answers()) == list(range(8))
    assert [each.name for each in tmp_path.iterdir()] == ["answers.json"]


_KEEPS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from rolebrowser.kept import Kept
print("ready", flush=True)
sys.stdin.readline()
for number in range(10):
    Kept(Path(sys.argv[1])).keep(f"{sys.argv[2]}-{number}", number, datetime.now(UTC))
"""


def test_what_programs_keep_at_the_same_time_is_all_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "answers.json"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _KEEPS, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abc"
    ]
    for each in programs:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in programs:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    for each in programs:
        each.communicate()
    assert [each.returncode for each in programs] == [0, 0, 0]
    assert all(Kept(path).recall(f"{name}-{n}") for name in "abc" for n in range(10))


def test_forgotten_answers_are_gone_and_no_others(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "answers.json")
    kept.forget("a")
    assert list(tmp_path.iterdir()) == []
    kept.keep("a", 1, NOW)
    kept.keep("b", 2, NOW)
    kept.forget("a")
    assert kept.answers() == [Answer(2, NOW)]


def test_a_link_of_the_persons_own_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "elsewhere" / "answers.json")
    Kept(tmp_path / "link.json").keep("a", 1, NOW)
    assert Kept(tmp_path / "elsewhere" / "answers.json").recall("a") == Answer(1, NOW)


def test_links_in_a_circle_keep_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")
    Kept(tmp_path / "a.json").keep("a", 1, NOW)
    assert Kept(tmp_path / "a.json").recall("a") is None


def test_a_file_that_stays_locked_keeps_nobody_waiting_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_file, "PATIENCE", 0.1)
    path = tmp_path / "answers.json"
    Kept(path).keep("a", 1, NOW)
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        Kept(path).keep("b", 2, NOW)
    assert Kept(path).answers() == [Answer(1, NOW)]
    Kept(path).keep("b", 2, NOW)
    assert len(Kept(path).answers()) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1, "answers": {"a": 5}}', "null"])
def test_a_file_that_is_none_counts_as_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answers.json"
    path.write_text(text)
    kept = Kept(path)
    assert kept.recall("a") is None
    kept.keep("a", 1, NOW)
    assert kept.recall("a") == Answer(1, NOW)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "1 hour ago"),
        (7200, "2 hours ago"),
        (86_400 * 3, "3 days ago"),
    ],
)
def test_ages_in_words(seconds: int, words: str) -> None:
    assert Answer(None, NOW).age(NOW + timedelta(seconds=seconds)) == words
