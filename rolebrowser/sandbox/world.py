"""What the sandbox's AWS holds: accounts, users, roles, databases. Data only.

Names meet the eye in the demo and in tests; texts marked hostile are there to be survived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rolebrowser.sandbox.documents import Document, allow, deny, policy, trust

IDENTITY = "111111111111"
STAGING = "222222222222"
PRODUCTION = "333333333333"
HOME_REGION = "eu-west-1"
ZONE = "c0ffee123456"
"""The part of an endpoint's name that stands for account and region."""

ALICE_MFA = f"arn:aws:iam::{IDENTITY}:mfa/alice"
MFA_CODE = "123456"
"""The code the sandbox takes for any device."""
EXTERNAL_ID = "vendor-7f3a"
SAML_AUDIENCE = "https://signin.aws.amazon.com/saml"
SAML_PROVIDER = f"arn:aws:iam::{STAGING}:saml-provider/Corp"
MACHINE_ROLE = f"arn:aws:iam::{STAGING}:role/WebServer"
"""Of the instance or container the sandbox's person may say they are on."""


@dataclass(frozen=True, slots=True)
class WorldUser:
    """An IAM user with long-term keys."""

    account: str
    name: str
    access_key: str
    secret_key: str
    policies: Mapping[str, Document] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:iam::{self.account}:user/{self.name}"


@dataclass(frozen=True, slots=True)
class WorldRole:
    """An IAM role. `max_seconds` is its MaxSessionDuration, `boundary` its permissions boundary."""

    account: str
    name: str
    trust: Document
    policies: Mapping[str, Document] = field(default_factory=dict)
    path: str = "/"
    max_seconds: int = 3600
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: Document | None = None

    @property
    def arn(self) -> str:
        """Its ARN, path included."""
        return f"arn:aws:iam::{self.account}:role{self.path}{self.name}"


@dataclass(frozen=True, slots=True)
class WorldDatabase:
    """An RDS cluster, instance or proxy.

    Attributes:
        kind: "cluster", "instance" or "proxy".
        members: instances of a cluster, the writer first.
        custom: names of a cluster's custom endpoints, which lead to readers.
    """

    id: str
    kind: str
    engine: str
    version: str
    account: str
    resource_id: str
    dbname: str
    region: str = HOME_REGION
    iam_auth: bool = True
    status: str = "available"
    master_user: str = "dbadmin"
    members: tuple[str, ...] = ()
    custom: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def hosts(self) -> tuple[tuple[str, bool], ...]:
        """(endpoint name, is it a reader), the writer's first."""
        domain = f"{self.region}.rds.amazonaws.com"
        if self.kind == "instance":
            return ((f"{self.id}.{ZONE}.{domain}", False),)
        if self.kind == "proxy":
            return ((f"{self.id}.proxy-{ZONE}.{domain}", False),)
        return (
            (f"{self.id}.cluster-{ZONE}.{domain}", False),
            (f"{self.id}.cluster-ro-{ZONE}.{domain}", True),
            *((f"{name}.cluster-custom-{ZONE}.{domain}", True) for name in self.custom),
            *((f"{name}.{ZONE}.{domain}", place > 0) for place, name in enumerate(self.members)),
        )


DATABASES = (
    WorldDatabase(
        "orders-production",
        "cluster",
        "aurora-postgresql",
        "16.4",
        PRODUCTION,
        "cluster-ORDERSPRODUCTION7QK2LM",
        "orders",
        members=("orders-production-1", "orders-production-2"),
        custom=("analytics",),
        tags={"env": "production", "team": "orders"},
    ),
    WorldDatabase(
        "orders-staging",
        "cluster",
        "aurora-postgresql",
        "16.4",
        STAGING,
        "cluster-ORDERSSTAGING4TZ9XW",
        "orders_staging",
        members=("orders-staging-1",),
        tags={"env": "staging"},
    ),
    WorldDatabase(
        "billing",
        "instance",
        "postgres",
        "16.3",
        STAGING,
        "db-BILLING5GH8JK3MN6PQ",
        "billing",
    ),
    WorldDatabase(
        "legacy",
        "instance",
        "postgres",
        "13.15",
        STAGING,
        "db-LEGACY2BC4DF6GH8JK",
        "legacy",
        iam_auth=False,
    ),
    WorldDatabase(
        "archive",
        "instance",
        "postgres",
        "15.7",
        STAGING,
        "db-ARCHIVE9WX7YZ5VU3TS",
        "reports",
        status="stopped",
    ),
    WorldDatabase(
        "reports",
        "instance",
        "postgres",
        "17.2",
        STAGING,
        "db-REPORTS1QA2WS3ED4RF",
        "reports",
        region="us-east-1",
    ),
    WorldDatabase(
        "inventory",
        "instance",
        "mariadb",
        "10.11.9",
        STAGING,
        "db-INVENTORY6HJ2KL9MNB",
        "inventory",
        tags={"env": "staging", "team": "stock"},
    ),
    WorldDatabase(
        "orders-proxy",
        "proxy",
        "postgres",
        "",
        STAGING,
        "prx-0a1b2c3d4e5f60718",
        "orders_staging",
    ),
)


def _connect(account: str, resource: str, *users: str, region: str = HOME_REGION) -> Document:
    base = f"arn:aws:rds-db:{region}:{account}:dbuser:{resource}"
    return allow("rds-db:connect", [f"{base}/{user}" for user in users])


_LOOK = allow(["rds:Describe*", "tag:GetResources", "rds:ListTagsForResource"])
_FORWARD = allow(
    [
        "ec2:DescribeInstances",
        "ssm:DescribeInstanceInformation",
        "ssm:StartSession",
        "ec2-instance-connect:SendSSHPublicKey",
    ]
)
_READ_IAM = allow(["iam:Get*", "iam:List*"])
_FROM_ALICE = {"AWS": f"arn:aws:iam::{IDENTITY}:user/alice"}
_FROM_IDENTITY = {"AWS": f"arn:aws:iam::{IDENTITY}:root"}

USERS = (
    WorldUser(
        IDENTITY,
        "alice",
        "AKIASANDBOXALICE0001",
        "sandbox/alice+secret/key0000000000000001",
        {
            "Assume": policy(
                allow(
                    "sts:AssumeRole",
                    [
                        f"arn:aws:iam::{STAGING}:role/*",
                        f"arn:aws:iam::{PRODUCTION}:role/OnCall*",
                        f"arn:aws:iam::{IDENTITY}:role/*",
                    ],
                )
            ),
            "ReadOwnAccount": policy(_READ_IAM),
            "Organization": policy(allow("resource-explorer-2:Search")),
        },
    ),
    WorldUser(
        IDENTITY,
        "bob",
        "AKIASANDBOXBOB000001",
        "sandbox/bob+secret/key000000000000000001",
    ),
)

ROLES = (
    WorldRole(
        STAGING,
        "Developer",
        trust(_FROM_IDENTITY),
        {
            "Databases": policy(
                _LOOK,
                _connect(STAGING, DATABASES[1].resource_id, "app_oncall", "app_oncall_ro"),
                _connect(STAGING, DATABASES[2].resource_id, "billing_app", "app_oncall_ro"),
                _connect(STAGING, DATABASES[3].resource_id, "legacy_app", "app_oncall_ro"),
                _connect(STAGING, DATABASES[5].resource_id, "*", region="us-east-1"),
                _connect(STAGING, DATABASES[6].resource_id, "app_oncall", "stock_app"),
                _connect(STAGING, DATABASES[7].resource_id, "app_oncall"),
                _FORWARD,
                deny("rds-db:connect", f"arn:aws:rds-db:*:{STAGING}:dbuser:*/rdsadmin"),
                # A mistake people make: the instance's id, where the cluster's is asked for.
                _connect(STAGING, "db-ORDERSSTAGING1JKLMN", "analyst"),
            ),
            "Team": policy(
                allow("sts:AssumeRole", f"arn:aws:iam::{STAGING}:role/team/*"), _READ_IAM
            ),
        },
        max_seconds=4 * 3600,
        description="Engineers in staging",
        tags={"team": "platform"},
    ),
    WorldRole(
        STAGING,
        "DatabaseReader",
        trust({"AWS": [f"arn:aws:iam::{STAGING}:role/Developer", MACHINE_ROLE]}),
        {
            "Read": policy(
                _LOOK,
                _connect(STAGING, "*", "*_ro"),
                deny("rds-db:connect", f"arn:aws:rds-db:*:{STAGING}:dbuser:*/secret_*"),
            )
        },
        path="/team/",
        description="Reads every staging database",
    ),
    WorldRole(
        STAGING,
        "Contractor",
        trust({"AWS": f"arn:aws:iam::{STAGING}:role/Developer"}),
        {
            "Databases": policy(
                _LOOK,
                _READ_IAM,
                allow("iam:SimulatePrincipalPolicy"),
                _connect(STAGING, "*", "*"),
            )
        },
        path="/team/",
        description="Whatever its policies say, its boundary leaves it app_oncall_ro",
        boundary=policy(
            allow(["rds:*", "iam:*"]), _connect(STAGING, "*", "app_oncall_ro", region="*")
        ),
    ),
    WorldRole(
        PRODUCTION,
        "OnCallReadOnly",
        trust(_FROM_ALICE),
        {
            "Look": policy(
                _LOOK,
                _READ_IAM,
                _connect(PRODUCTION, DATABASES[0].resource_id, "app_oncall", "app_oncall_ro"),
            ),
            "Organization": policy(
                allow(
                    [
                        "config:DescribeConfigurationAggregators",
                        "config:SelectAggregateResourceConfig",
                    ]
                )
            ),
        },
        description="Look, don't touch",
    ),
    WorldRole(
        PRODUCTION,
        "OnCall",
        trust(_FROM_ALICE, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        {
            "Operate": policy(
                _LOOK,
                _READ_IAM,
                _connect(PRODUCTION, DATABASES[0].resource_id, "app_oncall", "dbadmin"),
            )
        },
        max_seconds=2 * 3600,
        description="Incidents in production; needs MFA",
    ),
    WorldRole(
        STAGING,
        "Auditor",
        trust(_FROM_IDENTITY, {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}),
        {"Look": policy(_LOOK)},
        description="Sessions carry their user's name",
    ),
    WorldRole(
        STAGING,
        "Vendor",
        trust(_FROM_IDENTITY, {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}),
        {"Look": policy(_LOOK)},
        description="For a vendor's tool, guarded by an ExternalId",
    ),
    WorldRole(
        STAGING,
        "Forbidden",
        trust({"AWS": f"arn:aws:iam::{PRODUCTION}:role/OnCall"}),
        {"Everything": policy(allow("*"))},
        description="Trusts somebody else",
    ),
    WorldRole(
        STAGING,
        "WebServer",
        trust({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}),
        {"Team": policy(allow("sts:AssumeRole", f"arn:aws:iam::{STAGING}:role/team/*"))},
        max_seconds=6 * 3600,
        description="Machines and containers",
    ),
    WorldRole(
        STAGING,
        "LambdaRunner",
        trust({"Service": "lambda.amazonaws.com"}),
        description="[@click=app.quit]hostile[/] [bold] [/foo]",
        tags={"note": "[red]not markup[/red]"},
    ),
    WorldRole(
        STAGING,
        "GithubDeploy",
        trust(
            {"Federated": f"arn:aws:iam::{STAGING}:oidc-provider/token.example.com"},
            {"StringEquals": {"token.example.com:aud": "sts.amazonaws.com"}},
        ),
        description="Deploys from CI",
    ),
    WorldRole(
        STAGING,
        "CorporateAdmin",
        trust({"Federated": SAML_PROVIDER}, {"StringEquals": {"SAML:aud": SAML_AUDIENCE}}),
        {"Everything": policy(allow("*"))},
        description="People, through SAML",
    ),
)
