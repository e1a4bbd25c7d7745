"""The nouns of the road's second part: Database, Endpoint, User. Pure: shapes and words only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from rolebrowser.frozen import dataclass
from rolebrowser.identity.model import Verdict
from rolebrowser.safetext import Secret
from rolebrowser.target import Engine


class DatabaseKind(StrEnum):
    """What a TARGET's database id can name."""

    CLUSTER = "cluster"
    INSTANCE = "instance"
    PROXY = "proxy"


class EndpointRole(StrEnum):
    """Which of a database's names an endpoint is."""

    WRITER = "writer"
    READER = "reader"
    INSTANCE = "instance"
    CUSTOM = "custom"
    PROXY = "proxy"


def partition(region: str) -> str:
    """The partition of a region, by its prefix (botocore's endpoints.json, regionRegex)."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and port RDS knows and signs for.

    Attributes:
        name: the instance's or custom endpoint's identifier; empty for writer and reader.
    """

    role: EndpointRole
    host: str
    port: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """An RDS or Aurora cluster, a stand-alone instance or a proxy, as AWS describes it.

    Attributes:
        id: DBClusterIdentifier, DBInstanceIdentifier or DBProxyName.
        engine: AWS's word: "aurora-postgresql", "postgres", "mysql", "mariadb", "aurora-mysql".
        resource_id: what rds-db:connect names: "cluster-…", "db-…" or "prx-…".
        iam_auth: IAM database authentication enabled; None when AWS didn't say.
        status: AWS's word: "available", "stopped" …
        endpoints: writer (or the only one) first.
        dbname: the initial database; empty when AWS didn't say.
    """

    id: str
    kind: DatabaseKind
    engine: str
    version: str
    region: str
    account: str
    resource_id: str
    status: str
    iam_auth: bool | None
    endpoints: tuple[Endpoint, ...] = ()
    master_user: str = ""
    dbname: str = ""
    arn: str = ""
    ca_identifier: str = ""
    publicly_accessible: bool | None = None
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def protocol(self) -> Engine | None:
        """The protocol it speaks; None for engines we don't (Oracle, SQL Server …)."""
        if "postgres" in self.engine:
            return Engine.POSTGRES
        if self.engine in ("mysql", "mariadb", "aurora-mysql", "aurora"):
            return Engine.MYSQL
        return None

    def endpoint(self, wanted: str = "") -> Endpoint | None:
        """The endpoint called `wanted`: "writer", "reader", a name or a host; empty = the first."""
        if not wanted:
            return self.endpoints[0] if self.endpoints else None
        for endpoint in self.endpoints:
            if wanted in (endpoint.role.value, endpoint.name, endpoint.host):
                return endpoint
        return None


@dataclass(frozen=True, slots=True)
class User:
    """A database user one may try to log in as.

    Attributes:
        name: a user name, or with `pattern` the IAM pattern it must match.
        source: how we know it: "iam policy", "master user", "bookmark", "recent", "typed",
            "database".
    """

    name: str
    verdict: Verdict
    source: str
    pattern: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """An RDS IAM auth token.

    Attributes:
        value: the presigned URL without scheme; 700 to 2,000 characters.
        expires_at: aware UTC: 15 minutes after signing, or the credentials' end if sooner.
    """

    value: Secret
    host: str
    port: int
    user: str
    region: str
    expires_at: datetime
