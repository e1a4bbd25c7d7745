"""MariadbServer where it isn't alone on the machine."""

from __future__ import annotations

import socket

import pytest

from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.mariadb import MariadbServer


@pytest.mark.skipif(not mariadb.available(), reason="mariadbd is not installed")
def test_a_port_that_somebody_takes_while_it_is_set_up_is_exchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = mariadb._free_port
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken: int = other.getsockname()[1]
        ports = iter((taken, free()))
        monkeypatch.setattr(mariadb, "_free_port", lambda: next(ports))
        with MariadbServer.start() as server:
            assert server.port != taken
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as there:
                assert there.recv(1)
