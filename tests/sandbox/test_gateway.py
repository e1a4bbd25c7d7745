"""The gateway against stock clients: what RDS refuses, it refuses, in RDS's words."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.gateway import Door, Gateways
from rolebrowser.sandbox.ledger import Ledger
from rolebrowser.sandbox.postgres import PostgresServer

if TYPE_CHECKING:
    from tests.sandbox.conftest import World

WRITER = "orders.cluster-c0ffee123456.eu-west-1.rds.amazonaws.com"
READER = "orders.cluster-ro-c0ffee123456.eu-west-1.rds.amazonaws.com"
REGION = "eu-west-1"
ACCOUNT = "333333333333"
PAM = 'PAM authentication failed for user "gate_iam"'
PASSWORD = 'password authentication failed for user "gate_plain"'


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
    with world.connect(world.token()) as connection:
        threading.Timer(0.3, connection.cancel_safe).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(600)")


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


@pytest.mark.parametrize(
    ("user", "dbname", "text"),
    [
        ("gate_plain", "nowhere", 'database "nowhere" does not exist'),
        ("gate_plain", "closed", 'permission denied for database "closed"'),
        ("gate_nologin", "postgres", 'role "gate_nologin" is not permitted to log in'),
        ("gate_full", "postgres", 'too many connections for role "gate_full"'),
        ("gate_lapsed", "postgres", 'password authentication failed for user "gate_lapsed"'),
        ("nobody_at_all", "postgres", 'password authentication failed for user "nobody_at_all"'),
        ("rdsadmin", "postgres", 'pg_hba.conf rejects connection for host "127.0.0.1"'),
        ("gate_plain", "rdsadmin", 'pg_hba.conf rejects connection for host "127.0.0.1"'),
    ],
)
def test_a_login_is_refused_in_the_servers_own_words(
    world: World, user: str, dbname: str, text: str
) -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        world.connect("right", user=user, dbname=dbname)
    assert f"FATAL:  {text}" in str(caught.value)


def test_startup_parameters_reach_the_server(world: World) -> None:
    with world.connect(
        world.token(host=READER),
        host=READER,
        application_name="a name, with 'quotes'",
        options="-c statement_timeout=4321 -c search_path=a,\\ b",
        client_encoding="latin1",
    ) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in (
                "application_name",
                "statement_timeout",
                "search_path",
                "client_encoding",
                "default_transaction_read_only",
            )
        }
    assert shown == {
        "application_name": ("a name, with 'quotes'",),
        "statement_timeout": ("4321ms",),
        "search_path": ("a, b",),
        "client_encoding": ("LATIN1",),
        "default_transaction_read_only": ("on",),
    }


def test_without_sni_the_endpoint_is_the_tokens_own(world: World) -> None:
    for host, read_only in ((WRITER, "off"), (READER, "on")):
        with world.connect(world.token(host=host), host=host, sslsni="0") as connection:
            row = connection.execute("SHOW default_transaction_read_only").fetchone()
            assert row == (read_only,)


@pytest.mark.skipif(psycopg.pq.version() < 170000, reason="libpq 17's sslnegotiation")
def test_tls_without_asking_first_is_taken_too(world: World) -> None:
    with world.connect(world.token(), sslnegotiation="direct") as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("gate_iam",)


@pytest.mark.skipif(psycopg.pq.version() < 180000, reason="libpq 18's max_protocol_version")
def test_the_newest_protocol_passes_cancel_keys_included(world: World) -> None:
    with world.connect(world.token(), max_protocol_version="latest") as connection:
        threading.Timer(0.3, connection.cancel_safe).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(600)")


def test_a_fault_nobody_knows_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no such fault: fire"):
        world.gateways.fault("orders", fire=True)


def test_a_server_that_is_gone_is_told_apart_from_a_wrong_password(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    doors = (Door("orders", ACCOUNT, REGION, "cluster-ORDERS", True, ((WRITER, False),)),)
    with PostgresServer.start() as server:
        gateways = Gateways(doors, server, Ledger(), Clock(), authority, lambda *_: True)
        gateways.start()
        server.kill()
        while server.pid:
            time.sleep(0.01)
        with pytest.raises(psycopg.OperationalError, match="FATAL:  the database system is"):
            psycopg.connect(
                host=WRITER,
                hostaddr="127.0.0.1",
                port=gateways.ports["orders"],
                user="gate_plain",
                password="right",
                sslrootcert=str(authority.bundle),
                sslmode="verify-full",
            )
        gateways.stop()


STOCK_PSQL = [
    path for path in ("/usr/bin/psql", shutil.which("psql")) if path and Path(path).exists()
]


@pytest.mark.skipif(not STOCK_PSQL, reason="no psql on this machine")
def test_the_systems_own_psql_connects_copies_and_reads_big_results(world: World) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "PGHOST": WRITER,
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(world.gateways.ports["orders"]),
        "PGUSER": "gate_iam",
        "PGDATABASE": "postgres",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(world.bundle),
        "PGPASSWORD": world.token(),
    }
    script = """
        \\conninfo
        COPY (SELECT g, repeat('x', 50) FROM generate_series(1, 100000) g) TO STDOUT;
    """
    psql = [STOCK_PSQL[0], "-X", "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(psql, input=script, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("x" * 50) == 100_000
    assert "TLS" in done.stdout
    environment["PGPASSWORD"] = _changed(world.token())
    done = subprocess.run(psql, input=script, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"FATAL:  {PAM}" in done.stderr
