"""Each plug pulled for real on MariaDB: what the pane says, keeps, and how it comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.screens import lifeline
from tests.mysql_server import inventory_admin

from .test_staying_alive import jump, pid_of

if TYPE_CHECKING:
    from .conftest import AtTheApp

pytestmark = pytest.mark.skipif(
    not mariadb.available(), reason="mariadbd is not installed (Debian: mariadb-server)"
)
DATABASE = "inventory"
FIRST = "stock_reader"
"""What the overview shows once the connection is there."""


@pytest.fixture
def admin(sandbox_env: SandboxProcess) -> Iterator[Any]:
    """The superuser's own cursor."""
    with inventory_admin() as direct, direct.cursor() as cursor:
        yield cursor


def server_process(admin: Any) -> int:
    """The id of the server's process."""
    admin.execute("SELECT @@pid_file")
    return int(Path(admin.fetchone()[0]).read_text())


async def test_a_server_that_ends_the_connection_under_a_statement(
    at_the_app: AtTheApp, admin: Any
) -> None:
    async with at_the_app("") as person:
        await person.press("7")
        await person.sees(FIRST)
        await person.run("SELECT 'kept' AS earlier", "kept")
        await person.run("SELECT sleep(60) AS slept", "Running")
        first = pid_of(person)
        admin.execute("KILL CONNECTION %s", (first,))
        await person.sees("may or may not have taken effect", "It is not run again")
        await person.hears("Connected again with a fresh token")
        assert pid_of(person) != first
        assert "SELECT sleep(60) AS slept" in person.text
        assert "1 SELECT 'kept'" in person.text
        assert "READ-ONLY" in person.text
        await person.run("SELECT 'alive' AS now", "alive")


async def test_a_session_that_is_over_is_renewed_for_the_next_login(
    at_the_app: AtTheApp, sandbox: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        await person.press("7")
        await person.sees(FIRST)
        first = pid_of(person)
        # Two hours later, by the clock of AWS and of the door: token and session are over. Nobody
        # gets in before all clocks agree again: a clock that is wrong is a fault of its own.
        sandbox.control("fault", database=DATABASE, down=True)
        sandbox.control("clock", seconds=7200)
        try:
            sandbox.control("expire")
            sandbox.control("drop", database=DATABASE)
            await person.hears("The connection was lost.")
            await person.sees("not connected · trying again")
        finally:
            sandbox.control("clock", seconds=-7200)
            sandbox.control("fault", database=DATABASE, down=False)
        await person.hears("Connected again with a fresh token")
        assert pid_of(person) != first
        await person.run("SELECT 'alive' AS now", "alive")


async def test_a_server_that_is_silent_after_sleep_is_left(
    at_the_app: AtTheApp, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "ANSWER", 0.5)
    process = server_process(admin)
    async with at_the_app("") as person:
        await person.press("7")
        await person.sees(FIRST)
        first = pid_of(person)
        os.kill(process, signal.SIGSTOP)
        try:
            jump(monkeypatch, 3 * 3600)
            await person.hears("The clock jumped by 10,80")
            await person.sees("not connected · trying again")
        finally:
            os.kill(process, signal.SIGCONT)
        await person.hears("Connected again with a fresh token")
        assert pid_of(person) != first
        await person.run("SELECT 'alive' AS now", "alive")


async def test_after_sleep_a_living_connection_is_kept(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "ANSWER", 60.0)
    async with at_the_app("") as person:
        await person.press("7")
        await person.sees(FIRST)
        before = pid_of(person)
        jump(monkeypatch, -3600)
        await person.hears("The clock jumped by 3,6")
        await asyncio.sleep(1.2)
        await person.run("SELECT 'alive' AS now", "alive")
        assert pid_of(person) == before


async def test_what_people_of_the_mysql_client_type(
    at_the_app: AtTheApp, sandbox_env: SandboxProcess
) -> None:
    async with at_the_app("") as person:
        await person.press("7")
        await person.sees(FIRST)
        await person.run("\\?", "show your grants", "use a database")
        for command in ("\\s", "status", "STATUS;"):
            await person.run("SELECT 'between' AS them", "between")
            await person.run(command, "Connection id", "Server version")
        await person.run("\\u zs_x", "zs_x")
        await person.run("SELECT database() AS here\\G", "[ RECORD 1 ]", "zs_x")
