"""Up to the database's door: credentials → database → token → trust → route.

The AWS half of the pipeline, each step a reported `Check`. Logs in nowhere and opens no connection
but a tunnel's: that is `connect`, which walks on from here. Blocking; run it in a thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config
from rolebrowser.connection.protocol import Address
from rolebrowser.database import login_advice
from rolebrowser.database.model import Database, Endpoint, Token
from rolebrowser.database.remembered import Remembered
from rolebrowser.database.truststore import Trust
from rolebrowser.database.tunnels import Reached
from rolebrowser.database.usable import usable_endpoint
from rolebrowser.errors import ConfigError, LoginRefused, RolebrowserError
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import Prompts
from rolebrowser.identity.sessions import countdown
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine, Target

T = TypeVar("T")


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


@dataclass
class Road:
    """The way to one target, walked step by step.

    Attributes:
        report: called with each Check as it starts and as it ends, from the thread that walks.
        memory: descriptions of databases that may be used instead of asking AWS; None = ask.
        recalled: the description in use was remembered, AWS has not been asked.
        checks: those that are settled, in order; a step gone twice is in it twice.
        session, token: those in use now; None before their steps, and for a plain URL.
    """

    target: Target
    config: Config
    prompts: Prompts
    report: Callable[[Check], None]
    cancel: Cancel
    memory: Remembered | None = None
    recalled: Database | None = None
    checks: list[Check] = field(default_factory=list)
    session: Session | None = None
    token: Token | None = None

    def step(self, step: Step, work: Callable[[], tuple[T, str]]) -> T:
        """Run one step; `work` gives its result and its evidence. Raises what `work` raises."""
        self.cancel.check()
        self.report(Check(step, Status.STARTED))
        started = time.monotonic()
        try:
            result, evidence = work()
        except RolebrowserError as error:
            seconds = time.monotonic() - started
            self.settle(Check(step, Status.FAIL, error.what, error.fix, seconds))
            raise
        self.settle(Check(step, Status.PASS, evidence, "", time.monotonic() - started))
        return result

    def settle(self, check: Check) -> None:
        """Keep a check that has ended, and report it."""
        self.checks.append(check)
        self.report(check)

    def prepare(self) -> Prepared:
        """Credentials, database, token, trust, route."""
        database, endpoint, _ = self.mint()
        trust = self.step(Step.TRUST, lambda: self._trust(database))
        reached = self.step(Step.ROUTE, lambda: self._reach(database, endpoint))
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
            lambda: self.session,
            lambda: self.token,
            reached.kind,
        )

    def mint(self) -> tuple[Database, Endpoint, Token]:
        """Credentials, database, token."""
        if not self.target.user:
            raise ConfigError("No database user was named.", fix="Give one: -u USER.")
        session = self.step(Step.CREDENTIALS, self._credentials)
        database, endpoint = self.step(Step.DATABASE, lambda: self._database(session))
        token = self.step(Step.TOKEN, lambda: self._mint(database, endpoint))
        return database, endpoint, token

    def _credentials(self) -> tuple[Session, str]:
        session = self._resolve()
        ends = session.expires_at
        left = f", {countdown(ends, datetime.now(UTC))} left" if ends is not None else ""
        name = self.target.role or self.target.profile or "the default profile"
        return session, f"{name}{left}"

    def _resolve(self, *, fresh: bool = False) -> Session:
        target = self.target
        self.session = self._resolve_profile(target.profile, target.role, fresh=fresh)
        return self.session

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
            return described(self.target, session, self.config.timeouts.aws, self.cancel)
        except RolebrowserError as error:
            if not credentials.over(error):
                raise
        # The cached session was ended before its time: revoked, or of another endpoint.
        return described(
            self.target, self._resolve(fresh=True), self.config.timeouts.aws, self.cancel
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
        remembered, session = self.recalled, self.session or self._resolve()
        if self.memory:
            self.memory.forget(self._key(session))
        database, _ = self.step(Step.DATABASE, lambda: self._database(session))
        return replace(database, tags=()) != remembered or self.session is not session

    def _mint(self, database: Database, endpoint: Endpoint) -> tuple[Token, str]:
        from rolebrowser.database import token

        session, now = self.session or self._resolve(), datetime.now(UTC)
        if token.is_over(session, now):
            session = self._resolve()
        if token.is_over(session, now):
            session = self._resolve(fresh=True)
        host, port, user = endpoint.host, endpoint.port, self.target.user
        self.token = minted = token.presign(session, host, port, user, database.region, now)
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
        session = self.session
        if session is None or token.is_over(session, datetime.now(UTC)):
            session = self._resolve()
        return session


def described(target: Target, session: Session, seconds: float, cancel: Cancel) -> Database:
    """What AWS says of a target's database, asked now.

    Args:
        seconds: how long it may take.

    Raises:
        UnknownName: there is none of that name, nearest names given.
        TimedOut, Cancelled, and what `rds.find` raises.
    """
    from rolebrowser.database import rds

    return bounded(
        lambda: rds.find(
            session, session.region, target.database, endpoint=target.endpoint, cancel=cancel
        ),
        cancel=cancel,
        limit=seconds,
        what=f"Asking AWS about {target.database}",
        fix="Is AWS reachable?",
    )
