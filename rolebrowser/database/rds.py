"""Which databases there are, asked of the RDS API: clusters, instances, proxies.

What may not be read, or isn't known where we ask, costs that part of the answer and is said so;
the rest is given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from rolebrowser.cancel import Cancel
from rolebrowser.database import describe
from rolebrowser.database.model import Database, partition
from rolebrowser.errors import AwsError, RolebrowserError, UnknownName
from rolebrowser.fanout import fan_out
from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Session

WORKERS = 8
"""Threads of one listing: four calls for each of two regions at once."""

_CLUSTERS = ("describe_db_clusters", "DBClusters")
_INSTANCES = ("describe_db_instances", "DBInstances")
_PROXIES = ("describe_db_proxies", "DBProxies")
_CUSTOM = ("describe_db_cluster_endpoints", "DBClusterEndpoints")

_NOT_FOUND = {
    "DBClusterNotFoundFault",
    "DBInstanceNotFound",
    "DBInstanceNotFoundFault",
    "DBProxyNotFoundFault",
    # An id that can't be an id of that kind: "orders.production" was never created.
    "InvalidParameterValue",
}

_OTHERS = {
    ".dsql.": "Aurora DSQL",
    ".redshift.amazonaws.": "Redshift",
    ".redshift-serverless.amazonaws.": "Redshift",
}
"""Parts of host names that are another service's (its User Guide, "Connecting to …")."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One region is done.

    Attributes:
        done, total: regions.
        databases: those of this region.
    """

    region: str
    done: int
    total: int
    databases: tuple[Database, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one call gave: its items, or why there are none."""

    items: tuple[describe.Described, ...] = ()
    error: RolebrowserError | None = None


def list_databases(
    session: Session,
    regions: str | Sequence[str],
    *,
    cancel: Cancel | None = None,
    progress: Callable[[Progress], None] = lambda progress: None,
    partial: Callable[[str], None] = lambda sentence: None,
) -> tuple[Database, ...]:
    """Everything in a region, or in several.

    Args:
        progress: called after each region, from this thread.
        partial: called with a sentence for each part that could not be read, from this thread.

    Returns:
        Sorted by id, then region.

    Raises:
        CredentialsError, AwsError: not one region answered; the first one's reason.
        Cancelled
    """
    wanted = (regions,) if isinstance(regions, str) else tuple(dict.fromkeys(regions))
    jobs = {
        (region, call): _job(_client(session, region, patient=True), region, call)
        for region in wanted
        for call in (_CLUSTERS, _INSTANCES, _PROXIES)
    }
    parts: dict[str, dict[tuple[str, str], _Part]] = {region: {} for region in wanted}
    found: list[Database] = []
    failures: list[RolebrowserError] = []
    done = 0
    for (region, call), outcome in fan_out(jobs, workers=WORKERS, cancel=cancel):
        if isinstance(outcome, Exception):
            raise outcome
        parts[region][call] = outcome
        if len(parts[region]) < 3:
            continue
        done += 1
        here, failure = _region(_client(session, region), region, parts[region], partial)
        found += here
        failures += [failure] if failure else []
        progress(Progress(region, done, len(wanted), here))
    if wanted and len(failures) == len(wanted):
        raise failures[0]
    for failure in failures:
        partial(failure.in_a_line)
    return tuple(sorted(found, key=lambda each: (each.id, each.region)))


def find(
    session: Session, region: str, name: str, *, endpoint: str = "", cancel: Cancel | None = None
) -> Database:
    """The database called `name`, by as few calls as will do.

    Args:
        name: an id; or an endpoint's host name ("HOST" or "HOST:PORT"), which asks nobody.
        endpoint: the endpoint that will be wanted: a cluster's instances are asked for only when
            it is one of them.

    Returns:
        For an instance that belongs to a cluster: the cluster, that instance's endpoint first.

    Raises:
        UnknownName: nothing of that name in the region; the nearest names are offered. Its
            `__cause__` is the AwsError of what could not be looked at, if there was such.
        RolebrowserError: the host name is another service's.
        CredentialsError, AwsError: AWS refuses to say.
    """
    by_host = describe.from_host(name)
    if by_host is not None:
        return by_host
    _refuse_others(name)
    api = _client(session, region)
    refused: list[RolebrowserError] = []
    for look in (_find_cluster, _find_instance, _find_proxy):
        if cancel is not None:
            cancel.check()
        try:
            found = look(api, region, name, endpoint)
        except AwsError as error:
            refused.append(error)
            continue
        if found is not None:
            return found
    if len(refused) == 3 or any(not _forbidden(error) for error in refused):
        raise refused[0]
    raise _unknown(session, region, name, refused, cancel) from next(iter(refused), None)


def regions(session: Session, *, partial: Callable[[str], None] = lambda s: None) -> list[str]:
    """The regions this account has enabled; where that may not be asked, all botocore knows.

    Args:
        partial: called with a sentence in the second case.
    """
    import boto3

    try:
        answer = _call(_client(session, session.region, "ec2"), "describe_regions", {})
        return sorted(each["RegionName"] for each in answer["Regions"])
    except AwsError as error:
        partial(f"All regions botocore knows are asked: {error.in_a_line}")
        known = boto3.Session().get_available_regions("rds", partition(session.region))
        return sorted(known)


@dataclass(frozen=True, slots=True)
class _Api:
    """A service's client, and the profile it asks for, in a region."""

    client: Any
    profile: str
    region: str


def _client(session: Session, region: str, service: str = "rds", *, patient: bool = False) -> _Api:
    from rolebrowser.identity.credentials import session_client

    client = session_client(session, service, region=region, patient=patient)
    return _Api(client, session.profile, region)


def _job(api: _Api, region: str, call: tuple[str, str]) -> Callable[[], _Part]:
    operation, key = call

    def ask() -> _Part:
        try:
            return _Part(tuple(_pages(api, operation, key)))
        except RolebrowserError as error:
            return _Part(error=error)

    return ask


def _call(api: _Api, operation: str, arguments: dict[str, Any]) -> Any:
    from rolebrowser.identity.aws_errors import translated

    with translated(_permission(api, operation), profile=api.profile, region=api.region):
        return getattr(api.client, operation)(**arguments)


def _permission(api: _Api, operation: str) -> str:
    """What a call is named in policies: "rds:DescribeDBClusters"."""
    name = api.client.meta.method_to_api_mapping[operation]
    return f"{api.client.meta.service_model.service_name}:{name}"


def _pages(api: _Api, operation: str, key: str, **arguments: Any) -> Iterable[Any]:
    from rolebrowser.identity.aws_errors import translated

    with translated(_permission(api, operation), profile=api.profile, region=api.region):
        for page in api.client.get_paginator(operation).paginate(**arguments):
            yield from page[key]


def _region(
    api: _Api,
    region: str,
    parts: dict[tuple[str, str], _Part],
    partial: Callable[[str], None],
) -> tuple[tuple[Database, ...], RolebrowserError | None]:
    """A region's databases; the reason when nothing at all could be read there."""
    clusters, instances = parts[_CLUSTERS], parts[_INSTANCES]
    if clusters.error is not None and instances.error is not None:
        return (), clusters.error
    for part in (clusters, instances, parts[_PROXIES]):
        # A stand-in for RDS without proxies is no news to a person who has none.
        if part.error is not None and part.error.code not in _NOT_FOUND | {"InvalidAction"}:
            partial(f"{region}: {part.error.in_a_line}")
    custom: tuple[describe.Described, ...] = ()
    if any(each.get("CustomEndpoints") for each in clusters.items):
        custom = _job(api, region, _CUSTOM)().items
    proxies = parts[_PROXIES].items
    found = describe.databases(clusters.items, instances.items, proxies, custom, region)
    return found, None


def _one(api: _Api, call: tuple[str, str], parameter: str, name: str) -> Any | None:
    try:
        return next(iter(_call(api, call[0], {parameter: name})[call[1]]), None)
    except AwsError as error:
        if error.code in _NOT_FOUND:
            return None
        raise


def _find_cluster(api: _Api, region: str, name: str, endpoint: str) -> Database | None:
    found = _one(api, _CLUSTERS, "DBClusterIdentifier", name)
    if found is None:
        return None
    plain = describe.cluster(found, region)
    if plain.endpoint(endpoint) is not None:
        return plain
    filters = [{"Name": "db-cluster-id", "Values": [name]}]
    instances = tuple(_pages(api, *_INSTANCES, Filters=filters))
    custom = _job(api, region, _CUSTOM)().items if found.get("CustomEndpoints") else ()
    return describe.cluster(found, region, instances=instances, custom=custom)


def _find_instance(api: _Api, region: str, name: str, endpoint: str) -> Database | None:
    found = _one(api, _INSTANCES, "DBInstanceIdentifier", name)
    if found is None:
        return None
    owner = found.get("DBClusterIdentifier")
    if not owner:
        return describe.instance(found, region)
    cluster = _find_cluster(api, region, owner, name)
    if cluster is None:
        return describe.instance(found, region)
    chosen = cluster.endpoint(name)
    rest = tuple(each for each in cluster.endpoints if each != chosen)
    return replace(cluster, endpoints=(chosen, *rest)) if chosen is not None else cluster


def _find_proxy(api: _Api, region: str, name: str, endpoint: str) -> Database | None:
    found = _one(api, _PROXIES, "DBProxyName", name)
    return describe.proxy(found, region) if found is not None else None


def _refuse_others(name: str) -> None:
    for part, service in _OTHERS.items():
        if part in name.lower():
            raise RolebrowserError(
                f"{name} belongs to {service}, which rolebrowser doesn't log in to.",
                why=f"{service} signs its tokens otherwise than RDS does.",
                fix="Use its own client; what is here is RDS and Aurora.",
                code="engine",
            )


def _forbidden(error: RolebrowserError) -> bool:
    return "AccessDenied" in error.code or error.code == "UnauthorizedOperation"


def _unknown(
    session: Session,
    region: str,
    name: str,
    refused: Sequence[RolebrowserError],
    cancel: Cancel | None,
) -> UnknownName:
    names: list[str] = []
    with contextlib.suppress(AwsError):
        names = [each.id for each in list_databases(session, region, cancel=cancel)]
    fix = f"Nothing of that name is in {region}; is it in another region? Try --all-regions."
    why = ""
    if refused:
        why = f"Not everything could be looked at: {refused[0].why or refused[0].what}"
    return UnknownName("database", name, names, why=why, fix=fix)
