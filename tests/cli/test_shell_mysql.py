"""`rolebrowser shell` on MySQL: the stock client, logged in, with nothing secret in argv."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]
needs_client = pytest.mark.skipif(shutil.which("mariadb") is None, reason="no mariadb client")


@pytest.fixture
def inventory(sandbox_env: SandboxProcess, mariadb_server: object) -> SandboxProcess:
    """Skips, or in CI fails, where there is no MariaDB."""
    return sandbox_env


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str) -> Path:
    """A client of that name first on PATH; the file it may write to."""
    binaries = folder / "bin"
    binaries.mkdir(exist_ok=True)
    program, seen = binaries / name, folder / "seen"
    version = 'if sys.argv[1:] == ["--version"]: print("mysql  Ver 8.0.36 for Linux"); sys.exit()'
    program.write_text(
        f"#!{sys.executable}\nimport json, os, signal, sys, time\n{version}\n"
        f"seen = open({str(seen)!r}, 'w')\n{code}\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    return seen


SPY = "json.dump([sys.argv[1:], dict(os.environ)], seen)"


@needs_client
def test_the_stock_client_is_logged_in(program: Rolebrowser, inventory: SandboxProcess) -> None:
    question = "SELECT current_user(), database()"
    for client in ("mariadb", "mysql"):
        done = program("shell", "inventory", "--client", client, "--", "-N", "-e", question)
        assert (done.code, done.out, done.err) == (0, "app_oncall@%\tinventory\n", "")


@needs_client
def test_production_is_not_written_to_by_habit(
    program: Rolebrowser,
    inventory: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tmp_path / "config.toml"
    bookmark = (
        '[[bookmarks]]\nname = "stock"\nprofile = "staging"\ndatabase = "inventory"\n'
        'user = "app_oncall"\ndbname = "inventory"\nguarded = true\n'
    )
    config.write_text(f"{Path(os.environ['ROLEBROWSER_CONFIG']).read_text()}\n{bookmark}")
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(config))
    write = ("--", "-e", "CREATE TABLE habit (n int); DROP TABLE habit")
    written = program("shell", "stock", *write)
    assert "the session is read-only. To write: --read-write --confirm inventory" in written.err
    assert (written.code, "ERROR 1792" in written.err) == (1, True)
    agreed = program("shell", "stock", "--read-write", "--confirm", "inventory", *write)
    assert "1792" not in agreed.err


@needs_client
def test_the_clients_exit_code_and_words_are_ours(
    program: Rolebrowser, inventory: SandboxProcess
) -> None:
    done = program("shell", "inventory", "--", "-e", "bad")
    assert done.code == 1
    assert "ERROR 1064 (42000)" in done.err


def test_nothing_secret_is_in_argv_or_the_environment(
    program: Rolebrowser,
    inventory: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = fake(tmp_path, monkeypatch, "mysql", SPY)
    for name in ("MYSQL_HOST", "MYSQL_PWD", "MYSQL_UNIX_PORT", "MYSQL_TCP_PORT"):
        monkeypatch.setenv(name, "mine")
    assert program("shell", "inventory", "--", "-e", "x").code == 0
    argv, environ = json.loads(seen.read_text())
    assert argv[1:] == [
        "--user=app_oncall",
        "--database=inventory",
        "--protocol=SOCKET",
        "--skip-password",
        "--ssl-mode=DISABLED",  # it said it is MySQL's own
        "-e",
        "x",
    ]
    assert "X-Amz" not in json.dumps([argv, environ])
    assert not [name for name in environ if name.startswith("MYSQL_")]
    assert not Path(argv[0].removeprefix("--socket=")).parent.exists()


def test_a_signal_ends_the_client_and_leaves_nothing(
    inventory: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = fake(tmp_path, monkeypatch, "mysql", f"{SPY}\nseen.close()\ntime.sleep(60)")
    running = subprocess.Popen(
        [sys.executable, "-m", "rolebrowser", "shell", "inventory"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (seen.exists() and seen.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)  # the client's affair: it is told by the terminal too
    time.sleep(0.2)
    assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 128 + signal.SIGTERM
    argv, _ = json.loads(seen.read_text())
    assert not Path(argv[0].removeprefix("--socket=")).parent.exists()


def test_a_refusal_names_its_likely_cause_before_any_client_starts(
    in_sandbox: Rolebrowser, inventory: SandboxProcess
) -> None:
    done = in_sandbox("shell", "inventory", "-u", "app_oncall_ro")
    assert done.code == 1
    assert "Access denied for user 'app_oncall_ro'" in done.err
    assert "AWSAuthenticationPlugin AS 'RDS'" in done.err
    assert "dbuser:db-INVENTORY6HJ2KL9MNB/app_oncall_ro" in done.err


def test_behind_a_route_the_export_lines_are_refused(
    in_sandbox: Rolebrowser, inventory: SandboxProcess
) -> None:
    done = in_sandbox("shell", "inventory", "--print")
    assert (done.code, done.out) == (1, "")
    assert "can't check the endpoint's certificate" in done.err


def test_a_plain_urls_export_lines(rolebrowser: Rolebrowser) -> None:
    done = rolebrowser(
        "shell", "mysql://me:s3cr3t@db.example:6000/app?ssl-mode=required", "--print"
    )
    assert done.out.splitlines() == [
        "export MYSQL_HOST=db.example",
        "export MYSQL_TCP_PORT=6000",
        "export MYSQL_PWD=s3cr3t",
    ]
    assert "mysql -u me --ssl-mode=REQUIRED app" in done.err


@needs_client
def test_a_plain_url_opens_in_the_stock_client(
    program: Rolebrowser, inventory: SandboxProcess
) -> None:
    dsn = inventory.exports["SANDBOX_MYSQL_DSN"]
    done = program("shell", dsn, "--", "-N", "-e", "SELECT current_user()")
    assert (done.code, done.out) == (0, "rdsadmin@%\n")


def test_a_client_of_the_other_engine_is_refused(
    in_sandbox: Rolebrowser, inventory: SandboxProcess
) -> None:
    for target, client, engine in (
        ("inventory", "psql", "MySQL"),
        ("orders-production", "mycli", "PostgreSQL"),
    ):
        done = in_sandbox("shell", target, "--client", client)
        assert done.code == 1
        assert f"{client} doesn't speak {engine}" in done.err


def test_without_a_client_there_is_a_clear_word(
    in_sandbox: Rolebrowser,
    inventory: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = in_sandbox("shell", "inventory")
    assert done.code == 1
    assert "mysql or mariadb is not installed" in done.err
