"""kept.py: answers with their age, and files that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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
