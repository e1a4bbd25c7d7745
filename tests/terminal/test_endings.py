"""The ends nobody plans: signals, a terminal that goes, a killed shell. The terminal comes back as
it was, nothing goes on running, and what was kept is whole."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import termios
import time
from pathlib import Path

import pytest

from .conftest import PATIENCE, PROGRAM, Run, Terminal

IGNORES_HANGUP = ("-c", 'trap \'\' HUP; exec "$0" "$@"')


def running(terminal: Terminal) -> dict[int, str]:
    """Command lines, by process, of all that works in this test's temporary directory."""
    mark = f"TMPDIR={terminal.tmp}".encode()
    found: dict[int, str] = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if mark in process.joinpath("environ").read_bytes().split(b"\0"):
                words = process.joinpath("cmdline").read_bytes().split(b"\0")
                found[int(process.name)] = b" ".join(words).decode()
        except OSError:
            continue
    return {pid: line for pid, line in found.items() if line}


def wait_nothing_runs(terminal: Terminal, seconds: float = PATIENCE) -> None:
    """Wait until every process of the test has gone."""
    ends = time.monotonic() + seconds
    while left := running(terminal):
        if time.monotonic() > ends:
            pytest.fail(f"still running: {left}")
        time.sleep(0.1)


def is_as_it_was(terminal: Terminal) -> bool:
    """The terminal shows what is typed and takes lines again, on its normal screen."""
    local = termios.tcgetattr(terminal.fd)[3]
    cooked = bool(local & termios.ICANON and local & termios.ECHO)
    end = bytes(terminal.raw)
    shown = end.rfind(b"\x1b[?1049l") > end.rfind(b"\x1b[?1049h")
    return cooked and shown and end.rfind(b"\x1b[?25h") > end.rfind(b"\x1b[?25l")


def written(pid: int) -> int:
    """How many bytes a process has written so far, wherever."""
    found = re.search(r"^wchar: (\d+)$", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def in_a_database(visit: Run) -> Terminal:
    terminal = visit()
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    return terminal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("busy", [False, True])
def test_a_signal_ends_it_with_the_terminal_as_it_was(
    visit: Run, number: signal.Signals, busy: bool
) -> None:
    terminal = in_a_database(visit)
    assert not is_as_it_was(terminal)
    if busy:
        terminal.press("SELECT pg_sleep(600)", "f5")
        terminal.wait_for("Running")
    os.kill(terminal.pid, number)
    assert terminal.wait_exit() == 128 + number
    assert is_as_it_was(terminal)
    assert b"Traceback" not in terminal.raw
    wait_nothing_runs(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_start_ends_it_too(run: Run, number: signal.Signals) -> None:
    terminal = run("demo")
    terminal.wait_for("sandbox is starting")
    os.kill(terminal.pid, number)
    assert terminal.wait_exit() == 128 + number
    assert is_as_it_was(terminal)
    assert b"Traceback" not in terminal.raw
    wait_nothing_runs(terminal)


@pytest.mark.parametrize("hears", [True, False])
def test_a_closed_terminal_ends_it(run: Run, visit: Run, hears: bool) -> None:
    if hears:
        terminal = in_a_database(visit)
    else:  # what a hangup does to a program that was told to ignore it: nothing
        terminal = run(*IGNORES_HANGUP, PROGRAM, "demo", program="/bin/sh")
        terminal.wait_for("BOOKMARKS")
        terminal.press("1")
        terminal.wait_for("Role name", "role_table_grants")
    terminal.hang_up()
    assert terminal.wait_exit() == 128 + signal.SIGHUP
    wait_nothing_runs(terminal)


def test_a_terminal_that_closes_under_a_flood_ends_it(visit: Run) -> None:
    terminal = in_a_database(visit)
    terminal.press("SELECT * FROM generate_series(1, 200000)", "f5")
    terminal.wait_for("≥ 500 rows")
    terminal.send("\x1b[B" * 400)  # much to draw, nobody reads it
    terminal.hang_up()
    assert terminal.wait_exit() == 128 + signal.SIGHUP
    wait_nothing_runs(terminal)


def test_a_terminal_that_reads_nothing_is_not_waited_for(visit: Run) -> None:
    terminal = in_a_database(visit)
    terminal.press("SELECT repeat(md5(i::text), 20) FROM generate_series(1, 400) i", "f5")
    terminal.wait_for("400 rows")
    drawn = -1
    while drawn != (drawn := written(terminal.pid)):  # pages to draw until the pty is full
        for _ in range(3):
            terminal.send("\x1b[6~\x1b[5~" * 10)
            time.sleep(0.5)
    os.kill(terminal.pid, signal.SIGTERM)
    ends = time.monotonic() + PATIENCE
    while Path(f"/proc/{terminal.pid}/stat").read_text().split(")")[1].split()[0] != "Z":
        assert time.monotonic() < ends, "it waits for the terminal"
        time.sleep(0.1)
    assert terminal.wait_exit() == 128 + signal.SIGTERM
    assert is_as_it_was(terminal)


def test_what_was_kept_is_whole_after_a_kill(run: Run, sandbox, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    terminal = run(**sandbox.wait_ready())
    terminal.wait_for("BOOKMARKS")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants")
    terminal.press("SELECT 4711 AS kept", "f5")
    terminal.wait_for("SELECT 1  ·  1 row")
    state = tmp_path / "home/.local/state/rolebrowser"
    # It is kept by a thread, once the first page has come.
    ends = time.monotonic() + PATIENCE
    while not (state / "recents.json").exists():
        assert time.monotonic() < ends, "the visit is not kept"
        terminal.read(0.1)
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait_exit()
    for name in ("history.jsonl", "audit.jsonl"):
        lines = (state / name).read_text().splitlines()
        assert any("4711" in json.loads(line).get("statement", "") for line in lines)
    assert json.loads((state / "recents.json").read_text())["recents"]
    assert not list(state.glob(".*.tmp"))


BROKEN = """
import sys
from rolebrowser.cli.ending import ending
from rolebrowser.config import Config
from rolebrowser.tui.app import RolebrowserApp
from rolebrowser.tui.holdings import Holdings

class Broken(RolebrowserApp):
    def action_help(self):
        password = "-".join(["hunter2", "in", "a", "variable"])
        raise KeyError("a fault of ours")

sys.exit(ending(Broken(Holdings(Config())).run_until_left))
"""


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_fault_of_ours_ends_in_a_sentence_and_shows_no_variable(run: Run, debug: str) -> None:
    terminal = run("-c", BROKEN, program=sys.executable, ROLEBROWSER_DEBUG=debug)
    terminal.wait_for("No AWS profile was found")
    terminal.press("f1")
    assert terminal.wait_exit() == 1
    assert is_as_it_was(terminal)
    assert b"KeyError" in terminal.raw
    assert b"a fault of ours" in terminal.raw
    assert (b"Traceback" in terminal.raw) == bool(debug)
    assert b"hunter2-in" not in terminal.raw
