"""Logging in over real TLS through the sandbox's front door, and every way it can fail."""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.connection import backslash, postgres_login
from rolebrowser.connection.postgres import open_connection
from rolebrowser.connection.protocol import Address, Connection, Settings
from rolebrowser.database.token import presign
from rolebrowser.errors import (
    Cancelled,
    ConnectionLost,
    LoginRefused,
    RouteError,
    SessionExpired,
    TimedOut,
    TlsError,
)
from rolebrowser.identity.model import Session
from rolebrowser.safetext import Secret
from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway import Door, Gateways
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.target import Engine

HOST = "orders.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"
REGION, ACCOUNT = "eu-west-1", "333333333333"
QUICK = Settings(connect_timeout=2)
AMPLE = Settings(connect_timeout=60)
Open = Callable[..., Connection]


class World:
    """A door before a server, and a session whose tokens open it."""

    def __init__(self, server: PostgresServer, directory: Path) -> None:
        clock, ledger, authority = Clock(), Ledger(), Authority(directory)
        self.session = Session(
            profile="p",
            region=REGION,
            access_key="ASIATESTTESTTESTTEST",
            secret_key=Secret("secret/with+signs"),
            token=Secret("a+session/token=="),
            expires_at=clock.now() + dt.timedelta(hours=1),
        )
        ledger.add(
            Credential(
                access_key=self.session.access_key,
                secret_key=self.session.secret_key.reveal(),
                account=ACCOUNT,
                principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/OnCall/alice",
                token="a+session/token==",
                expires_at=self.session.expires_at,
            )
        )
        door = Door("orders", ACCOUNT, REGION, "cluster-ORDERS", True, ((HOST, False),))
        self.gateways = Gateways((door,), server, ledger, clock, authority, lambda *_: True)
        self.gateways.start()
        self.minted = 0
        self.address = Address(
            engine=Engine.POSTGRES,
            host=HOST,
            port=self.gateways.ports["orders"],
            user="login_iam",
            dbname="postgres",
            password=self.token,
            ca_file=str(authority.bundle),
            dial_host="localhost",
        )

    def token(self) -> Secret:
        """A fresh token, as the pipeline mints one for every attempt."""
        self.minted += 1
        port = self.gateways.ports["orders"]
        now = dt.datetime.now(dt.UTC)
        return presign(self.session, HOST, port, "login_iam", REGION, now).value


@pytest.fixture(scope="module")
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE rds_iam; CREATE ROLE login_iam LOGIN IN ROLE rds_iam")
        admin.execute("CREATE ROLE login_no NOLOGIN; CREATE ROLE login_iam2 LOGIN")
        yield postgres_server
        admin.execute("DROP ROLE login_iam, login_no, login_iam2, rds_iam")


@pytest.fixture
def world(server: PostgresServer, tmp_path: Path) -> Iterator[World]:
    world = World(server, tmp_path)
    yield world
    world.gateways.stop()


@pytest.fixture
def login() -> Iterator[Open]:
    opened: list[Connection] = []

    def go(
        address: Address, settings: Settings = AMPLE, cancel: Cancel | None = None
    ) -> Connection:
        opened.append(open_connection(address, settings, cancel))
        return opened[-1]

    yield go
    for connection in opened:
        connection.close()


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _anywhere(port: int, **changes: object) -> Address:
    address = Address(
        Engine.POSTGRES, "127.0.0.1", port, "u", "d", lambda: Secret("p"), sslmode="disable"
    )
    return replace(address, **changes)  # type: ignore[arg-type]


def test_a_token_opens_a_connection_under_verified_tls(world: World, login: Open) -> None:
    connection = login(world.address)
    assert connection.run("SELECT current_user").result(60).page.rows == (("login_iam",),)
    info = connection.info
    assert info.tls.startswith("TLSv1.3 TLS_")
    assert (info.flavor, info.user, info.host) == ("PostgreSQL", "login_iam", HOST)
    facts = dict(info.facts)
    assert facts["Host"] == HOST
    assert facts["Host Address"] == "127.0.0.1"
    assert facts["SSL Protocol"] == "TLSv1.3"
    assert facts["Password Used"] == "true"
    text = backslash.run(r"\conninfo", connection).result(60).text
    assert text.lstrip().startswith("Connection Information\n")
    assert " SSL Cipher           | TLS_" in text


def test_each_reconnect_mints_a_fresh_token(world: World, login: Open) -> None:
    connection = login(world.address)
    world.gateways.drop("orders")
    with pytest.raises(ConnectionLost):
        connection.run("SELECT 1").result(60)
    connection.reconnect().result(60)
    assert connection.run("SELECT 1").result(60).page.rows == (("1",),)
    assert world.minted == 2


def test_a_statement_is_cancelled_through_the_front_door(world: World, login: Open) -> None:
    connection = login(world.address)
    future = connection.run("SELECT pg_sleep(60)")
    connection.cancel()
    with pytest.raises(Cancelled):
        future.result(60)
    assert connection.alive


LOGIN = """
import sys
from rolebrowser.connection.postgres import open_connection
from rolebrowser.connection.protocol import Address, Settings
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine

host, port, ca_file, token = sys.stdin.read().split("\\n")
address = Address(Engine.POSTGRES, host, int(port), "login_iam", "postgres", lambda: Secret(token),
                  ca_file=ca_file, dial_host="127.0.0.1")
connection = open_connection(address, Settings(connect_timeout=60))
sql = "SELECT current_user, current_setting('application_name'), current_database()"
print(*connection.query(sql).result(60)[0], connection.info.tls)
connection.close()
"""


def test_nothing_in_the_environment_weakens_or_redirects_a_token(
    world: World, tmp_path: Path
) -> None:
    passfile = tmp_path / "pgpass"
    passfile.write_text("*:*:*:*:wrong\n")
    passfile.chmod(0o600)
    environment = {
        "PGHOST": "elsewhere.example",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGUSER": "mallory",
        "PGDATABASE": "nowhere",
        "PGPASSWORD": "wrong",
        "PGPASSFILE": str(passfile),
        "PGSSLMODE": "disable",
        "PGSSLROOTCERT": str(tmp_path / "none.pem"),
        "PGSSLCERT": str(tmp_path / "none.crt"),
        "PGSSLNEGOTIATION": "direct",
        "PGSSLSNI": "0",
        "PGCHANNELBINDING": "require",
        "PGREQUIREAUTH": "none",
        "PGREQUIREPEER": "nobody",
        "PGOPTIONS": "-c default_transaction_read_only=off",
        "PGTARGETSESSIONATTRS": "standby",
        "PGGSSENCMODE": "require",
        "PGAPPNAME": "else",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOGIN],
        check=False,
        capture_output=True,
        text=True,
        input=f"{HOST}\n{world.address.port}\n{world.address.ca_file}\n{world.token().reveal()}",
        env=environment,
    )
    assert done.stdout.startswith("login_iam rolebrowser postgres TLSv1.3"), done.stderr


def test_every_parameter_with_a_variable_is_given(world: World) -> None:
    from psycopg.pq import Conninfo

    given = postgres_login.parameters(world.address, QUICK, "secret")
    missing = {
        option.keyword.decode() for option in Conninfo.get_defaults() if option.envvar
    } - given.keys()
    # A service only fills what isn't given, and an empty one would be an unknown one.
    assert missing <= {"service", "servicefile"}


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ({"no_tls": True}, TlsError, "does not support SSL"),
        ({"certificate": "self-signed"}, TlsError, "certificate verify failed"),
        ({"certificate": "wrong-name"}, TlsError, "does not match host name"),
        ({"certificate": "expired"}, TlsError, "or has expired"),
        ({"stall": True}, TimedOut, ""),
        ({"garbage": True}, (TlsError, LoginRefused, ConnectionLost), ""),
        ({"down": True}, ConnectionLost, ""),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_each_fault_at_the_door_is_told_apart(
    world: World,
    login: Open,
    fault: dict[str, bool | str],
    error: type[Exception],
    words: str,
) -> None:
    world.gateways.fault("orders", **fault)
    with pytest.raises(error) as caught:
        login(world.address, QUICK if error is TimedOut else AMPLE)
    assert words in str(caught.value)
    assert caught.value.what  # type: ignore[attr-defined]
    assert "X-Amz-Signature" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "code", "words", "fix"),
    [
        ({"user": "login_iam2"}, "28P01", "password authentication failed", "rds_iam"),
        ({"user": "login_nobody"}, "28P01", "password authentication failed", "rds_iam"),
        (
            {"user": "login_nobody", "plain": True},
            "28P01",
            "password authentication failed",
            "PGPASSWORD",
        ),
        ({"dbname": "nowhere"}, "3D000", 'database "nowhere" does not exist', "Check the name"),
    ],
)
def test_a_refusal_keeps_the_servers_words_and_says_what_to_do(
    world: World, login: Open, changes: dict[str, Any], code: str, words: str, fix: str
) -> None:
    with pytest.raises(LoginRefused) as caught:
        login(replace(world.address, **changes))
    assert words in caught.value.why
    assert caught.value.code == code
    assert fix in caught.value.fix


def test_a_forged_token_is_refused_with_rdss_words(world: World, login: Open) -> None:
    forged = replace(world.address, password=lambda: Secret(world.token().reveal()[:-1] + "x"))
    with pytest.raises(LoginRefused, match="PAM authentication failed") as caught:
        login(forged)
    assert caught.value.code == "28000"


def test_the_certificate_is_checked_against_the_endpoint_not_the_route(
    world: World, login: Open
) -> None:
    with pytest.raises(TlsError, match="does not match host name"):
        login(replace(world.address, host="orders.example.com", dial_host="127.0.0.1"))


def test_a_missing_ca_file_is_no_connection(world: World, login: Open) -> None:
    with pytest.raises(TlsError):
        login(replace(world.address, ca_file="/nowhere/bundle.pem"))


def test_an_unknown_name_is_said(login: Open) -> None:
    with pytest.raises(RouteError, match=r"nothing-here\.invalid can't be looked up"):
        login(_anywhere(5432, host="nothing-here.invalid"))


def test_a_port_where_nothing_listens_is_said(login: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(RouteError, match="refused the connection"):
        login(_anywhere(port))


def test_a_server_that_never_answers_is_given_up(login: Open, silent: int) -> None:
    with pytest.raises(TimedOut, match="did not go on in time"):
        login(_anywhere(silent), QUICK)


def test_connecting_is_cancelled_at_once(login: Open, silent: int) -> None:
    cancel = Cancel()
    threading.Timer(0.1, cancel.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        login(_anywhere(silent), Settings(connect_timeout=60), cancel)
    assert time.monotonic() - begun < 50


def test_what_minting_a_token_raises_comes_through(login: Open) -> None:
    def expired() -> Secret:
        raise SessionExpired("The session of profile 'p' is over.")

    with pytest.raises(SessionExpired):
        login(_anywhere(1, password=expired))


def test_a_person_is_asked_for_a_password_only_when_the_server_wants_one(
    world: World, login: Open
) -> None:
    asked: list[str] = []

    def ask() -> Secret:
        asked.append("asked")
        return world.token()

    nobody = replace(world.address, password=lambda: None, plain=True)
    with pytest.raises(LoginRefused):
        login(nobody)
    connection = login(replace(nobody, ask=ask))
    assert connection.info.user == "login_iam"
    assert asked == ["asked"]
