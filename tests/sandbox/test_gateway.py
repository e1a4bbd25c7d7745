"""The gateway against stock clients: what RDS refuses, it refuses, in RDS's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway import Door, Gateways
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.postgres import PostgresServer

WRITER = "orders.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"
READER = "orders.cluster-ro-c0ffee123456.eu-west-1.rds.amazonaws.com"
REGION = "eu-west-1"
ACCOUNT = "333333333333"
PAM = 'PAM authentication failed for user "gate_iam"'
PASSWORD = 'password authentication failed for user "gate_plain"'


@dataclass
class World:
    """Two doors before one server, and a session that may connect."""

    gateways: Gateways
    clock: Clock
    ledger: Ledger
    bundle: Path
    session: Credential

    def token(
        self,
        *,
        host: str = WRITER,
        port: int = 0,
        user: str = "gate_iam",
        region: str = REGION,
        secret: str = "",
    ) -> str:
        """A token signed by botocore, as every AWS client does."""
        session = self.session
        keys = Credentials(session.access_key, secret or session.secret_key, session.token)
        request = AWSRequest(
            "GET",
            f"https://{host}:{port or self.gateways.ports['orders']}/",
            params={"Action": "connect", "DBUser": user},
        )
        SigV4QueryAuth(keys, "rds-db", region, expires=900).add_auth(request)
        assert request.url is not None
        return request.url.removeprefix("https://")

    def connect(
        self,
        password: str,
        *,
        door: str = "orders",
        host: str = WRITER,
        user: str = "gate_iam",
        mode: str = "verify-full",
    ) -> psycopg.Connection[tuple[object, ...]]:
        """As any libpq client does through a tunnel."""
        return psycopg.connect(
            host=host,
            hostaddr="127.0.0.1",
            port=self.gateways.ports[door],
            user=user,
            dbname="postgres",
            password=password,
            sslmode=mode,
            sslrootcert=str(self.bundle) if mode == "verify-full" else None,
            connect_timeout=10,
            autocommit=True,
        )


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer.start() as server, psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE rds_iam; CREATE ROLE iam_group IN ROLE rds_iam")
        admin.execute("CREATE ROLE gate_iam LOGIN PASSWORD 'right' IN ROLE iam_group")
        admin.execute("CREATE ROLE gate_plain LOGIN PASSWORD 'right'")
        yield server


@pytest.fixture
def world(server: PostgresServer, tmp_path: Path) -> Iterator[World]:
    clock, ledger, authority = Clock(), Ledger(), Authority(tmp_path)
    session = Credential(
        access_key="ASIATESTTESTTESTTEST",
        secret_key="secret/with+signs",
        account=ACCOUNT,
        principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/OnCall/alice",
        token="a+session/token==",
        expires_at=clock.now() + dt.timedelta(hours=1),
    )
    ledger.add(session)

    def allowed(credential: Credential, arn: str) -> bool:
        return arn == f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:cluster-ORDERS/gate_iam"

    hosts = ((WRITER, False), (READER, True))
    doors = (
        Door("orders", ACCOUNT, REGION, "cluster-ORDERS", True, hosts),
        Door("legacy", ACCOUNT, REGION, "db-LEGACY", False, hosts),
        Door("archive", ACCOUNT, REGION, "db-ARCHIVE", True, hosts, open=False),
    )
    gateways = Gateways(doors, server, ledger, clock, authority, tmp_path, allowed)
    gateways.start()
    yield World(gateways, clock, ledger, authority.bundle, session)
    gateways.stop()


def test_a_good_token_opens_a_connection_under_verify_full(world: World) -> None:
    with world.connect(world.token()) as connection:
        row = connection.execute("SELECT current_user, count(*) FROM pg_class").fetchone()
    assert row is not None
    assert row[0] == "gate_iam"


def _changed(token: str) -> str:
    return token[:-1] + ("0" if token[-1] != "0" else "1")


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda w: _changed(w.token()), id="a changed byte"),
        pytest.param(lambda w: w.token(user="gate_plain"), id="another user's"),
        pytest.param(lambda w: w.token(host=READER), id="another host's"),
        pytest.param(lambda w: w.token(port=5432), id="another port's"),
        pytest.param(lambda w: w.token(region="us-east-1"), id="another region's"),
        pytest.param(lambda w: w.token(secret="guessed"), id="another secret's"),
        pytest.param(lambda w: "right", id="a password"),
        pytest.param(lambda w: "", id="nothing"),
    ],
)
def test_what_is_not_this_logins_token_is_refused_as_pam_does(
    world: World, forge: Callable[[World], str]
) -> None:
    password = forge(world)
    with pytest.raises(psycopg.OperationalError) as caught:
        world.connect(password)
    assert PAM in str(caught.value) or (not password and "no password" in str(caught.value))


def test_a_token_is_refused_when_it_is_fifteen_minutes_old(world: World) -> None:
    token = world.token()
    world.clock.advance(14 * 60)
    world.connect(token).close()
    world.clock.advance(62)
    with pytest.raises(psycopg.OperationalError, match="PAM authentication failed"):
        world.connect(token)
    assert world.gateways.refusals[-1] == ("orders", "gate_iam", "expired")


def test_a_token_dies_with_the_session_that_signed_it(world: World) -> None:
    token = world.token()
    world.ledger.expire(world.clock.now())
    with pytest.raises(psycopg.OperationalError, match="PAM authentication failed"):
        world.connect(token)


def test_a_connection_without_tls_is_refused_as_pg_hba_does(world: World) -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        world.connect(world.token(), mode="disable")
    assert (
        'no pg_hba.conf entry for host "127.0.0.1", user "gate_iam", '
        'database "postgres", no encryption'
    ) in str(caught.value)


def test_a_user_outside_rds_iam_is_asked_for_a_password(world: World) -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        world.connect(world.token(user="gate_plain"), user="gate_plain")
    assert PASSWORD in str(caught.value)
    world.connect("right", user="gate_plain").close()


def test_with_iam_off_even_rds_iam_members_need_their_password(world: World) -> None:
    token = world.token(port=world.gateways.ports["legacy"])
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        world.connect(token, door="legacy")
    world.connect("right", door="legacy").close()


def test_a_stopped_database_refuses_tcp(world: World) -> None:
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        world.connect("x", door="archive")


def test_the_reader_endpoint_refuses_writes(world: World) -> None:
    with (
        world.connect(world.token(host=READER), host=READER) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("CREATE TABLE never (a int)")
    with world.connect(world.token()) as connection:
        connection.execute("CREATE TEMP TABLE fine (a int)")


def test_a_name_not_in_the_certificate_is_distrusted_by_the_client(world: World) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        world.connect(world.token(), host="localhost")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"certificate": "wrong-name"}, "does not match host name"),
        ({"certificate": "expired"}, "certificate verify failed"),
        ({"certificate": "self-signed"}, "certificate verify failed"),
        ({"no_tls": True}, "server does not support SSL"),
        ({"down": True}, "server closed the connection unexpectedly|SSL SYSCALL|EOF"),
        ({"garbage": True}, "received invalid response to SSL negotiation"),
    ],
)
def test_a_fault_at_the_door_is_seen_by_the_client(
    world: World, fault: dict[str, bool | str], text: str
) -> None:
    world.gateways.fault("orders", **fault)
    with pytest.raises(psycopg.OperationalError, match=text):
        world.connect(world.token())


def test_a_running_statement_is_cancelled_through_the_gateway(world: World) -> None:
    import threading

    with world.connect(world.token()) as connection:
        threading.Timer(0.3, connection.cancel_safe).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")


def test_large_results_and_copies_pass_whole(world: World) -> None:
    with world.connect(world.token()) as connection:
        rows = connection.execute("SELECT repeat('x', 100) FROM generate_series(1, 100000)")
        assert sum(len(str(row[0])) for row in rows) == 10_000_000
        connection.execute("CREATE TEMP TABLE copied (a text)")
        with connection.cursor().copy("COPY copied FROM STDIN") as copy:
            for _ in range(50):
                copy.write(b"y" * 1000 + b"\n")
        assert connection.execute("SELECT count(*) FROM copied").fetchone() == (50,)


def test_dropped_connections_are_seen_at_once(world: World) -> None:
    connection = world.connect(world.token())
    assert world.gateways.drop("orders") >= 1
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
