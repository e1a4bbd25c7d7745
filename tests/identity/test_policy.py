"""The evaluator against the rules of AWS's documentation, one case each."""

from __future__ import annotations

from typing import Any

import pytest

from rolebrowser.identity.policy_request import answer

ALICE = "arn:aws:iam::111111111111:user/alice"
SESSION = "arn:aws:sts::111111111111:assumed-role/Dev/alice"
ROLE = "arn:aws:iam::111111111111:role/Target"
FAR_ROLE = "arn:aws:iam::222222222222:role/Target"
NEW = "2012-10-17"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*"} | elements


def policy(*statements: dict[str, Any], version: str = NEW) -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def trust(*statements: dict[str, Any]) -> dict[str, Any]:
    return policy(*({"Effect": "Allow", "Action": "sts:AssumeRole"} | each for each in statements))


def decide(
    *identity: dict[str, Any],
    principal: str = ALICE,
    action: str = "s3:GetObject",
    resource: str = "arn:aws:s3:::bucket/key",
    **rest: Any,
) -> str:
    request = {
        "principal": principal,
        "action": action,
        "resource": resource,
        "resourceAccount": rest.pop("resourceAccount", "111111111111"),
        "identityPolicies": [{"name": "p", "policy": policy(each)} for each in identity],
        **rest,
    }
    got = answer(request)
    assert got["reasons"], got
    return got["verdict"] + ("!" if got["explicit"] else "")


def assume(*identity: dict[str, Any], trusted: dict[str, Any], **rest: Any) -> str:
    resource = rest.pop("resource", ROLE)
    account = resource.split(":")[4]
    return decide(
        *identity,
        action="sts:AssumeRole",
        resource=resource,
        resourceAccount=account,
        resourcePolicy=trusted,
        **rest,
    )


def test_nothing_is_allowed_unless_a_statement_allows_it_and_a_deny_wins() -> None:
    assert decide() == "deny"
    assert decide(statement()) == "allow"
    assert decide(statement(), statement("Deny", Action="s3:Get*")) == "deny!"
    assert decide(statement("Deny")) == "deny!"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("S3:getobject", "allow"),
        ("s3:Get*", "allow"),
        ("s3:Get?bject", "allow"),
        ("s3:[G]etObject", "deny"),
        ("*", "allow"),
        ("*:*", "allow"),
        ("ec2:*", "deny"),
        ("s3", "unknown"),
    ],
)
def test_actions(pattern: str, expected: str) -> None:
    assert decide(statement(Action=pattern)) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/alice", "allow"),
        ("arn:aws:rds-db:*:*:dbuser:*/alice", "allow"),
        ("arn:aws:rds-db:*", "allow"),
        ("arn:aws:rds-db", "allow"),
        ("arn:aws:rds-db:*:dbuser:cluster-X/alice", "allow"),
        ("arn:aws:rds-db:eu-*-2:111111111111:dbuser:cluster-X/alice", "deny"),
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/Alice", "deny"),
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-?/al*", "allow"),
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/${aws:username}", "allow"),
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/${aws:none}", "deny"),
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/${aws:none, 'alice'}", "allow"),
        ("arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/${star}", "deny"),
        ("rds-db:thing", "unknown"),
    ],
)
def test_resources(pattern: str, expected: str) -> None:
    got = decide(
        statement(Resource=pattern),
        action="rds-db:connect",
        resource="arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-X/alice",
        context={"aws:username": "alice", "star": "*"},
    )
    assert got == expected


def test_variables_mean_themselves_in_the_old_version_and_when_escaped() -> None:
    pattern = "arn:aws:s3:::b/${aws:username}"
    request = {
        "principal": ALICE,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/${aws:username}",
        "context": {"aws:username": "alice"},
        "identityPolicies": [
            {"name": "p", "policy": policy(statement(Resource=pattern), version="2008-10-17")}
        ],
    }
    assert answer(request)["verdict"] == "allow"
    starred = statement(Resource="arn:aws:s3:::b/${*}")
    assert decide(starred, resource="arn:aws:s3:::b/*") == "allow"
    assert decide(starred, resource="arn:aws:s3:::b/x") == "deny"


def test_not_action_and_not_resource_speak_of_everything_else() -> None:
    assert decide({"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}) == "allow"
    assert decide({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}) == "deny"
    kept = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}
    assert decide(kept) == "deny"
    assert decide(kept, resource="arn:aws:s3:::other/key") == "allow"


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"K": "a"}}, {"k": "a"}, True),
        ({"StringEquals": {"k": "A"}}, {"k": "a"}, False),
        ({"StringEqualsIgnoreCase": {"k": "A"}}, {"k": "a"}, True),
        ({"StringEquals": {"k": ["b", "a"]}}, {"k": "a"}, True),
        ({"StringEquals": {"k": "*"}}, {"k": "a"}, False),
        ({"StringLike": {"k": "a*c?"}}, {"k": "abbbcd"}, True),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "c"}, True),
        ({"StringNotLike": {"k": "a*"}}, {"k": "abc"}, False),
        ({"StringEquals": {"k": "${j}"}}, {"k": "v", "j": "v"}, True),
        ({"StringEquals": {"k": "${j}"}}, {"k": "v"}, False),
        ({"StringNotEquals": {"k": "${j}"}}, {"k": "v"}, True),
        # A key that isn't there.
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringNotEquals": {"k": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"k": "a"}}, {"k": "b"}, False),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {}, False),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "false"}}, {}, False),
        ({"Null": {"k": False}}, {"k": "x"}, True),
        # Several values.
        ({"StringEquals": {"k": "a"}}, {"k": ["a", "b"]}, False),
        ({"StringNotEquals": {"k": "x"}}, {"k": ["a", "b"]}, False),
        ({"ForAllValues:StringEquals": {"k": ["a", "b", "c"]}}, {"k": ["a", "b"]}, True),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {"k": ["a", "b"]}, False),
        ({"ForAnyValue:StringEquals": {"k": ["b"]}}, {"k": ["a", "b"]}, True),
        ({"ForAllValues:StringNotEquals": {"k": ["c"]}}, {"k": ["a", "b"]}, True),
        ({"ForAllValues:StringNotEquals": {"k": ["b"]}}, {"k": ["a", "b"]}, False),
        ({"ForAnyValue:StringNotEquals": {"k": ["b"]}}, {"k": ["a", "b"]}, True),
        ({"ForAnyValue:StringLike": {"aws:TagKeys": "a*"}}, {"aws:TagKeys": "ab"}, True),
        # Numbers, dates, booleans, addresses, ARNs.
        ({"NumericLessThan": {"k": "10"}}, {"k": "9"}, True),
        ({"NumericLessThan": {"k": 10}}, {"k": 10}, False),
        ({"NumericGreaterThanEquals": {"k": "10"}}, {"k": "10.0"}, True),
        ({"NumericEquals": {"k": "10"}}, {"k": "ten"}, False),
        ({"NumericNotEquals": {"k": "10"}}, {"k": "11"}, True),
        ({"DateGreaterThan": {"k": "2026-01-01T00:00:00Z"}}, {"k": "2026-01-01T00:00:01Z"}, True),
        ({"DateLessThan": {"k": "2026-01-01"}}, {"k": "1735689600"}, True),
        ({"Bool": {"k": "true"}}, {"k": "true"}, True),
        ({"Bool": {"k": True}}, {"k": False}, False),
        ({"BoolIfExists": {"k": "false"}}, {}, True),
        ({"IpAddress": {"k": "10.0.0.0/8"}}, {"k": "10.1.2.3"}, True),
        ({"IpAddress": {"k": "10.0.0.1"}}, {"k": "10.0.0.2"}, False),
        ({"NotIpAddress": {"k": "10.0.0.0/8"}}, {"k": "192.168.0.1"}, True),
        ({"IpAddress": {"k": "2001:db8::/32"}}, {"k": "2001:db8::1"}, True),
        ({"IpAddress": {"k": "2001:db8::/32"}}, {"k": "10.0.0.1"}, False),
        ({"ArnEquals": {"k": "arn:aws:iam::*:role/a*"}}, {"k": "arn:aws:iam::1:role/ab/c"}, True),
        ({"ArnLike": {"k": "arn:aws:*:role/a"}}, {"k": "arn:aws:iam::1:role/a"}, None),
        ({"ArnNotLike": {"k": "arn:aws:iam::1:role/b"}}, {"k": "arn:aws:iam::1:role/a"}, True),
        ({"ArnLike": {"k": "arn:aws:iam::${a:b}:role/x"}, }, {"k": "arn:aws:iam::1:role/x", "a:b": "1"}, True),  # noqa: E501
        # What can't be understood is unknown, and not only when it is in the way.
        ({"StringMatches": {"k": "a"}}, {"k": "a"}, None),
        ({"IpAddress": {"k": "ten"}}, {"k": "10.0.0.1"}, None),
        ({"Bool": {"k": "maybe"}}, {"k": "true"}, None),
        ({"NumericEquals": {"k": "ten"}}, {"k": "10"}, None),
        ({"StringMatches": {"k": "a"}, "StringEquals": {"k": "b"}}, {"k": "a"}, False),
        ({"StringEquals": {"k": "a", "j": "b"}}, {"k": "a", "j": "c"}, False),
    ],
)  # fmt: skip
def test_conditions(
    condition: dict[str, Any], context: dict[str, Any], expected: bool | None
) -> None:
    words = {True: ("allow", "deny!"), False: ("deny", "allow"), None: ("unknown", "unknown")}
    allowed = decide(statement(Condition=condition), context=context)
    denied = decide(statement(), statement("Deny", Condition=condition), context=context)
    assert (allowed, denied) == words[expected]


def test_a_trust_policy_that_names_the_user_needs_no_identity_policy() -> None:
    assert assume(trusted=trust({"Principal": {"AWS": ALICE}})) == "allow"
    assert assume(trusted=trust({"Principal": "*"})) == "allow"
    assert assume(statement(), trusted=trust({"Principal": {"AWS": f"{ALICE}2"}})) == "deny"
    assert assume(statement(), trusted=trust({"Principal": {"AWS": "AIDAEXAMPLE"}})) == "deny"


def test_a_trust_policy_that_names_the_account_leaves_it_to_the_identity_policies() -> None:
    for name in ("111111111111", "arn:aws:iam::111111111111:root"):
        trusted = trust({"Principal": {"AWS": name}})
        assert assume(trusted=trusted) == "deny"
        assert assume(statement(), trusted=trusted) == "allow"
    assert assume(statement(), trusted=trust({"Principal": {"AWS": "222222222222"}})) == "deny"


def test_across_accounts_both_sides_must_allow() -> None:
    trusted = trust({"Principal": {"AWS": ALICE}})
    assert assume(trusted=trusted, resource=FAR_ROLE) == "deny"
    assert assume(statement(), trusted=trusted, resource=FAR_ROLE) == "allow"
    assert assume(statement(), trusted=policy(), resource=FAR_ROLE) == "deny"


def test_a_role_named_in_the_trust_policy_names_its_sessions_within_their_limits() -> None:
    trusted = trust({"Principal": {"AWS": "arn:aws:iam::111111111111:role/some/path/Dev"}})
    narrow = [{"name": "b", "policy": policy(statement(Action="s3:*"))}]
    wide = [{"name": "b", "policy": policy(statement())}]
    assert assume(trusted=trusted, principal=SESSION) == "allow"
    assert assume(trusted=trusted, principal=SESSION, permissionBoundaries=narrow) == "deny"
    assert assume(trusted=trusted, principal=SESSION, permissionBoundaries=wide) == "allow"
    assert assume(trusted=trusted, principal=SESSION, sessionPolicy=narrow[0]) == "deny"
    named = trust({"Principal": {"AWS": SESSION}})
    assert assume(trusted=named, principal=SESSION, permissionBoundaries=narrow) == "allow"


def test_an_identity_policy_alone_never_suffices_to_assume_a_role() -> None:
    got = decide(statement(), action="sts:AssumeRole", resource=ROLE)
    assert got == "deny"


def test_services_and_identity_providers_need_only_the_trust_policy() -> None:
    trusted = trust({"Principal": {"Service": ["ec2.amazonaws.com"]}})
    assert assume(trusted=trusted, principal="ec2.amazonaws.com") == "allow"
    assert assume(trusted=trusted, principal="lambda.amazonaws.com") == "deny"
    assert assume(statement(), trusted=trusted) == "deny"


def test_not_principal_names_everybody_else() -> None:
    denied = trust({"Principal": "*"})
    denied["Statement"].append(
        {"Effect": "Deny", "NotPrincipal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    )
    assert assume(trusted=denied) == "allow"
    assert assume(trusted=denied, principal=f"{ALICE}2") == "deny!"


def test_boundary_and_session_policy_limit_what_identity_policies_give() -> None:
    narrow = [{"name": "b", "policy": policy(statement(Action="ec2:*"))}]
    assert decide(statement(), permissionBoundaries=narrow) == "deny"
    assert decide(statement(), sessionPolicy=narrow[0]) == "deny"
    denying = [{"name": "b", "policy": policy(statement(), statement("Deny"))}]
    assert decide(statement(), permissionBoundaries=denying) == "deny!"


def test_every_level_of_service_control_policies_must_allow() -> None:
    everything = {"name": "FullAWSAccess", "policy": policy(statement())}
    nothing = {"name": "None", "policy": policy(statement(Action="ec2:*"))}
    denying = {"name": "No", "policy": policy(statement("Deny", Action="s3:*"))}

    def under(*levels: list[dict[str, Any]]) -> str:
        return decide(
            statement(),
            serviceControlPolicies=[
                {"orgIdentifier": str(n), "policies": each} for n, each in enumerate(levels)
            ],
        )

    assert under([everything], [everything]) == "allow"
    assert under([everything], [nothing]) == "deny"
    assert under([everything], [everything, denying]) == "deny!"
    assert under([everything], []) == "deny"


def test_a_resource_control_policy_only_takes_away() -> None:
    denying = policy({"Principal": "*"} | statement("Deny", Action="s3:*"))
    levels = [{"orgIdentifier": "r", "policies": [{"name": "rcp", "policy": denying}]}]
    assert decide(statement(), resourceControlPolicies=levels) == "deny!"
    other = policy({"Principal": "*"} | statement("Deny", Action="sqs:*"))
    levels = [{"orgIdentifier": "r", "policies": [{"name": "rcp", "policy": other}]}]
    assert decide(statement(), resourceControlPolicies=levels) == "allow"


@pytest.mark.parametrize(
    "document",
    [
        "not json",
        [],
        {},
        {"Version": "2030-01-01", "Statement": []},
        {"Statement": [5]},
        {"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": 5, "Resource": "*"}]},
        {"Statement": [statement(Extra="x")]},
        {"Statement": [statement(NotAction="x:y")]},
        {"Statement": [statement(Principal="*")]},
        {"Statement": [statement(Condition=[])]},
        {"Statement": [statement(Condition={"StringEquals": {"k": None}})]},
        {"Statement": [statement(Condition={"StringEquals": {"k": {"a": "b"}}})]},
        {"Statement": [statement(Sid=5)]},
        {"Statement": [statement()], "Id": 5},
        {"Statement": [statement()], "version": NEW},
        {"Statement": [statement("allow")]},
        {"Statement": [statement(Action=[])]},
        {"Statement": [statement(Resource=[])]},
    ],
)
def test_what_cannot_be_understood_is_unknown(document: Any) -> None:
    got = decide(identityPolicies=[{"name": "p", "policy": document}])
    assert got == "unknown"
    # A clear Deny elsewhere still decides.
    denying = {"name": "d", "policy": policy(statement("Deny"))}
    assert decide(identityPolicies=[{"name": "p", "policy": document}, denying]) == "deny!"


def test_a_malformed_statement_about_something_else_does_not_matter() -> None:
    assert decide(statement(), statement("Deny", Action="ec2:*", Extra="x")) == "allow"


@pytest.mark.parametrize("request_", [5, {}, {"principal": 5}, {"principal": ALICE, "zzz": 1}])
def test_a_request_that_cannot_be_read_is_unknown_with_a_sentence(request_: Any) -> None:
    got = answer(request_)
    assert got["verdict"] == "unknown"
    assert got["reasons"][0]["why"]
