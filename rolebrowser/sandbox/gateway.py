"""RDS's front door: a TLS listener per database that checks tokens and relays to the real server.

Writer, reader and instance endpoints of a cluster share a port, as in RDS, and are told apart by
the name the client sends in TLS (SNI); without one, by the host its token was signed for.
A reader endpoint leads to the same server with `default_transaction_read_only`: it refuses
writes with the standby's words, though `pg_is_in_recovery()` is false there.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rolebrowser.sandbox import gateway_users, gateway_wire, token_check
from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway_wire import Startup
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.postgres import PostgresServer

_CHUNK = 262_144
_LOGIN_SECONDS = 60.0
"""PostgreSQL's authentication_timeout."""


@dataclass(frozen=True, slots=True)
class Door:
    """A database as a gateway needs to know it.

    Attributes:
        hosts: (endpoint name, is it a reader), the writer first.
        open: False for a stopped database: nothing listens.
    """

    id: str
    account: str
    region: str
    resource_id: str
    iam_auth: bool
    hosts: tuple[tuple[str, bool], ...]
    open: bool = True


@dataclass
class Faults:
    """What is wrong with one database's front door, on purpose.

    Attributes:
        no_tls: answers N to the request for TLS.
        certificate: "", "wrong-name", "expired" or "self-signed".
        stall: accepts and never says a word.
        garbage: answers with something that is no protocol.
        down: closes every connection at once.
    """

    no_tls: bool = False
    certificate: str = ""
    stall: bool = False
    garbage: bool = False
    down: bool = False


class Refusal(Exception):
    """A login turned away, with the words and code the client gets."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Gateways:
    """All front doors of the sandbox, on an event loop in a thread of their own.

    Attributes:
        ports: by database id, where each listens on 127.0.0.1; a stopped database's is a port
            where nothing listens.
        refusals: (database id, user, reason) of every token refused: for tests and the log.
    """

    def __init__(
        self,
        doors: Sequence[Door],
        server: PostgresServer,
        ledger: Ledger,
        clock: Clock,
        authority: Authority,
        directory: Path,
        allowed: Callable[[Credential, str], bool],
    ) -> None:
        self.ports: dict[str, int] = {}
        self.refusals: list[tuple[str, str, str]] = []
        self._doors = doors
        self._server = server
        self._ledger = ledger
        self._clock = clock
        self._authority = authority
        self._directory = directory
        self._allowed = allowed
        self._faults = {door.id: Faults() for door in doors}
        self._writers: dict[str, set[asyncio.StreamWriter]] = {door.id: set() for door in doors}
        self._contexts: dict[tuple[str, str], Path] = {}
        self._listeners: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateways", daemon=True)

    def start(self) -> None:
        """Listen; returns when every door does."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Drop every connection and listen no more."""

        async def end() -> None:
            for listener in self._listeners:
                listener.close()
            visits = asyncio.all_tasks() - {asyncio.current_task()}
            for visit in visits:
                visit.cancel()
            await asyncio.gather(*visits, return_exceptions=True)
            # Aborted transports close their sockets in the loop's next round.
            await asyncio.sleep(0)

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(2)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)
        if not self._thread.is_alive():
            self._loop.close()

    def fault(self, database: str, **changes: bool | str) -> None:
        """Change what is wrong with a database's door; see `Faults`."""
        for name, value in changes.items():
            if name not in Faults.__annotations__:
                raise ValueError(f"no such fault: {name}")
            setattr(self._faults[database], name, value)

    def drop(self, database: str) -> int:
        """Cut the open connections of a database; returns how many."""
        writers = list(self._writers[database])
        for writer in writers:
            self._loop.call_soon_threadsafe(writer.transport.abort)
        return len(writers)

    async def _listen(self) -> None:
        for door in self._doors:

            async def serve(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door = door
            ) -> None:
                await self._serve(door, reader, writer)

            listener = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_CHUNK)
            self.ports[door.id] = listener.sockets[0].getsockname()[1]
            if door.open:
                self._listeners.append(listener)
            else:
                listener.close()

    async def _serve(
        self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers[door.id].add(writer)
        try:
            await _Visit(self, door, self._faults[door.id], reader, writer).run()
        except (OSError, EOFError, ValueError, ssl.SSLError, TimeoutError, asyncio.CancelledError):
            # The client went away, talks garbage or distrusts us: its affair.
            pass
        finally:
            self._writers[door.id].discard(writer)
            await _close(writer)

    def certificate(self, door: Door, kind: str) -> Path:
        """The PEM file of a door's certificate of a kind; made when first asked for."""
        key = (door.id, kind)
        if key not in self._contexts:
            hosts = [host for host, _ in door.hosts]
            file = f"{door.id}{kind and '-'}{kind}.pem"
            if kind == "self-signed":
                pair = self._authority.self_signed(file, hosts)
            elif kind == "wrong-name":
                pair = self._authority.issue(file, ["other.example.com"])
            else:
                pair = self._authority.issue(file, hosts, expired=kind == "expired")
            self._contexts[key] = pair.file
        return self._contexts[key]

    async def admit(
        self, door: Door, startup: Startup, hosts: tuple[str, ...], secret: str
    ) -> None:
        """Let a login in, or raise Refusal with RDS's words."""
        user = startup.get("user")
        known = await asyncio.to_thread(gateway_users.look_up, self._server, user)
        if known is None or not known.iam or not door.iam_auth:
            verifier = known.verifier if known else ""
            if not gateway_users.password_matches(verifier, secret):
                raise Refusal(f'password authentication failed for user "{user}"', "28P01")
            return
        login = token_check.Login(
            hosts, self.ports[door.id], user, door.region, door.account, door.resource_id
        )
        reason = token_check.check(
            secret, login, now=self._clock.now(), find=self._ledger.find, allowed=self._allowed
        )
        if reason:
            self.refusals.append((door.id, user, reason))
            raise Refusal(f'PAM authentication failed for user "{user}"', "28000")

    async def backend(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection to the real server."""
        path = f"{self._server.socket_dir}/.s.PGSQL.{self._server.port}"
        return await asyncio.open_unix_connection(path, limit=_CHUNK)


@dataclass
class _Visit:
    """One client connection, from its first byte to its last."""

    gateways: Gateways
    door: Door
    faults: Faults
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    encrypted: bool = False
    named: list[str] = field(default_factory=list)

    async def run(self) -> None:
        if self.faults.down:
            return
        if self.faults.stall:
            await asyncio.sleep(3600)
        if self.faults.garbage:
            self.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await self.writer.drain()
            return
        async with asyncio.timeout(_LOGIN_SECONDS):
            startup = await self._greet()
            if startup is None:
                return
            backend = await self._log_in(startup)
        if backend is not None:
            await self._relay(*backend)

    async def _greet(self) -> Startup | None:
        """Everything up to the startup message; None when there won't be one."""
        while True:
            length, code = struct.unpack("!ii", await self.reader.readexactly(8))
            if not 8 <= length <= gateway_wire.LONGEST:
                raise ValueError("no startup packet")
            body = await self.reader.readexactly(length - 8)
            if code == gateway_wire.GSS_REQUEST:
                self.writer.write(b"N")
            elif code == gateway_wire.SSL_REQUEST:
                await self._encrypt()
            elif code == gateway_wire.CANCEL_REQUEST:
                await self._forward_cancel(struct.pack("!ii", length, code) + body)
                return None
            else:
                return gateway_wire.parse_startup(code, body)

    async def _encrypt(self) -> None:
        if self.faults.no_tls or self.encrypted:
            self.writer.write(b"N")
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.gateways.certificate(self.door, self.faults.certificate))

        def remember(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
            if name:
                self.named.append(name)

        context.sni_callback = remember  # type: ignore[assignment]
        self.writer.write(b"S")
        await self.writer.drain()
        await self.writer.start_tls(context)
        self.encrypted = True

    async def _forward_cancel(self, packet: bytes) -> None:
        _, backend = await self.gateways.backend()
        backend.write(packet)
        await backend.drain()
        backend.close()

    async def _log_in(
        self, startup: Startup
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        user = startup.get("user")
        known = {host for host, _ in self.door.hosts}
        hosts = tuple(name for name in self.named if name in known) or tuple(known)
        try:
            if not self.encrypted:
                dbname = startup.get("database") or user
                raise Refusal(
                    f'no pg_hba.conf entry for host "127.0.0.1", user "{user}", '
                    f'database "{dbname}", no encryption',
                    "28000",
                )
            self.writer.write(gateway_wire.CLEARTEXT_REQUEST)
            secret = await self._password()
            await self.gateways.admit(self.door, startup, hosts, secret)
        except Refusal as refusal:
            self.writer.write(gateway_wire.error(str(refusal), refusal.code))
            await self.writer.drain()
            return None
        if self._reads_only(hosts, secret):
            startup = startup.with_option("-c default_transaction_read_only=on")
        reader, writer = await self.gateways.backend()
        writer.write(startup.encode())
        return reader, writer

    def _reads_only(self, hosts: tuple[str, ...], secret: str) -> bool:
        readers = {host for host, reader in self.door.hosts if reader}
        if len(hosts) > 1:
            return any(secret.startswith(f"{host}:") for host in readers)
        return set(hosts) <= readers

    async def _password(self) -> str:
        kind = await self.reader.readexactly(1)
        (length,) = struct.unpack("!i", await self.reader.readexactly(4))
        if kind != b"p" or not 4 <= length <= gateway_wire.LONGEST:
            raise ValueError("no password message")
        return (await self.reader.readexactly(length - 4)).rstrip(b"\0").decode()

    async def _relay(
        self, backend_reader: asyncio.StreamReader, backend_writer: asyncio.StreamWriter
    ) -> None:
        ways = [
            asyncio.create_task(_pump(self.reader, backend_writer)),
            asyncio.create_task(_pump(backend_reader, self.writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await _close(self.writer)
        finally:
            for way in ways:
                way.cancel()
            backend_writer.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    """End it politely: what is buffered is sent, and TLS says goodbye; then in any case."""
    with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
        async with asyncio.timeout(1):
            writer.close()
            await writer.wait_closed()
    writer.transport.abort()
