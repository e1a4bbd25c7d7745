"""RDS's front door: a TLS listener per database that checks tokens and relays to the real server.

Writer, reader and instance endpoints of a cluster share a port, as in RDS, and are told apart by
the name the client sends in TLS (SNI); without one, by the host its token was signed for.
A reader endpoint leads to the same server with `default_transaction_read_only`: it refuses
writes with the standby's words, though `pg_is_in_recovery()` is false there.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway_admission import Admission
from rolebrowser.sandbox.gateway_door import Door, Faults
from rolebrowser.sandbox.gateway_mysql import MysqlVisit
from rolebrowser.sandbox.gateway_postgres import PostgresVisit
from rolebrowser.sandbox.gateway_visit import Visit
from rolebrowser.sandbox.inventory import Inventory
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.postgres import PostgresServer

__all__ = ["Door", "Gateways"]


class Gateways:
    """All front doors of the sandbox, on an event loop in a thread of their own.

    Attributes:
        ports: by database id, where each listens on 127.0.0.1; a stopped database's is a port
            that is held and refuses.

    Args:
        authority, public: who signs for RDS, and who for the world at large: RDS Proxy.
        allowed: whether a credential's policies allow rds-db:connect on a resource ARN.
        inventory: the MariaDB behind the doors that speak MySQL.
    """

    def __init__(
        self,
        doors: Sequence[Door],
        server: PostgresServer,
        ledger: Ledger,
        clock: Clock,
        authority: Authority,
        allowed: Callable[[Credential, str], bool],
        inventory: Inventory | None = None,
        public: Authority | None = None,
    ) -> None:
        self._inventory = inventory
        self.ports: dict[str, int] = {}
        self._doors = doors
        self._server = server
        self._authority = authority
        self._public = public or authority
        self._admission = Admission(server, ledger, clock, allowed)
        self._faults = {door.id: Faults() for door in doors}
        self._visits: dict[str, set[Visit]] = {door.id: set() for door in doors}
        self._certificates: dict[tuple[str, str], Path] = {}
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateways", daemon=True)

    @property
    def refusals(self) -> list[tuple[str, str, str]]:
        """(database id, user, reason) of every token refused: for tests and the log."""
        return self._admission.refusals

    def start(self) -> None:
        """Listen; returns when every door does."""
        for door in self._doors:
            self._bind(door)
        self._thread.start()

    def stop(self) -> None:
        """Drop every connection and listen no more."""

        async def end() -> None:
            running = asyncio.all_tasks() - {asyncio.current_task()}
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            # Aborted transports close their sockets in the loop's next rounds: TLS's, then TCP's.
            for _ in range(3):
                await asyncio.sleep(0)

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        for listener in self._sockets:
            listener.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)
        if not self._thread.is_alive():
            self._loop.close()

    def find(self, host: str, port: int) -> int:
        """The local port that stands for an endpoint; 0 = there is no such endpoint."""
        for door in self._doors:
            mine = self.ports[door.id]
            if host.lower() in dict(door.hosts) and port == (door.port or mine):
                return mine
        return 0

    def fault(self, database: str, **changes: bool | str) -> None:
        """Change what is wrong with a database's door; see `Faults`."""
        for name, value in changes.items():
            if name not in Faults.__annotations__:
                raise ValueError(f"no such fault: {name}")
            setattr(self._faults[database], name, value)

    def drop(self, database: str) -> int:
        """Cut the open connections of a database; returns how many."""
        visits = list(self._visits[database])
        for visit in visits:
            self._loop.call_soon_threadsafe(visit.cut)
        return len(visits)

    def _bind(self, door: Door) -> None:
        listener = socket.socket()
        self._sockets.append(listener)
        listener.setblocking(False)
        listener.bind(("127.0.0.1", 0))
        self.ports[door.id] = listener.getsockname()[1]
        # A bound port that doesn't listen refuses, and nobody else can take it meanwhile.
        if door.open:
            listener.listen(128)
            self._loop.call_soon_threadsafe(self._spawn, door, listener)

    def _spawn(self, door: Door, listener: socket.socket) -> None:
        self._keep(self._accept(door, listener))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        # The loop itself holds tasks weakly.
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, door: Door, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = await self._loop.sock_accept(listener)
            except OSError:
                # Gone before it was taken, or no descriptors left: the next one may fare better.
                await asyncio.sleep(0.05)
                continue
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._keep(self._serve(door, client))

    async def _serve(self, door: Door, client: socket.socket) -> None:
        common: dict[str, Any] = {
            "door": door,
            "faults": self._faults[door.id],
            "client": client,
            "port": door.port or self.ports[door.id],
            "admission": self._admission,
            "certificate": self._certificate(door, self._faults[door.id].certificate),
        }
        visit: Visit
        if door.mysql:
            assert self._inventory is not None
            visit = MysqlVisit(**common, server=self._inventory)
        else:
            visit = PostgresVisit(**common, server=self._server)
        self._visits[door.id].add(visit)
        try:
            await visit.run()
        except (OSError, EOFError, ValueError, TimeoutError):
            # The client went away, talks garbage or distrusts us: its affair.
            pass
        finally:
            self._visits[door.id].discard(visit)
            await visit.end()

    def _certificate(self, door: Door, kind: str) -> Path:
        """The PEM file of a door's certificate of a kind; made when first asked for."""
        key = (door.id, kind)
        if key not in self._certificates:
            hosts = [host for host, _ in door.hosts]
            file = f"{door.id}{kind and '-'}{kind}.pem"
            authority = self._public if door.proxy else self._authority
            if kind == "self-signed":
                pair = authority.self_signed(file, hosts)
            elif kind == "wrong-name":
                pair = authority.issue(file, ["other.example.com"])
            else:
                pair = authority.issue(file, hosts, expired=kind == "expired")
            self._certificates[key] = pair.file
        return self._certificates[key]
