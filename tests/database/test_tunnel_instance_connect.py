"""database/tunnel_instance_connect.py: a real ssh to a real sshd by an `aws` that opens the way.

The key goes to the sandbox, whose file of keys the sshd reads.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser import config as configuration
from rolebrowser.database.tunnel import Tunnel
from rolebrowser.database.tunnel_instance_connect import InstanceConnect
from rolebrowser.errors import RouteError
from rolebrowser.identity import credentials, profile_files
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.sandbox.process import SandboxProcess
from tests.bastion import Bastion

INSTANCE = "i-0ba5710457a6e0001"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the sshd lets its own user in only")

_OPEN_TUNNEL = """\
import json, os, socket, sys, threading
with open({seen!r}, "w") as file:
    json.dump([sys.argv[1:], os.environ.get("AWS_ACCESS_KEY_ID")], file)
there = socket.create_connection(("127.0.0.1", {port}))
def out():
    while data := there.recv(65536):
        os.write(1, data)
    os._exit(0)
threading.Thread(target=out, daemon=True).start()
while data := os.read(0, 65536):
    there.sendall(data)
"""


def aws(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """An `aws` first in PATH."""
    folder.mkdir()
    program = folder / "aws"
    program.write_text(f"#!{sys.executable}\n{code}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def session(profile: str = "staging", role: str = "") -> Session:
    config = configuration.load()
    return credentials.resolve(
        profile,
        role,
        profiles=profile_files.load(os.environ),
        aws_dir=config.aws_dir,
        prompts=NobodyToAsk(),
    )


def tunnel(port: int, who: Session, endpoint: str = "eice-0123") -> Tunnel:
    """To 127.0.0.1:port, from the instance."""
    here = ("127.0.0.1", port, lambda: who)
    return Tunnel(InstanceConnect(f"root@{INSTANCE}", endpoint, "eu-west-1", *here), seconds=60)


@pytest.fixture
def seen(
    sandbox_env: SandboxProcess, bastion: Bastion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """What `aws` was asked; the instance knows no key of the person's, only those sent."""
    record = tmp_path / "seen"
    aws(tmp_path / "bin", monkeypatch, _OPEN_TUNNEL.format(seen=str(record), port=bastion.port))
    sent = Path(os.environ["SANDBOX_DIRECTORY"]) / "instance-keys" / f"{INSTANCE}.root"
    bastion.lock(True)
    sent.unlink(missing_ok=True)
    (bastion.directory / "instance_keys").symlink_to(sent)
    yield record
    (bastion.directory / "instance_keys").unlink()


@pytest.fixture
def greeter() -> Iterator[int]:
    """A port that says hello."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            client.sendall(b"hello")
            client.close()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_ssh_goes_through_the_clis_tunnel_with_a_key_made_for_it(
    seen: Path, greeter: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    who = session()
    opened = tunnel(greeter, who)
    opened.open()
    with socket.create_connection(("127.0.0.1", opened.port), timeout=60) as there:
        assert there.recv(16) == b"hello"
    opened.close()
    argv, key = json.loads(seen.read_text())
    assert key == who.access_key
    assert argv == [
        *("ec2-instance-connect", "open-tunnel", "--region", "eu-west-1"),
        *("--instance-connect-endpoint-id", "eice-0123"),
        *("--instance-id", INSTANCE, "--remote-port", "22"),
    ]
    # The key is on disk for as long as the login takes.
    assert not list(tmp_path.glob("rolebrowser-*"))


def test_the_persons_own_key_will_do_where_none_may_be_sent(
    seen: Path, bastion: Bastion, greeter: int
) -> None:
    bastion.lock(False)
    opened = tunnel(greeter, session("staging-reader"))
    opened.open()
    opened.close()


def test_without_a_key_that_is_let_in_the_missing_permission_is_named(
    seen: Path, greeter: int
) -> None:
    with pytest.raises(RouteError, match="no key could be sent to it") as caught:
        tunnel(greeter, session("staging-reader")).open()
    assert caught.value.code == "route-login"
    assert f"instance/{INSTANCE}" in caught.value.fix
    assert '"ec2:osuser": "root"' in caught.value.fix


def test_an_instance_that_takes_no_sent_keys_is_told_apart(
    seen: Path, bastion: Bastion, greeter: int
) -> None:
    (bastion.directory / "instance_keys").unlink()
    (bastion.directory / "instance_keys").write_text("")
    with pytest.raises(RouteError, match="with the key that was sent to it too") as caught:
        tunnel(greeter, session()).open()
    assert "EC2 Instance Connect's package" in caught.value.fix


def test_an_aws_cli_of_version_one_is_told_apart(
    seen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "aws: error: argument command: Invalid choice, valid choices are: ..."
    aws(tmp_path / "one", monkeypatch, f"import sys\nsys.exit({words!r})\n")
    with pytest.raises(RouteError, match="version 2 of the AWS CLI") as caught:
        tunnel(5432, session()).open()
    assert caught.value.code == "route-program"
