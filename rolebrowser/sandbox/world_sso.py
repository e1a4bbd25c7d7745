"""IAM Identity Center in the sandbox's world: portals, who may log in, as what. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from rolebrowser.sandbox.documents import trust
from rolebrowser.sandbox.world import (
    HOME_REGION,
    IDENTITY,
    PRODUCTION,
    ROLES,
    STAGING,
    WorldRole,
)

SSO_USER = "alice@corp.example"
PORTALS = ("https://corp.awsapps.example/start", "https://legacy.awsapps.example/start")
"""Start URLs."""
ACCOUNTS = {
    STAGING: ("staging", "aws-staging@corp.example"),
    PRODUCTION: ("production", "aws-production@corp.example"),
    IDENTITY: ("identity", "aws-identity@corp.example"),
}
"""Name and address of each account, as the portal lists them."""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set assigned to SSO_USER in an account; `role` is what AWS made of it."""

    name: str
    role: WorldRole


def _set(account: str, name: str, seconds: int = 3600) -> PermissionSet:
    """A permission set with the policies of the world's role of that name."""
    like = next(role for role in ROLES if (role.account, role.name) == (account, name))
    provider = f"arn:aws:iam::{account}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
    role = WorldRole(
        account,
        f"AWSReservedSSO_{name}_0123456789abcdef",
        trust({"Federated": provider}),
        like.policies,
        path=f"/aws-reserved/sso.amazonaws.com/{HOME_REGION}/",
        max_seconds=seconds,
        description=like.description,
    )
    return PermissionSet(name, role)


ASSIGNED = (
    _set(STAGING, "Developer"),
    _set(STAGING, "DatabaseReader"),
    _set(PRODUCTION, "OnCall", 1800),
    _set(PRODUCTION, "OnCallReadOnly"),
)
