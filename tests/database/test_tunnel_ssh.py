"""database/tunnel.py with a real ssh and a real sshd: it stands, falls, gets up, never stays."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.database import ssh_login, tunnel_words
from rolebrowser.database.tunnel import Tunnel
from rolebrowser.database.tunnel_ssh import Command, Ssh
from rolebrowser.errors import Cancelled, ConnectionLost, RouteError, TimedOut
from tests.bastion import Bastion

NOWHERE = ConnectionLost("The server hung up before the login.")


@pytest.fixture
def echo() -> Iterator[int]:
    """A port that gives back what it gets."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=_answer, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def _answer(client: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        while data := client.recv(4096):
            client.sendall(data)


def asked(port: int, text: bytes = b"hello") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as there:
        there.sendall(text)
        return there.recv(4096)


def children_of(port: int) -> list[int]:
    """Processes that have the forwarded port in their command line."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and f":{port}:".encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def gone(port: int, seconds: float = 60) -> bool:
    ends = time.monotonic() + seconds
    while children_of(port):
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def opened(bastion: Bastion, echo: int) -> Iterator[Tunnel]:
    tunnel = Tunnel(Ssh("bastion", "127.0.0.1", echo), seconds=60)
    tunnel.open()
    yield tunnel
    tunnel.close()


def refused(destination: str = "bastion", *, port: int = 1) -> RouteError:
    tunnel = Tunnel(Ssh(destination, "127.0.0.1", port), seconds=60)
    with pytest.raises(RouteError) as caught:
        tunnel.open()
    assert not tunnel.running
    return caught.value


def test_bytes_go_through_the_persons_own_ssh(opened: Tunnel) -> None:
    assert asked(opened.port) == b"hello"


def test_closing_ends_ssh(opened: Tunnel) -> None:
    opened.close()
    assert gone(opened.port)
    ends = time.monotonic() + 60
    while opened.running and time.monotonic() < ends:
        time.sleep(0.02)
    assert not opened.running


def test_a_tunnel_that_fell_gets_up_on_the_same_port(opened: Tunnel) -> None:
    port = opened.port
    for pid in children_of(port):
        os.kill(pid, signal.SIGKILL)
    assert gone(port)
    while opened.running:
        time.sleep(0.02)
    opened.open()
    assert opened.port == port
    assert asked(port) == b"hello"


def test_a_tunnel_that_stays_gets_up_by_itself(opened: Tunnel) -> None:
    opened.stay()
    (before,) = children_of(opened.port)
    os.kill(before, signal.SIGTERM)
    ends = time.monotonic() + 60
    while children_of(opened.port) in ([], [before]) and time.monotonic() < ends:
        time.sleep(0.05)
    with contextlib.suppress(OSError):
        opened.open()
    assert asked(opened.port) == b"hello"


def test_a_connection_that_is_lost_says_that_the_tunnel_ended(opened: Tunnel) -> None:
    for pid in children_of(opened.port):
        os.kill(pid, signal.SIGKILL)
    assert gone(opened.port)
    told = opened.explain(NOWHERE)
    assert isinstance(told, ConnectionLost)
    assert "ssh bastion ended" in told.why


def test_what_the_far_end_could_not_reach_is_told(bastion: Bastion) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        tunnel = Tunnel(Ssh("bastion", "127.0.0.1", held.getsockname()[1]), seconds=60)
        tunnel.open()
        with contextlib.suppress(OSError):
            asked(tunnel.port)
        told = tunnel.explain(NOWHERE)
        tunnel.close()
    assert isinstance(told, RouteError)
    assert told.code == "refused"
    assert "over there" in told.what


def test_a_far_name_that_does_not_resolve_is_told(bastion: Bastion) -> None:
    tunnel = Tunnel(Ssh("bastion", "no-such-host.invalid", 5432), seconds=60)
    tunnel.open()
    with contextlib.suppress(OSError):
        asked(tunnel.port)
    told = tunnel.explain(NOWHERE)
    tunnel.close()
    assert isinstance(told, RouteError)
    assert told.code == "dns"


def test_a_key_that_is_not_let_in(bastion: Bastion) -> None:
    bastion.lock(True)
    error = refused()
    assert error.code == "route-login"
    assert "ssh-add" in error.fix
    assert "Permission denied" in error.why


@pytest.fixture
def passphrase(bastion: Bastion) -> Iterator[Path]:
    """The person's key, which has one."""
    key = bastion.directory / "person"
    plain = key.read_bytes()
    _keygen("-p", "-P", "", "-N", "correct horse", "-f", str(key))
    yield key
    key.write_bytes(plain)


def _keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *words], check=True, stdout=subprocess.DEVNULL)


def test_a_key_with_a_passphrase_is_named_with_the_ssh_add_to_type(passphrase: Path) -> None:
    error = refused()
    assert error.code == "route-login"
    assert error.what.endswith("has a passphrase, and nobody can type one here.")
    assert error.fix.endswith(f"ssh-add {passphrase}")


def test_a_key_with_a_passphrase_is_fine_in_the_agent(
    passphrase: Path, echo: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sock = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", sock], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", sock)
        asks = tmp_path / "ask"
        asks.write_text("#!/bin/sh\necho correct horse\n")
        asks.chmod(0o700)
        helped = {**os.environ, "SSH_ASKPASS": str(asks), "SSH_ASKPASS_REQUIRE": "force"}
        ends = time.monotonic() + 60
        while not Path(sock).exists() and time.monotonic() < ends:
            time.sleep(0.02)
        subprocess.run(["ssh-add", "-q", str(passphrase)], env=helped, check=True)
        tunnel = Tunnel(Ssh("bastion", "127.0.0.1", echo), seconds=60)
        tunnel.open()
        assert asked(tunnel.port) == b"hello"
        tunnel.close()
    finally:
        agent.terminate()
        agent.wait(60)


def test_a_bastion_that_wants_something_typed_is_told_apart(tmp_path: Path) -> None:
    wanted = ssh_login.Wanted("ops@jump", "db.example", 5432)
    words = "ops@jump: Permission denied (password,keyboard-interactive)."
    plain = tunnel_words.explain(tunnel_words.SSH, "ssh ops@jump", 255, words)
    error = ssh_login.explain(wanted, plain)
    assert error.what == "ssh ops@jump wants a password or a code, and nobody can type one here."
    assert "ssh -N -L 15432:db.example:5432 ops@jump" in error.fix


def test_a_host_nobody_knows_is_not_trusted(bastion: Bastion) -> None:
    bastion.forget_host()
    error = refused()
    assert error.code == "route-host-key"
    assert "by hand" in error.fix


def test_a_host_key_that_changed_is_told_apart(bastion: Bastion) -> None:
    bastion.know_host(key="stranger")
    assert "is not the one that is known" in refused().what


def test_a_bastion_that_is_not_there(bastion: Bastion) -> None:
    assert refused("no-such-bastion.invalid").code == "route-dns"


def test_an_ssh_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refused()
    assert error.code == "route-program"
    assert "ssh is not installed" in error.what


def test_killing_rolebrowser_leaves_no_ssh_behind(bastion: Bastion, echo: int) -> None:
    script = (
        "import sys, time\n"
        "from rolebrowser.database.tunnel import Tunnel\n"
        "from rolebrowser.database.tunnel_ssh import Ssh\n"
        f"t = Tunnel(Ssh('bastion', '127.0.0.1', {echo}), seconds=60)\n"
        "t.open(); print(t.port, flush=True); time.sleep(60)\n"
    )
    victim = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert victim.stdout is not None
    port = int(victim.stdout.readline())
    assert children_of(port)
    victim.kill()
    victim.wait()
    victim.stdout.close()
    assert gone(port)


def test_killing_the_keeper_leaves_no_ssh_behind(opened: Tunnel) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ends a process with its parent")
    (pid,) = children_of(opened.port)
    os.kill(_parent(pid), signal.SIGKILL)
    assert gone(opened.port)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _script(tmp_path: Path, body: str) -> str:
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport os, socket, sys, time\n{body}")
    program.chmod(0o755)
    return str(program)


LISTENS = """
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    client.sendall(" ".join(sys.argv[2:]).encode())
    client.close()
"""


def test_a_command_gets_its_places_filled_in_and_no_shell(tmp_path: Path) -> None:
    words = [_script(tmp_path, LISTENS), "{local_port}", "{host}:{port}", "$(id)", "{other}"]
    tunnel = Tunnel(Command(words, "db.example", 5432), seconds=60)
    tunnel.open()
    with socket.create_connection(("127.0.0.1", tunnel.port), timeout=60) as there:
        said = there.recv(4096)
    tunnel.close()
    assert said == b"db.example:5432 $(id) {other}"


def test_a_command_that_never_listens_has_a_time_limit_and_is_ended(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    body = f"open({str(marker)!r}, 'w').write(str(os.getpid()))\nprint('waiting', flush=True)\n"
    program = _script(tmp_path, body + "time.sleep(600)\n")
    tunnel = Tunnel(Command([program], "h", 1), seconds=5.0)
    with pytest.raises(TimedOut, match="not ready within 5 seconds") as caught:
        tunnel.open()
    assert "waiting" in caught.value.why
    pid, ends = int(marker.read_text()), time.monotonic() + 60
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_command_that_goes_to_the_background_is_told_to_stay(tmp_path: Path) -> None:
    with pytest.raises(RouteError, match="foreground"):
        Tunnel(Command([_script(tmp_path, "")], "h", 1), seconds=10).open()


def test_waiting_for_a_command_can_be_cancelled(tmp_path: Path) -> None:
    cancel = Cancel()
    timer = threading.Timer(0.3, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        Tunnel(Command([_script(tmp_path, "time.sleep(60)")], "h", 1), seconds=30).open(cancel)
    timer.join()


def test_closing_wakes_whoever_waits_for_it_to_open(tmp_path: Path) -> None:
    tunnel = Tunnel(Command([_script(tmp_path, "time.sleep(60)")], "h", 1), seconds=30)
    timer = threading.Timer(0.3, tunnel.close)
    timer.start()
    with pytest.raises(Cancelled):
        tunnel.open()
    timer.join()


def test_a_command_that_ignores_being_asked_is_ended_all_the_same(tmp_path: Path) -> None:
    body = "import signal\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\n" + LISTENS
    words = [_script(tmp_path, body), "{local_port}", ":{local_port}:"]
    tunnel = Tunnel(Command(words, "h", 1), seconds=60)
    tunnel.open()
    assert children_of(tunnel.port)
    tunnel.close()
    assert gone(tunnel.port)


def test_a_port_taken_while_the_tunnel_was_down_is_not_trusted(tmp_path: Path) -> None:
    words = [_script(tmp_path, LISTENS), "{local_port}", ":{local_port}:"]
    tunnel = Tunnel(Command(words, "h", 1), seconds=60)
    tunnel.open()
    for pid in children_of(tunnel.port):
        os.kill(pid, signal.SIGKILL)
    assert gone(tunnel.port)
    while tunnel.running:
        time.sleep(0.02)
    with (
        socket.create_server(("127.0.0.1", tunnel.port)),
        pytest.raises(RouteError) as caught,
    ):
        tunnel.open()
    assert caught.value.code == "port-taken"
