"""The doctor names the cause, not a neighbour: each one produced for real in the sandbox.

`python tests/doctor/matrix.py` prints the same as a confusion matrix.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rolebrowser.check import Status
from rolebrowser.doctor import Cause, CheckName
from rolebrowser.doctor.finding import TITLES, markdown
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess

from .scenarios import ORDERS, SCENARIOS, Scenario, examined


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.id)
def test_the_cause_is_named(
    scenario: Scenario, sandbox_env: SandboxProcess, tmp_path: Path
) -> None:
    if scenario.target.database == "inventory" and not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    found = examined(scenario, sandbox_env, tmp_path)
    assert found.likely is not None
    assert found.likely.cause is scenario.cause, markdown(found)
    assert found.likely.evidence
    assert found.likely.fix, markdown(found)
    assert TITLES[scenario.cause]
    assert tuple(each.check for each in found.findings) == tuple(CheckName)
    assert all(each.evidence for each in found.findings)
    assert Status.STARTED not in {each.status for each in found.findings}


def test_a_server_that_is_gone_behind_its_door(
    clean_env: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = SandboxProcess()
    try:
        for name, value in mine.wait_ready().items():
            monkeypatch.setenv(name, value)
        mine.control("stop-server")
        found = examined(Scenario(27, Cause.STARTING, ORDERS), mine, tmp_path)
        assert found.likely is not None
        assert found.likely.cause is Cause.STARTING
    finally:
        mine.stop()
