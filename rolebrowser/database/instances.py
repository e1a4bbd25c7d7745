"""Instances to forward through: those that Systems Manager reaches in a database's VPC."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rolebrowser.database.model import Database, DatabaseKind
from rolebrowser.errors import AwsError
from rolebrowser.frozen import dataclass
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session

_BASTIONS = ("bastion", "jump", "ssm", "tunnel")
"""Names people give to the instance that is there for this."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance on which the SSM agent answers.

    Attributes:
        name: its Name tag; empty where EC2 may not be asked.
        vpc: its VPC's id; empty where that isn't known.
    """

    id: str
    name: str = ""
    vpc: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.id} ({self.name})" if self.name else self.id


@dataclass(frozen=True, slots=True)
class Reach:
    """The instances that may lead to a database.

    Attributes:
        instances: those in its VPC, likely bastions first; where the VPC can't be told, all.
        vpc: the database's; empty = it can't be told.
        partial: sentences on what could not be read.
    """

    instances: tuple[Instance, ...]
    vpc: str
    partial: tuple[str, ...] = ()


def reach(session: Session, database: Database) -> Reach:
    """Ask for them; blocking AWS calls.

    Raises:
        AwsError: ssm:DescribeInstanceInformation is refused. CredentialsError.
    """
    region, partial = database.region or session.region, list[str]()
    online = _online(session, region)
    vpc = _allowed(lambda: vpc_of(session, database), partial) or ""
    if not online:
        return Reach((), vpc, tuple(partial))
    known = _allowed(lambda: _described(session, region, online), partial)
    found = known if known is not None else tuple(Instance(each) for each in online)
    if vpc and known is not None:
        found = tuple(each for each in found if each.vpc == vpc)
    return Reach(tuple(sorted(found, key=_likely)), vpc, tuple(partial))


def _likely(instance: Instance) -> tuple[bool, str, str]:
    name = instance.name.casefold()
    return not any(each in name for each in _BASTIONS), name, instance.id


def _allowed(ask: Any, partial: list[str]) -> Any:
    """What `ask` gives; None where AWS doesn't let us know."""
    try:
        return ask()
    except AwsError as error:
        if error.code not in DENIED:
            raise
        partial.append(f"{error.what} {error.why}".strip())
        return None


def _online(session: Session, region: str) -> tuple[str, ...]:
    client = session_client(session, "ssm", region)
    wanted = [{"Key": "PingStatus", "Values": ["Online"]}]
    with translated("ssm:DescribeInstanceInformation", profile=session.profile):
        pages = client.get_paginator("describe_instance_information").paginate(Filters=wanted)
        return tuple(
            each["InstanceId"] for page in pages for each in page["InstanceInformationList"]
        )


def _described(session: Session, region: str, ids: Iterable[str]) -> tuple[Instance, ...]:
    client = session_client(session, "ec2", region)
    # Machines outside EC2 ("mi-…") have no VPC.
    wanted = [
        {"Name": "instance-id", "Values": [each for each in ids if each.startswith("i-")]},
        {"Name": "instance-state-name", "Values": ["running"]},
    ]
    with translated("ec2:DescribeInstances", profile=session.profile):
        pages = client.get_paginator("describe_instances").paginate(Filters=wanted)
        return tuple(
            _instance(each)
            for page in pages
            for reservation in page["Reservations"]
            for each in reservation["Instances"]
        )


def _instance(described: Any) -> Instance:
    tags = tuple((each["Key"], each["Value"]) for each in described.get("Tags") or ())
    name = dict(tags).get("Name", "")
    return Instance(described["InstanceId"], name, described.get("VpcId", ""), tags)


def vpc_of(session: Session, database: Database) -> str:
    """The id of the VPC a database is in; empty when AWS doesn't say.

    Raises AwsError.
    """
    client = session_client(session, "rds", database.region or session.region)
    if database.kind is DatabaseKind.PROXY:
        with translated("rds:DescribeDBProxies", profile=session.profile):
            found = client.describe_db_proxies(DBProxyName=database.id)["DBProxies"]
        return found[0].get("VpcId", "") if found else ""
    if database.kind is DatabaseKind.INSTANCE:
        with translated("rds:DescribeDBInstances", profile=session.profile):
            found = client.describe_db_instances(DBInstanceIdentifier=database.id)["DBInstances"]
        return (found[0].get("DBSubnetGroup") or {}).get("VpcId", "") if found else ""
    with translated("rds:DescribeDBClusters", profile=session.profile):
        found = client.describe_db_clusters(DBClusterIdentifier=database.id)["DBClusters"]
    group = found[0].get("DBSubnetGroup", "") if found else ""
    if not group:
        return ""
    with translated("rds:DescribeDBSubnetGroups", profile=session.profile):
        groups = client.describe_db_subnet_groups(DBSubnetGroupName=group)["DBSubnetGroups"]
    return groups[0].get("VpcId", "") if groups else ""
