"""Who may assume which role: verdicts, and what would have to be supplied."""

from __future__ import annotations

from typing import Any

import pytest

from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import Source
from rolebrowser.identity.policy_document import parse
from rolebrowser.identity.policy_principal import parse as principal
from rolebrowser.identity.trust import Assessment, Caller, assess, assuming

from .test_policy import ALICE, FAR_ROLE, ROLE, SESSION, policy, statement, trust

DEV = "arn:aws:iam::111111111111:role/people/Dev"
BY_ALICE = {"Principal": {"AWS": ALICE}}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def caller(*statements: dict[str, Any], arn: str = ALICE, role: str = "", **known: Any) -> Caller:
    return Caller(principal(arn, role), (parse("own", policy(*statements)),), **known)


def ask(who: Caller, *trusted: dict[str, Any], role: str = ROLE, **more: Any) -> Assessment:
    document = parse("trust policy", trust(*trusted)) if trusted else None
    return assess(who, role, document, **more)


def test_a_user_named_in_the_trust_policy_needs_nothing_else_in_its_account() -> None:
    assert ask(caller(), BY_ALICE).verdict is Verdict.ALLOW
    assert ask(caller(), BY_ALICE, role=FAR_ROLE).verdict is Verdict.DENY
    assert ask(caller(statement()), BY_ALICE, role=FAR_ROLE).verdict is Verdict.ALLOW


def test_an_mfa_code_opens_what_asks_for_one_and_is_named() -> None:
    found = ask(caller(), BY_ALICE | MFA)
    assert (found.verdict, found.supply) == (Verdict.CONDITIONAL, ("an MFA code",))
    assert found.reasons == ("needs an MFA code",)


def test_a_session_can_not_bring_a_code() -> None:
    named = {"Principal": {"AWS": DEV}}
    without = caller(arn=SESSION, role=DEV, mfa=False)
    assert ask(without, named).verdict is Verdict.ALLOW
    assert ask(without, named | MFA).verdict is Verdict.DENY
    # Whether its own session was made with MFA isn't known.
    assert ask(caller(arn=SESSION, role=DEV), named | MFA).verdict is Verdict.UNKNOWN
    assert ask(caller(arn=SESSION, role=DEV, mfa=True), named | MFA).verdict is Verdict.ALLOW


def test_an_old_code_is_refused_where_a_fresh_one_would_do() -> None:
    fresh = {"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}}
    assert ask(caller(), BY_ALICE | fresh).supply == ("an MFA code",)


@pytest.mark.parametrize(
    ("condition", "supply"),
    [
        ({"StringEquals": {"sts:ExternalId": "acme"}}, "ExternalId acme"),
        ({"StringEquals": {"sts:externalid": ["acme", "other"]}}, "ExternalId acme"),
        ({"StringLike": {"sts:RoleSessionName": "job-*"}}, "RoleSessionName job-any"),
        (
            {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}},
            "RoleSessionName alice",
        ),
    ],
)
def test_what_the_caller_chooses_is_tried_out(condition: dict[str, Any], supply: str) -> None:
    found = ask(caller(), BY_ALICE | {"Condition": condition})
    assert (found.verdict, found.supply) == (Verdict.CONDITIONAL, (supply,))


def test_what_is_supplied_is_no_more_than_is_needed() -> None:
    guarded = BY_ALICE | MFA
    named = BY_ALICE | {"Condition": {"StringEquals": {"sts:ExternalId": "acme"}}}
    assert len(ask(caller(), guarded, named).supply) == 1
    both = BY_ALICE | {"Condition": MFA["Condition"] | named["Condition"]}
    assert set(ask(caller(), both).supply) == {"an MFA code", "ExternalId acme"}


def test_an_external_id_of_the_config_counts_and_a_wrong_one_is_put_right() -> None:
    guarded = BY_ALICE | {"Condition": {"StringEquals": {"sts:externalid": "acme"}}}
    assert ask(caller(), guarded, sent={"sts:ExternalId": "acme"}).verdict is Verdict.ALLOW
    wrong = ask(caller(), guarded, sent={"sts:ExternalId": "emca"})
    assert (wrong.verdict, wrong.supply) == (Verdict.CONDITIONAL, ("ExternalId acme",))


@pytest.mark.parametrize(
    ("key", "action", "supply"),
    [
        ("aws:RequestTag/Project", "sts:TagSession", "session tag Project=x1"),
        ("sts:SourceIdentity", "sts:SetSourceIdentity", "SourceIdentity x1"),
    ],
)
def test_tags_and_source_identities_need_a_right_of_their_own(
    key: str, action: str, supply: str
) -> None:
    asks = BY_ALICE | {"Condition": {"StringEquals": {key: "x1"}}}
    assert ask(caller(), asks).verdict is Verdict.DENY
    allowed = asks | {"Action": ["sts:AssumeRole", action]}
    found = ask(caller(), allowed)
    assert (found.verdict, found.supply) == (Verdict.CONDITIONAL, (supply,))


def test_a_trust_policy_that_was_not_read_leaves_it_unknown_unless_the_caller_lacks() -> None:
    may = caller(statement())
    assert ask(may, role=FAR_ROLE).verdict is Verdict.UNKNOWN
    assert ask(caller(), role=FAR_ROLE).verdict is Verdict.DENY
    # Within one account the trust policy alone could let the caller in.
    assert ask(caller(), role=ROLE).verdict is Verdict.UNKNOWN
    never = caller(statement(), statement("Deny", Action="sts:AssumeRole"))
    assert ask(never, role=ROLE).verdict is Verdict.DENY


def test_what_of_the_caller_was_not_read_is_unknown_unless_nothing_could_help() -> None:
    hidden = caller(unreadable=frozenset([Source.IDENTITY]))
    by_account = {"Principal": {"AWS": "111111111111"}}
    assert ask(hidden, by_account).verdict is Verdict.UNKNOWN
    assert ask(hidden, {"Principal": {"AWS": DEV}}, role=FAR_ROLE).verdict is Verdict.DENY
    # An unread Deny could still stand in the way.
    assert ask(hidden, BY_ALICE).verdict is Verdict.UNKNOWN


def test_only_the_network_knows_where_a_request_comes_from() -> None:
    home = BY_ALICE | {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    found = ask(caller(), home)
    assert found.verdict is Verdict.UNKNOWN
    assert "aws:SourceIp of the request is not known here" in found.reasons[0]


def test_a_boundary_limits_what_the_account_delegates() -> None:
    by_account = {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}
    none = caller(statement(), boundary=(parse("b", policy(statement(Action="s3:*"))),))
    assert ask(none, by_account).verdict is Verdict.DENY
    assert ask(none, BY_ALICE).verdict is Verdict.ALLOW


def test_a_role_with_a_path_is_named_by_its_whole_arn() -> None:
    me = caller(arn=SESSION, role=DEV)
    assert ask(me, {"Principal": {"AWS": DEV}}).verdict is Verdict.ALLOW
    elsewhere = {"Principal": {"AWS": "arn:aws:iam::111111111111:role/Dev"}}
    assert ask(me, elsewhere).verdict is Verdict.DENY


def test_a_user_is_told_by_name_a_session_has_none() -> None:
    by_name = BY_ALICE | {"Condition": {"StringEquals": {"aws:username": "alice"}}}
    assert ask(caller(), by_name).verdict is Verdict.ALLOW
    as_role = {"Principal": {"AWS": DEV}, "Condition": by_name["Condition"]}
    assert ask(caller(arn=SESSION, role=DEV), as_role).verdict is Verdict.DENY


def test_what_was_supplied_makes_the_evaluator_say_allow() -> None:
    guarded = BY_ALICE | {
        "Condition": MFA["Condition"] | {"StringEquals": {"sts:ExternalId": "acme"}}
    }
    found = ask(caller(), guarded)
    case = assuming(caller(), ROLE, parse("t", trust(guarded)), sent=found.given)
    assert case.answer().decision == "allow"


def by(*names: str, **conditions: Any) -> dict[str, Any]:
    return {"Principal": {"AWS": list(names)}, "Condition": conditions}


def test_an_external_id_for_somebody_else_hides_nothing_from_the_caller() -> None:
    theirs = by(f"{ALICE}2", StringEquals={"sts:ExternalId": "theirs"})
    ours = by(ALICE, StringEquals={"sts:ExternalId": "ours"})
    for trusted in ((theirs, ours), (ours, theirs)):
        assert ask(caller(), *trusted).supply == ("ExternalId ours",)


def test_of_two_statements_about_the_caller_the_one_that_opens_counts() -> None:
    shut = by(ALICE, StringEquals={"sts:ExternalId": "one", "aws:PrincipalType": "Nobody"})
    open_ = by(ALICE, StringEquals={"sts:ExternalId": "two"})
    assert ask(caller(), shut, open_).supply == ("ExternalId two",)


def test_what_one_statement_wants_is_not_sent_where_another_does_without() -> None:
    """A session tag needs sts:TagSession, which this trust policy doesn't give."""
    tagged = by(ALICE, StringEquals={"aws:RequestTag/team": "a", "sts:ExternalId": "acme"})
    plain = by(ALICE, StringEquals={"sts:ExternalId": "acme"})
    assert ask(caller(), tagged, plain).supply == ("ExternalId acme",)


@pytest.mark.parametrize(
    ("condition", "supply"),
    [
        ({"StringNotEquals": {"sts:ExternalId": "acme"}}, ("ExternalId acme",)),
        ({"StringNotLike": {"sts:ExternalId": "acme-*"}}, ("ExternalId acme-any",)),
        ({"Null": {"sts:ExternalId": "true"}}, ("any ExternalId",)),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, ("an MFA code",)),
    ],
)
def test_a_deny_that_something_supplied_keeps_out_is_no_refusal(
    condition: dict[str, Any], supply: tuple[str, ...]
) -> None:
    guard = {"Effect": "Deny", "Principal": "*", "Condition": condition}
    found = ask(caller(), BY_ALICE, guard)
    assert (found.verdict, found.supply) == (Verdict.CONDITIONAL, supply)


def test_a_value_that_a_deny_does_not_like_is_passed_over() -> None:
    several = by(ALICE, StringEquals={"sts:ExternalId": ["old", "new"]})
    retired = {"Effect": "Deny", **by("*", StringEquals={"sts:ExternalId": "old"})}
    assert ask(caller(), several, retired).supply == ("ExternalId new",)


def test_tags_that_are_sent_are_counted_among_the_tag_keys() -> None:
    tagged: dict[str, Any] = by(
        ALICE,
        **{
            "StringEquals": {"aws:RequestTag/team": "a"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["project"]},
        },
    ) | {"Action": ["sts:AssumeRole", "sts:TagSession"]}
    assert ask(caller(), tagged).verdict is Verdict.DENY
    tagged["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"] = ["team", "project"]
    assert ask(caller(), tagged).supply == ("session tag team=a",)


def test_more_ways_than_are_tried_are_no_refusal() -> None:
    many = [by(ALICE, StringEquals={f"aws:RequestTag/k{n}": "a"}) for n in range(20)]
    found = ask(caller(), *many)
    assert found.verdict is Verdict.UNKNOWN
    assert "no more were tried" in found.reasons[0]


def test_the_root_user_has_no_user_name() -> None:
    root = caller(arn="arn:aws:iam::111111111111:root")
    named = by("111111111111", StringEquals={"aws:username": "root"})
    assert ask(root, named).verdict is Verdict.DENY
    by_arn = by("*", ArnEquals={"aws:PrincipalArn": "arn:aws:iam::111111111111:root"})
    assert ask(root, by_arn).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("trusted", "why"),
    [
        (
            {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
            "only for service ec2.amazonaws.com, lambda.amazonaws.com",
        ),
        (
            {"Federated": "arn:aws:iam::111111111111:saml-provider/Corp"},
            "only for SAML provider Corp",
        ),
        (
            {"Federated": "accounts.google.com"},
            "only for web identity provider accounts.google.com",
        ),
    ],
)
def test_who_signs_calls_is_told_whom_else_a_role_is_for(trusted: dict[str, Any], why: str) -> None:
    """Nobody who signs a call is a service: whatever else they may, the answer is no."""
    for who in (caller(), caller(statement()), caller(unreadable=frozenset([Source.IDENTITY]))):
        found = ask(who, {"Principal": trusted})
        assert (found.verdict, found.reasons[0]) == (Verdict.DENY, why)
    # For somebody else of an account as well: nothing is claimed of whom it is for.
    both = ask(caller(), {"Principal": trusted | {"AWS": f"{ALICE}2"}})
    assert not any("only for" in each for each in both.reasons)


def test_a_statement_is_called_by_its_sid_or_counted_from_one() -> None:
    found = ask(caller(), {"Principal": {"AWS": "222222222222"}}, BY_ALICE)
    assert found.reasons == ("trust policy, statement 2: allows it",)
    assert found.answer.reasons[0].statement == 1
    assert ask(caller(), BY_ALICE | {"Sid": "Us"}).reasons == ("trust policy, Us: allows it",)
