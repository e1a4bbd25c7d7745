"""Each plug pulled for real: what the pane says, what it keeps, and how it comes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.screens import lifeline
from tests.person import ASKED

if TYPE_CHECKING:
    from .conftest import AtTheApp, Person

DATABASE = "orders-staging"


def pid_of(person: Person) -> int:
    """The server process of the person's connection."""
    opened = person.connection._opened
    assert opened is not None
    return opened.connection.info.backend_pid


def terminate(pid: int) -> None:
    """End a server process, as a failover or an administrator would."""
    with psycopg.connect(os.environ["SANDBOX_PG_DSN"], autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s::int)", (pid,))


async def test_a_server_that_dies_under_a_statement(at_the_app: AtTheApp, clean_env: Path) -> None:
    async with at_the_app("2") as person:
        await person.run("SELECT 'kept' AS before", "before")
        await person.run("SELECT pg_sleep(60) AS slept", "Running")
        first = pid_of(person)
        terminate(first)
        await person.sees("may or may not have taken effect", "It is not run again")
        await person.hears("Connected again with a fresh token")
        assert pid_of(person) != first
        # Text, earlier results and the mode are as they were.
        assert "SELECT pg_sleep(60) AS slept" in person.text
        assert "1 SELECT 'kept'" in person.text
        assert "READ-ONLY" in person.text
        await person.run("SELECT 'alive' AS now", "alive")
    log = (clean_env / ".local/state/rolebrowser/audit.jsonl").read_text()
    ran = [json.loads(line) for line in log.splitlines()]
    slept = [each for each in ran if "pg_sleep" in each["statement"]]
    assert [each["outcome"] for each in slept] == ["connection lost"]


async def test_a_connection_that_breaks_while_nobody_looks(
    at_the_app: AtTheApp, sandbox: SandboxProcess
) -> None:
    async with at_the_app("2") as person:
        assert sandbox.control("drop", database=DATABASE) >= 1
        await person.hears("The connection was lost.")
        await person.hears("Connected again with a fresh token")
        await person.run("SELECT 'alive' AS now", "alive")


async def test_a_failover_is_waited_for(at_the_app: AtTheApp, sandbox: SandboxProcess) -> None:
    async with at_the_app("2") as person:
        sandbox.control("fault", database=DATABASE, down=True)
        try:
            sandbox.control("drop", database=DATABASE)
            await person.sees("not connected · trying again")
            await asyncio.sleep(1.5)
            assert all("Connected again" not in each.text for each in person.app.said)
        finally:
            sandbox.control("fault", database=DATABASE, down=False)
        await person.hears("Connected again with a fresh token")


async def test_a_session_that_was_ended_is_renewed(
    at_the_app: AtTheApp, sandbox: SandboxProcess
) -> None:
    async with at_the_app("2") as person:
        # The session's own clock says it is good: only the refused login tells.
        sandbox.control("expire")
        sandbox.control("drop", database=DATABASE)
        await person.hears("Connected again with a fresh token")


async def test_what_needs_a_person_waits_for_f3(
    at_the_app: AtTheApp, sandbox: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        await person.press("3")
        await person.sees("MFA code")
        await person.type("123456\n")
        await person.sees("Role name")
        sandbox.control("expire")
        sandbox.control("drop", database="orders-production")
        await person.sees("not connected · F3")
        await person.hears("OnCall needs an")
        await person.press("f3")
        await person.sees("MFA code")
        await person.type("123456\n")
        await person.hears("Connected again with a fresh token")


async def test_an_open_transaction_is_said_to_be_gone(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        opened, clocks = person.connection._opened, list(person.connection._timers)
        assert opened is not None
        # However short it has been open: begun and lost between two looks at the clock.
        for each in clocks:
            each.pause()
        await person.run("BEGIN")
        await person.ended()
        terminate(pid_of(person))
        await person.until(lambda: not opened.connection.alive, "the end of the connection")
        for each in clocks:
            each.resume()
        await person.hears("The open transaction was rolled back by the server.")
        await person.hears("Connected again")
        await person.sees(" idle")


async def test_commit_is_not_sent_on_another_connection(at_the_app: AtTheApp) -> None:
    async with at_the_app("2") as person:
        await person.press("f4")
        await person.sees("READ-WRITE")
        await person.run("CREATE TEMPORARY TABLE gone AS SELECT 1", *ASKED)
        terminate(pid_of(person))
        await person.hears("Connected again")
        await person.press("c")
        await person.hears("Rolled back: the connection was lost before COMMIT")


async def test_a_server_that_is_silent_after_sleep_is_left(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "ANSWER", 0.5)
    async with at_the_app("2") as person:
        silent = pid_of(person)
        os.kill(silent, signal.SIGSTOP)
        try:
            jump(monkeypatch, 3 * 3600)
            await person.hears("The clock jumped by 10,80")
            await person.hears("Connected again with a fresh token")
            assert pid_of(person) != silent
        finally:
            os.kill(silent, signal.SIGCONT)


async def test_after_sleep_a_living_connection_is_kept(
    at_the_app: AtTheApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "ANSWER", 60.0)
    async with at_the_app("2") as person:
        before = pid_of(person)
        jump(monkeypatch, -3600)
        await person.hears("The clock jumped by 3,6")
        await person.run("SELECT 'alive' AS now", "alive")
        assert pid_of(person) == before


def jump(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The wall clock is set, or the machine has slept."""
    real: Callable[[], float] = lifeline.time.time
    monkeypatch.setattr(lifeline.time, "time", lambda: real() + seconds)


async def test_what_was_set_for_the_session_is_said_to_be_gone_once(
    at_the_app: AtTheApp,
) -> None:
    async with at_the_app("2") as person:
        await person.run("SET search_path = sales", "SET")
        await person.press("f3")
        await person.hears("What SET, SET ROLE or USE had changed is as it is after a login.")
        told = len(person.app.said)
        await person.press("f3")
        await person.until(lambda: len(person.app.said) > told, "another login")
        await person.rests()
        assert "What SET" not in "".join(each.text for each in list(person.app.said)[told:])
