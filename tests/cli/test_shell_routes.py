"""`rolebrowser shell` through tunnels: the stock clients, as long as they live."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess
from tests.bastion import Bastion

Rolebrowser = Callable[..., Any]
WORD = "SELECT current_user"


@pytest.fixture
def through(
    sandbox_env: SandboxProcess, bastion: Bastion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """config.toml has a bastion, and the sandbox's session-manager-plugin is installed."""
    config = tmp_path / "config.toml"
    shutil.copy(os.environ["ROLEBROWSER_CONFIG"], config)
    with config.open("a") as file:
        file.write('[[routes]]\nname = "by-ssh"\nssh = "bastion"\naddress = "127.0.0.1"\n')
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(config))
    plugins = Path(os.environ["SANDBOX_DIRECTORY"]) / "bin"
    monkeypatch.setenv("PATH", f"{plugins}:{os.environ['PATH']}")


LIST = "ps axeww -o command="
"""Every process with its environment, on Linux and macOS."""


def tunnels(listed: str = "") -> list[str]:
    """The programs that carry bytes for this very test: they have its config in their environment.

    Args:
        listed: what LIST printed; empty = it is run now.
    """
    if not listed:
        done = subprocess.run(LIST.split(), capture_output=True, text=True, check=True)
        listed = done.stdout
    marks = ("ExitOnForwardFailure", "sandbox/plugin.py AWS_SSM")
    own = f"ROLEBROWSER_CONFIG={os.environ['ROLEBROWSER_CONFIG']}"
    return [line for line in listed.splitlines() if own in line and any(m in line for m in marks)]


@pytest.mark.parametrize("route", ["by-ssh", "ssm"])
@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
def test_psql_goes_through(route: str, through: None, program: Rolebrowser, tmp_path: Path) -> None:
    meanwhile = tmp_path / "meanwhile"
    asked = ("-c", WORD, "-c", f"\\! {LIST} > {meanwhile}")
    done = program("shell", "2", "--route", route, "--", "-X", "-A", "-t", *asked)
    assert (done.code, done.out, done.err) == (0, "app_oncall\n", "")
    assert tunnels(meanwhile.read_text(errors="replace"))
    assert tunnels() == []


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
def test_psql_finds_the_way_again_when_its_tunnel_fell(through: None, program: Rolebrowser) -> None:
    script = (
        # Only the tunnel of this very test: its port is the one psql was given.
        "\\! ps -eo pid,args | grep \"[1]27.0.0.1:$PGPORT:\" | awk '{print $1}' | xargs kill\n"
        "SELECT pg_sleep(0.1);\n"
        "\\! sleep 4\n"
        "\\c\n"
        "SELECT 'again';\n"
    )
    done = program("shell", "2", "--route", "by-ssh", "--", "-X", "-A", "-t", text=script)
    assert "again" in done.out, done.err


@pytest.mark.parametrize("route", ["by-ssh", "ssm"])
@pytest.mark.skipif(shutil.which("mariadb") is None, reason="no mariadb client")
def test_the_mysql_client_goes_through(route: str, through: None, program: Rolebrowser) -> None:
    if not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    done = program("shell", "inventory", "--route", route, "--", "-N", "-e", "SELECT 1")
    assert (done.code, done.out, done.err) == (0, "1\n", "")
    assert tunnels() == []


def test_a_tunnel_cannot_be_printed(through: None, program: Rolebrowser) -> None:
    done = program("shell", "2", "--route", "by-ssh", "--print")
    assert done.code == 1
    assert "A tunnel ends with rolebrowser" in done.err
    assert done.out == ""


@pytest.mark.parametrize("more", [(), ("--route", "by-ssh")], ids=["direct", "ssh"])
@pytest.mark.skipif(shutil.which("pgcli") is None, reason="pgcli is not installed")
def test_pgcli_is_logged_in(more: tuple[str, ...], through: None, program: Rolebrowser) -> None:
    done = program("shell", "2", *more, "--client", "pgcli", "--", "--list")
    assert done.code == 0
    assert "orders_staging" in done.out
    assert "keyring" not in done.err


@pytest.mark.parametrize("more", [(), ("--route", "by-ssh")], ids=["direct", "ssh"])
@pytest.mark.skipif(shutil.which("mycli") is None, reason="mycli is not installed")
def test_mycli_is_logged_in(more: tuple[str, ...], through: None, program: Rolebrowser) -> None:
    if not mariadb.available():
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    asked = ("-e", "SELECT current_user()")
    done = program("shell", "inventory", *more, "--client", "mycli", "--", *asked)
    assert (done.code, "app_oncall@%" in done.out) == (0, True)
