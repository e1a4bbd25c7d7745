"""The pipeline: target → session → token → TLS → connection, each step a reported `Check`.

The only module that joins the two roads: identity/database on one side, connection on the other.
Blocking; run it in a thread. The command line and the terminal UI call the same `open_target`.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.connection.protocol import Address, Connection, Settings
from rolebrowser.database import login_advice
from rolebrowser.database.model import Database, Endpoint, Token
from rolebrowser.errors import (
    ConfigError,
    DatabaseUnavailable,
    LoginRefused,
    RolebrowserError,
    UnknownName,
)
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.identity.sessions import countdown
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine, Target

T = TypeVar("T")
_UNUSABLE = ("stopped", "stopping", "deleting", "failed", "creating", "storage-full")


class Step(StrEnum):
    """The steps, in order."""

    CREDENTIALS = "credentials"
    DATABASE = "database"
    TOKEN = "token"
    TRUST = "trust"
    ROUTE = "route"
    LOGIN = "login"


class Status(StrEnum):
    """How a step stands."""

    STARTED = "started"
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the pipeline as far as it got.

    Attributes:
        evidence: what was seen ("arn:… expires in 52m", "TLSv1.3, CA …"); foreign text in it
            has not been cleaned.
        fix: what to do; set when failed.
        seconds: how long the step took; 0 while it runs.
    """

    step: Step
    status: Status
    evidence: str = ""
    fix: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection and what is known of how it came about.

    Attributes:
        database, endpoint: None for a plain URL.
        current_session, current_token: those of the last login; each reconnect makes another
            token, from another session if need be. None for a plain URL, where neither is made.
        checks: how every step ended.
    """

    target: Target
    connection: Connection
    current_session: Callable[[], Session | None]
    database: Database | None
    endpoint: Endpoint | None
    current_token: Callable[[], Token | None]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything needed to log in, short of doing it: for `rolebrowser shell` and `token`.

    Attributes:
        address: its `password` mints a token, anew at each call, renewing the session if needed.
    """

    database: Database
    endpoint: Endpoint
    address: Address
    current_session: Callable[[], Session | None]
    current_token: Callable[[], Token | None]


def open_target(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
    read_only: bool | None = None,
) -> Opened:
    """Walk the whole road.

    Args:
        report: called with each Check as it starts and as it ends, from this thread.
        read_only: overrides the config's.

    Raises:
        RolebrowserError: any of the tree; the failing step has been reported as FAIL before.
        Cancelled: `cancel` was set.
    """
    walk = _Walk(target, config, prompts or NobodyToAsk(), report, cancel or Cancel())
    settings = Settings(
        read_only=config.read_only if read_only is None else read_only,
        connect_timeout=config.timeouts.connect,
        statement_timeout=config.timeouts.statement,
        idle_in_transaction_timeout=config.timeouts.idle_in_transaction,
        page_rows=config.page_rows,
    )
    if target.url:
        return walk.open_url(settings)
    prepared = walk.prepare()
    connection = walk.log_in(prepared.address, settings, prepared.database)
    return Opened(
        target,
        connection,
        prepared.current_session,
        prepared.database,
        prepared.endpoint,
        prepared.current_token,
        tuple(walk.checks),
    )


def prepare(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Prepared:
    """The road up to the database's door, without knocking. Raises as `open_target`."""
    if target.url:
        raise ConfigError("A plain URL has no AWS session and no token.", fix="Name a database.")
    return _Walk(target, config, prompts or NobodyToAsk(), report, cancel or Cancel()).prepare()


def mint_token(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Token:
    """Credentials, database, token: what `rolebrowser token` prints. Raises as `open_target`."""
    walk = _Walk(target, config, prompts or NobodyToAsk(), report, cancel or Cancel())
    return walk.mint()[2]


@dataclass
class _Walk:
    target: Target
    config: Config
    prompts: Prompts
    report: Callable[[Check], None]
    cancel: Cancel
    checks: list[Check] = field(default_factory=list)
    _session: Session | None = None
    _token: Token | None = None

    def _step(self, step: Step, work: Callable[[], tuple[T, str]]) -> T:
        """Run one step; `work` gives its result and its evidence."""
        self.cancel.check()
        self.report(Check(step, Status.STARTED))
        started = time.monotonic()
        try:
            result, evidence = work()
        except RolebrowserError as error:
            seconds = time.monotonic() - started
            self._settle(Check(step, Status.FAIL, error.what, error.fix, seconds))
            raise
        self._settle(Check(step, Status.PASS, evidence, "", time.monotonic() - started))
        return result

    def _settle(self, check: Check) -> None:
        self.checks.append(check)
        self.report(check)

    def mint(self) -> tuple[Database, Endpoint, Token]:
        """Credentials, database, token."""
        session = self._step(Step.CREDENTIALS, self._credentials)
        database, endpoint = self._step(Step.DATABASE, lambda: self._find(session))
        token = self._step(Step.TOKEN, lambda: self._mint(database, endpoint))
        return database, endpoint, token

    def prepare(self) -> Prepared:
        """Credentials, database, token, trust, route."""
        database, endpoint, _ = self.mint()
        ca_file, context = self._step(Step.TRUST, lambda: self._trust(database))
        way = self._step(Step.ROUTE, lambda: self._route(endpoint))
        address = Address(
            engine=database.protocol or Engine.POSTGRES,
            host=endpoint.host,
            port=endpoint.port,
            user=self.target.user,
            dbname=self.target.dbname or database.dbname,
            password=lambda: self._password(database, endpoint),
            tls=context,
            ca_file=ca_file,
            dial_host=way[0],
            dial_port=way[1],
        )
        return Prepared(database, endpoint, address, lambda: self._session, lambda: self._token)

    def _credentials(self) -> tuple[Session, str]:
        session = self._resolve()
        ends = session.expires_at
        left = f", {countdown(ends, datetime.now(UTC))} left" if ends is not None else ""
        name = self.target.role or self.target.profile or "the default profile"
        return session, f"{name}{left}"

    def _resolve(self) -> Session:
        from rolebrowser.identity import credentials, profile_files

        self._session = credentials.resolve(
            self.target.profile,
            self.target.role,
            profiles=profile_files.load(os.environ),
            aws_dir=self.config.aws_dir,
            prompts=self.prompts,
            region=self.target.region,
            cancel=self.cancel,
            seconds=self.config.timeouts.aws,
        )
        return self._session

    def _find(self, session: Session) -> tuple[tuple[Database, Endpoint], str]:
        from rolebrowser.database import rds

        wanted = self.target.endpoint
        database = rds.find(
            session, session.region, self.target.database, endpoint=wanted, cancel=self.cancel
        )
        if database.status.lower() in _UNUSABLE:
            raise DatabaseUnavailable(
                f"The database {database.id} is {database.status}.",
                fix=f"Start it first: {login_advice.start_command(database)}",
            )
        if database.protocol is None:
            raise DatabaseUnavailable(
                f"{database.id} speaks {database.engine}, which is not spoken here."
            )
        endpoint = database.endpoint(wanted)
        if endpoint is None:
            names = [each.name or each.role.value for each in database.endpoints]
            raise UnknownName(f"endpoint of {database.id}", wanted or "writer", names)
        return (database, endpoint), f"{database.id} {database.status}, {endpoint.host}"

    def _mint(self, database: Database, endpoint: Endpoint) -> tuple[Token, str]:
        from rolebrowser.database import token

        if not self.target.user:
            raise ConfigError("No database user was named.", fix="Give one: -u USER.")
        session = self._session or self._resolve()
        now = datetime.now(UTC)
        minted = token.presign(
            session, endpoint.host, endpoint.port, self.target.user, database.region, now
        )
        self._token = minted
        return minted, f"for {minted.user}, usable {countdown(minted.expires_at, now)}"

    def _password(self, database: Database, endpoint: Endpoint) -> Secret:
        """A fresh token for each login, from a fresh session when the old one is over."""
        held, now = self._session, datetime.now(UTC)
        if held is None or (held.expires_at is not None and held.expires_at <= now):
            self._resolve()
        return self._mint(database, endpoint)[0].value

    def _trust(self, database: Database) -> tuple[tuple[str, ssl.SSLContext], str]:
        from rolebrowser.database import truststore

        trust = truststore.trust(self.config, database.region, database.kind, cancel=self.cancel)
        return (str(trust.ca_file), trust.context), f"{trust.source}, {trust.roots} roots"

    def _route(self, endpoint: Endpoint) -> tuple[tuple[str, int], str]:
        from rolebrowser.database import route

        way = route.resolve(self.config, self.target, endpoint)
        seconds = self.config.timeouts.connect
        address = route.probe(way, endpoint, seconds=seconds, cancel=self.cancel)
        return (address, way.port), str(way)

    def log_in(self, address: Address, settings: Settings, database: Database | None) -> Connection:
        """The last step."""

        def work() -> tuple[Connection, str]:
            try:
                opened = _open(address, settings, self.cancel)
            except LoginRefused as refused:
                raise self._advised(refused, database) from None
            info = opened.info
            return opened, f"{info.user} on {info.flavor} {info.version}, {info.tls or 'no TLS'}"

        return self._step(Step.LOGIN, work)

    def _advised(self, refused: LoginRefused, database: Database | None) -> LoginRefused:
        if database is None or self._session is None:
            return refused
        return login_advice.advise(
            refused, database=database, user=self.target.user, session=self._session
        )

    def open_url(self, settings: Settings) -> Opened:
        """A database outside AWS: no session, no token, libpq's own rules for the password."""
        from rolebrowser.connection import url

        for step in (Step.CREDENTIALS, Step.DATABASE, Step.TOKEN, Step.TRUST, Step.ROUTE):
            self._settle(Check(step, Status.SKIP, "a plain URL"))
        address = url.parse(self.target.url, os.environ)
        connection = self.log_in(address, settings, None)
        return Opened(
            self.target, connection, lambda: None, None, None, lambda: None, tuple(self.checks)
        )


def _open(address: Address, settings: Settings, cancel: Cancel) -> Connection:
    if address.engine is Engine.MYSQL:
        raise DatabaseUnavailable(
            "MySQL and MariaDB can't be opened by this version yet.",
            fix="rolebrowser token prints a token for the stock client.",
        )
    from rolebrowser.connection.postgres import open_connection

    return open_connection(address, settings, cancel)
