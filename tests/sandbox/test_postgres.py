"""A real server as any user, of any version here, and nothing of it left afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rolebrowser.errors import SandboxError
from rolebrowser.sandbox import postgres
from rolebrowser.sandbox.postgres import PostgresServer, find_binaries

START_AND_WAIT = """
import sys, time
from rolebrowser.sandbox.postgres import PostgresServer
server = PostgresServer.start()
print(server.directory, server.pid, flush=True)
time.sleep(600)
"""


def gone(pid: int, directory: Path, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alive = Path(f"/proc/{pid}").exists() if Path("/proc").exists() else _signalled(pid)
        if not alive and not directory.exists():
            return True
        time.sleep(0.02)
    return False


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_a_real_server_with_rdss_superuser() -> None:
    with PostgresServer.start() as server, psycopg.connect(server.dsn()) as connection:
        row = connection.execute("SELECT current_user, current_setting('is_superuser')").fetchone()
        assert row == ("rdsadmin", "on")
        assert connection.info.server_version // 10000 == server.version
        encoding = connection.execute("SHOW server_encoding").fetchone()
        assert encoding == ("UTF8",)


def test_two_at_once_are_apart() -> None:
    with PostgresServer.start() as one, PostgresServer.start() as other:
        with psycopg.connect(one.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE only_here")
        psycopg.connect(one.dsn("only_here")).close()
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(other.dsn("only_here"))


def test_the_superuser_is_open_to_nobody_else_on_this_machine() -> None:
    with PostgresServer.start() as server:
        assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_stopping_leaves_no_process_and_no_file_even_with_clients_connected() -> None:
    server = PostgresServer.start()
    connection = psycopg.connect(server.dsn())
    pid = server.pid
    server.stop()
    assert gone(pid, server.directory)
    server.stop()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_a_killed_server_is_over_at_once_and_stops_as_any_other() -> None:
    server = PostgresServer.start()
    pid = server.pid
    server.kill()
    server.stop()
    assert gone(pid, server.directory)
    server.kill()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_with_the_process_that_started_it(ending: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    directory, pid = owner.stdout.readline().split()
    owner.send_signal(ending)
    owner.wait()
    owner.stdout.close()
    assert gone(int(pid), Path(directory))


@pytest.mark.parametrize("after", [0.02, 0.1, 0.25, 0.4])
def test_an_owner_killed_while_it_starts_leaves_nothing(after: float) -> None:
    base = Path("/tmp") / f"rb-{os.getpid()}-{int(after * 100)}"
    base.mkdir()
    base.chmod(0o1777)
    try:
        owner = subprocess.Popen(
            [sys.executable, "-c", START_AND_WAIT],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(base)},
        )
        _wait_for(lambda: any(base.glob("*/server.log")))
        time.sleep(after)
        owner.kill()
        owner.wait()
        _wait_for(lambda: not any(base.iterdir()))
        assert str(base) not in _commands()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _commands() -> str:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return listed.stdout


def test_a_temporary_directory_too_deep_for_a_socket_is_left_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with PostgresServer.start() as server:
        psycopg.connect(server.dsn()).close()
        assert not any(deep.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives the server away to another user")
def test_root_serves_from_a_temporary_directory_others_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = Path("/tmp") / f"rb-closed-{os.getpid()}"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(closed))
    try:
        with PostgresServer.start() as server:
            psycopg.connect(server.dsn()).close()
            owner = Path(server.directory / "data").stat().st_uid
            assert owner != 0
            assert not any(closed.iterdir())
    finally:
        closed.rmdir()


def test_binaries_that_cannot_run_are_a_sentence_with_the_reason(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("initdb", "postgres"):
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho 'no such CPU' >&2\nexit 1\n")
        script.chmod(0o755)
    with pytest.raises(SandboxError) as caught:
        PostgresServer.start(binaries=tmp_path)
    assert "no such CPU" in caught.value.why


def test_no_server_at_all_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "Path", lambda *parts: Path("/nonexistent"))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SandboxError) as caught:
        find_binaries()
    assert "rolebrowser[demo]" in caught.value.fix


SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.mark.skipif(not SYSTEM, reason="no system PostgreSQL")
def test_a_system_postgresql_stands_in_where_the_wheel_has_no_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)
    binaries = find_binaries()
    assert binaries == SYSTEM[-1].parent
    with PostgresServer.start() as server:
        psycopg.connect(server.dsn()).close()
        assert str(server.version) == binaries.parent.name
