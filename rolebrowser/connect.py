"""The pipeline: target → session → token → TLS → connection, each step a reported `Check`.

The only module that joins the two roads: identity/database on one side, connection on the other.
Blocking; run it in a thread. The command line and the terminal UI call the same `open_target`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.connection.protocol import Connection
from rolebrowser.database.model import Database, Endpoint, Token
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import Prompts
from rolebrowser.target import Target


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
        session, database, endpoint: None for a plain URL.
        current_token: the token of the last login; each reconnect makes another. None for a
            plain URL, where no token is ever made.
        checks: how every step ended.
    """

    target: Target
    connection: Connection
    session: Session | None
    database: Database | None
    endpoint: Endpoint | None
    current_token: Callable[[], Token | None]
    checks: tuple[Check, ...]


def open_target(
    target: Target,
    *,
    config: Config,
    prompts: Prompts,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Opened:
    """Walk the whole road.

    Args:
        report: called with each Check as it starts and as it ends, from this thread.

    Raises:
        RolebrowserError: any of the tree; the failing step has been reported as FAIL before.
        Cancelled: `cancel` was set.
    """
    raise NotImplementedError
