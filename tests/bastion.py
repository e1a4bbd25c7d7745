"""A real sshd of the test's own, and the person's ssh that knows it as `bastion`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


def available() -> bool:
    """Whether there is an sshd to run."""
    return Path(SSHD).exists() and shutil.which("ssh") is not None


@dataclass
class Bastion:
    """A running sshd.

    Attributes:
        directory: keys, configuration and `bin/ssh`, which reads that configuration.
    """

    directory: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def bin(self) -> str:
        """The directory to put first in PATH.

        ssh(1) looks for ~/.ssh in the home of the password file, whatever HOME says: so the
        person's configuration comes in by -F.
        """
        return str(self.directory / "bin")

    def forget_host(self) -> None:
        """Nobody has ever connected to it."""
        (self.directory / "known_hosts").write_text("")

    def know_host(self, *, key: str = "host") -> None:
        """Its host key, or another's under its name, is known."""
        public = (self.directory / f"{key}.pub").read_text()
        (self.directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}")

    def lock(self, locked: bool) -> None:
        """Whether the person's key is (not) let in."""
        keys = "" if locked else (self.directory / "person.pub").read_text()
        (self.directory / "authorized_keys").write_text(keys)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(60)


def start(directory: Path) -> Bastion:
    """An sshd on a free port; ready when it returns."""
    for name in ("host", "person", "stranger"):
        generate = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
        subprocess.run(generate, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (directory / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {directory}/host\nPidFile none\n"
        f"AuthorizedKeysFile {directory}/authorized_keys "
        f"{directory}/instance_keys\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
    )
    (directory / "ssh_config").write_text(
        f"Host bastion\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {directory}/person\n"
        f"  IdentitiesOnly yes\nHost i-0ba57104*\n  IdentityFile {directory}/person\n"
        f"  IdentitiesOnly yes\nHost *\n  UserKnownHostsFile {directory}/known_hosts\n"
        "  GlobalKnownHostsFile none\n"
    )
    (directory / "bin").mkdir()
    wrapper = directory / "bin" / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {directory}/ssh_config "$@"\n')
    wrapper.chmod(0o755)
    log = (directory / "log").open("wb")
    command = [SSHD, "-D", "-e", "-f", str(directory / "sshd_config")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    log.close()
    found = Bastion(directory, port, process)
    found.know_host()
    found.lock(False)
    _await(found)
    return found


def _await(bastion: Bastion) -> None:
    for _ in range(2000):
        if bastion.process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", bastion.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((bastion.directory / "log").read_text())
