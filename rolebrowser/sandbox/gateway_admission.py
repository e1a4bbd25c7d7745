"""Who may pass a front door: the checks of a login in RDS's order, refused in RDS's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rolebrowser.sandbox import gateway_users, token_check
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway_door import Door, Refusal
from rolebrowser.sandbox.gateway_wire import Startup
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.postgres import SUPERUSER, PostgresServer

CLIENT = "127.0.0.1"


class Admission:
    """The desk all front doors share.

    Attributes:
        refusals: (database id, user, reason) of every token refused: the wire only ever says
            "PAM authentication failed".
    """

    def __init__(
        self,
        server: PostgresServer,
        ledger: Ledger,
        clock: Clock,
        allowed: Callable[[Credential, str], bool],
    ) -> None:
        self.refusals: list[tuple[str, str, str]] = []
        self._server = server
        self._ledger = ledger
        self._clock = clock
        self._allowed = allowed

    def screen(self, startup: Startup, *, encrypted: bool) -> None:
        """What pg_hba.conf says before anybody is asked for a password.

        Raises:
            Refusal: no TLS; or RDS's own superuser or database, closed to customers.
        """
        user = startup.get("user")
        dbname = startup.get("database") or user
        who = f'for host "{CLIENT}", user "{user}", database "{dbname}", '
        if not encrypted:
            raise Refusal(f"no pg_hba.conf entry {who}no encryption", "28000")
        if SUPERUSER in (user, dbname):
            raise Refusal(f"pg_hba.conf rejects connection {who}SSL encryption", "28000")

    async def admit(
        self, door: Door, user: str, hosts: tuple[str, ...], port: int, secret: str
    ) -> None:
        """Let a login in.

        A user who reaches rds_iam, through nesting too, comes in by token only; anybody else, and
        everybody where IAM authentication is off, by password, whatever a token would say.

        Raises:
            Refusal: the token or the password isn't good, or the server is away.
        """
        import psycopg

        try:
            known = await asyncio.to_thread(gateway_users.look_up, self._server, user)
        except psycopg.OperationalError:
            raise away() from None
        if known is None or not known.iam or not door.iam_auth:
            if known is None or not known.password_is(secret):
                raise Refusal(f'password authentication failed for user "{user}"', "28P01")
            return
        if not self.token_is_good(door, user, hosts, port, secret):
            raise Refusal(f'PAM authentication failed for user "{user}"', "28000")

    def token_is_good(
        self, door: Door, user: str, hosts: tuple[str, ...], port: int, token: str
    ) -> bool:
        """Whether IAM lets the token's signer in as that user; a refusal's reason is kept."""
        login = token_check.Login(hosts, port, user, door.region, door.account, door.resource_id)
        reason = token_check.check(
            token, login, now=self._clock.now(), find=self._ledger.find, allowed=self._allowed
        )
        if reason:
            self.refusals.append((door.id, user, reason))
        return not reason


def away() -> Refusal:
    """The server behind the door is gone or going."""
    return Refusal("the database system is shutting down", "57P03")
