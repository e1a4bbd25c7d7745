"""A home that can't be written, a disk that is full, a second rolebrowser beside the first: work
goes on, what can't be kept is said in a sentence, and what was kept before stays as it was."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from rolebrowser.sandbox.process import SandboxProcess

from .conftest import PROGRAM, Run, Terminal

FULL = 'mount -t tmpfs -o size=64k tmpfs "$HOME"; cat /dev/zero > "$HOME/all" 2>/dev/null; '
READ_ONLY = 'mount --bind "$HOME" "$HOME"; mount -o remount,bind,ro "$HOME"; '
NO_FILE_GROWS = "ulimit -f 0; "
RUN = 'exec "$0" "$@"'

HARDSHIPS = {
    "read-only home": ("unshare", "--mount", "sh", "-c", READ_ONLY + RUN),
    "full disk": ("unshare", "--mount", "sh", "-c", FULL + RUN),
    "no file may grow": ("sh", "-c", NO_FILE_GROWS + RUN),
}


def needs_mounts(command: tuple[str, ...]) -> None:
    """Skips where nothing may be mounted, not even in a namespace of one's own."""
    if command[0] != "unshare":
        return
    tried = shutil.which("unshare") and subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True
    )
    if not tried or tried.returncode:
        pytest.skip("mounting is not allowed here (it takes root)")


@pytest.fixture(params=HARDSHIPS)
def hardship(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """A command that runs its arguments where nothing can be written to the home."""
    command = HARDSHIPS[request.param]
    needs_mounts(command)
    return command


def test_the_main_job_goes_on_where_nothing_can_be_kept(
    run: Run, sandbox: SandboxProcess, hardship: tuple[str, ...], tmp_path: Path
) -> None:
    program, *arguments = hardship
    terminal = run(*arguments, PROGRAM, program=program, **sandbox.wait_ready())
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press("SELECT 6*7 AS answer", "f5")
    terminal.wait_for("42", "SELECT 1  ·  1 row")
    terminal.wait_for("The audit log is not written")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    assert b"Traceback" not in terminal.raw
    left = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert [path for path in left if path.stat().st_size or path.name.endswith(".tmp")] == []


@pytest.mark.parametrize("arguments", [("sql", "orders-production", "-c", "SELECT 6*7")])
def test_a_command_does_its_job_where_nothing_can_be_kept(
    sandbox_env: SandboxProcess, clean_env: Path, hardship: tuple[str, ...], arguments: tuple[str]
) -> None:
    done = subprocess.run(
        [*hardship, PROGRAM, *arguments], capture_output=True, text=True, timeout=240
    )
    assert (done.returncode, "42" in done.stdout) == (0, True), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("profiles",),
        ("databases", "-p", "staging", "--json"),
        ("sql", "orders-production", "-c", "SELECT 6*7"),
        ("sql", "orders-production", "--csv", "-c", "SELECT * FROM generate_series(1, 100000)"),
        ("grants", "orders-production"),
        ("token", "orders-staging", "-p", "staging", "-u", "app_oncall"),
        ("--help",),
        ("sql", "--help"),
    ],
    ids=lambda arguments: " ".join(arguments)[:30],
)
def test_output_that_finds_no_room_is_a_failure_said_in_a_sentence(
    sandbox_env: SandboxProcess, clean_env: Path, arguments: tuple[str, ...]
) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=240
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "Please report" not in done.stderr


def test_a_bookmark_that_finds_no_room_leaves_the_config_as_it_was(
    run: Run, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    exports = sandbox.wait_ready()
    config = tmp_path / "config.toml"
    config.write_bytes(Path(exports["ROLEBROWSER_CONFIG"]).read_bytes())
    before = config.read_bytes()
    terminal = run(
        *("-c", NO_FILE_GROWS + RUN, PROGRAM),
        program="sh",
        **exports | {"ROLEBROWSER_CONFIG": str(config)},
    )
    terminal.wait_for("BOOKMARKS")
    terminal.press("/", "staging", "enter")
    terminal.wait_for("├ writer")
    terminal.press("/", "orders-staging", "enter")
    terminal.wait_for("another user")
    terminal.press("m")
    terminal.wait_for("Name of the bookmark")
    terminal.press("mine", "enter")
    terminal.wait_for("was not saved")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    assert config.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "home"]


def test_two_at_once_keep_what_the_other_keeps(
    run: Run, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    terminals: list[Terminal] = [run(**sandbox.wait_ready()) for _ in range(2)]
    for terminal, digit in zip(terminals, "12", strict=True):
        terminal.wait_for("BOOKMARKS")
        terminal.press(digit)
    for terminal in terminals:
        terminal.wait_for("Role name", "role_table_grants")
    marks = [f"of{who}x{turn}" for turn in range(4) for who in range(2)]
    for who, terminal in enumerate(terminals):
        terminal.press(" ".join(f"SELECT '{mark}';" for mark in marks[who::2]))
    for terminal in terminals:
        terminal.send("\x1b[20~")  # F9: run them all
    for who, terminal in enumerate(terminals):
        terminal.wait_for("4 SELECT", f"│ of{who}x3 ")
        terminal.press("ctrl+q")
    assert [terminal.wait_exit() for terminal in terminals] == [0, 0]
    state = tmp_path / "home/.local/state/rolebrowser"
    for name in ("history.jsonl", "audit.jsonl"):
        kept = [json.loads(line) for line in (state / name).read_text().splitlines()]
        texts = " ".join(each.get("statement", "") for each in kept)
        assert [mark for mark in marks if mark not in texts] == []
    recents = json.loads((state / "recents.json").read_text())["recents"]
    opened = {each["target"]["database"] for each in recents}
    assert opened >= {"orders-production", "orders-staging"}
    assert not [path for path in state.iterdir() if path.name.endswith((".tmp", ".broken"))]
    caches = list((tmp_path / "home/.aws/cli/cache").iterdir())
    assert caches
    for path in caches:
        assert json.loads(path.read_text())["Credentials"]
