"""`ssh -N -L` by the system's ssh: its config, agent and known_hosts are the person's own.

Sources: ssh(1), ssh_config(5). Nobody can be asked anything (BatchMode): a terminal UI owns the
terminal. The connection is never shared (ControlMaster): a forwarding handed to a master would
live on with it.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence

from rolebrowser.cancel import Cancel
from rolebrowser.database import ssh_login, tunnel_words
from rolebrowser.database.tunnel import HERE, Launch
from rolebrowser.errors import RouteError
from rolebrowser.frozen import dataclass

_OPTIONS = (
    "BatchMode=yes",
    "ExitOnForwardFailure=yes",
    "ControlMaster=no",
    "ControlPath=none",
    "PermitLocalCommand=no",
    "ServerAliveInterval=20",
    "ServerAliveCountMax=3",
)


@dataclass(frozen=True, slots=True)
class Ssh:
    """A `tunnel.Launcher`.

    Attributes:
        destination: as ssh takes it.
        host, port: what to dial from over there.
    """

    destination: str
    host: str
    port: int

    @property
    def means(self) -> str:
        """What it is."""
        return f"ssh {self.destination}"

    def launch(self, port: int, cancel: Cancel) -> Launch:
        """ssh, listening on `port`."""
        return Launch(command(self.destination, port, self.host, self.port))

    def explain(self, code: int, words: str) -> RouteError:
        """Why ssh ended."""
        ended = tunnel_words.explain(tunnel_words.SSH, self.means, code, words)
        return ssh_login.explain(ssh_login.Wanted(self.destination, self.host, self.port), ended)


def command(
    destination: str, local: int, host: str, port: int, more: Sequence[str] = ()
) -> list[str]:
    """ssh's command line; `more` are further -o options.

    Raises RouteError: there is no ssh.
    """
    program = program_or_error("ssh", "Install OpenSSH's client (Debian: openssh-client).")
    far = f"[{host}]" if ":" in host else host
    options = [word for each in (*_OPTIONS, *more) for word in ("-o", each)]
    forward = f"{HERE}:{local}:{far}:{port}"
    return [program, "-N", "-T", *options, "-L", forward, "--", destination]


def program_or_error(name: str, fix: str) -> str:
    """The path of a program. Raises RouteError (code "route-program")."""
    found = shutil.which(name)
    if found is None:
        raise RouteError(f"{name} is not installed.", fix=fix, code="route-program")
    return found


@dataclass(frozen=True, slots=True)
class Command:
    """A `tunnel.Launcher` of a command from config.toml.

    Attributes:
        words: program and arguments, with {host}, {port} and {local_port} in them.
    """

    words: Sequence[str]
    host: str
    port: int

    @property
    def means(self) -> str:
        """What it is."""
        return f"The command {self.words[0]}"

    def launch(self, port: int, cancel: Cancel) -> Launch:
        """The command with its places filled in."""
        places = {"host": self.host, "port": str(self.port), "local_port": str(port)}
        filled = [_filled(word, places) for word in self.words]
        program = os.path.expanduser(filled[0])
        found = program_or_error(program, "Correct the route's command in config.toml.")
        return Launch([found, *filled[1:]])

    def explain(self, code: int, words: str) -> RouteError:
        """Why it ended."""
        return tunnel_words.explain(tunnel_words.COMMAND, shlex.join(self.words), code, words)


def _filled(word: str, places: Mapping[str, str]) -> str:
    """Other braces stay as they are: they may be the command's own."""
    for name, value in places.items():
        word = word.replace("{" + name + "}", value)
    return word
