"""Front doors before a real server, and a session whose tokens open them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
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
        **options: str,
    ) -> psycopg.Connection[tuple[object, ...]]:
        """As any libpq client does through a tunnel."""
        return psycopg.connect(
            host=host,
            hostaddr="127.0.0.1",
            port=self.gateways.ports[door],
            user=user,
            password=password,
            sslmode=mode,
            sslrootcert=str(self.bundle) if mode == "verify-full" else None,
            connect_timeout=10,
            autocommit=True,
            **{"dbname": "postgres", **options},  # type: ignore[arg-type]
        )


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer.start() as server, psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE rds_iam; CREATE ROLE iam_group IN ROLE rds_iam")
        admin.execute("CREATE ROLE gate_iam LOGIN PASSWORD 'right' IN ROLE iam_group")
        admin.execute("CREATE ROLE gate_plain LOGIN PASSWORD 'right'")
        admin.execute("CREATE ROLE gate_lapsed LOGIN PASSWORD 'right' VALID UNTIL '2024-01-01'")
        admin.execute("CREATE ROLE gate_nologin PASSWORD 'right'")
        admin.execute("CREATE ROLE gate_full LOGIN PASSWORD 'right' CONNECTION LIMIT 0")
        admin.execute("CREATE DATABASE closed")
        admin.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
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
    gateways = Gateways(doors, server, ledger, clock, authority, allowed)
    gateways.start()
    yield World(gateways, clock, ledger, authority.bundle, session)
    gateways.stop()
