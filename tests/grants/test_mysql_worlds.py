"""Random worlds on a real MariaDB: the model says of every login what the server lets it do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
from hypothesis import HealthCheck, example, given, settings

from rolebrowser.connection.mysql import open_connection
from rolebrowser.connection.protocol import Settings
from rolebrowser.connection.url import parse
from rolebrowser.grants.mysql.facts import Facts, Who, quoted
from rolebrowser.grants.mysql.load import load
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.sessions import Session
from rolebrowser.sandbox.mariadb import MariadbServer

from .mysql_worlds import (
    PASSWORD,
    USERS,
    drop_databases,
    make_databases,
    may,
    probes,
    steps,
    world,
)

PROBES = probes()


@pytest.fixture(scope="module")
def databases(mariadb_server: MariadbServer) -> Iterator[MariadbServer]:
    make_databases(mariadb_server)
    yield mariadb_server
    drop_databases(mariadb_server)


def read(server: MariadbServer) -> Facts:
    connection = open_connection(parse(server.dsn(), {}, None), Settings())
    try:
        return load(connection)
    finally:
        connection.close()


def logins(server: MariadbServer) -> Iterator[tuple[str, str, Any]]:
    """(user, host as the server sees it, connection) of every user over socket and TCP."""
    for user in USERS:
        for host in ("localhost", "127.0.0.1"):
            how: dict[str, Any] = {"host": host, "port": server.port}
            if host == "localhost":
                how = {"unix_socket": str(server.socket)}
            login = pymysql.connect(
                user=user, password=PASSWORD, charset="utf8mb4", autocommit=True, **how
            )
            yield user, host, login
            login.close()


def check_logins(server: MariadbServer, facts: Facts) -> None:
    model = Model(facts)
    for user, host, login in logins(server):
        with login.cursor() as cursor:
            cursor.execute("SELECT current_user(), current_role()")
            row: Any = cursor.fetchone()
        who, role = row
        account = model.sessions.account_for(user, host)
        assert account is not None
        assert account.name == who
        known = model.account(account)
        after_login = [each for each in model.sessions.login(known) if each.host == host]
        assert {each.roles for each in after_login} <= {(Who(role, ""),) if role else ()}
        check_session(model, login, Session(account, host, (Who(role, ""),) if role else ()))
        for other in model.sessions.settable(known, host):
            login.query(f"SET ROLE {quoted(other.user)}")
            check_session(model, login, Session(account, host, (other,)))
        login.query("SET ROLE NONE")
        check_session(model, login, Session(account, host, ()))


def check_session(model: Model, login: Any, session: Session) -> None:
    for probe in PROBES:
        ours = probe.word in model.rights(session, probe.thing)
        assert ours == may(login, probe), (session, probe)


@settings(
    max_examples=int(os.environ.get("ROLEBROWSER_WORLDS", "10")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(script=steps)
@example(script=["GRANT `zr` TO `za`@`%`", "SET DEFAULT ROLE `zr` FOR `za`@`127.0.0.1`"])
def test_the_model_agrees_with_real_logins(script: list[str], databases: MariadbServer) -> None:
    with world(databases, script):
        check_logins(databases, read(databases))
