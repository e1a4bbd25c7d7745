"""Going a way: knocking at its address, or opening the tunnel that its route needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.database.model import Database, Endpoint
from rolebrowser.database.route import Way, probe
from rolebrowser.database.tunnel import HERE, Launcher, Tunnel
from rolebrowser.database.tunnel_ssh import Command, Ssh
from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Session
from rolebrowser.route import RouteKind

Sessions = Callable[[str], Session]
"""A living session of a profile, "" = the target's own; asked at each start of a tunnel that needs
AWS. May raise as `credentials.resolve`."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The way was gone.

    Attributes:
        host, port: what a connection has to dial; empty/0 = the endpoint itself, whose name is
            looked up anew at each login, as a failover changes it.
        address: the numeric address that answered.
        tunnel: open; whoever connects closes it.
        kind: what carries the bytes there, "ssh"; empty without a tunnel.
    """

    host: str
    port: int
    address: str
    evidence: str
    tunnel: Tunnel | None = None
    kind: str = ""


def reach(
    way: Way,
    endpoint: Endpoint,
    database: Database,
    config: Config,
    sessions: Sessions,
    *,
    cancel: Cancel | None = None,
) -> Reached:
    """Open the way's tunnel; without one, knock at its address.

    Raises:
        As `route.probe` and `Tunnel.open`.
    """
    if way.tunnel:
        tunnel = Tunnel(_launcher(way, database, config, sessions), seconds=config.timeouts.route)
        tunnel.open(cancel)
        evidence = f"{tunnel.means}, on port {tunnel.port} here"
        kind = way.route.kind.value if way.route else ""
        return Reached(HERE, tunnel.port, HERE, evidence, tunnel, kind)
    answered = probe(way, endpoint, seconds=config.timeouts.connect, cancel=cancel)
    if way.route is None:
        return Reached("", 0, answered, str(way))
    return Reached(way.host, way.port, answered, str(way))


def _launcher(way: Way, database: Database, config: Config, sessions: Sessions) -> Launcher:
    route = way.route
    assert route is not None
    own = partial(sessions, route.profile)
    match route.kind:
        case RouteKind.SSM:
            from rolebrowser.database.tunnel_ssm import Ssm

            return Ssm(route.ssm, database, way.host, way.port, own, config.timeouts.aws)
        case RouteKind.INSTANCE_CONNECT:
            from rolebrowser.database.tunnel_instance_connect import InstanceConnect

            there = (database.region, way.host, way.port)
            return InstanceConnect(
                route.ssh, route.instance_connect, *there, own, config.timeouts.aws
            )
        case RouteKind.SSH:
            return Ssh(route.ssh, way.host, way.port)
    return Command(route.command, way.host, way.port)
