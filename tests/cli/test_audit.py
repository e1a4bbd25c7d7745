"""What `rolebrowser sql` leaves in the audit log, on the sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rolebrowser = Callable[..., Any]
_STATE = ".local/state/rolebrowser"


@pytest.fixture
def log(clean_env: Path) -> Callable[[], list[dict[str, Any]]]:
    """The entries so far."""

    def read() -> list[dict[str, Any]]:
        text = (clean_env / _STATE / "audit.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    return read


def test_each_statement_is_there_with_who_where_and_how_it_ended(
    in_sandbox: Rolebrowser, log: Callable[[], list[dict[str, Any]]]
) -> None:
    done = in_sandbox(
        *("sql", "1", "-c", r"\du", "-c", "SELECT n FROM generate_series(1, 1234) AS n"),
        *("-c", "SELECT 1/0", "-c", "DO $$BEGIN END$$"),
    )
    assert done.code == 1
    series, division, refused = log()
    assert series["identity"].startswith("arn:aws:sts::333333333333:assumed-role/OnCallReadOnly/")
    assert (series["user"], series["dbname"]) == ("app_oncall", "orders")
    assert (series["rows"], series["complete"], series["outcome"]) == (1234, True, "ok")
    assert series["mode"] == "read-only"
    assert (division["outcome"], division["rows"]) == ("error", None)
    assert division["error"] == "division by zero"
    assert refused["outcome"] == "not sent"


def test_it_can_be_switched_off(
    in_sandbox: Rolebrowser, clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clean_env / ".config/rolebrowser/config.toml"
    given = Path(os.environ["ROLEBROWSER_CONFIG"]) if "ROLEBROWSER_CONFIG" in os.environ else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("audit_log = false\n" + (given.read_text() if given.exists() else ""))
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(path))
    assert in_sandbox("sql", "1", "-c", "SELECT 1").code == 0
    assert not (clean_env / _STATE / "audit.jsonl").exists()


def test_a_home_that_cannot_be_written_is_told_and_stops_nothing(
    in_sandbox: Rolebrowser, clean_env: Path
) -> None:
    (clean_env / ".local").write_text("a file where a directory is wanted")
    done = in_sandbox("sql", "1", "-c", "SELECT 1 AS one", "-c", "SELECT 2")
    assert done.code == 0
    assert done.out.startswith(" one ")
    assert done.err.count("The audit log is not written") == 1
