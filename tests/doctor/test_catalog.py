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

from .scenarios import ORDERS, REFUSED, SCENARIOS, Refused, Scenario, examined, named


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
    told = f"{found.likely.evidence} {found.likely.fix}"
    assert all(words in told for words in scenario.says), told
    assert TITLES[scenario.cause]
    assert tuple(each.check for each in found.findings) == tuple(CheckName)
    assert all(each.evidence for each in found.findings)
    assert Status.STARTED not in {each.status for each in found.findings}
    if scenario.cause is Cause.STATUS:
        assert CheckName.TCP not in {each.check for each in found.advice}


@pytest.mark.parametrize("refused", REFUSED, ids=lambda each: each.id)
def test_what_refuses_a_statement_names_the_cause(
    refused: Refused, sandbox_env: SandboxProcess
) -> None:
    if refused.target.database == "inventory" and not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    assert refused.names in named(refused)


def test_every_row_of_the_catalog_is_produced() -> None:
    produced = {each.row for each in (*SCENARIOS, *REFUSED)} | {27}
    assert sorted(produced - {0}) == list(range(1, 35))


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
