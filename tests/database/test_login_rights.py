"""database/login_rights.py: who may log in, by policies; patterns with their exceptions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.database import login_rights
from rolebrowser.database.model import User
from rolebrowser.database.users import Named, overlap
from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import Level, Source
from rolebrowser.identity.policy_document import Policy, parse
from rolebrowser.identity.policy_pattern import glob
from rolebrowser.identity.policy_principal import parse as principal
from rolebrowser.identity.trust import Caller

from .test_users import HERE, ORDERS

SESSION = "arn:aws:sts::333333333333:assumed-role/OnCall/alice"
KNOWN = [Named("dbadmin", "master user")]


def document(name: str, *statements: dict[str, Any]) -> Policy:
    return parse(name, {"Version": "2012-10-17", "Statement": list(statements)})


def connect(*users: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    resources = [f"{HERE}{user}" for user in users]
    return {"Effect": effect, "Action": "rds-db:connect", "Resource": resources, **more}


def caller(*statements: dict[str, Any], arn: str = SESSION, **more: Any) -> Caller:
    return Caller(principal(arn), (document("own", *statements),), **more)


def verdicts(who: Caller, *known: Named) -> dict[str, str]:
    return {each.name: each.verdict for each in login_rights.everybody(who, ORDERS, known)}


def test_denied_users_are_taken_out_of_what_a_wildcard_allows() -> None:
    who = caller(connect("*_ro", "app"), connect("secret_*", effect="Deny"))
    found = login_rights.everybody(who, ORDERS, [Named("secret_ro", "typed")])
    assert [(each.name, each.verdict, each.pattern) for each in found] == [
        ("app", Verdict.ALLOW, False),
        ("secret_ro", Verdict.DENY, False),
        ("*_ro", Verdict.ALLOW, True),
    ]
    assert found[-1].reasons[0] == "any user matching *_ro, but none matching secret_*"


def test_a_wildcard_of_which_nothing_is_left_is_denied() -> None:
    who = caller(connect("*_ro"), connect("*", effect="Deny"))
    assert verdicts(who, *KNOWN) == {"dbadmin": "deny", "*_ro": "deny"}


def test_not_action_and_not_resource_speak_of_users_too() -> None:
    who = caller({"Effect": "Allow", "NotAction": "iam:*", "NotResource": f"{HERE}dbadmin"})
    assert verdicts(who, *KNOWN) == {"dbadmin": "deny", "*": "allow"}


def test_boundary_session_policy_and_scp_limit_what_policies_allow() -> None:
    narrow = (document("narrow", connect("app_ro")),)
    both = connect("app", "app_ro")
    for limited in (
        caller(both, boundary=narrow),
        caller(both, session=narrow),
        caller(both, scps=(Level("root", narrow),)),
    ):
        assert verdicts(limited) == {"app": "deny", "app_ro": "allow"}


def test_only_the_databases_own_account_can_let_anybody_in() -> None:
    who = caller(connect("*"), arn=SESSION.replace("333333333333", "222222222222"))
    found = login_rights.everybody(who, ORDERS, KNOWN)
    assert {each.verdict for each in found} == {Verdict.DENY}
    assert "only the database's own account" in found[0].reasons[0]
    why = login_rights.why(who, ORDERS, found[0])
    assert (why.steps, why.fixes) == ((), ())


def test_where_iam_authentication_is_off_nobody_gets_in_and_the_command_is_given() -> None:
    off = replace(ORDERS, iam_auth=False)
    user = User("app", Verdict.UNKNOWN, "typed")
    why = login_rights.why(caller(connect("app")), off, user)
    assert why.verdict is Verdict.DENY
    assert "--enable-iam-database-authentication" in " ".join(why.notes)


def test_a_database_known_by_its_host_alone_has_no_id_that_policies_could_name() -> None:
    bare = replace(ORDERS, resource_id="", account="")
    who = caller(connect("app"))
    assert login_rights.decision(who, bare, "app").verdict is Verdict.UNKNOWN
    why = login_rights.why(who, bare, User("app", Verdict.UNKNOWN, "typed"))
    assert (why.steps, why.fixes) == ((), ())
    assert "resource id" in why.notes[0]


def test_the_fix_is_the_statement_that_would_have_let_them_in_wherever_it_is_missing() -> None:
    bounded = caller(boundary=(document("b", connect("other")),))
    why = login_rights.why(bounded, ORDERS, User("app", Verdict.DENY, "typed"))
    assert {fix.source for fix in why.fixes} == {Source.IDENTITY, Source.BOUNDARY}
    assert all(fix.statement == connect("app") | {"Resource": f"{HERE}app"} for fix in why.fixes)
    # A Deny stands in the way: no statement that is added helps.
    denied = caller(connect("app", effect="Deny"))
    assert login_rights.why(denied, ORDERS, User("app", Verdict.DENY, "typed")).fixes == ()


def test_what_was_not_read_is_unknown_and_says_what_would_be_needed() -> None:
    who = caller(unreadable=frozenset([Source.IDENTITY]))
    assert verdicts(who, *KNOWN) == {"dbadmin": "unknown"}
    why = login_rights.why(who, ORDERS, User("dbadmin", Verdict.UNKNOWN, "master user"))
    assert f"{HERE}dbadmin" in " ".join(why.notes)


def test_user_names_in_policies_are_the_users_names_sessions_have_none() -> None:
    named = connect("${aws:username}")
    alice = caller(named, arn="arn:aws:iam::333333333333:user/alice")
    assert verdicts(alice) == {"alice": "allow"}
    assert verdicts(caller(named), Named("alice", "typed")) == {"alice": "deny"}
    # A tag of the session that nobody could read stands for anything, and nothing is claimed.
    assert verdicts(caller(connect("app_${aws:PrincipalTag/team}"))) == {"app_*": "unknown"}


_TEXTS = ["".join(each) for size in range(5) for each in product("ab", repeat=size)]


@given(st.text("ab*?", max_size=4), st.text("ab*?", max_size=4))
def test_patterns_overlap_where_some_text_matches_both(one: str, other: str) -> None:
    both = any(glob(one, text) and glob(other, text) for text in _TEXTS)
    # Texts of up to four letters show every overlap but those that need more.
    if both:
        assert overlap(one, other)
    elif len(one.replace("*", "")) + len(other.replace("*", "")) <= 4:
        assert not overlap(one, other)


@pytest.mark.parametrize(("one", "other"), [("*_ro", "secret_*"), ("a*", "*"), ("", "")])
def test_overlaps(one: str, other: str) -> None:
    assert overlap(one, other)
