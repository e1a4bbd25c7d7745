"""database/describe.py: AWS's answers as Database values."""

from __future__ import annotations

from typing import Any

import pytest

from rolebrowser.database import describe
from rolebrowser.database.model import DatabaseKind, Endpoint, EndpointRole
from rolebrowser.target import Engine

CLUSTER: dict[str, Any] = {
    "DBClusterIdentifier": "orders",
    "DBClusterArn": "arn:aws:rds:eu-west-1:333333333333:cluster:orders",
    "DbClusterResourceId": "cluster-ABC",
    "Engine": "aurora-postgresql",
    "EngineVersion": "16.4",
    "Status": "available",
    "Endpoint": "orders.cluster-x.eu-west-1.rds.amazonaws.com",
    "ReaderEndpoint": "orders.cluster-ro-x.eu-west-1.rds.amazonaws.com",
    "CustomEndpoints": ["reports.cluster-custom-x.eu-west-1.rds.amazonaws.com"],
    "Port": 5433,
    "MasterUsername": "dbadmin",
    "DatabaseName": "orders",
    "IAMDatabaseAuthenticationEnabled": True,
    "TagList": [{"Key": "team", "Value": "shop"}],
}
MEMBER: dict[str, Any] = {
    "DBInstanceIdentifier": "orders-1",
    "DBClusterIdentifier": "orders",
    "DBInstanceStatus": "available",
    "Endpoint": {"Address": "orders-1.x.eu-west-1.rds.amazonaws.com", "Port": 5433},
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "PubliclyAccessible": False,
}
ALONE: dict[str, Any] = {
    "DBInstanceIdentifier": "legacy",
    "DBInstanceArn": "arn:aws:rds:eu-west-1:222222222222:db:legacy",
    "DbiResourceId": "db-DEF",
    "Engine": "postgres",
    "EngineVersion": "15.7",
    "DBInstanceStatus": "available",
    "Endpoint": {"Address": "legacy.x.eu-west-1.rds.amazonaws.com", "Port": 5432},
    "DBName": "legacy",
    "MasterUsername": "dbadmin",
    "IAMDatabaseAuthenticationEnabled": False,
    "CACertificateIdentifier": "rds-ca-ecc384-g1",
    "PubliclyAccessible": True,
}
PROXY: dict[str, Any] = {
    "DBProxyName": "orders-proxy",
    "DBProxyArn": "arn:aws:rds:eu-west-1:333333333333:db-proxy:prx-0123",
    "EngineFamily": "POSTGRESQL",
    "Status": "available",
    "Auth": [{"IAMAuth": "DISABLED"}, {"IAMAuth": "REQUIRED"}],
    "Endpoint": "orders-proxy.proxy-x.eu-west-1.rds.amazonaws.com",
}


def test_a_cluster_has_its_writer_first_then_reader_custom_and_instances() -> None:
    database = describe.cluster(CLUSTER, "eu-west-1", instances=[MEMBER, ALONE])
    assert database.endpoints == (
        Endpoint(EndpointRole.WRITER, "orders.cluster-x.eu-west-1.rds.amazonaws.com", 5433),
        Endpoint(EndpointRole.READER, "orders.cluster-ro-x.eu-west-1.rds.amazonaws.com", 5433),
        Endpoint(
            EndpointRole.CUSTOM,
            "reports.cluster-custom-x.eu-west-1.rds.amazonaws.com",
            5433,
            "reports",
        ),
        Endpoint(EndpointRole.INSTANCE, "orders-1.x.eu-west-1.rds.amazonaws.com", 5433, "orders-1"),
    )
    assert database.endpoint("reader") == database.endpoints[1]
    assert database.endpoint("orders-1") == database.endpoints[3]


def test_a_cluster_is_named_in_policies_by_its_cluster_resource_id() -> None:
    database = describe.cluster(CLUSTER, "eu-west-1", instances=[MEMBER])
    assert database.resource_id == "cluster-ABC"
    assert (database.account, database.dbname, database.master_user) == (
        "333333333333",
        "orders",
        "dbadmin",
    )
    assert database.ca_identifier == "rds-ca-rsa2048-g1"
    assert database.publicly_accessible is False
    assert database.tags == (("team", "shop"),)
    assert database.protocol is Engine.POSTGRES


def test_custom_endpoints_take_their_names_from_aws_where_it_told_them() -> None:
    named = {
        "DBClusterIdentifier": "orders",
        "DBClusterEndpointIdentifier": "analysts",
        "EndpointType": "CUSTOM",
        "Endpoint": "reports.cluster-custom-x.eu-west-1.rds.amazonaws.com",
    }
    writer = {"DBClusterIdentifier": "orders", "EndpointType": "WRITER", "Endpoint": "w"}
    database = describe.cluster(CLUSTER, "eu-west-1", custom=[named, writer])
    assert [e.name for e in database.endpoints if e.role is EndpointRole.CUSTOM] == ["analysts"]


def test_a_stand_alone_instance_has_one_endpoint_which_is_its_writer() -> None:
    database = describe.instance(ALONE, "eu-west-1")
    assert database.endpoints == (
        Endpoint(EndpointRole.WRITER, "legacy.x.eu-west-1.rds.amazonaws.com", 5432),
    )
    assert (database.resource_id, database.iam_auth) == ("db-DEF", False)


def test_a_proxy_is_named_in_policies_by_the_end_of_its_arn() -> None:
    database = describe.proxy(PROXY, "eu-west-1")
    assert (database.resource_id, database.iam_auth) == ("prx-0123", True)
    assert database.endpoints[0].port == 5432


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Auth": [{"IAMAuth": "DISABLED"}]}, False),
        ({"Auth": [], "DefaultAuthScheme": "IAM_AUTH"}, True),
        ({"Auth": []}, None),
    ],
)
def test_a_proxys_iam_authentication(changes: dict[str, Any], expected: bool | None) -> None:
    assert describe.proxy({**PROXY, **changes}, "eu-west-1").iam_auth is expected


def test_members_of_a_cluster_are_not_listed_again() -> None:
    found = describe.databases([CLUSTER], [MEMBER, ALONE], [PROXY], [], "eu-west-1")
    assert [(each.id, each.kind) for each in found] == [
        ("legacy", DatabaseKind.INSTANCE),
        ("orders", DatabaseKind.CLUSTER),
        ("orders-proxy", DatabaseKind.PROXY),
    ]


def test_members_show_by_themselves_where_the_cluster_could_not_be_read() -> None:
    found = describe.databases([], [MEMBER], [], [], "eu-west-1")
    assert [each.id for each in found] == ["orders-1"]


def test_a_database_that_is_being_created_has_no_endpoint_yet() -> None:
    database = describe.instance({"DBInstanceIdentifier": "new", "Engine": "postgres"}, "x")
    assert database.endpoints == ()
    assert database.endpoint() is None
    assert database.iam_auth is None


@pytest.mark.parametrize(
    ("name", "kind", "role", "region", "port", "engine"),
    [
        (
            "orders.cluster-c0ffee.eu-west-1.rds.amazonaws.com",
            DatabaseKind.CLUSTER,
            EndpointRole.WRITER,
            "eu-west-1",
            5432,
            "postgres",
        ),
        (
            "orders.cluster-ro-c0ffee.us-gov-west-1.rds.amazonaws.com:6000",
            DatabaseKind.CLUSTER,
            EndpointRole.READER,
            "us-gov-west-1",
            6000,
            "postgres",
        ),
        (
            "Legacy.c0ffee.cn-north-1.rds.amazonaws.com.cn:3306",
            DatabaseKind.INSTANCE,
            EndpointRole.WRITER,
            "cn-north-1",
            3306,
            "mysql",
        ),
        (
            "p.proxy-c0ffee.eu-west-1.rds.amazonaws.com",
            DatabaseKind.PROXY,
            EndpointRole.PROXY,
            "eu-west-1",
            5432,
            "postgres",
        ),
    ],
)
def test_an_endpoints_name_alone_tells_enough_to_connect(
    name: str, kind: DatabaseKind, role: EndpointRole, region: str, port: int, engine: str
) -> None:
    database = describe.from_host(name)
    assert database is not None
    assert (database.kind, database.region, database.engine) == (kind, region, engine)
    host = name.lower().partition(":")[0]
    assert database.endpoints == (Endpoint(role, host, port),)


@pytest.mark.parametrize("name", ["orders", "db.example.com", "x.rds.amazonaws.com", ""])
def test_other_names_are_not_taken_for_endpoints(name: str) -> None:
    assert describe.from_host(name) is None
