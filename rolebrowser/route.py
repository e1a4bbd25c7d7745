"""Route: how TCP reaches an endpoint, as config.toml or `--route` says it. Pure.

`database/route.py` finds the route of a target; `database/tunnel*.py` open those that need a
program of their own.
"""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase

from rolebrowser.frozen import dataclass

AUTO = "auto"
"""For `ssm`: any instance that Systems Manager reaches in the database's VPC; for
`instance_connect`: whichever endpoint serves the instance's."""


class RouteKind(StrEnum):
    """What carries the bytes."""

    ADDRESS = "address"
    """Nothing of ours: TCP goes to another address."""
    SSM = "ssm"
    SSH = "ssh"
    INSTANCE_CONNECT = "instance-connect"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Route:
    """`[[routes]]`: how TCP reaches the endpoints that match.

    The certificate is checked against the endpoint's own name, and the token signed for its own
    host and port, whatever the route.

    Attributes:
        endpoint: glob over the endpoint's host name, e.g. "*.eu-west-1.rds.amazonaws.com"; empty =
            taken only where the target names the route.
        address: "host", "host:port" or "[v6]:port" to dial instead of the endpoint; without a
            port, the endpoint's own. With one of the following it is dialled from over there.
        name: for a target's `route`.
        ssm: an instance to forward through by Session Manager: its id, "tag:KEY=VALUE" or "auto".
        ssh: where to `ssh -L` from: a destination as ssh takes it, "user@bastion" or a Host of its
            config. With `instance_connect`: "user@i-0123…".
        instance_connect: an EC2 Instance Connect Endpoint to reach `ssh`'s instance by: its id, or
            "auto".
        command: a program and its arguments that listens on 127.0.0.1:{local_port} and leads to
            {host}:{port}. No shell is involved.
        profile: AWS profile for `ssm` and `instance_connect`; empty = the target's own session.
    """

    endpoint: str = ""
    address: str = ""
    name: str = ""
    ssm: str = ""
    ssh: str = ""
    instance_connect: str = ""
    command: tuple[str, ...] = ()
    profile: str = ""

    @property
    def kind(self) -> RouteKind:
        """What carries the bytes."""
        if self.ssm:
            return RouteKind.SSM
        if self.instance_connect:
            return RouteKind.INSTANCE_CONNECT
        if self.ssh:
            return RouteKind.SSH
        return RouteKind.COMMAND if self.command else RouteKind.ADDRESS

    @property
    def tunnels(self) -> bool:
        """Whether a program of its own has to run while the connection lives."""
        return self.kind is not RouteKind.ADDRESS

    def matches(self, host: str) -> bool:
        """True when this route serves the endpoint `host`."""
        return fnmatchcase(host.lower(), self.endpoint.lower())

    def __str__(self) -> str:
        return self.name or self.means

    @property
    def means(self) -> str:
        """What it is, in a few words: "ssh bastion", "SSM through i-0123"."""
        match self.kind:
            case RouteKind.SSM:
                where = "an instance of the VPC" if self.ssm == AUTO else self.ssm
                return f"SSM through {where}"
            case RouteKind.SSH:
                return f"ssh {self.ssh}"
            case RouteKind.INSTANCE_CONNECT:
                return f"ssh {self.ssh} by EC2 Instance Connect"
            case RouteKind.COMMAND:
                return f"the command {self.command[0]}"
        return self.address


def problem(route: Route) -> str:
    """Why a route can't work, to follow "needs" or "can't have"; empty when it can."""
    ways = [route.ssm, route.ssh or route.instance_connect, route.command]
    if sum(bool(each) for each in ways) > 1:
        return "has more than one of ssm, ssh and command."
    if not any(ways) and not route.address:
        return "needs one of address, ssm, ssh and command."
    if route.instance_connect and not route.ssh:
        return 'needs ssh = "user@i-…" beside instance_connect: the instance to reach.'
    if not (route.endpoint or route.name):
        return "needs an endpoint to match, or a name to be chosen by."
    if route.ssh.startswith("-"):
        return f"has an ssh destination that ssh would take for an option: {route.ssh!r}."
    return ""


def typed(text: str) -> Route | None:
    """The route that `--route TEXT` spells out, without an entry in config.toml.

    "ssm", "ssm:i-0123", "ssm:tag:Name=bastion", "ssh:user@bastion", "HOST:PORT", "[v6]:PORT".
    None: it can only be a name.
    """
    kind, colon, rest = text.partition(":")
    if kind == "ssm" and (rest or not colon):
        found = Route(ssm=rest or AUTO, name=text)
    elif kind == "ssh" and rest:
        found = Route(ssh=rest, name=text)
    elif text.rpartition(":")[2].isdigit() and not text.startswith(":"):
        found = Route(address=text, name=text)
    else:
        return None
    return found if not problem(found) else None
