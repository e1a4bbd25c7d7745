"""Puts the world into moto's backends, in this process, and mends what moto gets wrong.

moto gives every instance one resource id and unroutable endpoints with default ports; here each
has its own, and the port its gateway really listens on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.world import DATABASES, ROLES, USERS, ZONE, WorldDatabase, WorldRole
from rolebrowser.sandbox.world_network import SUBNET_GROUP
from rolebrowser.sandbox.world_sso import ASSIGNED

Vpcs = dict[tuple[str, str], str]
"""The databases' VPC of an account and region."""


def people(ledger: Ledger) -> None:
    """Fill IAM, and the ledger with the users' long-term keys."""
    for user in USERS:
        backend = iam(user.account)
        backend.create_user("us-east-1", user.name)
        for name, document in user.policies.items():
            backend.put_user_policy(user.name, name, json.dumps(document))
        register_key(user.account, user.access_key)
        ledger.add(Credential(user.access_key, user.secret_key, user.account, user.arn))
    for role in (*ROLES, *(each.role for each in ASSIGNED)):
        _role(role)


def networks() -> Vpcs:
    """Fill EC2 with a VPC wherever there are databases. moto's first EC2 takes half a second."""
    places = dict.fromkeys((each.account, each.region) for each in DATABASES)
    return {place: _network(*place) for place in places}


def databases(ports: Mapping[str, int]) -> None:
    """Fill RDS, in those networks.

    Args:
        ports: of each database's gateway; a database without one isn't there.
    """
    for database in DATABASES:
        if database.id in ports:
            _database(database, ports[database.id])


def _network(account: str, region: str) -> str:
    """A VPC with two subnets and a DB subnet group of them; its id."""
    # Its list of images is of no use here, and slow to read.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    from moto.ec2.models import ec2_backends
    from moto.rds.models import rds_backends

    cloud: Any = ec2_backends[account][region]
    vpc = cloud.create_vpc("10.20.0.0/16")
    subnets = [cloud.create_subnet(vpc.id, f"10.20.{n}.0/24") for n in (1, 2)]
    rds_backends[account][region].create_subnet_group(
        SUBNET_GROUP, "Where databases live", subnets, []
    )
    return vpc.id


def iam(account: str) -> Any:
    """moto's IAM backend of an account."""
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"]


def register_key(account: str, access_key: str) -> None:
    """Let moto know whose account a key belongs to (`moto.iam.models.get_account_id_from`)."""
    from moto.iam.models import AccessKey

    key: Any = AccessKey(None, prefix="ASIA", account_id=account)
    key.access_key_id = access_key
    iam(account).access_keys[access_key] = key


def _role(role: WorldRole) -> None:
    backend = iam(role.account)
    made = backend.create_role(
        role.name,
        json.dumps(role.trust),
        role.path,
        None,
        role.description,
        [{"Key": key, "Value": value} for key, value in role.tags.items()],
        str(role.max_seconds),
    )
    for name, document in role.policies.items():
        # Not put_role_policy: its validator knows no rds-db ARNs with an empty region.
        made.put_policy(name, json.dumps(document))
    if role.boundary is not None:
        text = json.dumps(role.boundary)
        held = backend.create_policy("", "/", text, f"{role.name}Boundary", [])
        made.permissions_boundary_arn = held.arn


def _database(database: WorldDatabase, port: int) -> None:
    from moto.rds.models import rds_backends

    backend = rds_backends[database.account][database.region]
    tags = [{"Key": key, "Value": value} for key, value in database.tags.items()]
    common: dict[str, Any] = {
        "engine": database.engine,
        "engine_version": database.version,
        "port": port,
        "tags": tags,
        "enable_iam_database_authentication": database.iam_auth,
        "db_subnet_group_name": SUBNET_GROUP,
    }
    if database.kind == "proxy":
        _proxy(backend, database, tags)
        return
    if database.kind == "instance":
        _instance(backend, database, database.id, common)
        return
    cluster = backend.create_db_cluster(
        {
            "db_cluster_identifier": database.id,
            "database_name": database.dbname,
            "master_username": database.master_user,
            "master_user_password": "never-used-here",
            **common,
        }
    )
    cluster.url_identifier = ZONE
    cluster.db_cluster_resource_id = database.resource_id
    cluster.iam_auth = database.iam_auth
    cluster.status = database.status
    custom = [host for host, _ in database.hosts if ".cluster-custom-" in host]
    # moto writes every attribute that RDS's model of a cluster names.
    vars(cluster)["custom_endpoints"] = custom
    for name in database.members:
        _instance(backend, database, name, common | {"db_cluster_identifier": database.id})


def _proxy(backend: Any, database: WorldDatabase, tags: list[dict[str, str]]) -> None:
    group = backend.describe_db_subnet_groups(SUBNET_GROUP)[0]
    secret = f"arn:aws:secretsmanager:{database.region}:{database.account}:secret:{database.id}"
    made = backend.create_db_proxy(
        db_proxy_name=database.id,
        engine_family="POSTGRESQL",
        auth=[{"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED", "SecretArn": secret}],
        role_arn=f"arn:aws:iam::{database.account}:role/{database.id}",
        vpc_subnet_ids=[each.id for each in group._subnets],
        vpc_security_group_ids=None,
        require_tls=True,
        idle_client_timeout=None,
        debug_logging=None,
        tags=tags,
    )
    made.unique_id = database.resource_id
    made.endpoint = database.hosts[0][0]


def _instance(
    backend: Any, database: WorldDatabase, name: str, settings: Mapping[str, Any]
) -> None:
    member = database.kind == "cluster"
    made = backend.create_db_instance(
        {
            "db_instance_identifier": name,
            "db_instance_class": "db.r6g.large",
            "allocated_storage": 20,
            "master_username": database.master_user,
            "master_user_password": "never-used-here",
            **({} if member else {"db_name": database.dbname}),
            **settings,
        }
    )
    # `address` and `endpoint` are computed by the class; a class of its own can say the truth.
    address = f"{name}.{ZONE}.{database.region}.rds.amazonaws.com"
    made.__class__ = type(
        "SandboxInstance", (type(made),), {"address": property(lambda self: address)}
    )
    made.dbi_resource_id = f"db-{name.upper().replace('-', '')}" if member else database.resource_id
    made.status = database.status
    made.enable_iam_database_authentication = database.iam_auth
