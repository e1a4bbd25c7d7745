"""Behind a bastion, at a real terminal: whatever ends rolebrowser, the tunnel or what lies behind
it, nothing goes on running, and one reads what happened."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from rolebrowser.sandbox.process import SandboxProcess
from tests.bastion import Bastion

from .conftest import PATIENCE, Run, Terminal
from .test_endings import is_as_it_was, running, wait_nothing_runs

FORWARDS = """
import socket, sys, threading

def pump(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    there = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for pair in ((client, there), (there, client)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"""
ROUTES = """
[[routes]]
name = "ssh"
ssh = "bastion"
address = "127.0.0.1"

[[routes]]
name = "ssm"
ssm = "auto"

[[routes]]
name = "command"
command = ["{python}", "{script}", "{{local_port}}", "{{port}}"]
"""
BOOKMARK = """
[[bookmarks]]
name = "through"
profile = "staging"
database = "orders-staging"
user = "app_oncall"
dbname = "orders_staging"
route = "{kind}"
"""
PROGRAMS = {"ssh": "ssh", "ssm": "plugin.py", "command": "forwards.py"}
KINDS = tuple(PROGRAMS)


def connected(
    run: Run, sandbox: SandboxProcess, bastion: Bastion | None, directory: Path, kind: str
) -> Terminal:
    """Inside, through a route of that kind."""
    theirs = Path(sandbox.exports["ROLEBROWSER_CONFIG"]).read_text(encoding="utf-8")
    top, routes, rest = theirs.partition("[[routes]]")
    script = directory / "forwards.py"
    script.write_text(FORWARDS, encoding="utf-8")
    ours = BOOKMARK.format(kind=kind) + ROUTES.format(python=sys.executable, script=script)
    config = directory / "config.toml"
    config.write_text(f"{top}{ours}{routes}{rest}", encoding="utf-8")
    path = [f"{sandbox.exports['SANDBOX_DIRECTORY']}/bin", os.environ["PATH"]]
    if bastion is not None:
        path.insert(0, bastion.bin)
    environ = {**sandbox.exports, "PATH": ":".join(path), "ROLEBROWSER_CONFIG": str(config)}
    terminal = run(**environ)
    terminal.wait_for("through")
    terminal.press("1")
    terminal.wait_for("Role name", "role_table_grants", f"via {kind}")
    assert tunnels(terminal, kind)
    return terminal


def tunnels(terminal: Terminal, kind: str) -> list[int]:
    """The processes that carry the route."""
    mark = PROGRAMS[kind].encode()
    found: list[int] = []
    for pid in running(terminal):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if any(word.rsplit(b"/", 1)[-1] == mark for word in words[:5]):
            found.append(pid)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("kind", KINDS)
def test_a_signal_to_rolebrowser_ends_the_route_too(
    kind: str,
    number: signal.Signals,
    run: Run,
    sandbox_env: SandboxProcess,
    bastion: Bastion,
    tmp_path: Path,
) -> None:
    terminal = connected(run, sandbox_env, bastion, tmp_path, kind)
    os.kill(terminal.pid, number)
    assert terminal.wait_exit() == (-number if number == signal.SIGKILL else 128 + number)
    if number != signal.SIGKILL:
        assert is_as_it_was(terminal)
        assert b"Traceback" not in terminal.raw
    wait_nothing_runs(terminal)


@pytest.mark.parametrize("kind", KINDS)
def test_a_route_that_falls_gets_up_while_one_is_connected(
    kind: str, run: Run, sandbox_env: SandboxProcess, bastion: Bastion, tmp_path: Path
) -> None:
    terminal = connected(run, sandbox_env, bastion, tmp_path, kind)
    before = tunnels(terminal, kind)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    # No port, time or count on the screen reads like the answer.
    terminal.press("SELECT 'came ' || 'through'", "f5")
    terminal.wait_for("ended")
    until_there = time.monotonic() + PATIENCE
    while "came through" not in terminal.text:
        assert time.monotonic() < until_there, terminal.text
        terminal.press("f5")
        terminal.read(1)
    after = tunnels(terminal, kind)
    assert after
    assert not set(after) & set(before)
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    wait_nothing_runs(terminal)


def test_a_sandbox_that_goes_away_leaves_a_sentence_and_no_route(
    run: Run, clean_env: Path, tmp_path: Path
) -> None:
    sandbox = SandboxProcess()
    try:
        sandbox.wait_ready()
        terminal = connected(run, sandbox, None, tmp_path, "command")
    finally:
        sandbox.stop()
    terminal.press("SELECT 1", "f5")
    terminal.wait_for("lost")
    assert b"Traceback" not in terminal.raw
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    wait_nothing_runs(terminal)
