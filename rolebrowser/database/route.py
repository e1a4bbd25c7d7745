"""How TCP reaches an endpoint: directly, at another address, or through a tunnel.

Which of them says `[[routes]]` of config.toml, or `--route`. Only the address differs: the
certificate is checked, and the token signed, for the endpoint's own host and port.
"""

from __future__ import annotations

import errno
import socket

from rolebrowser.cancel import Cancel, Limit, bounded
from rolebrowser.config import Config
from rolebrowser.database.model import Endpoint
from rolebrowser.errors import ConfigError, RouteError, TimedOut, UnknownName
from rolebrowser.frozen import dataclass
from rolebrowser.route import Route, typed
from rolebrowser.target import Target


@dataclass(frozen=True, slots=True)
class Way:
    """Where TCP goes.

    Attributes:
        host, port: what to dial: a name or an address, without brackets. Through a tunnel it is
            dialled at the other end.
        route: the route that says so; None = direct.
    """

    host: str
    port: int
    route: Route | None = None

    @property
    def tunnel(self) -> bool:
        """Whether a program of its own carries the bytes: there is nothing to dial before."""
        return self.route is not None and self.route.tunnels

    @property
    def words(self) -> str:
        """In a few words, for where the endpoint is known: "direct", "ssh bastion"."""
        if self.route is None:
            return "direct"
        if self.tunnel:
            return self.route.means
        return f"{address(self.host, self.port)} (route {self.route.name or self.route.endpoint})"

    def __str__(self) -> str:
        where = address(self.host, self.port)
        if self.route is None:
            return where
        if self.tunnel:
            return f"{where} by {self.route.means}"
        return f"{where} by route {self.route.name or self.route.endpoint!r}"


def address(host: str, port: int) -> str:
    """ "host:port", or "[v6]:port"."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(config: Config, target: Target, endpoint: Endpoint) -> Way:
    """The way to `endpoint`: the target's own route, else the first that matches, else direct.

    Raises:
        UnknownName: the target names a route that config.toml doesn't have, nor spells one out.
        ConfigError: the route's address makes no sense.
    """
    if target.route == "direct":
        return Way(endpoint.host, endpoint.port)
    if target.route:
        return _by(_named(config, target.route), endpoint, config)
    for route in config.routes:
        if route.matches(endpoint.host):
            return _by(route, endpoint, config)
    return Way(endpoint.host, endpoint.port)


def _named(config: Config, name: str) -> Route:
    for route in config.routes:
        if route.name == name:
            return route
    found = typed(name)
    if found is not None:
        return found
    names = ["direct", *(route.name for route in config.routes if route.name)]
    raise UnknownName(
        "route",
        name,
        names,
        fix=f"Add it to {config.path}, or spell one out: direct, HOST:PORT, ssh:HOST, ssm or "
        "ssm:INSTANCE.",
    )


def _by(route: Route, endpoint: Endpoint, config: Config) -> Way:
    if not route.address:
        return Way(endpoint.host, endpoint.port, route)
    host, port = parse_address(route.address, config)
    return Way(host, port or endpoint.port, route)


def parse_address(address: str, config: Config) -> tuple[str, int]:
    """(host, port) of "host", "host:port", "[v6]:port" or a bare v6 address; port 0 = none given.

    Raises ConfigError.
    """
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else ""
        sound = bool(bracket) and (not rest or bool(port))
    elif address.count(":") > 1:
        host, port, sound = address, "", True
    else:
        host, colon, port = address.partition(":")
        sound = bool(port) or not colon
    number = int(port) if port.isascii() and port.isdigit() else 0
    if not host or not sound or (port and not 1 <= number <= 65_535):
        raise ConfigError(
            f"{config.path}: the route address {address!r} makes no sense.",
            fix='Write "host", "host:port" or "[v6]:port".',
        )
    return host, number


def probe(way: Way, endpoint: Endpoint, *, seconds: float, cancel: Cancel | None = None) -> str:
    """Look `way.host` up and open (and close) a TCP connection to it.

    Args:
        seconds: for name lookup and connecting together; 0 = a day.

    Returns:
        The numeric address that answered.

    Raises:
        RouteError: no such name (code "dns"), refused ("refused"), no answer ("timeout") or
            unreachable ("unreachable"), each with its fix.
        Cancelled
    """
    limit = Limit(seconds or 86_400.0)
    addresses = _look_up(way, limit, cancel)
    failure: OSError | None = None
    for place, address in enumerate(addresses):
        share = max(limit.left(), 0.1) / (len(addresses) - place)
        try:
            _knock(address, share, cancel)
        except OSError as error:
            failure = error
        else:
            return address[0]
    raise _unreached(way, endpoint, failure, seconds)


def look_up(way: Way, *, seconds: float, cancel: Cancel | None = None) -> list[str]:
    """The numeric addresses of `way.host`. Raises RouteError (code "dns"), Cancelled."""
    return [address for address, _ in _look_up(way, Limit(seconds or 86_400.0), cancel)]


_SocketAddress = tuple[str, int]


def _look_up(way: Way, limit: Limit, cancel: Cancel | None) -> list[_SocketAddress]:
    def ask() -> list[_SocketAddress]:
        found = socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
        # An IPv6 scope (fe80::1%eth0) is part of the address as written.
        return list(dict.fromkeys((str(each[-1][0]), way.port) for each in found))

    try:
        return bounded(ask, cancel=cancel, limit=limit, what=f"Looking up {way.host}")
    except (socket.gaierror, UnicodeError, TimedOut) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else str(error)
        if way.route:
            fix = f"Check the route {way.route.address!r} in config.toml."
        else:
            fix = (
                "Check that the database still exists and that you are on its network (VPN): a "
                "private database's name may resolve only inside its VPC. Else add a route."
            )
        raise RouteError(
            f"The name {way.host} can't be resolved.", why=reason or "", fix=fix, code="dns"
        ) from None


def _knock(address: _SocketAddress, seconds: float, cancel: Cancel | None) -> None:
    def connect_and_close() -> None:
        with socket.create_connection(address, timeout=seconds):
            pass

    # The socket has a timeout of its own; the bound only serves `cancel`.
    bounded(connect_and_close, cancel=cancel, limit=seconds + 1.0, what=f"Reaching {address[0]}")


def _unreached(way: Way, endpoint: Endpoint, failure: OSError | None, seconds: float) -> RouteError:
    where = str(way)
    if isinstance(failure, ConnectionRefusedError):
        fix = (
            "Start the tunnel behind that route, or correct its port in config.toml."
            if way.route
            else "Check that the database is running and that the port is right."
        )
        return RouteError(
            f"Nothing listens at {where}: the connection was refused.",
            why=f"The endpoint is {endpoint.host}:{endpoint.port}.",
            fix=fix,
            code="refused",
        )
    if failure is None or isinstance(failure, TimeoutError) or failure.errno == errno.ETIMEDOUT:
        return RouteError(
            f"No answer from {where} within {seconds:g} seconds.",
            why="Packets are dropped on the way: a security group, a private subnet, or no VPN.",
            fix="Allow your address in the database's security group, connect the VPN, or add a "
            "route to config.toml.",
            code="timeout",
        )
    return RouteError(
        f"{where} can't be reached.",
        why=failure.strerror or str(failure),
        fix="Check this machine's network and VPN, or add a route to config.toml.",
        code="unreachable",
    )
