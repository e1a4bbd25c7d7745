"""Principals: who a request comes from, and how a policy's Principal names them. Pure.

Source: IAM User Guide, "AWS JSON policy elements: Principal". There are no partial wildcards in
it; an ARN there names its one principal, a role's ARN every session of the role.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from rolebrowser.frozen import dataclass


class Named(IntEnum):
    """How a policy names the caller; the more direct, the more it grants by itself."""

    NOT = 0
    ACCOUNT = 1
    """By the account: what its identity policies allow is allowed."""
    ROLE = 2
    """By the role: every session of it, within boundary and session policy."""
    DIRECT = 3
    """By its own ARN, or by "*"."""


_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Attributes:
        text: the ARN, or a service's or identity provider's name.
        account: 12 digits; empty for services and web identity providers.
        kind: "user", "root", "role", "session", "federated-user", "service" or "federated".
        role: the role's name without its path, for "role" and "session".
        role_arn: the role's whole ARN where it is known, path included; else empty.
    """

    text: str
    account: str
    kind: str
    role: str = ""
    role_arn: str = ""

    @property
    def has_policies(self) -> bool:
        """Whether identity policies, boundaries and SCPs apply to it at all."""
        return self.kind not in ("service", "federated")

    @property
    def service_linked(self) -> bool:
        """A role that a service made for itself: no SCP and no RCP touches it. Known by its path.

        Source: AWS Organizations User Guide, "Service control policies", "Resource control
        policies": tasks and entities not restricted.
        """
        return ":role/aws-service-role/" in (self.role_arn or self.text)


def parse(text: str, role_arn: str = "") -> Principal:
    """A principal from its ARN or name.

    Args:
        role_arn: of a session, the role's ARN with its path, where known: GetCallerIdentity
            leaves the path out.
    """
    fields = text.split(":", 5)
    if len(fields) < 6 or fields[0] != "arn":
        service = re.search(r"\.(amazonaws\.com(\.cn)?|aws|aws\.internal)$", text)
        return Principal(text, "", "service" if service else "federated")
    account, resource = fields[4], fields[5]
    kind, _, rest = resource.partition("/")
    if resource == "root":
        return Principal(text, account, "root")
    if kind == "assumed-role":
        return Principal(text, account, "session", rest.partition("/")[0], role_arn)
    if kind == "role":
        return Principal(text, account, "role", rest.rsplit("/", 1)[-1], text)
    if kind in ("oidc-provider", "saml-provider"):
        return Principal(text, account, "federated")
    return Principal(text, account, "federated-user" if kind == "federated-user" else "user")


def named(principals: Iterable[tuple[str, str]], caller: Principal) -> Named:
    """The most direct way in which a Principal element names the caller."""
    return max((_named(kind, value, caller) for kind, value in principals), default=Named.NOT)


def _named(kind: str, value: str, caller: Principal) -> Named:
    if value == "*" and kind in ("*", "AWS"):
        return Named.DIRECT
    if kind in ("Service", "Federated"):
        return Named.DIRECT if value == caller.text and not caller.has_policies else Named.NOT
    if kind != "AWS" or not caller.has_policies:
        return Named.NOT
    if _ACCOUNT.fullmatch(value):
        return Named.ACCOUNT if value == caller.account else Named.NOT
    fields = value.split(":", 5)
    if len(fields) < 6:
        return Named.NOT  # AROA…, AIDA…: whom it named has been deleted
    if fields[5] == "root":
        if fields[4] != caller.account:
            return Named.NOT
        return Named.DIRECT if caller.kind == "root" else Named.ACCOUNT
    if caller.kind in ("session", "role") and fields[5].startswith("role/"):
        return Named.ROLE if _same_role(value, fields, caller) else Named.NOT
    return Named.DIRECT if value == caller.text else Named.NOT


def _same_role(value: str, fields: list[str], caller: Principal) -> bool:
    if caller.role_arn:
        return value == caller.role_arn
    return fields[4] == caller.account and fields[5].rsplit("/", 1)[-1] == caller.role
