"""An account's IAM as `aws iam get-account-authorization-details` dumps it. Pure.

Source: IAM API Reference, GetAccountAuthorizationDetails. Whole dumps, single pages of them, and
several of either are taken alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from rolebrowser.frozen import dataclass
from rolebrowser.identity import policy_principal
from rolebrowser.identity.policy import Source
from rolebrowser.identity.policy_document import Policy, parse
from rolebrowser.identity.trust import Caller

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Details:
    """What one or several dumps say; values are the API's own items by ARN or name.

    Attributes:
        groups: by group name.
    """

    users: Mapping[str, Item] = field(default_factory=dict)
    roles: Mapping[str, Item] = field(default_factory=dict)
    groups: Mapping[tuple[str, str], Item] = field(default_factory=dict)
    policies: Mapping[str, Item] = field(default_factory=dict)

    def caller(self, arn: str) -> Caller:
        """Somebody as the dump knows them.

        Args:
            arn: of a user, a role, or a role's session.

        Raises:
            ValueError: nobody of that name is in the dump.
        """
        who = policy_principal.parse(arn)
        if who.kind in ("session", "role"):
            item = self.roles.get(arn) or self._role_named(who.account, who.role)
            if item is None:
                raise ValueError(f"No role {who.role} of account {who.account} is in the dump.")
            return self._known(policy_principal.parse(arn, item["Arn"]), item, "Role")
        item = self.users.get(arn)
        if item is None:
            raise ValueError(f"{arn} is not in the dump.")
        return self._known(who, item, "User")

    def _role_named(self, account: str, name: str) -> Item | None:
        for item in self.roles.values():
            if item.get("RoleName") == name and f"::{account}:" in item["Arn"]:
                return item
        return None

    def _known(self, who: policy_principal.Principal, item: Item, kind: str) -> Caller:
        unreadable: set[Source] = set()
        found = list(self._hanging_on(item, kind, unreadable))
        for group in item.get("GroupList", ()):
            held = self.groups.get((who.account, group))
            if held is None:
                unreadable.add(Source.IDENTITY)
            else:
                found += self._hanging_on(held, "Group", unreadable)
        boundary = None
        limit = item.get("PermissionsBoundary") or {}
        if limit:
            document = self._managed(limit.get("PermissionsBoundaryArn", ""))
            boundary = (document,) if document else ()
            if document is None:
                unreadable.add(Source.BOUNDARY)
        keys = {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in item.get("Tags") or ()}
        return Caller(who, tuple(found), boundary, unreadable=frozenset(unreadable), keys=keys)

    def _hanging_on(self, item: Item, kind: str, unreadable: set[Source]) -> Iterator[Policy]:
        for inline in item.get(f"{kind}PolicyList") or ():
            yield parse(inline.get("PolicyName") or "inline policy", inline.get("PolicyDocument"))
        for attached in item.get("AttachedManagedPolicies") or ():
            document = self._managed(attached.get("PolicyArn", ""))
            if document is None:
                unreadable.add(Source.IDENTITY)
            else:
                yield document

    def _managed(self, arn: str) -> Policy | None:
        item = self.policies.get(arn)
        for version in (item or {}).get("PolicyVersionList") or ():
            if version.get("IsDefaultVersion"):
                return parse((item or {}).get("PolicyName") or arn, version.get("Document"))
        return None


def read(dumps: Iterable[Any]) -> Details:
    """Put dumps together.

    Args:
        dumps: decoded JSON: an answer of the API, or a list of answers.

    Raises:
        ValueError: it is something else.
    """
    users: dict[str, Item] = {}
    roles: dict[str, Item] = {}
    groups: dict[tuple[str, str], Item] = {}
    policies: dict[str, Item] = {}
    for page in _pages(dumps):
        users |= {item["Arn"]: item for item in _items(page, "UserDetailList")}
        roles |= {item["Arn"]: item for item in _items(page, "RoleDetailList")}
        policies |= {item["Arn"]: item for item in _items(page, "Policies")}
        for item in _items(page, "GroupDetailList"):
            account = item["Arn"].split(":")[4] if item["Arn"].count(":") > 4 else ""
            groups[account, str(item.get("GroupName", ""))] = item
    return Details(users, roles, groups, policies)


def _pages(dumps: Iterable[Any]) -> Iterator[Item]:
    keys = {"UserDetailList", "RoleDetailList", "GroupDetailList", "Policies"}
    for dump in dumps:
        for page in dump if isinstance(dump, list) else [dump]:
            if not isinstance(page, Mapping) or not keys & set(page):
                raise ValueError(
                    "This is no output of aws iam get-account-authorization-details: "
                    "it has none of " + ", ".join(sorted(keys)) + "."
                )
            yield page


def _items(page: Item, key: str) -> Iterator[Item]:
    for item in page.get(key) or ():
        if isinstance(item, Mapping) and isinstance(item.get("Arn"), str):
            yield item
