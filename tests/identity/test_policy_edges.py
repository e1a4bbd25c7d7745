"""The evaluator at the edges of the documentation: what is easily got wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest

from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy_document import loads, parse
from rolebrowser.identity.policy_pattern import glob, resource
from rolebrowser.identity.policy_principal import parse as principal
from rolebrowser.identity.policy_request import answer
from rolebrowser.identity.trust import Caller, assess

from .test_policy import ALICE, ROLE, SESSION, assume, decide, policy, statement, trust

ORG = "o-abc/r-1/ou-1/"


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        # The whole ARN out of a variable, colons and all.
        ({"ArnEquals": {"k": "${aws:PrincipalArn}"}}, {"k": ROLE, "aws:PrincipalArn": ROLE}, True),
        ({"ArnLike": {"k": "${aws:PrincipalArn}"}}, {"k": ROLE, "aws:PrincipalArn": ALICE}, False),
        # Wildcards inside a substituted value mean themselves.
        ({"StringLike": {"k": "${j}"}}, {"k": "anything", "j": "*"}, False),
        ({"StringLike": {"k": "${j}"}}, {"k": "*", "j": "*"}, True),
        ({"StringLike": {"k": "${j, 'd*'}x"}}, {"k": "d*x"}, True),
        ({"StringLike": {"k": "${j, 'd*'}x"}}, {"k": "dax"}, False),
        ({"StringEquals": {"k": "${*}${?}${$}"}}, {"k": "*?$"}, True),
        ({"StringEqualsIgnoreCase": {"k": "A-${j}"}}, {"k": "a-Z", "j": "z"}, True),
        # A list can't stand in for a variable.
        ({"StringEquals": {"k": "${j}"}}, {"k": "v", "j": ["v"]}, False),
        # One value of a key that holds one, though policies are fond of StringLike for it.
        ({"StringLike": {"iam:AWSServiceName": "rds.*"}}, {"iam:AWSServiceName": "rds.x"}, True),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/*"}},
         {"aws:PrincipalOrgPaths": [ORG]}, True),
        ({"StringLike": {"aws:PrincipalOrgPaths": "o-abc/*"}},
         {"aws:PrincipalOrgPaths": ORG}, False),
        # No value at all, for operators on sets.
        ({"ForAllValues:StringEquals": {"k": "a"}}, {"k": ""}, True),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {"k": []}, True),
        ({"ForAnyValue:StringEquals": {"k": "a"}}, {"k": ""}, False),
        ({"ForAnyValue:StringNotEquals": {"k": "a"}}, {}, False),
        ({"ForAnyValue:StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"ForAllValues:StringNotEqualsIfExists": {"k": "a"}}, {"k": ["a"]}, False),
        ({"Null": {"k": "true"}}, {"k": []}, True),
        ({"Null": {"k": ["true", "false"]}}, {"k": "x"}, True),
        ({"NullIfExists": {"k": "true"}}, {}, None),
        ({"ForAnyValue:Null": {"k": "true"}}, {}, None),
        # Numbers as the rest of the world writes them, not as Python does.
        ({"NumericEquals": {"k": "1_000"}}, {"k": "1000"}, None),
        ({"NumericEquals": {"k": "1000"}}, {"k": "1_000"}, False),
        ({"NumericEquals": {"k": "Infinity"}}, {"k": "1"}, None),
        ({"NumericEquals": {"k": "-1.50"}}, {"k": -1.5}, True),
        ({"NumericLessThanEqualsIfExists": {"k": "1e3"}}, {"k": "1000"}, True),
        ({"NumericNotEquals": {"k": "10"}}, {}, True),
        # Moments: ISO 8601 of any precision, offsets, seconds since 1970.
        ({"DateEquals": {"k": "2026-01-01T01:00:00+01:00"}}, {"k": "2026-01-01T00:00:00Z"}, True),
        ({"DateEquals": {"k": "1767225600"}}, {"k": "2026-01-01T00:00:00.000Z"}, True),
        ({"DateLessThan": {"k": "2026-02"}}, {"k": "2026-01-31T23:59:59Z"}, True),
        ({"DateGreaterThanEquals": {"k": "2026"}}, {"k": "2026-01-01"}, True),
        ({"DateLessThan": {"k": "soon"}}, {"k": "2026-01-01"}, None),
        ({"DateNotEquals": {"k": "2026-01-01"}}, {"k": "who knows"}, True),
        ({"DateEquals": {"k": "2026-01-01T00:00Z"}}, {"k": "2026-01-01T00:00:00.0000001Z"}, True),
        # Of ISO 8601 what W3C's profile takes; weeks, days of the year and blanks aren't in it.
        ({"DateLessThan": {"k": "2026-W01-1"}}, {"k": "2020-01-01"}, None),
        ({"DateLessThan": {"k": "2026-01-01 00:00:00"}}, {"k": "2020-01-01"}, None),
        ({"DateLessThan": {"k": "20260101T000000Z"}}, {"k": "2020-01-01"}, None),
        ({"DateEquals": {"k": "1767225600000"}}, {"k": "2026-01-01"}, None),
        # Addresses.
        ({"IpAddress": {"k": "2001:DB8:0::/48"}}, {"k": "2001:db8::ffff"}, True),
        ({"NotIpAddress": {"k": "2001:db8::/32"}}, {"k": "10.0.0.1"}, True),
        ({"IpAddress": {"k": ["192.0.2.0/24", "2001:db8::1"]}}, {"k": "2001:db8:0:0::1"}, True),
        ({"IpAddress": {"k": "192.0.2.7/24"}}, {"k": "192.0.2.200"}, True),
        ({"NotIpAddressIfExists": {"k": "0.0.0.0/0"}}, {}, True),
        ({"IpAddress": {"k": "10.0.0.0/255.0.0.0"}}, {"k": "10.0.0.1"}, None),
        ({"IpAddress": {"k": "10.0.0.0/0.0.0.255"}}, {"k": "10.0.0.1"}, None),
        ({"IpAddress": {"k": "10.0.0.0/33"}}, {"k": "10.0.0.1"}, None),
        ({"NotIpAddress": {"k": "fe80::1%eth0"}}, {"k": "fe80::1"}, None),
        ({"IpAddress": {"k": "10.0.0.0/8"}}, {"k": "::ffff:10.0.0.1"}, False),
        # One value that can't be read leaves open what the readable ones don't decide.
        ({"IpAddress": {"k": ["ten", "10.0.0.0/8"]}}, {"k": "10.0.0.1"}, True),
        ({"NotIpAddress": {"k": ["ten", "10.0.0.0/8"]}}, {"k": "10.0.0.1"}, False),
        ({"NotIpAddress": {"k": ["ten", "10.0.0.0/8"]}}, {"k": "192.0.2.1"}, None),
        # Booleans are words, in any case of letters; 1 and yes aren't.
        ({"Bool": {"k": "TRUE"}}, {"k": "True"}, True),
        ({"Bool": {"k": "1"}}, {"k": "true"}, None),
        ({"Bool": {"k": "true"}}, {"k": "yes"}, False),
        ({"Bool": {"k": ["true", "false"]}}, {"k": "false"}, True),
        ({"Bool": {"k": "false"}}, {}, False),
        ({"ForAnyValue:Bool": {"k": "true"}}, {"k": ["false", "true"]}, True),
        # Sets of numbers and ARNs.
        ({"ForAllValues:NumericLessThan": {"k": "5"}}, {"k": ["3", "9"]}, False),
        ({"ForAllValues:ArnLike": {"k": "arn:aws:s3:::b*"}},
         {"k": ["arn:aws:s3:::b1", "arn:aws:s3:::b2"]}, True),
        # Operators in any case of letters, and none that sound like one.
        ({"stringEQUALSifexists": {"k": "a"}}, {}, True),
        ({"forallvalues:stringequals": {"k": "a"}}, {"k": ["b"]}, False),
        ({"ForSomeValues:StringEquals": {"k": "a"}}, {"k": "a"}, None),
        ({"StringEqualsIfExistsIfExists": {"k": "a"}}, {"k": "a"}, None),
        ({"BinaryNotEquals": {"k": "AQIDBA=="}}, {"k": "AQIDBA=="}, None),
        # Variables that aren't any stay as they are.
        ({"StringEquals": {"k": "${aws:username"}}, {"k": "${aws:username"}, True),
        ({"StringEquals": {"k": "${j, ''}"}}, {"k": ""}, True),
        ({"StringEquals": {"k": "$${j}"}}, {"k": "$v", "j": "v"}, True),
        ({"NumericEquals": {"k": "${j}"}}, {"k": "5", "j": "5"}, None),
        # Bytes.
        ({"BinaryEquals": {"k": "AQIDBA=="}}, {"k": "AQIDBA=="}, True),
        ({"BinaryEquals": {"k": "AQIDBA=="}}, {"k": "AQIDBQ=="}, False),
        ({"BinaryEquals": {"k": "not base64!"}}, {"k": "AQIDBA=="}, None),
        # ARNs: six fields, a star stays in its own.
        ({"ArnLike": {"k": "arn:aws:iam::*:role/*"}}, {"k": "arn:aws:iam::1:role/a/b:c"}, True),
        ({"ArnEquals": {"k": "arn:*:iam::1:role/a"}}, {"k": "arn:aws:x:iam::1:role/a"}, False),
        ({"ArnNotEquals": {"k": "arn:aws:iam::1:role/a"}}, {"k": "no arn"}, True),
        ({"ArnLike": {"k": "*"}}, {"k": ROLE}, None),
        # Keys in any case, operators that share a key, empty blocks.
        ({"StringEquals": {"AWS:UserName": "a"}}, {"aws:username": "a"}, True),
        ({"StringEquals": {"k": "a"}, "StringLike": {"K": "b*"}}, {"k": "a"}, False),
        ({"StringEquals": {}}, {}, True),
        ({"StringEquals": {"k": []}}, {"k": "a"}, False),
        ({"StringNotEquals": {"k": []}}, {"k": "a"}, True),
    ],
)  # fmt: skip
def test_conditions(
    condition: dict[str, Any], context: dict[str, Any], expected: bool | None
) -> None:
    words = {True: ("allow", "deny!"), False: ("deny", "allow"), None: ("unknown", "unknown")}
    allowed = decide(statement(Condition=condition), context=context)
    denied = decide(statement(), statement("Deny", Condition=condition), context=context)
    assert (allowed, denied) == words[expected]


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:s3:::b?cket/*", "arn:aws:s3:::bucket/a:b/c", True),
        ("arn:aws:s3:::*/x*y", "arn:aws:s3:::b/xx/yy", True),
        ("arn:aws:*:::bucket", "arn:aws:s3:::bucket", True),
        ("arn:aws:s*x:::bucket", "arn:aws:s3:x:::bucket", False),
        ("arn:aws:rds-db:eu*:1:dbuser:*", "arn:aws:rds-db:eu-west-1:1:dbuser:db-X/a", True),
        ("arn:aws:sqs", "arn:aws:sqs:eu-west-1:1:queue", True),
        ("arn:aws:sqs:", "arn:aws:sqs:eu-west-1:1:queue", False),
        ("arn:aws:s3:::[b]ucket", "arn:aws:s3:::bucket", False),
    ],
)
def test_resources(pattern: str, arn: str, expected: bool) -> None:
    assert resource(pattern, arn) is expected


def test_hostile_patterns_take_no_longer_than_plain_ones() -> None:
    started = time.perf_counter()
    assert not glob("*a" * 200 + "b", "a" * 4000)
    assert not glob("*" * 2000 + "x", "a" * 4000)
    assert not resource("arn:aws:s3:::" + "a*" * 200 + "b", "arn:aws:s3:::" + "a" * 4000)
    assert not resource("arn:" + "*a" * 200 + ":s3:::b", "arn:" + "a" * 2000 + ":s3:::c")
    assert time.perf_counter() - started < 20  # a backtracking match would take years


def test_not_principal_with_deny_spares_nobody_who_has_a_boundary() -> None:
    denied = trust({"Principal": "*"})
    denied["Statement"].append(
        {"Effect": "Deny", "NotPrincipal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}
    )
    assert assume(trusted=denied) == "allow"
    wide = [{"name": "b", "policy": policy(statement())}]
    assert assume(trusted=denied, permissionBoundaries=wide) == "deny!"


def test_a_principal_is_named_whole_or_not_at_all() -> None:
    for name in ("arn:aws:iam::111111111111:user/*", "arn:aws:iam::111111111111:*", "1111*"):
        assert assume(statement(), trusted=trust({"Principal": {"AWS": name}})) == "deny"
    assert assume(statement(), trusted=trust({"Principal": {"AWS": "*"}})) == "allow"
    assert assume(statement(), trusted=trust({"Principal": {"Users": "*"}})) == "unknown"
    # A session's own ARN names that session, not its neighbours.
    other = trust({"Principal": {"AWS": SESSION.replace("alice", "bob")}})
    assert assume(statement(), trusted=other, principal=SESSION) == "deny"


def test_statements_stand_alone_or_in_a_list() -> None:
    for document in ({"Statement": statement()}, {"Statement": [statement()]}):
        assert decide(identityPolicies=[{"name": "p", "policy": document}]) == "allow"
        assert decide(identityPolicies=[document]) == "allow"


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement": [], "Statement": []}',
        '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",'
        ' "Condition": {"StringEquals": {"k": "a"}, "StringEquals": {"k": "b"}}}}',
    ],
)
def test_a_key_that_stands_twice_is_unknown(text: str) -> None:
    assert decide(identityPolicies=[{"name": "p", "policy": text}]) == "unknown"
    assert decide(identityPolicies=[{"name": "p", "policy": loads(text)}]) == "unknown"


@pytest.mark.parametrize(
    "broken",
    [
        {"action": "AssumeRole"},
        {"action": "sts:"},
        {"context": {"aws:username": "a", "AWS:Username": "b"}},
        {"context": {"k": {"nested": 1}}},
        {"context": []},
        {"resource": 5},
        {"serviceControlPolicies": "all"},
        {"permissionBoundary": []},
    ],
)
def test_a_request_in_which_something_is_off_is_unknown(broken: dict[str, Any]) -> None:
    got = answer({"principal": ALICE, "action": "s3:GetObject", "resource": "*"} | broken)
    assert (got["verdict"], got["explicit"]) == ("unknown", False)
    assert got["reasons"][0]["why"].endswith((".", "service:Name."))


def test_control_policies_are_taken_with_and_without_their_places() -> None:
    denying = {"name": "no", "policy": policy({"Principal": "*"} | statement("Deny"))}
    placed = [{"orgIdentifier": "r", "policies": [denying]}]
    for given in ([denying], placed):
        assert decide(statement(), resourceControlPolicies=given) == "deny!"


# ── what is not known ────────────────────────────────────────────────────────────────────────


def known(*statements: dict[str, Any], arn: str = SESSION, **more: Any) -> Caller:
    return Caller(principal(arn), (parse("own", policy(*statements)),), **more)


def connect(who: Caller, user: str) -> str:
    arn = f"arn:aws:rds-db:eu-west-1:111111111111:dbuser:db-X/{user}"
    return who.case("rds-db:connect", arn).answer().decision


def test_a_variable_nobody_knows_the_value_of_is_no_claim() -> None:
    base = "arn:aws:rds-db:*:*:dbuser:*"
    tagged = known(statement(Resource=f"{base}/app_${{aws:PrincipalTag/team}}"))
    assert connect(tagged, "app_orders") == "unknown"
    assert connect(tagged, "root") == "deny"
    never = known(statement(), statement("Deny", Resource=f"{base}/${{aws:PrincipalTag/team}}"))
    assert connect(never, "orders") == "unknown"
    read = known(
        statement(Resource=f"{base}/app_${{aws:PrincipalTag/team}}"),
        keys={"aws:PrincipalTag/team": "orders"},
    )
    assert (connect(read, "app_orders"), connect(read, "app_other")) == ("allow", "deny")
    # A session has no user name: nothing unknown about it.
    named = known(statement(Resource=f"{base}/${{aws:username}}"))
    assert connect(named, "alice") == "deny"


def test_conditions_on_a_variable_nobody_knows_are_no_claim() -> None:
    same = {"StringEquals": {"iam:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    trusted = parse("t", trust({"Principal": {"AWS": "111111111111"}}))
    role = {"iam:ResourceTag/team": "orders"}
    who = known(statement(Condition=same))
    assert assess(who, ROLE, trusted, sent=role).verdict is Verdict.UNKNOWN


def test_what_is_true_of_every_call_of_a_person_is_known() -> None:
    guards = (
        statement("Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        statement("Deny", Condition={"Bool": {"aws:ViaAWSService": "true"}}),
        statement("Deny", Condition={"Null": {"aws:CalledVia": "false"}}),
    )
    assert connect(known(statement(), *guards), "app") == "allow"
