"""`rolebrowser doctor` in the sandbox's world."""

from __future__ import annotations

import json

import pytest

from rolebrowser.doctor import CheckName

from .conftest import Rolebrowser


def test_a_healthy_road_is_said_to_be_one(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "1")
    assert done.code == 0, done.out
    assert "✓ login" in done.out
    assert "Nothing stands in the way of orders-production." in done.out


def test_the_likely_cause_comes_last_with_what_to_paste(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "legacy")
    assert done.code == 1
    assert "✗ iam_auth" in done.out
    tail = done.out.partition("\n\n")[2]
    assert tail.startswith("IAM database authentication is off (iam_auth).\n")
    assert "aws rds modify-db-instance --db-instance-identifier legacy" in tail


def test_json_is_an_array_of_checks(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "billing", "--json")
    assert done.code == 1
    found = {row["check"]: row for row in done.json}
    assert list(found) == [name.value for name in CheckName]
    assert {row["status"] for row in found.values()} <= {"pass", "fail", "unknown", "skip"}
    assert [name for name, row in found.items() if row["likely"]] == ["user"]
    assert found["user"]["cause"] == "not-iam-user"
    assert "GRANT rds_iam TO billing_app;" in found["user"]["fix"]


def test_markdown_is_a_report_without_secrets(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "billing", "--markdown")
    assert done.out.startswith("# Why can't I connect: billing\n")
    assert "| login | fail |" in done.out
    assert "X-Amz" not in done.out
    assert "sandbox/alice" not in done.out


def test_the_statement_to_add_can_be_pasted(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "orders-staging", "-p", "staging", "-u", "orders_app", "--json")
    fix = next(row["fix"] for row in done.json if row["likely"])
    statement = json.loads(fix[fix.index("{") :])
    assert statement["Resource"].endswith(":dbuser:cluster-ORDERSSTAGING4TZ9XW/orders_app")


def test_a_plain_url_is_examined_without_aws(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "postgresql://nobody@127.0.0.1:1/x", "--json")
    found = {row["check"]: row for row in done.json}
    assert found["credentials"]["status"] == "skip"
    assert found["tcp"]["cause"] == "refused"
    assert done.code == 1


def test_a_bookmark_to_look_inside_by_must_exist(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "1", "--via", "inventry")
    assert done.code == 1
    assert "inventory" in done.err


@pytest.mark.parametrize("url", [False, True], ids=["database", "url"])
def test_a_bookmark_of_another_server_is_nobody_to_ask(in_sandbox: Rolebrowser, url: bool) -> None:
    target = "postgresql://me@127.0.0.1:1/x" if url else "billing"
    done = in_sandbox("doctor", target, "--via", "orders-staging")
    assert done.code == 1
    assert "The bookmark orders-staging leads to orders-staging, not to" in done.err
    assert not done.out


def test_a_bookmark_of_the_same_user_is_nobody_else_to_ask(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("doctor", "billing", "--via", "billing")
    assert done.code == 1
    assert "logs in as billing_app too" in done.err


def test_what_is_remembered_is_told_with_its_age_and_not_as_checked(
    in_sandbox: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_sandbox("sql", "1", "-c", "SELECT 1").code == 0
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    done = in_sandbox("doctor", "1", "--json")
    found = {row["check"]: row for row in done.json}
    assert found["credentials"]["cause"] == "aws-unreachable"
    for name in ("database", "iam_auth", "resource_id"):
        assert found[name]["status"] == "unknown"
        assert "as AWS said just now" in found[name]["evidence"]
    assert found["tls"]["status"] == "pass"
