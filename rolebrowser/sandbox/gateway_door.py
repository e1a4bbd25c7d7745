"""What a front door is, what may be wrong with it, and how it turns a login away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """A database as a gateway needs to know it.

    Attributes:
        hosts: (endpoint name, is it a reader), the writer first.
        open: False for a stopped database: nothing listens.
        mysql: it speaks MySQL's protocol, not PostgreSQL's.
        proxy: an RDS Proxy: its certificate is of a public CA, it takes no `options` at startup.
        port: the one its endpoint has in this world, for which tokens are signed; 0 = the one it
            listens on.
    """

    id: str
    account: str
    region: str
    resource_id: str
    iam_auth: bool
    hosts: tuple[tuple[str, bool], ...]
    open: bool = True
    mysql: bool = False
    proxy: bool = False
    port: int = 0

    def named(self, sni: str) -> tuple[str, ...]:
        """The endpoint's names a client may mean: the one it told in TLS, else all."""
        names = tuple(host for host, _ in self.hosts)
        return (sni.lower(),) if sni.lower() in names else names

    def reads_only(self, host: str) -> bool:
        """Whether that endpoint leads to a reader."""
        return dict(self.hosts).get(host, False)


@dataclass
class Faults:
    """What is wrong with one database's front door, on purpose.

    Attributes:
        no_tls: answers N to the request for TLS.
        certificate: "", "wrong-name", "expired" or "self-signed".
        stall: accepts and never says a word.
        garbage: answers with something that is no protocol.
        down: closes every connection at once.
        insists_on_tls: MySQL's require_secure_transport.
        blocked: MySQL's: this host made too many connections that came to nothing.
    """

    no_tls: bool = False
    certificate: str = ""
    stall: bool = False
    garbage: bool = False
    down: bool = False
    insists_on_tls: bool = False
    blocked: bool = False


class Refusal(Exception):
    """A login turned away, with the words and SQLSTATE the client gets."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code
