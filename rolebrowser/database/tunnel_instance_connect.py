"""ssh through an EC2 Instance Connect Endpoint, by the stock AWS CLI's `open-tunnel`.

The endpoint service itself only leads to an instance's ports 22 and 3389 (EC2 User Guide, "EC2
Instance Connect Endpoint"), never to a database: so it carries ssh to an instance, and ssh
forwards from there. Keys are the person's own (agent, ~/.ssh/config).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from rolebrowser.cancel import Cancel
from rolebrowser.database import tunnel_ssh, tunnel_words
from rolebrowser.database.tunnel import Launch
from rolebrowser.errors import RouteError
from rolebrowser.identity import handout
from rolebrowser.identity.model import Session
from rolebrowser.route import AUTO

_INSTALL = "Install version 2 of the AWS CLI: its ec2-instance-connect open-tunnel is needed."


@dataclass(frozen=True, slots=True)
class InstanceConnect:
    """A `tunnel.Launcher`.

    Attributes:
        destination: "user@i-0123…".
        endpoint: the Instance Connect Endpoint's id, or "auto".
        host, port: what to dial from the instance.
        session: a session that lives; asked at each start.
    """

    destination: str
    endpoint: str
    region: str
    host: str
    port: int
    session: Callable[[], Session]

    @property
    def means(self) -> str:
        """What it is."""
        return f"ssh {self.destination} by EC2 Instance Connect"

    def launch(self, port: int, cancel: Cancel) -> Launch:
        """ssh with the CLI's tunnel as its ProxyCommand, the session in its environment."""
        aws = tunnel_ssh.program_or_error("aws", _INSTALL)
        session = self.session()
        words = [aws, "ec2-instance-connect", "open-tunnel"]
        words += ["--region", self.region or session.region]
        if self.endpoint != AUTO:
            words += ["--instance-connect-endpoint-id", self.endpoint]
        # %h and %p are ssh's own: the instance's id and the port.
        proxy = f"{shlex.join(words)} --instance-id %h --remote-port %p"
        # An instance's id is in nobody's known_hosts; AWS vouches for the way to it.
        more = (f"ProxyCommand={proxy}", "StrictHostKeyChecking=accept-new")
        command = tunnel_ssh.command(self.destination, port, self.host, self.port, more)
        return Launch(command, handout.environment(os.environ, handout.variables(session)))

    def explain(self, code: int, words: str) -> RouteError:
        """Why it ended."""
        return tunnel_words.explain(tunnel_words.INSTANCE_CONNECT, self.means, code, words)
