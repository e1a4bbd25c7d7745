"""database/remembered.py: descriptions kept on disk."""

from __future__ import annotations

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.database import remembered
from rolebrowser.database.model import Database, DatabaseKind, Endpoint, EndpointRole
from rolebrowser.database.remembered import Remembered

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
ORDERS = Database(
    id="orders",
    kind=DatabaseKind.CLUSTER,
    engine="aurora-postgresql",
    version="16.4",
    region="eu-west-1",
    account="333333333333",
    resource_id="cluster-ABC",
    status="available",
    iam_auth=True,
    endpoints=(
        Endpoint(EndpointRole.WRITER, "orders.cluster-x", 5432),
        Endpoint(EndpointRole.INSTANCE, "orders-1.x", 5432, "orders-1"),
    ),
    master_user="dbadmin",
    dbname="orders",
    publicly_accessible=None,
)


def test_what_was_kept_comes_back_the_same(tmp_path: Path) -> None:
    Remembered(tmp_path).keep("here", ORDERS, NOW)
    assert Remembered(tmp_path).recall("here", NOW + timedelta(hours=1)) == ORDERS
    assert Remembered(tmp_path).recall("elsewhere", NOW) is None


def test_tags_are_not_kept(tmp_path: Path) -> None:
    Remembered(tmp_path).keep("here", replace(ORDERS, tags=(("a", "b"),)), NOW)
    assert Remembered(tmp_path).recall("here", NOW) == ORDERS


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    Remembered(tmp_path / "cache").keep("here", ORDERS, NOW)
    assert stat.S_IMODE((tmp_path / "cache" / "databases.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("age", [timedelta(hours=24), timedelta(days=9), timedelta(seconds=-1)])
def test_an_old_description_and_one_from_the_future_count_as_none(
    age: timedelta, tmp_path: Path
) -> None:
    Remembered(tmp_path).keep("here", ORDERS, NOW)
    assert Remembered(tmp_path).recall("here", NOW + age) is None


def test_a_description_can_be_forgotten(tmp_path: Path) -> None:
    held = Remembered(tmp_path)
    held.keep("here", ORDERS, NOW)
    held.keep("there", ORDERS, NOW)
    held.forget("here")
    held.forget("nowhere")
    assert held.recall("here", NOW) is None
    assert held.recall("there", NOW) == ORDERS


def test_the_oldest_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "KEPT", 2)
    held = Remembered(tmp_path)
    for place in range(4):
        held.keep(str(place), ORDERS, NOW + timedelta(minutes=place))
    later = NOW + timedelta(minutes=9)
    assert [bool(held.recall(str(place), later)) for place in range(4)] == [False] * 2 + [True] * 2


def test_what_is_kept_and_forgotten_at_the_same_moment_is(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    for place in range(4):
        Remembered(tmp_path).keep(str(place), ORDERS, NOW)

    def change(place: int) -> None:
        together.wait()
        if place < 4:
            Remembered(tmp_path).forget(str(place))
        else:
            Remembered(tmp_path).keep(str(place), ORDERS, NOW)

    with ThreadPoolExecutor(8) as people:
        list(people.map(change, range(8)))
    held = Remembered(tmp_path)
    assert [bool(held.recall(str(place), NOW)) for place in range(8)] == [False] * 4 + [True] * 4


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"version": 99, "answers": {}}', '{"version": 1}', "\xff"]
)
def test_a_damaged_file_counts_as_none_and_is_written_anew(text: str, tmp_path: Path) -> None:
    (tmp_path / "databases.json").write_text(text, encoding="latin-1")
    held = Remembered(tmp_path)
    assert held.recall("here", NOW) is None
    held.keep("here", ORDERS, NOW)
    assert held.recall("here", NOW) == ORDERS


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "galaxy"},
        {"id": 7},
        {"iam_auth": "yes"},
        {"endpoints": None},
        {"endpoints": [{"role": "writer", "host": "h", "port": "5432", "name": ""}]},
        {"endpoints": [{"role": "writer", "host": None, "port": 5432, "name": ""}]},
        {"endpoints": ["h"]},
    ],
)
def test_a_description_that_makes_no_sense_counts_as_none(
    change: dict[str, Any], tmp_path: Path
) -> None:
    Remembered(tmp_path).keep("here", ORDERS, NOW)
    path = tmp_path / "databases.json"
    body = json.loads(path.read_text())
    body["answers"]["here"]["body"] |= change
    path.write_text(json.dumps(body))
    assert Remembered(tmp_path).recall("here", NOW) is None


@pytest.mark.parametrize("entry", [None, 3, [], {}, {"at": "yesterday", "body": {}}])
def test_an_entry_of_another_shape_counts_as_none(entry: object, tmp_path: Path) -> None:
    body = {"version": 1, "answers": {"here": entry}}
    (tmp_path / "databases.json").write_text(json.dumps(body))
    held = Remembered(tmp_path)
    assert held.recall("here", NOW) is None
    held.keep("there", ORDERS, NOW)
    assert held.recall("there", NOW) == ORDERS


def test_a_directory_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Remembered(tmp_path / "file").keep("here", ORDERS, NOW)
    assert Remembered(tmp_path / "file").recall("here", NOW) is None
