"""What a whole tour leaves behind: no key, no token, no password, and nothing others could read.

What a living process has in its memory is no part of this: it works with sessions and tokens, and
Python's strings can't be wiped. What can be promised is that none of it comes out.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.sandbox.process import SandboxProcess

from .conftest import PROGRAM, Run, Terminal
from .onlooker import Onlooker

PASSWORD = "hunter2-correct-horse"
SIGNATURE = "X-Amz-Signature="
"""Part of each IAM token, and of nothing else."""
KEPT_BY_DESIGN = (".aws/cli/cache", ".aws/sso/cache")
"""Files that are there to hold sessions: the AWS CLI's own caches."""
KEYS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
HELD_BY_DESIGN = {"psql": ("PGPASSWORD",), "sleep": KEYS}
"""Programs that are started to be given a secret, in their environment: `shell` and `exec`."""


def tour(terminal: Terminal) -> None:
    """A visit to every place of the UI where a secret is used, or could be kept."""
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press(f"ALTER ROLE app_oncall PASSWORD '{PASSWORD}'")
    terminal.wait_for("PASSWORD")
    terminal.press("f5")
    terminal.wait_for("read-only")
    terminal.press("\x07")  # $EDITOR
    terminal.wait_for("EDITING NOW")
    terminal.press("enter")
    terminal.wait_for("AS answer")
    terminal.press("f5")
    terminal.wait_for("4711", "SELECT 1  ·  1 row")
    terminal.press("f7")
    terminal.wait_for("List of role grants")
    terminal.press("f7")
    terminal.wait_for("roles ×")
    terminal.press("f10")
    terminal.wait_for("BOOKMARKS")
    terminal.press("4")
    terminal.wait_for("Not connected to billing")
    terminal.press("d")
    terminal.wait_for("is not an IAM user")
    terminal.press("esc")
    terminal.wait_gone("Doctor: ")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def commands(home: Path, environ: dict[str, str]) -> bytes:
    """The same by commands; what they wrote, but for the token that is asked for."""
    lines: list[tuple[str, ...]] = [
        ("sql", "1", "-c", f"ALTER ROLE app_oncall PASSWORD '{PASSWORD}'"),
        ("sql", "1", "-c", f"\\o {home}/rows.txt", "-c", "SELECT 4713"),
        ("sql", "1", "-c", f"SELECT 4714 \\g {home}/more.txt"),
        ("sql", "1", "-c", f"\\copy (SELECT 4715) TO {home}/copy.csv"),
        ("grants", "1", "--report", f"{home}/grants.html"),
        ("doctor", "4", "--markdown"),
        ("users", "1", "--why"),
        ("roles", "-p", "staging"),
        ("exec", "-p", "staging", "--", "sleep", "2"),
    ]
    if shutil.which("psql"):
        lines.append(("shell", "1", "--", "-X", "-c", "SELECT pg_sleep(2)"))
    said = b""
    for line in lines:
        done = subprocess.run(
            [PROGRAM, *line],
            env=environ,
            capture_output=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )
        assert b"Traceback" not in done.stderr
        said += done.stdout + done.stderr
    return said


def files(*places: Path) -> Iterator[Path]:
    """Everything that lies below some directories."""
    for place in places:
        yield from place.rglob("*")


def test_a_tour_leaves_no_secret_behind_and_nothing_open_to_others(
    run: Run, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    editor = tmp_path / "editor"
    text = "printf 'EDITING NOW'; read line; echo 'SELECT 4711 AS answer' > \"$1\""
    editor.write_text(f"#!/bin/sh\n{text}\n")
    editor.chmod(0o755)
    with Onlooker(sandbox.pid) as onlooker:
        terminal = run(**sandbox.wait_ready(), EDITOR=str(editor))
        tour(terminal)
        said = commands(home, terminal.environ)
    assert {"sh", "sleep"} <= onlooker.names(), "the onlooker missed what it was there for"

    left = [path for path in files(home, terminal.tmp) if path.is_file()]
    cached = [
        path for path in left if str(path).startswith(tuple(f"{home}/{d}" for d in KEPT_BY_DESIGN))
    ]
    secrets = [PASSWORD, SIGNATURE]
    for path in cached:
        keys = json.loads(path.read_text()).get("Credentials", {})
        secrets += [keys[name] for name in ("SecretAccessKey", "SessionToken") if name in keys]
    assert len(secrets) > 4, "the tour used no sessions"

    open_to_others = [
        f"{stat.filemode(path.lstat().st_mode)} {path}"
        for path in files(home, terminal.tmp)
        if path.lstat().st_mode & 0o077
    ]
    assert open_to_others == []
    texts = {str(path): path.read_bytes() for path in left if path not in cached}
    names = {Path(path).name for path in texts}
    assert names >= {
        "history.jsonl",
        "audit.jsonl",
        "rows.txt",
        "more.txt",
        "copy.csv",
        "grants.html",
    }
    for secret in secrets:
        assert [path for path, text in texts.items() if secret.encode() in text] == []
    for secret in secrets[1:]:  # the password was typed by the person
        assert secret.encode() not in terminal.raw
        assert secret.encode() not in said
    for each in onlooker.seen:
        held = [name for program in each.names for name in HELD_BY_DESIGN.get(program, ())]
        environ = each.without(*held)
        for secret in secrets[1:]:
            assert secret.encode() not in each.argv, each.argv
            assert secret.encode() not in environ, (each.argv, secret)


def test_a_crash_tells_where_and_nothing_else(
    run: Run, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """What Python writes of a crash is places in the code; the system writes no core."""
    line = f'ulimit -c $(ulimit -Hc); cd "{tmp_path}"; exec {PROGRAM}'
    exports = sandbox.wait_ready()
    terminal = run("-c", line, program="/bin/sh", PYTHONFAULTHANDLER="1", **exports)
    terminal.wait_for("BOOKMARKS")
    limits = Path(f"/proc/{terminal.pid}/limits").read_text().splitlines()
    assert next(each for each in limits if "core file size" in each).split()[4] == "0"
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press(f"-- {PASSWORD}")
    terminal.wait_for(PASSWORD)
    os.kill(terminal.pid, signal.SIGABRT)
    assert terminal.wait_exit() == -signal.SIGABRT
    # What comes before may be the editor, which draws what was typed once more.
    _, found, dump = bytes(terminal.raw).partition(b"Fatal Python error: Aborted")
    assert found
    cache = next((tmp_path / "home/.aws/cli/cache").glob("*.json"))
    keys = json.loads(cache.read_text())["Credentials"]
    for secret in (PASSWORD, SIGNATURE, keys["SecretAccessKey"], keys["SessionToken"]):
        assert secret.encode() not in dump
    assert [path.name for path in tmp_path.iterdir() if "core" in path.name] == []


@pytest.mark.parametrize("name", ["tour.cast", "tour.svg"])
def test_the_recording_has_no_token_in_it(name: str) -> None:
    kept = Path(__file__).parents[2] / "screenshots" / name
    assert SIGNATURE not in kept.read_text(encoding="utf-8")


def test_the_demo_leaves_nothing_in_the_home(run: Run, tmp_path: Path) -> None:
    terminal = run("demo")
    terminal.wait_for("BOOKMARKS", "engineer")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press("SELECT 4711 AS answer")
    terminal.wait_for("4711")
    terminal.press("f5")
    terminal.wait_for("SELECT 1  ·  1 row")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []
