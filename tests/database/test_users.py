"""database/users.py: who may log in, from patterns and names."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.config import Config
from rolebrowser.database.model import Database, DatabaseKind
from rolebrowser.database.users import (
    Decision,
    Named,
    named,
    resource_arn,
    user_patterns,
    users,
)
from rolebrowser.identity.model import Verdict
from rolebrowser.target import Bookmark, Target

ORDERS = Database(
    id="orders",
    kind=DatabaseKind.CLUSTER,
    engine="aurora-postgresql",
    version="16.4",
    region="eu-west-1",
    account="333333333333",
    resource_id="cluster-ABC",
    status="available",
    iam_auth=True,
    master_user="dbadmin",
)
HERE = "arn:aws:rds-db:eu-west-1:333333333333:dbuser:cluster-ABC/"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (HERE + "app", ("app",)),
        (HERE + "*", ("*",)),
        (HERE + "*_ro", ("*_ro",)),
        (HERE + "app_?", ("app_?",)),
        ("*", ("*",)),
        ("arn:aws:rds-db:*", ("*",)),
        ("arn:aws:rds-db:*:333333333333:dbuser:*/app", ("app",)),
        ("arn:aws:rds-db:*:*:dbuser:*/*", ("*",)),
        ("arn:aws:rds-db:eu-west-1:333333333333:dbuser:cluster-*/app", ("app",)),
        ("arn:aws:rds-db:eu-west-?:333333333333:dbuser:cluster-ABC/app", ("app",)),
        ("arn:aws:rds-db:eu-west-1:333333333333:dbuser:db-ABC/app", ()),
        ("arn:aws:rds-db:us-east-1:333333333333:dbuser:cluster-ABC/app", ()),
        ("arn:aws:rds-db:eu-west-1:222222222222:dbuser:cluster-ABC/app", ()),
        ("arn:aws:rds-db:eu-west-1:333333333333:dbuser:cluster-AB[C]/app", ()),
        (HERE, ()),
        ("", ()),
    ],
)
def test_a_resource_pattern_leaves_a_pattern_over_users(
    resource: str, expected: tuple[str, ...]
) -> None:
    assert user_patterns(resource, ORDERS) == expected


def matches(pattern: str, text: str) -> bool:
    """`*` and `?` alone, by another road than the code's."""
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


_PIECES = st.sampled_from(["*", "?", "arn:aws:rds-db:", "eu-west-1:", "333333333333", ":dbuser:",
                           "cluster-ABC", "/", "app", "_ro", HERE])  # fmt: skip


@given(st.lists(_PIECES, max_size=7).map("".join), st.sampled_from(["app", "app_ro", "x", "*"]))
def test_a_user_matches_what_is_left_just_when_the_resource_matches_the_whole(
    resource: str, user: str
) -> None:
    left = user_patterns(resource, ORDERS)
    whole = matches(resource, resource_arn(ORDERS, user))
    assert any(matches(each, user) for each in left) == whole


def test_known_users_come_once_the_likeliest_source_first() -> None:
    def target(user: str, **changes: str) -> Target:
        return Target(profile="p", database="orders", user=user).with_changes(**changes)

    config = Config(
        bookmarks=(
            Bookmark("a", target("app")),
            Bookmark("b", target("other", database="billing")),
            Bookmark("c", target("elsewhere", region="us-east-1")),
            Bookmark("d", target("")),
        ),
        path=Path("/c"),
    )
    found = named(config, ORDERS, recents=[target("app"), target("old")], typed=["me"])
    assert found == (
        Named("me", "typed"),
        Named("app", "bookmark"),
        Named("old", "recent"),
        Named("dbadmin", "master user"),
    )


def test_a_policys_users_are_decided_and_named_ones_too() -> None:
    def decide(user: str) -> Decision:
        allowed = user == "app" or (user.endswith("_ro") and user != "secret_ro")
        return Decision(Verdict.ALLOW if allowed else Verdict.DENY, (f"asked for {user}",))

    found = users(
        ORDERS,
        [Named("app", "bookmark"), Named("secret_ro", "recent"), Named("dbadmin", "master user")],
        resources=[HERE + "app", HERE + "*_ro", "arn:aws:s3:::bucket"],
        decide=decide,
        decide_pattern=lambda pattern: Decision(Verdict.ALLOW, (f"any user matching {pattern}",)),
    )
    assert [(user.name, user.verdict, user.source, user.pattern) for user in found] == [
        ("app", Verdict.ALLOW, "iam policy", False),
        ("secret_ro", Verdict.DENY, "recent", False),
        ("dbadmin", Verdict.DENY, "master user", False),
        ("*_ro", Verdict.ALLOW, "iam policy", True),
    ]
    assert found[0].reasons == ("asked for app",)


def test_without_policies_nothing_is_claimed() -> None:
    (user,) = users(ORDERS, [Named("app", "bookmark")])
    assert user.verdict is Verdict.UNKNOWN
    assert "not been read" in user.reasons[0]
