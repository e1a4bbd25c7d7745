"""Random worlds on real servers: the model says of every login what the server lets it do."""

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
from rolebrowser.grants.mysql import rows
from rolebrowser.grants.mysql.facts import Facts, Who
from rolebrowser.grants.mysql.load import load
from rolebrowser.grants.mysql.model import Model
from rolebrowser.grants.mysql.sessions import Session
from rolebrowser.sandbox.mariadb import MariadbServer
from tests.mysql_server import MysqlServer

from .mysql_worlds import (
    MARIADB,
    MYSQL,
    PASSWORD,
    USERS,
    Product,
    drop_databases,
    make_databases,
    may,
    probes,
    steps,
    world,
)


class Place:
    """A server with the databases of all worlds."""

    def __init__(self, server: MariadbServer, product: Product) -> None:
        self.server = server
        self.product = product
        self.probes = probes(product)


@pytest.fixture(scope="module")
def mariadb(mariadb_server: MariadbServer) -> Iterator[Place]:
    make_databases(mariadb_server)
    yield Place(mariadb_server, MARIADB)
    drop_databases(mariadb_server)


@pytest.fixture(scope="module")
def mysql(mysql_server: MysqlServer) -> Iterator[Place]:
    make_databases(mysql_server)
    yield Place(mysql_server, MYSQL)
    drop_databases(mysql_server)


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


def check_logins(place: Place, facts: Facts) -> None:
    model = Model(facts)
    for user, host, login in logins(place.server):
        with login.cursor() as cursor:
            cursor.execute("SELECT current_user(), current_role()")
            row: Any = cursor.fetchone()
        who, active = row[0], roles_in(row[1], place.product)
        account = model.sessions.account_for(user, host)
        assert account is not None
        assert account.name == who
        known = model.account(account)
        after_login = [each for each in model.sessions.login(known) if each.host == host]
        assert {frozenset(each.roles) for each in after_login} <= {frozenset(active)}
        check_session(place, model, login, Session(account, host, active))
        settable = model.sessions.settable(known, host)
        several = [settable] if len(settable) > 1 and not place.product.mariadb else []
        for others in [(each,) for each in settable] + several:
            login.query(f"SET ROLE {', '.join(each.sql for each in others)}")
            check_session(place, model, login, Session(account, host, others))
        login.query("SET ROLE NONE")
        check_session(place, model, login, Session(account, host, ()))


def roles_in(text: str | None, product: Product) -> tuple[Who, ...]:
    """What current_role() says."""
    if product.mariadb:
        return (Who(text, ""),) if text else ()
    return () if text in (None, "NONE") else rows.mandatory_roles(text)


def check_session(place: Place, model: Model, login: Any, session: Session) -> None:
    for probe in place.probes:
        ours = probe.word in model.rights(session, probe.thing)
        assert ours == may(login, probe), (session, probe)


def many(test: Any) -> Any:
    """As many worlds as are asked for."""
    return settings(
        max_examples=int(os.environ.get("ROLEBROWSER_WORLDS", "10")),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )(test)


@many
@given(script=steps(MARIADB))
@example(script=["GRANT `zr` TO `za`@`%`", "SET DEFAULT ROLE `zr` FOR `za`@`127.0.0.1`"])
def test_the_model_agrees_with_real_logins(script: list[str], mariadb: Place) -> None:
    with world(mariadb.server, script, mariadb.product):
        check_logins(mariadb, read(mariadb.server))


@many
@given(script=steps(MYSQL))
@example(script=['SET GLOBAL mandatory_roles = "`zr`@`%`"'])
@example(
    script=[
        "GRANT SELECT ON `z%`.* TO `za`@`127.0.0.1`",
        "GRANT `zr4`@`%` TO `za`@`127.0.0.1`",
        r"GRANT UPDATE ON `zs\_x`.* TO `za`@`127.0.0.1`",
    ]
)
def test_the_model_agrees_with_real_logins_to_mysql(script: list[str], mysql: Place) -> None:
    with world(mysql.server, script, mysql.product):
        check_logins(mysql, read(mysql.server))
