"""`rolebrowser databases --everywhere`: by AWS's engines where they may be asked, else by us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .conftest import Rolebrowser


def places(rows: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    return {(row["account"], row["region"], row["kind"], row["id"]) for row in rows}


ORDERS = {
    ("222222222222", "eu-west-1", "cluster", "orders-staging"),
    ("333333333333", "eu-west-1", "cluster", "orders-production"),
}


def test_resource_explorer_knows_every_account_page_by_page(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "--everywhere", "-p", "engineer", "--json")
    assert (done.code, done.err) == (0, "")
    found = places(done.json)
    assert found >= ORDERS
    assert ("222222222222", "us-east-1", "instance", "reports") in found
    assert {row["source"] for row in done.json} == {"Resource Explorer"}
    assert not any("nightly" in row["id"] for row in done.json)


def test_where_it_may_not_be_asked_the_aggregator_of_config_is(in_sandbox: Rolebrowser) -> None:
    asked = ("databases", "--everywhere", "--search", "ORDERS")
    done = in_sandbox(*asked, "-p", "production-readonly", "--json")
    assert done.code == 0
    assert places(done.json) >= ORDERS
    assert {row["source"] for row in done.json} == {"AWS Config"}
    assert all("orders" in row["id"] for row in done.json)
    assert "resource-explorer-2:Search" in done.err


def test_without_an_engine_every_profile_is_asked_and_failures_are_told_one_by_one(
    in_sandbox: Rolebrowser,
) -> None:
    done = in_sandbox("databases", "--everywhere", "-p", "staging", "--search", "orders", "--json")
    assert done.code == 0
    assert places(done.json) >= ORDERS
    assert {row["source"] for row in done.json} == {"asked"}
    assert len({row["arn"] for row in done.json}) == len(done.json)
    for failure in ("production: ", "corp-dev: ", "expired-keys: "):
        assert f"rolebrowser: {failure}" in done.err


def test_without_everywhere_nobody_but_the_profile_is_asked(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "-p", "staging", "--search", "ORDERS", "--json")
    assert (done.code, done.err) == (0, "")
    assert [row["id"] for row in done.json] == ["orders-proxy", "orders-staging"]
    none = in_sandbox("databases", "-p", "staging", "--search", "nowhere")
    assert (none.code, none.out) == (0, "")
    assert "No database whose id holds 'nowhere' is in eu-west-1." in none.err


def test_regions_may_be_named(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "--everywhere", "--region", "us-east-1", "--json")
    assert ("222222222222", "us-east-1", "instance", "reports") in places(done.json)


def test_an_answer_is_kept_with_its_age_until_it_is_asked_for_anew(in_sandbox: Rolebrowser) -> None:
    asked = ("databases", "--everywhere", "-p", "engineer", "--json")
    first = in_sandbox(*asked)
    again = in_sandbox(*asked)
    assert again.json == first.json
    assert "As found just now; --fresh asks again." in again.err
    assert in_sandbox(*asked, "--fresh").err == ""


def test_the_json_says_when_it_was_true_and_what_is_kept_is_private(
    in_sandbox: Rolebrowser, clean_env: Path
) -> None:
    rows = in_sandbox("databases", "--everywhere", "-p", "engineer", "--json").json
    assert all(row["found_at"].endswith("Z") for row in rows)
    (kept,) = clean_env.rglob("databases-everywhere.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text(kept.read_text().replace('"region"', '"rejoin"'))
    again = in_sandbox("databases", "--everywhere", "-p", "engineer", "--json")
    assert "As found" not in again.err
    assert len(again.json) == len(rows)
