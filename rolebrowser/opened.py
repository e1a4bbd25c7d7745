"""Opened: an open connection with what is known of how it came about, and its audited side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from rolebrowser import audit
from rolebrowser.audit import AuditLog, Ending, Entry
from rolebrowser.cancel import Cancel
from rolebrowser.check import Check
from rolebrowser.connection.audited import Audited, Ran
from rolebrowser.connection.protocol import Connection, ServerInfo
from rolebrowser.database.model import Database, Endpoint, Token
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    FailedBefore,
    LoginRefused,
    ReadOnlyRefused,
    RolebrowserError,
)
from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import Prompts
from rolebrowser.target import Target


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection and what is known of how it came about.

    Attributes:
        connection: for questions of ours: what a page shows, what a backslash command asks.
        audited: the same connection for what a person runs: each statement goes to the audit log.
            To be closed in place of the other.
        database, endpoint: None for a plain URL.
        log_in_again: logs in anew; blocks. What must be asked is asked by the given prompts; the
            AWS session is renewed when it is over, or when the server refuses its token. Nothing
            is run again. Raises as `connect.open_target`.
        current_session, current_token: those of the last login; each reconnect makes another
            token, from another session if need be. None for a plain URL, where neither is made.
        checks: how every step ended.
        route: what carries the bytes, "ssh"; empty without a tunnel.
    """

    target: Target
    connection: Connection
    audited: Connection
    log_in_again: Callable[[Prompts, Cancel], ServerInfo]
    current_session: Callable[[], Session | None]
    database: Database | None
    endpoint: Endpoint | None
    current_token: Callable[[], Token | None]
    checks: tuple[Check, ...]
    route: str = ""

    @property
    def name_to_type(self) -> str:
        """What is typed to write where it is production."""
        info = self.connection.info
        return name_to_type(info.dbname, self.database, info.host)


def name_to_type(dbname: str, database: Database | None, host: str) -> str:
    """What is typed to write where it is production: the name of the database in use.

    MySQL and MariaDB may have none in use: then the server's id, or its address.
    """
    return dbname or (database.id if database is not None else host)


Renew = Callable[[Prompts, Cancel, bool], bool]
"""Takes over the prompts; with True gets a fresh AWS session. False: there is none to be got."""


def again(connection: Connection, renew: Renew) -> Callable[[Prompts, Cancel], ServerInfo]:
    """`Opened.log_in_again` of a connection."""

    def log_in_again(prompts: Prompts, cancel: Cancel) -> ServerInfo:
        renew(prompts, cancel, False)
        try:
            return connection.reconnect().result()
        except LoginRefused:
            # A session that was ended before its time still signs tokens, which nobody takes.
            if not renew(prompts, cancel, True):
                raise
            return connection.reconnect().result()

    return log_in_again


_PATIENCE = 5.0
"""Seconds the first entry waits for AWS to say whose session it is."""


class Callers:
    """Who AWS says sessions are: asked once for each, in the background."""

    def __init__(self, current_session: Callable[[], Session | None]) -> None:
        self._current = current_session
        self._asked: dict[str, Future[str]] = {}

    def ask(self) -> Future[str] | None:
        """The ARN of the current session's identity, to come; None without a session."""
        session = self._current()
        if session is None:
            return None
        if session.access_key not in self._asked:
            future: Future[str] = Future()
            self._asked[session.access_key] = future
            name = "caller identity"
            threading.Thread(target=_ask, args=(session, future), name=name, daemon=True).start()
        return self._asked[session.access_key]

    def arn(self) -> str:
        """The ARN; when AWS doesn't say in time, that of the role, or the profile's name."""
        future, session = self.ask(), self._current()
        if future is None or session is None:
            return ""
        with suppress(Exception):  # the entry is written whatever became of the question
            return future.result(_PATIENCE)
        if not future.done():
            # Nobody waits for it again.
            self._asked[session.access_key] = Future()
            self._asked[session.access_key].set_result(_known(session))
        return _known(session)


def _known(session: Session) -> str:
    return session.role or f"profile {session.profile}"


def _ask(session: Session, future: Future[str]) -> None:
    from rolebrowser.identity import caller_identity

    try:
        future.set_result(caller_identity.ask(session).identity.arn)
    except Exception as error:
        future.set_exception(error)


def audited(
    connection: Connection,
    log: AuditLog | None,
    current_session: Callable[[], Session | None],
    database: Database | None,
) -> Connection:
    """A connection whose statements go to the log; without a log the connection itself."""
    if log is None:
        return connection
    info = connection.info
    where = database.id if database is not None else info.host
    told = False
    callers = Callers(current_session)

    def record(ran: Ran) -> str:
        nonlocal told
        ending, reason = ending_of(ran.error)
        entry = Entry(
            time=audit.utc(ran.started),
            identity=callers.arn(),
            database=where,
            dbname=info.dbname,
            user=info.user,
            mode="read-only" if ran.read_only else "read-write",
            statement=ran.statement,
            rows=ran.rows,
            complete=ran.complete,
            seconds=round(ran.seconds, 6),
            outcome=ending,
            error=reason,
        )
        try:
            log.append(entry)
        except OSError as error:
            if told:
                return ""
            told = True
            reason = error.strerror or str(error)
            return f"The audit log is not written: {log.path}: {reason}."
        return ""

    # Not before: making the client for it takes as long as logging in.
    return Audited(connection, record, begun=callers.ask)


def ending_of(error: BaseException | None) -> tuple[Ending, str]:
    """How a statement ended that gave an error, or none, and the reason."""
    if error is None:
        return Ending.OK, ""
    kinds = {
        ReadOnlyRefused: Ending.NOT_SENT,
        FailedBefore: Ending.NOT_SENT,
        Cancelled: Ending.CANCELLED,
        ConnectionLost: Ending.LOST,
    }
    what = error.what if isinstance(error, RolebrowserError) else str(error)
    return kinds.get(type(error), Ending.ERROR), what
