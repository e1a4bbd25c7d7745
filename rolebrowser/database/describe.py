"""What AWS's describe calls say, as `Database` values. Pure.

Sources: the RDS API's DBCluster, DBInstance, DBProxy and DBClusterEndpoint types (botocore's
`rds` service model). Keys that are missing (moto, old engines) leave the field empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rolebrowser.database.model import Database, DatabaseKind, Endpoint, EndpointRole

Described = Mapping[str, Any]
"""One element of an AWS answer, as botocore parsed it."""

_PROXY_ENGINES = {
    "POSTGRESQL": ("postgres", 5432),
    "MYSQL": ("mysql", 3306),
    "SQLSERVER": ("sqlserver", 1433),
}

_HOST = re.compile(
    r"^(?P<id>[a-z0-9-]+)\.(?:(?P<kind>cluster|cluster-ro|cluster-custom|proxy)-)?[a-z0-9]+"
    r"\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?(?::(?P<port>\d+))?$"
)


def cluster(
    described: Described,
    region: str,
    *,
    instances: Iterable[Described] = (),
    custom: Iterable[Described] = (),
) -> Database:
    """An Aurora or Multi-AZ cluster, its members folded in as endpoints.

    Args:
        described: a DBCluster.
        instances: DBInstances of the account; those of other clusters are passed over.
        custom: DBClusterEndpoints; they give the custom endpoints their names.
    """
    port = _number(described.get("Port"))
    name = _text(described, "DBClusterIdentifier")
    members = [i for i in instances if i.get("DBClusterIdentifier") == name]
    arn = _text(described, "DBClusterArn")
    return Database(
        id=name,
        kind=DatabaseKind.CLUSTER,
        engine=_text(described, "Engine"),
        version=_text(described, "EngineVersion"),
        region=region,
        account=_account(arn),
        resource_id=_text(described, "DbClusterResourceId"),
        status=_text(described, "Status"),
        iam_auth=_flag(described, "IAMDatabaseAuthenticationEnabled"),
        endpoints=(
            *_host(EndpointRole.WRITER, _text(described, "Endpoint"), port),
            *_host(EndpointRole.READER, _text(described, "ReaderEndpoint"), port),
            *_custom(described, custom, port),
            *(endpoint for member in members for endpoint in _instance_endpoint(member)),
        ),
        master_user=_text(described, "MasterUsername"),
        dbname=_text(described, "DatabaseName"),
        arn=arn,
        ca_identifier=_cluster_ca(described, members),
        publicly_accessible=_any_flag(described, members, "PubliclyAccessible"),
        tags=_tags(described),
    )


def instance(described: Described, region: str) -> Database:
    """A stand-alone instance (a DBInstance that belongs to no cluster)."""
    arn = _text(described, "DBInstanceArn")
    endpoints = _instance_endpoint(described)
    return Database(
        id=_text(described, "DBInstanceIdentifier"),
        kind=DatabaseKind.INSTANCE,
        engine=_text(described, "Engine"),
        version=_text(described, "EngineVersion"),
        region=region,
        account=_account(arn),
        resource_id=_text(described, "DbiResourceId"),
        status=_text(described, "DBInstanceStatus"),
        iam_auth=_flag(described, "IAMDatabaseAuthenticationEnabled"),
        endpoints=tuple(replace(e, role=EndpointRole.WRITER, name="") for e in endpoints),
        master_user=_text(described, "MasterUsername"),
        dbname=_text(described, "DBName"),
        arn=arn,
        ca_identifier=_text(described, "CACertificateIdentifier"),
        publicly_accessible=_flag(described, "PubliclyAccessible"),
        tags=_tags(described),
    )


def proxy(described: Described, region: str) -> Database:
    """An RDS Proxy.

    Its resource id is the last part of its ARN (`…:db-proxy:prx-0123`), which is what
    rds-db:connect names. DescribeDBProxies tells no port: it is the engine family's own.
    """
    arn = _text(described, "DBProxyArn")
    family = _text(described, "EngineFamily")
    engine, port = _PROXY_ENGINES.get(family.upper(), (family.lower(), 0))
    auth = [str(each.get("IAMAuth", "")) for each in described.get("Auth") or ()]
    default = _text(described, "DefaultAuthScheme")
    iam_auth = default == "IAM_AUTH" or any(a in ("REQUIRED", "ENABLED") for a in auth)
    return Database(
        id=_text(described, "DBProxyName"),
        kind=DatabaseKind.PROXY,
        engine=engine,
        version="",
        region=region,
        account=_account(arn),
        resource_id=arn.rsplit(":", 1)[-1],
        status=_text(described, "Status"),
        iam_auth=iam_auth if auth or default else None,
        endpoints=_host(
            EndpointRole.PROXY, _text(described, "Endpoint"), _number(described.get("Port")) or port
        ),
        arn=arn,
    )


def databases(
    clusters: Iterable[Described],
    instances: Iterable[Described],
    proxies: Iterable[Described],
    custom: Iterable[Described],
    region: str,
) -> tuple[Database, ...]:
    """Everything of one region, by id; members of a cluster appear as its endpoints only."""
    instances, custom = list(instances), list(custom)
    found = [cluster(each, region, instances=instances, custom=custom) for each in clusters]
    known = {each.id for each in found}
    found += [
        instance(each, region) for each in instances if each.get("DBClusterIdentifier") not in known
    ]
    found += [proxy(each, region) for each in proxies]
    return tuple(sorted(found, key=lambda each: (each.id, each.kind)))


def from_host(name: str) -> Database | None:
    """A `Database` from an endpoint's host name alone; None when it isn't one of RDS's.

    For people who may connect but not look (no rds:Describe…): "HOST" or "HOST:PORT". The engine
    is told by the port (3306: MySQL, else PostgreSQL); everything AWS alone knows stays empty.
    """
    found = _HOST.match(name.lower())
    if found is None:
        return None
    port = int(found["port"] or 5432)
    kind, role = {
        "cluster": (DatabaseKind.CLUSTER, EndpointRole.WRITER),
        "cluster-ro": (DatabaseKind.CLUSTER, EndpointRole.READER),
        "cluster-custom": (DatabaseKind.CLUSTER, EndpointRole.CUSTOM),
        "proxy": (DatabaseKind.PROXY, EndpointRole.PROXY),
    }.get(found["kind"] or "", (DatabaseKind.INSTANCE, EndpointRole.WRITER))
    host = name.lower().removesuffix(f":{found['port']}")
    return Database(
        id=found["id"],
        kind=kind,
        engine="mysql" if port == 3306 else "postgres",
        version="",
        region=found["region"],
        account="",
        resource_id="",
        status="",
        iam_auth=None,
        endpoints=(Endpoint(role, host, port),),
    )


def _text(described: Described, key: str) -> str:
    value = described.get(key)
    return value if isinstance(value, str) else ""


def _flag(described: Described, key: str) -> bool | None:
    value = described.get(key)
    return value if isinstance(value, bool) else None


def _any_flag(described: Described, members: Iterable[Described], key: str) -> bool | None:
    flags = [flag for each in (described, *members) if (flag := _flag(each, key)) is not None]
    return any(flags) if flags else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""


def _tags(described: Described) -> tuple[tuple[str, str], ...]:
    pairs = described.get("TagList") or ()
    return tuple((str(each.get("Key", "")), str(each.get("Value", ""))) for each in pairs)


def _host(role: EndpointRole, host: str, port: int, name: str = "") -> tuple[Endpoint, ...]:
    return (Endpoint(role, host, port, name),) if host else ()


def _instance_endpoint(described: Described) -> tuple[Endpoint, ...]:
    where = described.get("Endpoint") or {}
    name = _text(described, "DBInstanceIdentifier")
    port = _number(where.get("Port"))
    return _host(EndpointRole.INSTANCE, _text(where, "Address"), port, name)


def _cluster_ca(described: Described, members: Iterable[Described]) -> str:
    details = described.get("CertificateDetails") or {}
    return _text(details, "CAIdentifier") or next(
        (ca for member in members if (ca := _text(member, "CACertificateIdentifier"))), ""
    )


def _custom(described: Described, custom: Iterable[Described], port: int) -> tuple[Endpoint, ...]:
    names = {
        _text(each, "Endpoint"): _text(each, "DBClusterEndpointIdentifier")
        for each in custom
        if _text(each, "EndpointType") == "CUSTOM"
        and _text(each, "DBClusterIdentifier") == _text(described, "DBClusterIdentifier")
    }
    hosts = dict.fromkeys([*names, *(described.get("CustomEndpoints") or ())])
    return tuple(
        Endpoint(EndpointRole.CUSTOM, host, port, names.get(host) or host.partition(".")[0])
        for host in hosts
    )
