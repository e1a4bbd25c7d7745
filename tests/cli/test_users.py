"""`rolebrowser users`: who may log in, by IAM, with the statement that is missing."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Rolebrowser

ORDERS = "arn:aws:rds-db:eu-west-1:222222222222:dbuser:cluster-ORDERSSTAGING4TZ9XW/"


def by_user(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["user"]: row for row in rows}


def test_users_come_from_policies_bookmarks_typing_and_the_database(
    in_sandbox: Rolebrowser,
) -> None:
    done = in_sandbox("users", "orders-staging", "-p", "staging", "-u", "me", "--json")
    assert (done.code, done.err) == (0, "")
    assert [(row["user"], row["verdict"], row["source"]) for row in done.json] == [
        ("app_oncall", "allow", "iam policy"),
        ("app_oncall_ro", "allow", "iam policy"),
        ("me", "deny", "typed"),
        ("dbadmin", "deny", "master user"),
    ]
    allowed = by_user(done.json)["app_oncall"]["reasons"]
    assert [(r["source"], r["policy"], r["statement"]) for r in allowed] == [
        ("identity", "Databases", 1)
    ]


def test_one_who_is_denied_gets_the_statement_with_real_values(in_sandbox: Rolebrowser) -> None:
    statement = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": f"{ORDERS}me"}
    asked = ("users", "orders-staging", "-p", "staging", "-u", "me")
    row = by_user(in_sandbox(*asked, "--json").json)["me"]
    assert row["fix"] == [
        {"where": "the identity policies of role Developer", "statement": statement}
    ]
    assert f"add {json.dumps(statement)}" in in_sandbox(*asked).out
    assert f'"Resource": "{ORDERS}me"' in in_sandbox(*asked, "--why").out


def test_why_shows_the_gates_and_the_json_that_decided(in_sandbox: Rolebrowser) -> None:
    asked = ("users", "orders-staging", "-p", "staging", "--why")
    row = by_user(in_sandbox(*asked, "--json").json)["app_oncall"]
    assert [(gate["gate"], gate["verdict"]) for gate in row["gates"]] == [
        ("identity policies", "allow")
    ]
    text = in_sandbox(*asked).out
    assert f'▸     "{ORDERS}app_oncall"' in text
    assert f'▸     "{ORDERS}app_oncall_ro"' in text


def test_a_wildcard_is_any_user_that_matches(in_sandbox: Rolebrowser) -> None:
    asked = ("users", "reports", "-p", "staging", "--region", "us-east-1")
    row = by_user(in_sandbox(*asked, "--json").json)["*"]
    assert (row["pattern"], row["verdict"]) == (True, "allow")
    assert "any user matching *" in in_sandbox(*asked).out


def test_a_database_that_takes_no_tokens_lets_nobody_in(in_sandbox: Rolebrowser) -> None:
    rows = in_sandbox("users", "legacy", "-p", "staging", "--why", "--json").json
    assert {row["verdict"] for row in rows} == {"deny"}
    assert "is off on legacy" in rows[0]["reasons"][0]["why"]
    assert any("--enable-iam-database-authentication" in note for note in rows[0]["notes"])


def test_a_role_that_may_not_read_itself_is_read_by_whom_it_was_assumed_from(
    in_sandbox: Rolebrowser,
) -> None:
    asked = ("users", "orders-staging", "-p", "staging-reader", "-u", "secret_ro", "--json")
    done = in_sandbox(*asked)
    assert (done.code, done.err) == (0, "")
    rows = by_user(done.json)
    assert rows["secret_ro"]["verdict"] == "deny"
    assert (rows["*_ro"]["verdict"], rows["*_ro"]["pattern"]) == ("allow", True)


def test_what_could_not_be_read_is_named_and_nothing_is_claimed(in_sandbox: Rolebrowser) -> None:
    """The portal's session comes of nobody who could read for it."""
    vendor = ("-p", "web-identity")
    done = in_sandbox("users", "orders-staging.cluster-x.eu-west-1.rds.amazonaws.com", *vendor,
                      "-u", "any_ro", "--json")  # fmt: skip
    assert done.code == 0
    assert {row["verdict"] for row in done.json} == {"unknown"}
    assert "iam:ListRolePolicies is not allowed" in done.err
    assert all(row["fix"] == [] for row in done.json)
