"""database/tunnel_instance_connect.py: a real ssh to a real sshd by an `aws` that opens the way."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolebrowser.database.tunnel import Tunnel
from rolebrowser.database.tunnel_instance_connect import InstanceConnect
from rolebrowser.errors import RouteError
from rolebrowser.identity.model import Session
from rolebrowser.safetext import Secret
from tests.bastion import Bastion

INSTANCE = "i-0bastion123"
SESSION = Session("staging", "eu-west-1", "AKIAEXAMPLE", Secret("hush"), Secret("hush-token"))

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


def tunnel(port: int, endpoint: str = "eice-0123") -> Tunnel:
    """To 127.0.0.1:port, from the instance."""
    here = ("127.0.0.1", port, lambda: SESSION)
    user = "ec2-user" if os.geteuid() else "root"
    return Tunnel(InstanceConnect(f"{user}@{INSTANCE}", endpoint, "eu-west-1", *here), seconds=20)


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


@pytest.mark.skipif(os.geteuid() != 0, reason="the sshd lets its own user in only")
def test_ssh_goes_through_the_clis_tunnel(
    bastion: Bastion, greeter: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    aws(tmp_path / "bin", monkeypatch, _OPEN_TUNNEL.format(seen=str(seen), port=bastion.port))
    opened = tunnel(greeter)
    opened.open()
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as there:
        assert there.recv(16) == b"hello"
    opened.close()
    argv, key = json.loads(seen.read_text())
    assert key == "AKIAEXAMPLE"
    assert argv == [
        *("ec2-instance-connect", "open-tunnel", "--region", "eu-west-1"),
        *("--instance-connect-endpoint-id", "eice-0123"),
        *("--instance-id", INSTANCE, "--remote-port", "22"),
    ]


def test_an_aws_cli_of_version_one_is_told_apart(
    bastion: Bastion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "aws: error: argument command: Invalid choice, valid choices are: ..."
    aws(tmp_path / "bin", monkeypatch, f"import sys\nsys.exit({words!r})\n")
    with pytest.raises(RouteError, match="version 2 of the AWS CLI") as caught:
        tunnel(5432).open()
    assert caught.value.code == "route-program"
