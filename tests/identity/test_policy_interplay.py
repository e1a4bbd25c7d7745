"""What boundary, session policy, SCPs and RCPs leave of a grant, by who is named where.

Source: IAM User Guide, "Policy evaluation logic", within one account and across accounts.
"""

from __future__ import annotations

from typing import Any

import pytest

from rolebrowser.identity.policy_request import answer

USER = "arn:aws:iam::111111111111:user/alice"
ROLE = "arn:aws:iam::111111111111:role/R"
SESSION = "arn:aws:sts::111111111111:assumed-role/R/s"
LINKED = "arn:aws:iam::111111111111:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
ROOT = "arn:aws:iam::111111111111:root"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
OTHER = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"name": "p", "policy": {"Version": "2012-10-17", "Statement": list(statements)}}


def to(principal: Any, **more: Any) -> dict[str, Any]:
    named = principal if isinstance(principal, dict) or principal == "*" else {"AWS": principal}
    return {**READ, "Principal": named, **more}


def asked(who: str, **sources: Any) -> str:
    request = {
        "principal": who,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "resourceAccount": "111111111111",
    }
    return answer(request | sources)["verdict"]


@pytest.mark.parametrize(
    ("who", "named", "within_boundary", "within_session"),
    [
        (USER, USER, "allow", "allow"),
        (SESSION, SESSION, "allow", "allow"),
        (SESSION, ROLE, "deny", "deny"),
        (SESSION, ROOT, "deny", "deny"),
        (SESSION, "*", "allow", "allow"),
    ],
)
def test_a_resources_grant_against_a_limit_that_does_not_allow_it(
    who: str, named: str, within_boundary: str, within_session: str
) -> None:
    granted = {"resourcePolicy": policy(to(named))}
    assert asked(who, **granted, permissionBoundaries=[policy(OTHER)]) == within_boundary
    assert asked(who, **granted, sessionPolicy=policy(OTHER)) == within_session
    # An explicit Deny in a limit counts whoever is named.
    assert asked(who, **granted, permissionBoundaries=[policy(READ, DENY)]) == "deny"
    assert asked(who, **granted, sessionPolicy=policy(READ, DENY)) == "deny"


@pytest.mark.parametrize("named", [USER, ROOT, "*", "111111111111"])
def test_across_accounts_both_sides_must_allow_within_the_callers_limits(named: str) -> None:
    across = {"resourceAccount": "222222222222", "resourcePolicy": policy(to(named))}
    own = {"identityPolicies": [policy(READ)]}
    assert asked(USER, **across) == "deny"
    assert asked(USER, **own, resourceAccount="222222222222") == "deny"
    assert asked(USER, **across, **own) == "allow"
    assert asked(USER, **across, **own, permissionBoundaries=[policy(OTHER)]) == "deny"


def levels(*policies: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"orgIdentifier": "o", "policies": list(policies)}]


def test_a_level_of_scps_must_allow_and_a_level_of_rcps_must_not_deny() -> None:
    own = {"identityPolicies": [policy(READ)]}
    assert asked(USER, **own, serviceControlPolicies=levels()) == "deny"
    assert asked(USER, **own, serviceControlPolicies=levels(policy(OTHER))) == "deny"
    assert asked(USER, **own, serviceControlPolicies=levels(policy(READ))) == "allow"
    assert asked(USER, **own, resourceControlPolicies=levels()) == "allow"
    shut = policy({**DENY, "Principal": "*"})
    assert asked(USER, **own, resourceControlPolicies=levels(shut)) == "deny"


def test_the_organizations_policies_leave_service_linked_roles_alone() -> None:
    own = {"identityPolicies": [policy(READ)]}
    shut = policy({**DENY, "Principal": "*"})
    organization = {"serviceControlPolicies": levels(policy(DENY))}
    for who, verdict in ((ROLE, "deny"), (LINKED, "allow")):
        assert asked(who, **own, **organization) == verdict
        assert asked(who, **own, resourceControlPolicies=levels(shut)) == verdict


def test_a_statement_that_cant_be_read_is_unknown_only_where_it_may_matter() -> None:
    odd = {**DENY, "Action": "s3:GetObject", "Foo": 1}
    elsewhere = {**odd, "Action": "ec2:*"}
    assert asked(USER, identityPolicies=[policy(READ, odd)]) == "unknown"
    assert asked(USER, identityPolicies=[policy(READ, elsewhere)]) == "allow"
    assert asked(USER, identityPolicies=[policy(READ, odd, DENY)]) == "deny"
    assert asked(USER, identityPolicies=[policy(odd)]) == "deny"
