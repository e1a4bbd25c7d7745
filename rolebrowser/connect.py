"""The pipeline: target → session → token → TLS → connection, each step a reported `Check`.

The only module that joins the two roads: identity/database on one side, connection on the other.
Blocking; run it in a thread. The command line and the terminal UI call the same `open_target`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from rolebrowser.audit import AuditLog
from rolebrowser.cancel import Cancel, bounded
from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config
from rolebrowser.connection.protocol import Address, Connection, Settings
from rolebrowser.database import login_advice
from rolebrowser.database.model import Database, Endpoint, Token
from rolebrowser.database.remembered import Remembered
from rolebrowser.database.truststore import Trust
from rolebrowser.database.tunnels import Reached
from rolebrowser.database.usable import usable_endpoint
from rolebrowser.errors import (
    ConfigError,
    ConnectionLost,
    LoginRefused,
    RolebrowserError,
    RouteError,
    TimedOut,
    TlsError,
    UnknownName,
)
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.identity.sessions import countdown
from rolebrowser.opened import Opened, again, audited
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine, Target

T = TypeVar("T")

_LED_NOWHERE = (ConnectionLost, LoginRefused, RouteError, TimedOut, TlsError, UnknownName)
"""What may come of a description of the database that is out of date."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything needed to log in, short of doing it: for `rolebrowser shell`.

    Attributes:
        address: its `password` mints a token, anew at each call, renewing the session if needed.
        reached: the numeric address that answered; `address.dial_port or address.port` is its port.
        route: what carries the bytes, "ssh"; empty without a tunnel.
    """

    database: Database
    endpoint: Endpoint
    address: Address
    reached: str
    current_session: Callable[[], Session | None]
    current_token: Callable[[], Token | None]
    route: str = ""

    def advised(self, refused: LoginRefused) -> LoginRefused:
        """A refused login with its likely cause and the fix."""
        session = self.current_session()
        if session is None:
            return refused
        return login_advice.advise(
            refused, database=self.database, user=self.address.user, session=session
        )


def open_target(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
    read_only: bool | None = None,
    ask_password: Callable[[], Secret | None] | None = None,
) -> Opened:
    """Walk the whole road.

    Args:
        report: called with each Check as it starts and as it ends, from this thread. A step may
            be reported again: what was remembered of the database led nowhere, and AWS was asked.
        read_only: overrides the config's.
        ask_password: for a plain URL whose server wants a password that nothing gives.

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
        return walk.open_url(settings, ask_password)
    walk.memory = Remembered(config.cache_dir)
    try:
        return walk.open(settings)
    except _LED_NOWHERE:
        if not walk.recalled or not walk.look_again():
            raise
    return walk.open(settings)


def prepare(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Prepared:
    """The road up to the database's door, without logging in. Raises as `open_target`."""
    return _walk_on_aws(target, config, prompts, report, cancel).prepare()


def mint_token(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Token:
    """Credentials, database, token: what `rolebrowser token` prints. Raises as `open_target`."""
    return _walk_on_aws(target, config, prompts, report, cancel).mint()[2]


def _walk_on_aws(
    target: Target,
    config: Config,
    prompts: Prompts | None,
    report: Callable[[Check], None],
    cancel: Cancel | None,
) -> _Walk:
    if target.url:
        raise ConfigError("A plain URL has no token.", fix="Name a bookmark or a database.")
    return _Walk(target, config, prompts or NobodyToAsk(), report, cancel or Cancel())


@dataclass
class _Walk:
    """One way to one target.

    Attributes:
        memory: descriptions of databases that may be used instead of asking AWS; None = ask.
        recalled: the description in use was remembered, AWS has not been asked.
    """

    target: Target
    config: Config
    prompts: Prompts
    report: Callable[[Check], None]
    cancel: Cancel
    memory: Remembered | None = None
    recalled: Database | None = None
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

    def open(self, settings: Settings) -> Opened:
        """All steps."""
        prepared = self.prepare()
        try:
            connection = self._log_in(prepared.address, settings, prepared.advised)
        except BaseException:
            if prepared.address.passage is not None:
                prepared.address.passage.close()
            raise
        return self._opened(connection, prepared.database, prepared.endpoint, prepared.route)

    def _opened(
        self,
        connection: Connection,
        database: Database | None,
        endpoint: Endpoint | None,
        route: str = "",
    ) -> Opened:
        log = AuditLog(self.config.state_dir) if self.config.audit_log else None
        told = audited(connection, log, lambda: self._session, database)
        return Opened(
            self.target,
            connection,
            told,
            again(told, self.renew),
            lambda: self._session,
            database,
            endpoint,
            lambda: self._token,
            tuple({check.step: check for check in self.checks}.values()),
            route,
        )

    def prepare(self) -> Prepared:
        """Credentials, database, token, trust, route."""
        database, endpoint, _ = self.mint()
        trust = self._step(Step.TRUST, lambda: self._trust(database))
        reached = self._step(Step.ROUTE, lambda: self._reach(database, endpoint))
        address = Address(
            engine=database.protocol or Engine.POSTGRES,
            host=endpoint.host,
            port=endpoint.port,
            user=self.target.user,
            dbname=self.target.dbname or database.dbname,
            password=lambda: self._password(database, endpoint),
            tls=trust.context,
            ca_file=str(trust.ca_file),
            dial_host=reached.host,
            dial_port=reached.port,
            passage=reached.tunnel,
        )
        return Prepared(
            database,
            endpoint,
            address,
            reached.address,
            lambda: self._session,
            lambda: self._token,
            reached.kind,
        )

    def mint(self) -> tuple[Database, Endpoint, Token]:
        """Credentials, database, token."""
        if not self.target.user:
            raise ConfigError("No database user was named.", fix="Give one: -u USER.")
        session = self._step(Step.CREDENTIALS, self._credentials)
        database, endpoint = self._step(Step.DATABASE, lambda: self._database(session))
        token = self._step(Step.TOKEN, lambda: self._mint(database, endpoint))
        return database, endpoint, token

    def _credentials(self) -> tuple[Session, str]:
        session = self._resolve()
        ends = session.expires_at
        left = f", {countdown(ends, datetime.now(UTC))} left" if ends is not None else ""
        name = self.target.role or self.target.profile or "the default profile"
        return session, f"{name}{left}"

    def _resolve(self, *, fresh: bool = False) -> Session:
        target = self.target
        self._session = self._resolve_profile(target.profile, target.role, fresh=fresh)
        return self._session

    def _resolve_profile(self, profile: str, role: str, *, fresh: bool = False) -> Session:
        from rolebrowser.identity import credentials, profile_files

        return credentials.resolve(
            profile,
            role,
            profiles=profile_files.load(os.environ),
            aws_dir=self.config.aws_dir,
            prompts=self.prompts,
            region=self.target.region,
            cancel=self.cancel,
            seconds=self.config.timeouts.aws,
            fresh=fresh,
        )

    def _database(self, session: Session) -> tuple[tuple[Database, Endpoint], str]:
        now, key = datetime.now(UTC), self._key(session)
        self.recalled = self.memory.recall(key, now) if self.memory else None
        database = self.recalled or self._ask_aws(session)
        endpoint = usable_endpoint(database, self.target.endpoint)
        if self.memory and not self.recalled and database.resource_id:
            self.memory.keep(key, database, now)
        how = " (as remembered)" if self.recalled else ""
        status = database.status or "not asked about"
        return (database, endpoint), f"{database.id} {status}, {endpoint.host}{how}"

    def _ask_aws(self, session: Session) -> Database:
        from rolebrowser.identity import credentials

        try:
            return self._describe(session)
        except RolebrowserError as error:
            if not credentials.over(error):
                raise
        # The cached session was ended before its time: revoked, or of another endpoint.
        return self._describe(self._resolve(fresh=True))

    def _describe(self, session: Session) -> Database:
        from rolebrowser.database import rds

        return bounded(
            lambda: rds.find(
                session,
                session.region,
                self.target.database,
                endpoint=self.target.endpoint,
                cancel=self.cancel,
            ),
            cancel=self.cancel,
            limit=self.config.timeouts.aws,
            what=f"Asking AWS about {self.target.database}",
            fix="Is AWS reachable?",
        )

    def _key(self, session: Session) -> str:
        """All that decides what a database's name means."""
        place = [os.environ.get(name, "") for name in ("AWS_ENDPOINT_URL", "AWS_CONFIG_FILE")]
        target = self.target
        who = [target.profile or session.profile, target.role, session.region]
        return " ".join([*place, *who, target.database, target.endpoint])

    def look_again(self) -> bool:
        """Ask AWS about a database that was remembered.

        Returns:
            True when there is news: going again may lead somewhere.
        """
        remembered, session = self.recalled, self._session or self._resolve()
        if self.memory:
            self.memory.forget(self._key(session))
        database, _ = self._step(Step.DATABASE, lambda: self._database(session))
        return replace(database, tags=()) != remembered or self._session is not session

    def _mint(self, database: Database, endpoint: Endpoint) -> tuple[Token, str]:
        from rolebrowser.database import token

        session, now = self._session or self._resolve(), datetime.now(UTC)
        if token.is_over(session, now):
            session = self._resolve()
        if token.is_over(session, now):
            session = self._resolve(fresh=True)
        host, port, user = endpoint.host, endpoint.port, self.target.user
        self._token = minted = token.presign(session, host, port, user, database.region, now)
        return minted, f"for {minted.user}, usable {countdown(minted.expires_at, now)}"

    def _password(self, database: Database, endpoint: Endpoint) -> Secret:
        """A fresh token for each login, from a fresh session when the old one is over."""
        return self._mint(database, endpoint)[0].value

    def _trust(self, database: Database) -> tuple[Trust, str]:
        from rolebrowser.database import truststore

        trust = truststore.trust(self.config, database.region, database.kind, cancel=self.cancel)
        return trust, str(trust)

    def _reach(self, database: Database, endpoint: Endpoint) -> tuple[Reached, str]:
        from rolebrowser.database import route, tunnels

        way = route.resolve(self.config, self.target, endpoint)
        reached = tunnels.reach(
            way, endpoint, database, self.config, self._session_of, cancel=self.cancel
        )
        return reached, reached.evidence

    def renew(self, prompts: Prompts, cancel: Cancel, fresh: bool) -> bool:
        """See `opened.Renew`: for a login long after this walk."""
        self.prompts, self.cancel, self.report = prompts, cancel, lambda check: None
        if fresh and not self.target.url:
            self._resolve(fresh=True)
        return not self.target.url

    def _session_of(self, profile: str) -> Session:
        """A living session for a route: the target's own, or a profile's."""
        from rolebrowser.database import token

        if profile:
            return self._resolve_profile(profile, "")
        session = self._session
        if session is None or token.is_over(session, datetime.now(UTC)):
            session = self._resolve()
        return session

    def _log_in(
        self,
        address: Address,
        settings: Settings,
        advised: Callable[[LoginRefused], LoginRefused] = lambda refused: refused,
    ) -> Connection:
        def work() -> tuple[Connection, str]:
            try:
                opened = _open(address, settings, self.cancel)
            except LoginRefused as refused:
                raise advised(refused) from None
            info = opened.info
            return opened, f"{info.user} on {info.flavor} {info.version}, {info.tls or 'no TLS'}"

        return self._step(Step.LOGIN, work)

    def open_url(
        self, settings: Settings, ask_password: Callable[[], Secret | None] | None
    ) -> Opened:
        """A database outside AWS: no session, no token, libpq's own rules for the password."""
        from rolebrowser.connection import url

        for step in (Step.CREDENTIALS, Step.DATABASE, Step.TOKEN, Step.TRUST, Step.ROUTE):
            self._settle(Check(step, Status.SKIP, "a plain URL"))
        address = url.parse(self.target.url, os.environ, ask_password)
        connection = self._log_in(address, settings)
        return self._opened(connection, None, None)


def _open(address: Address, settings: Settings, cancel: Cancel) -> Connection:
    if address.engine is Engine.MYSQL:
        from rolebrowser.connection import mysql

        return mysql.open_connection(address, settings, cancel)
    from rolebrowser.connection.postgres import open_connection

    return open_connection(address, settings, cancel)
