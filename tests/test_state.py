"""Recents: what was opened before, and what a hostile or broken file does to it: nothing."""

from __future__ import annotations

import resource
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.state import HALF_LIFE, KEPT, Recents, newest, without_password
from rolebrowser.target import Target

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
ORDERS = Target(profile="production", database="orders", user="app")
BILLING = Target(profile="staging", database="billing", user="app")


def test_a_visit_is_there_in_the_next_run(tmp_path: Path) -> None:
    assert Recents(tmp_path / "state").opened(ORDERS, NOW) == ""
    (entry,) = Recents(tmp_path / "state").entries
    assert (entry.target, entry.weight, entry.last) == (ORDERS, 1.0, NOW)


def test_the_file_is_for_its_owner_only_and_written_in_one_step(tmp_path: Path) -> None:
    state = tmp_path / "state"
    Recents(state).opened(ORDERS, NOW)
    assert [path.name for path in state.iterdir()] == ["recents.json"]
    assert stat.S_IMODE((state / "recents.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_often_beats_lately_until_it_is_long_ago(tmp_path: Path) -> None:
    recents = Recents(tmp_path)
    for day in range(5):
        recents.opened(ORDERS, NOW + timedelta(days=day))
    recents.opened(BILLING, NOW + timedelta(days=6))
    soon, later = NOW + timedelta(days=7), NOW + timedelta(days=90)
    assert [each.target for each in recents.ranked(soon)] == [ORDERS, BILLING]
    recents.opened(BILLING, later)
    assert [each.target for each in recents.ranked(later)] == [BILLING, ORDERS]
    last = newest(recents.entries)
    assert last is not None
    assert last.target == BILLING


def test_a_visit_counts_half_after_the_half_life(tmp_path: Path) -> None:
    recents = Recents(tmp_path)
    recents.opened(ORDERS, NOW)
    later = NOW + timedelta(seconds=HALF_LIFE)
    assert recents.weights(lambda target: target.profile, later) == {"production": 0.5}


def test_a_clock_that_went_back_changes_no_weight(tmp_path: Path) -> None:
    recents = Recents(tmp_path)
    recents.opened(ORDERS, NOW)
    assert recents.entries[0].at(NOW - timedelta(days=365)) == 1.0


def test_two_programs_at_once_keep_each_others_visits(tmp_path: Path) -> None:
    one, other = Recents(tmp_path), Recents(tmp_path)
    one.opened(ORDERS, NOW)
    other.opened(BILLING, NOW)
    assert {each.target for each in Recents(tmp_path).entries} == {ORDERS, BILLING}


def test_visits_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    targets = [Target(database=f"d{number}") for number in range(8)]
    each = [Recents(tmp_path) for _ in targets]
    together = threading.Barrier(len(targets))

    def visit(recents: Recents, target: Target) -> str:
        together.wait()
        return recents.opened(target, NOW)

    with ThreadPoolExecutor(len(targets)) as people:
        assert set(people.map(visit, each, targets)) == {""}
    assert {entry.target for entry in Recents(tmp_path).entries} == set(targets)
    assert [path.name for path in tmp_path.iterdir()] == ["recents.json"]


def test_a_file_that_another_has_just_made_is_no_broken_one(tmp_path: Path) -> None:
    (tmp_path / "recents.json").touch()
    recents = Recents(tmp_path)
    assert (recents.entries, recents.warning) == ((), "")
    assert recents.opened(ORDERS, NOW) == ""
    assert [entry.target for entry in Recents(tmp_path).entries] == [ORDERS]


def test_no_more_than_the_best_are_kept(tmp_path: Path) -> None:
    recents = Recents(tmp_path)
    recents.opened(ORDERS, NOW)
    recents.opened(ORDERS, NOW)
    for number in range(KEPT + 5):
        recents.opened(Target(database=f"d{number}"), NOW)
    entries = Recents(tmp_path).entries
    assert len(entries) == KEPT
    assert entries[0].target == ORDERS


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 2, "recents": []}',
        b'{"version": 1}',
        b'{"version": 1, "recents": [{"target": [], "weight": 1, "last": "x"}]}',
        b'{"version": 1, "recents": [{"target": {}, "weight": NaN, "last": "2026-01-01"}]}',
    ],
)
def test_a_broken_file_is_kept_aside_and_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recents.json").write_bytes(content)
    recents = Recents(tmp_path)
    assert recents.entries == ()
    assert "recents.json.broken" in recents.warning
    assert (tmp_path / "recents.json.broken").read_bytes() == content
    assert recents.opened(ORDERS, NOW) == ""
    assert Recents(tmp_path).warning == ""


@given(content=st.binary(max_size=60))
def test_no_file_content_makes_it_raise(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    directory = tmp_path_factory.getbasetemp() / "fuzz"
    directory.mkdir(exist_ok=True)
    (directory / "recents.json").write_bytes(content)
    assert Recents(directory).entries == ()


def test_a_home_that_cannot_be_written_costs_one_warning(tmp_path: Path) -> None:
    # A file in the directory's place: root may write anywhere else.
    (tmp_path / "home").write_text("")
    recents = Recents(tmp_path / "home" / "state")
    assert recents.opened(ORDERS, NOW).startswith("Recents are not kept: ")
    assert recents.opened(ORDERS, NOW) == ""
    assert recents.entries[0].target == ORDERS


def test_a_visit_that_finds_no_room_counts_once(tmp_path: Path) -> None:
    recents = Recents(tmp_path)
    recents.opened(BILLING, NOW)
    before = (tmp_path / "recents.json").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        said = recents.opened(ORDERS, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert said.startswith("Recents are not kept: ")
    assert {each.target: each.weight for each in recents.entries} == {ORDERS: 1.0, BILLING: 1.0}
    assert (tmp_path / "recents.json").read_bytes() == before


def test_a_password_in_a_url_is_not_kept(tmp_path: Path) -> None:
    url = "postgresql://me:hush%40@db.example:5433/app?sslmode=require&password=hush"
    Recents(tmp_path).opened(Target(url=url), NOW)
    assert b"hush" not in (tmp_path / "recents.json").read_bytes()
    (entry,) = Recents(tmp_path).entries
    assert entry.target.url == "postgresql://me@db.example:5433/app?sslmode=require"


def test_a_url_without_a_password_stays_as_it_is() -> None:
    for url in ("postgresql://db/app", "mysql://me@[::1]:3306/x?a=b", "", "not a url"):
        assert without_password(url) == url
