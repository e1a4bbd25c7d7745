"""The pipeline: target → session → token → TLS → connection, each step a reported `Check`.

The only module that joins the two roads: `reaching` walks identity/database up to the server's
door, here somebody logs in. Blocking; run it in a thread. The command line and the terminal UI
call the same `open_target`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from rolebrowser.audit import AuditLog
from rolebrowser.cancel import Cancel
from rolebrowser.check import Check, Status, Step
from rolebrowser.config import Config
from rolebrowser.connection.protocol import Address, Connection, Settings
from rolebrowser.database.model import Database, Endpoint, Token
from rolebrowser.database.remembered import Remembered
from rolebrowser.errors import (
    ConfigError,
    ConnectionLost,
    LoginRefused,
    RouteError,
    TimedOut,
    TlsError,
    UnknownName,
)
from rolebrowser.identity.prompts import NobodyToAsk, Prompts
from rolebrowser.opened import Opened, again, audited
from rolebrowser.reaching import Prepared, Road
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine, Target

_LED_NOWHERE = (ConnectionLost, LoginRefused, RouteError, TimedOut, TlsError, UnknownName)
"""What may come of a description of the database that is out of date."""


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
    road = Road(target, config, prompts or NobodyToAsk(), report, cancel or Cancel())
    settings = Settings(
        read_only=config.read_only if read_only is None else read_only,
        connect_timeout=config.timeouts.connect,
        statement_timeout=config.timeouts.statement,
        idle_in_transaction_timeout=config.timeouts.idle_in_transaction,
        page_rows=config.page_rows,
        row_limit=config.row_limit,
    )
    if target.url:
        return _open_url(road, settings, ask_password)
    road.memory = Remembered(config.cache_dir)
    try:
        return _open_database(road, settings)
    except _LED_NOWHERE:
        if not road.recalled or not road.look_again():
            raise
    return _open_database(road, settings)


def prepare(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Prepared:
    """The road up to the database's door, without logging in. Raises as `open_target`."""
    return _road_on_aws(target, config, prompts, report, cancel).prepare()


def mint_token(
    target: Target,
    *,
    config: Config,
    prompts: Prompts | None = None,
    report: Callable[[Check], None] = lambda check: None,
    cancel: Cancel | None = None,
) -> Token:
    """Credentials, database, token: what `rolebrowser token` prints. Raises as `open_target`."""
    return _road_on_aws(target, config, prompts, report, cancel).mint()[2]


def _road_on_aws(
    target: Target,
    config: Config,
    prompts: Prompts | None,
    report: Callable[[Check], None],
    cancel: Cancel | None,
) -> Road:
    if target.url:
        raise ConfigError("A plain URL has no token.", fix="Name a bookmark or a database.")
    return Road(target, config, prompts or NobodyToAsk(), report, cancel or Cancel())


def _open_database(road: Road, settings: Settings) -> Opened:
    prepared = road.prepare()
    try:
        connection = _log_in(road, prepared.address, settings, prepared.advised)
    except BaseException:
        if prepared.address.passage is not None:
            prepared.address.passage.close()
        raise
    return _opened(road, connection, prepared.database, prepared.endpoint, prepared.route)


def _open_url(
    road: Road, settings: Settings, ask_password: Callable[[], Secret | None] | None
) -> Opened:
    """A database outside AWS: no session, no token, libpq's own rules for the password."""
    from rolebrowser.connection import url

    for step in (Step.CREDENTIALS, Step.DATABASE, Step.TOKEN, Step.TRUST, Step.ROUTE):
        road.settle(Check(step, Status.SKIP, "a plain URL"))
    address = url.parse(road.target.url, os.environ, ask_password)
    connection = _log_in(road, address, settings)
    return _opened(road, connection, None, None)


def _log_in(
    road: Road,
    address: Address,
    settings: Settings,
    advised: Callable[[LoginRefused], LoginRefused] = lambda refused: refused,
) -> Connection:
    def work() -> tuple[Connection, str]:
        try:
            opened = _open(address, settings, road.cancel)
        except LoginRefused as refused:
            raise advised(refused) from None
        info = opened.info
        return opened, f"{info.user} on {info.flavor} {info.version}, {info.tls or 'no TLS'}"

    return road.step(Step.LOGIN, work)


def _opened(
    road: Road,
    connection: Connection,
    database: Database | None,
    endpoint: Endpoint | None,
    route: str = "",
) -> Opened:
    log = AuditLog(road.config.state_dir) if road.config.audit_log else None
    told = audited(connection, log, lambda: road.session, database)
    return Opened(
        road.target,
        connection,
        told,
        again(told, road.renew),
        lambda: road.session,
        database,
        endpoint,
        lambda: road.token,
        tuple({check.step: check for check in road.checks}.values()),
        route,
    )


def _open(address: Address, settings: Settings, cancel: Cancel) -> Connection:
    if address.engine is Engine.MYSQL:
        from rolebrowser.connection import mysql

        return mysql.open_connection(address, settings, cancel)
    from rolebrowser.connection.postgres import open_connection

    return open_connection(address, settings, cancel)
