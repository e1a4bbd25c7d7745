"""ssh through an EC2 Instance Connect Endpoint, by the stock AWS CLI's `open-tunnel`.

The endpoint service itself only leads to an instance's ports 22 and 3389 (EC2 User Guide, "EC2
Instance Connect Endpoint"), never to a database: so it carries ssh to an instance, and ssh
forwards from there. As `aws ec2-instance-connect ssh` does, a key made for this one login is sent
to the instance, which takes it for a minute; the person's own keys are offered beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.database import ssh_login, tunnel_ssh, tunnel_words
from rolebrowser.database.model import partition
from rolebrowser.database.tunnel import Launch
from rolebrowser.errors import AwsError, ProfileError, RouteError, TimedOut
from rolebrowser.identity import handout
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session
from rolebrowser.route import AUTO

_INSTALL = "Install version 2 of the AWS CLI: its ec2-instance-connect open-tunnel is needed."


@dataclass
class InstanceConnect:
    """A `tunnel.Launcher`.

    Attributes:
        destination: "user@i-0123…", or a name for it in ~/.ssh/config.
        endpoint: the Instance Connect Endpoint's id, or "auto".
        host, port: what to dial from the instance.
        session: a session that lives; asked at each start.
        seconds: for the AWS call that sends the key.
        unsent: why no key could be sent at the last start; None = one was.
    """

    destination: str
    endpoint: str
    region: str
    host: str
    port: int
    session: Callable[[], Session]
    seconds: float = 15.0
    unsent: AwsError | ProfileError | TimedOut | None = None

    @property
    def means(self) -> str:
        """What it is."""
        return f"ssh {self.destination} by EC2 Instance Connect"

    def launch(self, port: int, cancel: Cancel) -> Launch:
        """ssh with the CLI's tunnel as its ProxyCommand, the session in its environment."""
        aws = tunnel_ssh.program_or_error("aws", _INSTALL)
        tunnel_ssh.program_or_error("ssh", "Install OpenSSH's client (Debian: openssh-client).")
        session = self.session()
        words = [aws, "ec2-instance-connect", "open-tunnel"]
        words += ["--region", self.region or session.region]
        if self.endpoint != AUTO:
            words += ["--instance-connect-endpoint-id", self.endpoint]
        # %h and %p are ssh's own: the instance's id and the port.
        proxy = f"{shlex.join(words)} --instance-id %h --remote-port %p"
        # An instance's id is in nobody's known_hosts; AWS vouches for the way to it.
        more = [f"ProxyCommand={proxy}", "StrictHostKeyChecking=accept-new"]
        folder = tempfile.mkdtemp(prefix="rolebrowser-")
        try:
            more += self._identities(Path(folder) / "key", session, cancel)
            command = tunnel_ssh.command(self.destination, port, self.host, self.port, more)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        environ = handout.environment(os.environ, handout.variables(session))
        return Launch(command, environ, started=lambda: shutil.rmtree(folder, ignore_errors=True))

    def _identities(self, key: Path, session: Session, cancel: Cancel) -> list[str]:
        """Options for the keys to offer: one sent just now first, then the person's own.

        An identity that is named puts ssh's usual ones out: so they are named too.
        """
        own = ssh_login.configured(self.destination)
        self.unsent = None
        try:
            self._send(_made(key), own, session, cancel)
        except (AwsError, ProfileError, TimedOut) as error:
            # The instance may know the person's own key.
            self.unsent = error
            return []
        return [f'IdentityFile="{each}"' for each in (str(key), *own.get("identityfile", ()))]

    def _send(
        self, public: str, own: dict[str, list[str]], session: Session, cancel: Cancel
    ) -> None:
        region = self.region or session.region
        client = session_client(session, "ec2-instance-connect", region)

        def ask() -> None:
            with translated("ec2-instance-connect:SendSSHPublicKey", profile=session.profile):
                client.send_ssh_public_key(
                    InstanceId=_only(own, "hostname"),
                    InstanceOSUser=_only(own, "user"),
                    SSHPublicKey=public,
                )

        bounded(ask, cancel=cancel, limit=self.seconds, what="Sending a key to the instance")

    def explain(self, code: int, words: str) -> RouteError:
        """Why it ended."""
        ended = tunnel_words.explain(tunnel_words.INSTANCE_CONNECT, self.means, code, words)
        if ended.code != "route-login":
            return ended
        if self.unsent is None:
            return RouteError(
                f"{self.means} refused the login, with the key that was sent to it too.",
                why=ended.why,
                fix="Is the user right, and EC2 Instance Connect's package on the instance? "
                "Else name a key that it knows in ~/.ssh/config.",
                code=ended.code,
            )
        denied = isinstance(self.unsent, AwsError) and self.unsent.code in DENIED
        return RouteError(
            f"{self.means} refused the login, and no key could be sent to it.",
            why=f"{ended.why}\n{self.unsent.what} {self.unsent.why}".strip(),
            fix=f"Add this statement to the session's policies:\n{self._statement()}"
            if denied
            else self.unsent.fix or "Name a key that the instance knows in ~/.ssh/config.",
            code=ended.code,
        )

    def _statement(self) -> str:
        own = ssh_login.configured(self.destination)
        place = f"arn:{partition(self.region)}:ec2:{self.region}:*"
        statement = {
            "Effect": "Allow",
            "Action": "ec2-instance-connect:SendSSHPublicKey",
            "Resource": f"{place}:instance/{_only(own, 'hostname')}",
            "Condition": {"StringEquals": {"ec2:osuser": _only(own, "user")}},
        }
        return json.dumps(statement, indent=2)


def _only(own: dict[str, list[str]], name: str) -> str:
    return next(iter(own.get(name, ())), "")


def _made(key: Path) -> str:
    """A new key's public half; the private one is in `key`. Raises RouteError."""
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rolebrowser", "-f", str(key)]
    said = ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(made, capture_output=True, text=True, timeout=10, check=False)
        said = done.stderr
        if done.returncode == 0:
            return Path(f"{key}.pub").read_text(encoding="utf-8").strip()
    raise RouteError("ssh-keygen made no key.", why=said, code="route-program")
