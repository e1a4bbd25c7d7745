"""database/rds.py against the sandbox's AWS."""

from __future__ import annotations

import json
import os
import threading

import pytest

from rolebrowser import config as configuration
from rolebrowser.cancel import Cancel
from rolebrowser.database import rds
from rolebrowser.database.model import DatabaseKind, EndpointRole
from rolebrowser.errors import AwsError, Cancelled, CredentialsError, RolebrowserError, UnknownName
from rolebrowser.identity import credentials, profile_files
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import NobodyToAsk
from rolebrowser.safetext import Secret
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess

ORDERS = "orders-staging"
INVENTORY = ("inventory",) if mariadb.available() else ()
"""The database that is there where MariaDB is."""


def session(profile: str) -> Session:
    return credentials.resolve(
        profile,
        "",
        profiles=profile_files.load(os.environ),
        aws_dir=configuration.load().aws_dir,
        prompts=NobodyToAsk(),
    )


@pytest.fixture
def staging(sandbox_env: SandboxProcess) -> Session:
    return session("staging")


def test_a_regions_databases_are_listed_by_id(staging: Session) -> None:
    told: list[str] = []
    found = rds.list_databases(staging, "eu-west-1", partial=told.append)
    assert [each.id for each in found] == [
        *("archive", "billing", *INVENTORY, "legacy", "orders-proxy", ORDERS)
    ]
    assert {each.region for each in found} == {"eu-west-1"}
    assert {each.account for each in found} == {"222222222222"}
    assert told == []


def test_members_of_a_cluster_are_its_endpoints(staging: Session) -> None:
    found = {each.id: each for each in rds.list_databases(staging, "eu-west-1")}
    orders = found[ORDERS]
    assert orders.kind is DatabaseKind.CLUSTER
    assert [each.role for each in orders.endpoints] == [
        EndpointRole.WRITER,
        EndpointRole.READER,
        EndpointRole.INSTANCE,
    ]
    assert orders.resource_id == "cluster-ORDERSSTAGING4TZ9XW"
    assert found["legacy"].iam_auth is False
    assert found["archive"].status == "stopped"


def test_several_regions_are_asked_at_once_and_told_as_they_come(staging: Session) -> None:
    told: list[rds.Progress] = []
    regions = ["eu-west-1", "us-east-1", "eu-north-1", "us-east-1"]
    found = rds.list_databases(staging, regions, progress=told.append)
    assert ("reports", "us-east-1") in [(each.id, each.region) for each in found]
    assert sorted(each.region for each in told) == ["eu-north-1", "eu-west-1", "us-east-1"]
    assert [(each.done, each.total) for each in told] == [(1, 3), (2, 3), (3, 3)]
    assert sum(len(each.databases) for each in told) == len(found) == 6 + len(INVENTORY)


def test_nobody_who_may_not_look_is_told_an_empty_list(sandbox_env: SandboxProcess) -> None:
    with pytest.raises(AwsError, match="DescribeDB") as caught:
        rds.list_databases(session("tool"), "eu-west-1")
    assert caught.value.fix


def narrowed(actions: str) -> Session:
    """A session of the Developer role that may do no more than `actions`."""
    engineer = session("engineer")
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"}}
    policy["Statement"]["Action"] = actions  # type: ignore[index]
    answer = credentials.session_client(engineer, "sts").assume_role(
        RoleArn="arn:aws:iam::222222222222:role/Developer",
        RoleSessionName="narrowed",
        Policy=json.dumps(policy),
    )["Credentials"]
    return Session(
        profile="staging",
        region="eu-west-1",
        access_key=answer["AccessKeyId"],
        secret_key=Secret(answer["SecretAccessKey"]),
        token=Secret(answer["SessionToken"]),
    )


def test_what_may_not_be_read_is_said_and_the_rest_is_given(sandbox_env: SandboxProcess) -> None:
    told: list[str] = []
    found = rds.list_databases(
        narrowed("rds:DescribeDBInstances"), "eu-west-1", partial=told.append
    )
    assert [each.id for each in found] == [
        *("archive", "billing", *INVENTORY, "legacy", "orders-staging-1")
    ]
    assert len(told) == 2
    assert any("rds:DescribeDBClusters" in each for each in told)
    assert any("rds:DescribeDBProxies" in each for each in told)


def test_an_instance_is_found_by_one_who_may_not_see_clusters(sandbox_env: SandboxProcess) -> None:
    held = narrowed("rds:DescribeDBInstances")
    assert rds.find(held, "eu-west-1", "billing").id == "billing"
    with pytest.raises(UnknownName, match="Not everything could be looked at"):
        rds.find(held, "eu-west-1", "nothing-like-it-at-all")


def test_a_session_that_is_over_is_an_error_of_credentials(sandbox_env: SandboxProcess) -> None:
    with pytest.raises(CredentialsError):
        rds.list_databases(session("expired-keys"), ["eu-west-1", "us-east-1"])


def test_listing_can_be_cancelled_while_aws_is_silent(
    sandbox_env: SandboxProcess, staging: Session
) -> None:
    sandbox_env.control("latency", seconds=30)
    cancel = Cancel()
    timer = threading.Timer(0.3, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        rds.list_databases(staging, ["eu-west-1", "us-east-1"], cancel=cancel)
    timer.join()


def test_a_cluster_is_found_with_its_writer_and_reader(staging: Session) -> None:
    found = rds.find(staging, "eu-west-1", ORDERS)
    assert [each.role for each in found.endpoints] == [EndpointRole.WRITER, EndpointRole.READER]


def test_instances_are_asked_for_when_one_is_wanted(staging: Session) -> None:
    found = rds.find(staging, "eu-west-1", ORDERS, endpoint="orders-staging-1")
    endpoint = found.endpoint("orders-staging-1")
    assert endpoint is not None
    assert endpoint.role is EndpointRole.INSTANCE


def test_a_member_is_its_cluster_with_that_endpoint_first(staging: Session) -> None:
    found = rds.find(staging, "eu-west-1", "orders-staging-1")
    assert (found.id, found.kind) == (ORDERS, DatabaseKind.CLUSTER)
    assert found.endpoints[0].name == "orders-staging-1"


def test_an_instance_is_found(staging: Session) -> None:
    found = rds.find(staging, "eu-west-1", "legacy")
    assert (found.kind, found.dbname) == (DatabaseKind.INSTANCE, "legacy")


@pytest.mark.parametrize("name", ["order-staging", "orders.staging", "orders staging", "x" * 300])
def test_what_is_not_there_offers_the_nearest(name: str, staging: Session) -> None:
    with pytest.raises(UnknownName) as caught:
        rds.find(staging, "eu-west-1", name)
    if not name.startswith("x"):
        assert caught.value.nearest[0] == ORDERS
    else:
        assert "--all-regions" in caught.value.fix


def test_one_who_may_not_look_is_told_which_permission_is_missing(
    sandbox_env: SandboxProcess,
) -> None:
    with pytest.raises(AwsError, match="rds:DescribeDBClusters"):
        rds.find(session("tool"), "eu-west-1", ORDERS)


def test_regions_fall_back_to_what_botocore_knows(staging: Session) -> None:
    told: list[str] = []
    found = rds.regions(staging, partial=told.append)
    assert {"eu-west-1", "us-east-1"} <= set(found)
    assert "ec2:DescribeRegions" in told[0]


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("abc123.dsql.eu-west-1.on.aws", "Aurora DSQL"),
        ("wh.c0ffee123456.eu-west-1.redshift.amazonaws.com:5439", "Redshift"),
    ],
)
def test_another_services_host_is_told_so(staging: Session, host: str, service: str) -> None:
    with pytest.raises(RolebrowserError, match=f"belongs to {service}"):
        rds.find(staging, "eu-west-1", host)
