"""`rolebrowser shell`: the stock psql, and what it is given."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.cli.shell import environment
from rolebrowser.config import Config, Timeouts
from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
needs_psql = pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")

VARIABLES = [
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGPASSWORD",
]


READING = "-c default_transaction_read_only=on"
SAID = (
    "orders-production is production: the session is read-only. "
    "To write: --read-write --confirm orders\n"
)

GUARDED_PROXY = """
[[bookmarks]]
name = "by-proxy"
profile = "staging"
database = "orders-proxy"
user = "app_oncall"
dbname = "orders_staging"
guarded = true
"""


def exported(lines: str) -> dict[str, str]:
    """What a shell that evaluates the lines has."""
    script = f"{lines}\nexec {sys.executable} -c 'import os; print(dict(os.environ))'"
    out = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    found: dict[str, str] = eval(out)
    return {name: value for name, value in found.items() if name.startswith("PG")}


def test_the_export_lines_are_those_promised(in_sandbox: Rolebrowser) -> None:
    staging = in_sandbox("shell", "2", "--print")
    assert (staging.code, staging.err, "PGOPTIONS" in staging.out) == (0, "", False)
    done = in_sandbox("shell", "1", "--print")
    assert (done.code, done.err) == (0, SAID)
    names = [line.removeprefix("export ").partition("=")[0] for line in done.out.splitlines()]
    assert names == [*VARIABLES, "PGOPTIONS"]
    values = exported(done.out)
    assert values["PGOPTIONS"] == READING
    assert values["PGHOST"].startswith("orders-production.cluster-")
    assert values["PGHOSTADDR"] == "127.0.0.1"
    assert values["PGSSLMODE"] == "verify-full"
    assert (values["PGUSER"], values["PGDATABASE"]) == ("app_oncall", "orders")


@needs_psql
def test_the_stock_psql_logs_in_with_them(
    program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    done = program("shell", "1", "--", "-X", "-A", "-t", "-c", "SELECT current_user")
    assert (done.code, done.out, done.err) == (0, "app_oncall\n", SAID)


@needs_psql
def test_production_is_not_written_to_by_habit(
    program: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    show = ("--", "-X", "-A", "-t", "-c", "SHOW transaction_read_only")
    written = program("shell", "1", "--", "-X", "-c", "CREATE TABLE habit (n int)")
    assert (written.code, "in a read-only transaction" in written.err) == (1, True)
    for given in ((), ("--confirm", "orders-production")):
        refused = program("shell", "1", "--read-write", *given, *show)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.endswith("--read-write --confirm orders\n")
    agreed = program("shell", "1", "--read-write", "--confirm", "orders", *show)
    assert (agreed.code, agreed.out, agreed.err) == (0, "off\n", "")
    elsewhere = program("shell", "2", *show)
    assert (elsewhere.code, elsewhere.out, elsewhere.err) == (0, "off\n", "")


def test_where_a_client_cannot_be_kept_read_only_it_is_not_started(
    in_sandbox: Rolebrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(Path(os.environ["ROLEBROWSER_CONFIG"]).read_text() + GUARDED_PROXY)
    monkeypatch.setenv("ROLEBROWSER_CONFIG", str(config))
    refused = in_sandbox("shell", "by-proxy", "--print")
    assert (refused.code, refused.out) == (1, "")
    assert "RDS Proxy takes no option" in refused.err
    agreed = in_sandbox(
        "shell", "by-proxy", "--read-write", "--confirm", "orders_staging", "--print"
    )
    assert (agreed.code, "PGOPTIONS" in agreed.out) == (0, False)


@needs_psql
def test_psqls_exit_code_is_ours(program: Rolebrowser, sandbox_env: SandboxProcess) -> None:
    script = ["--", "-X", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    assert program("shell", "1", *script, text="bad;").code == 3


def spy(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "psql", more: str = "") -> Path:
    """A client that writes down its arguments and environment."""
    seen = folder / "seen"
    binaries = folder / "bin"
    binaries.mkdir()
    program = binaries / name
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"open({str(seen)!r}, 'w').write(repr((sys.argv, dict(os.environ))))\n{more}"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    return seen


def test_nothing_secret_is_in_argv_and_nothing_of_the_environment_leads_it_astray(
    program: Rolebrowser,
    sandbox_env: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = spy(tmp_path, monkeypatch)
    for name in ("PGSERVICE", "PGSERVICEFILE", "PGOPTIONS", "PGGSSENCMODE", "PGTARGETSESSIONATTRS"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("PGSSLMODE", "disable")
    assert program("shell", "1", "--", "-c", r"\du").code == 0
    argv, environ = eval(seen.read_text())
    assert argv[1:] == ["-c", r"\du"]
    assert "X-Amz-Signature" in environ["PGPASSWORD"]
    assert environ["PGSSLMODE"] == "verify-full"
    assert environ["PGOPTIONS"] == f"mine {READING}"
    left = {name for name in environ if name.startswith("PG")}
    assert left == {*VARIABLES, "PGOPTIONS", "PGCONNECT_TIMEOUT"}


def test_pgcli_keeps_no_token_in_the_systems_keyring(
    program: Rolebrowser,
    sandbox_env: SandboxProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("keyring", reason="pip install 'rolebrowser[keyring]'")
    drawer = tmp_path / "drawer"
    (tmp_path / "drawers.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Drawer(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, name): return None\n"
        f"    def set_password(self, *what): open({str(drawer)!r}, 'a').write(repr(what))\n"
    )
    settings = tmp_path / "config" / "python_keyring"
    settings.mkdir(parents=True)
    (settings / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring=drawers.Drawer\nkeyring-path={tmp_path}\n"
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    # As pgcli does once it is logged in (pgcli/main.py, connect).
    keeps = "import keyring\nkeyring.set_password('pgcli', 'orders', os.environ['PGPASSWORD'])\n"
    seen = spy(tmp_path, monkeypatch, "pgcli", keeps)
    assert program("shell", "1", "--client", "pgcli").code == 0
    argv, _ = eval(seen.read_text())
    assert argv[1:] == []
    assert not drawer.exists()


def test_a_plain_urls_password_is_in_the_environment_too(
    program: Rolebrowser, clean_env: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = spy(tmp_path, monkeypatch)
    url = "postgresql://me:s3cr3t@db.example:6000/app?sslmode=require&connect_timeout=4"
    assert program("shell", url).code == 0
    argv, environ = eval(seen.read_text())
    assert argv[1:] == []
    assert {name: environ[name] for name in environ if name.startswith("PG")} == {
        "PGHOST": "db.example",
        "PGPORT": "6000",
        "PGUSER": "me",
        "PGDATABASE": "app",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "4",
        "PGPASSWORD": "s3cr3t",
    }


def test_without_psql_there_is_a_clear_word(
    in_sandbox: Rolebrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = in_sandbox("shell", "1")
    assert done.code == 1
    assert "psql is not installed" in done.err


def test_a_url_parameter_without_a_variable_is_refused(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("shell", "postgresql://h/d?keepalives_idle=5", "--print")
    assert (done.code, done.out) == (1, "")
    assert "keepalives_idle" in done.err


def test_harmless_variables_of_the_person_stay() -> None:
    kept = environment(
        {"PGTZ": "UTC", "PGHOST": "x", "HOME": "/h"}, Config(timeouts=Timeouts(connect=7))
    )
    assert kept == {"PGTZ": "UTC", "HOME": "/h", "PGCONNECT_TIMEOUT": "7"}
