"""What must hold of the evaluator whatever the documents say: generated policies and requests."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.policy_request import answer

ALICE = "arn:aws:iam::111111111111:user/alice"
SESSION = "arn:aws:sts::111111111111:assumed-role/Dev/s"
ROLES = ("arn:aws:iam::111111111111:role/T", "arn:aws:iam::222222222222:role/T")

conditions = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {},
        optional={
            "StringEquals": st.just({"k": "a"}),
            "StringNotEquals": st.just({"k": ["a", "${j}"]}),
            "ForAllValues:StringLike": st.just({"m": "a*"}),
            "Bool": st.just({"aws:MultiFactorAuthPresent": "true"}),
            "Null": st.just({"k": "true"}),
            "StringOdd": st.just({"k": "a"}),
        },
    ),
)
statements = st.builds(
    lambda effect, action, resource, condition, extra: {
        "Effect": effect,
        **action,
        **resource,
        **({"Condition": condition} if condition else {}),
        **extra,
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(
        [{"Action": "sts:*"}, {"Action": "*"}, {"NotAction": "s3:*"}, {"Action": "s3:Get*"}]
    ),
    st.sampled_from(
        [{"Resource": "*"}, {"NotResource": ROLES[0]}, {"Resource": "arn:aws:iam::*:role/${k}"}]
    ),
    conditions,
    st.sampled_from([{}, {}, {}, {"Strange": 1}]),
)
trusting = st.builds(
    lambda each, principal: {k: v for k, v in each.items() if "Resource" not in k} | principal,
    statements,
    st.sampled_from(
        [
            {"Principal": "*"},
            {"Principal": {"AWS": ALICE}},
            {"Principal": {"AWS": "111111111111"}},
            {"Principal": {"AWS": "arn:aws:iam::111111111111:role/Dev"}},
            {"NotPrincipal": {"AWS": ALICE}},
            {"Principal": {"Service": "ec2.amazonaws.com"}},
        ]
    ),
)
documents = st.lists(statements, max_size=4)
requests = st.fixed_dictionaries(
    {
        "principal": st.sampled_from([ALICE, SESSION, "ec2.amazonaws.com"]),
        "action": st.sampled_from(["sts:AssumeRole", "s3:GetObject", "rds-db:connect"]),
        "resource": st.sampled_from(ROLES),
        "context": st.fixed_dictionaries(
            {},
            optional={
                "k": st.sampled_from(["a", "T"]),
                "m": st.lists(st.sampled_from(["a", "ab", "b"]), max_size=2),
                "aws:MultiFactorAuthPresent": st.sampled_from(["true", "false"]),
            },
        ),
        "identityPolicies": documents,
        "resourcePolicy": st.one_of(st.none(), st.lists(trusting, max_size=3)),
        "permissionBoundaries": st.one_of(st.none(), documents),
        "sessionPolicy": st.one_of(st.none(), documents),
    }
)


def wrapped(request: dict[str, Any]) -> dict[str, Any]:
    """With documents around the lists of statements."""

    def document(found: list[Any]) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": found}

    made = dict(request)
    made["identityPolicies"] = [{"name": "i", "policy": document(request["identityPolicies"])}]
    for key in ("permissionBoundaries", "sessionPolicy"):
        if request[key] is not None:
            made[key] = [{"name": key, "policy": document(request[key])}]
    if request["resourcePolicy"] is not None:
        made["resourcePolicy"] = document(request["resourcePolicy"])
    return made


def verdict(request: dict[str, Any]) -> str:
    got = answer(wrapped(request))
    assert got["reasons"]
    assert not got["explicit"] or got["verdict"] == "deny"
    return got["verdict"]


@given(requests, statements.filter(lambda s: s["Effect"] == "Deny"))
def test_adding_a_deny_never_turns_anything_into_an_allow(
    request: dict[str, Any], deny: dict[str, Any]
) -> None:
    before = verdict(request)
    after = verdict(request | {"identityPolicies": [*request["identityPolicies"], deny]})
    assert after != "allow" or before == "allow"


@given(requests, st.randoms(use_true_random=False))
def test_the_order_of_statements_never_matters(
    request: dict[str, Any], shuffle: random.Random
) -> None:
    other = dict(request)
    for key in ("identityPolicies", "resourcePolicy", "permissionBoundaries", "sessionPolicy"):
        if request[key]:
            other[key] = shuffle.sample(request[key], len(request[key]))
    assert verdict(other) == verdict(request)


@given(requests, st.sampled_from(["identityPolicies", "resourcePolicy"]), st.data())
def test_making_a_statement_unreadable_never_makes_a_claim(
    request: dict[str, Any], key: str, data: st.DataObject
) -> None:
    """Less known may turn an answer into unknown; it never turns one claim into the other."""
    found = request[key]
    if not found:
        return
    place = data.draw(st.integers(0, len(found) - 1))
    blurred = [*found]
    blurred[place] = blurred[place] | {"Unheard": "of"}
    before, after = verdict(request), verdict(request | {key: blurred})
    assert after in (before, "unknown")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(
                        ["Version", "Statement", "Effect", "Action", "Principal", "Resource",
                         "Condition", "Sid", "NotAction", "StringEquals", "AWS", "k"]),
                        inner, max_size=5), max_leaves=12))  # fmt: skip
def test_no_document_is_too_strange(document: Any) -> None:
    got = answer(
        {
            "principal": ALICE,
            "action": "sts:AssumeRole",
            "resource": ROLES[0],
            "identityPolicies": [{"name": "p", "policy": document}],
            "resourcePolicy": document,
            "serviceControlPolicies": [{"orgIdentifier": "r", "policies": [document]}],
        }
    )
    assert got["verdict"] in ("allow", "deny", "unknown")
