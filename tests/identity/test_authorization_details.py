"""Dumps of an account's IAM: put together, callers found in them, large ones in time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from rolebrowser.identity.assumable import weigh
from rolebrowser.identity.authorization_details import read
from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import Source
from rolebrowser.identity.roles import listed

from .test_policy import policy, statement, trust

ACCOUNT = "arn:aws:iam::111111111111:"
BOUNDARY = f"{ACCOUNT}policy/Limit"
SHARED = f"{ACCOUNT}policy/Shared"


def managed(arn: str, document: dict[str, Any]) -> dict[str, Any]:
    versions = [
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": policy(statement("Deny"))},
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": document},
    ]
    return {"Arn": arn, "PolicyName": arn.rsplit("/", 1)[-1], "PolicyVersionList": versions}


def role(name: str, *trusted: dict[str, Any], path: str = "/", **more: Any) -> dict[str, Any]:
    return {
        "Arn": f"{ACCOUNT}role{path}{name}",
        "RoleName": name,
        "AssumeRolePolicyDocument": trust(*trusted),
        **more,
    }


def dump(**lists: Any) -> dict[str, Any]:
    return {
        "UserDetailList": [],
        "RoleDetailList": [],
        "GroupDetailList": [],
        "Policies": [],
    } | lists


ALICE = {
    "Arn": f"{ACCOUNT}user/people/alice",
    "UserName": "alice",
    "UserPolicyList": [{"PolicyName": "Own", "PolicyDocument": policy(statement(Action="s3:*"))}],
    "GroupList": ["Engineers"],
    "AttachedManagedPolicies": [{"PolicyName": "Shared", "PolicyArn": SHARED}],
    "PermissionsBoundary": {"PermissionsBoundaryArn": BOUNDARY},
    "Tags": [{"Key": "team", "Value": "orders"}],
}
GROUP = {
    "Arn": f"{ACCOUNT}group/Engineers",
    "GroupName": "Engineers",
    "GroupPolicyList": [
        {"PolicyName": "Become", "PolicyDocument": policy(statement(Action="sts:AssumeRole"))}
    ],
}
WHOLE = dump(
    UserDetailList=[ALICE],
    GroupDetailList=[GROUP],
    Policies=[
        managed(SHARED, policy(statement(Action="rds:*"))),
        managed(BOUNDARY, policy(statement())),
    ],
    RoleDetailList=[role("Dev", {"Principal": {"AWS": f"{ACCOUNT}root"}}, path="/people/")],
)


def test_a_users_policies_are_its_own_its_groups_and_the_managed_ones_default_version() -> None:
    alice = read([WHOLE]).caller(ALICE["Arn"])
    assert [each.name for each in alice.identity] == ["Own", "Shared", "Become"]
    assert alice.identity[1].statements[0].actions == ("rds:*",)
    assert [each.name for each in alice.boundary or ()] == ["Limit"]
    assert alice.keys == {"aws:PrincipalTag/team": "orders"}
    assert not alice.unreadable


def test_single_pages_and_several_files_are_one_account() -> None:
    pages = [{key: WHOLE[key], "IsTruncated": True} for key in WHOLE]
    for given in ([pages], pages, [WHOLE, WHOLE]):
        assert read(given).caller(ALICE["Arn"]) == read([WHOLE]).caller(ALICE["Arn"])


def test_what_the_dump_lacks_is_unknown() -> None:
    partial = read([WHOLE | {"GroupDetailList": [], "Policies": []}])
    assert partial.caller(ALICE["Arn"]).unreadable == {Source.IDENTITY, Source.BOUNDARY}


def test_a_session_is_found_by_its_roles_name_whatever_the_path() -> None:
    details = read([WHOLE])
    session = details.caller("arn:aws:sts::111111111111:assumed-role/Dev/me")
    assert session.principal.role_arn == f"{ACCOUNT}role/people/Dev"
    with pytest.raises(ValueError, match="No role Gone"):
        details.caller("arn:aws:sts::111111111111:assumed-role/Gone/me")
    with pytest.raises(ValueError, match="is not in the dump"):
        details.caller(f"{ACCOUNT}user/bob")


@pytest.mark.parametrize("document", [{}, [{}], 5, "x", None, [[]], {"Roles": []}])
def test_something_else_is_no_dump(document: Any) -> None:
    with pytest.raises(ValueError, match="get-account-authorization-details"):
        read([document])


def test_items_without_an_arn_are_passed_over() -> None:
    assert not read([dump(RoleDetailList=[{}, 5, None, {"Arn": 7}])]).roles


def test_a_dump_of_six_megabytes_is_read_and_weighed_in_seconds() -> None:
    resources = [f"arn:aws:s3:::bucket-{number}/*" for number in range(40)]
    inline = [{"PolicyName": "Data", "PolicyDocument": policy(statement(Resource=resources))}]
    roles = [
        role(
            f"Role{number}",
            {"Principal": {"AWS": [f"{ACCOUNT}user/people/alice", f"{ACCOUNT}user/u{number}"]}},
            RolePolicyList=inline,
        )
        for number in range(4000)
    ]
    text = json.dumps(WHOLE | {"RoleDetailList": roles})
    assert len(text) > 6_000_000
    began = time.perf_counter()
    details = read([json.loads(text)])
    caller = details.caller(ALICE["Arn"])
    found = weigh(caller, [listed(item) for item in details.roles.values()])
    assert time.perf_counter() - began < 60
    assert {each.role.verdict for each in found} == {Verdict.ALLOW}
    assert len(found) == 4000
