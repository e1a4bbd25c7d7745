"""`rolebrowser databases`, `users` and `token` on the sandbox."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rolebrowser import config as configuration
from rolebrowser.sandbox import mariadb
from rolebrowser.sandbox.process import SandboxProcess

Rolebrowser = Callable[..., Any]
INVENTORY = ("inventory",) if mariadb.available() else ()
"""The database that is there where MariaDB is."""

KEYS = {
    *("id", "kind", "engine", "version", "region", "endpoint", "port", "resource_id", "iam_auth"),
    "status",
}


def test_databases_have_the_keys_scripts_rely_on(in_sandbox: Rolebrowser) -> None:
    rows = in_sandbox("databases", "-p", "staging", "--json").json
    assert [row["id"] for row in rows] == [
        *("archive", "billing", *INVENTORY, "legacy", "orders-proxy", "orders-staging")
    ]
    assert all(set(row) >= KEYS for row in rows)
    orders = rows[-1]
    assert (orders["kind"], orders["iam_auth"]) == ("cluster", True)
    assert orders["endpoint"].startswith("orders-staging.cluster-")
    assert isinstance(orders["port"], int)
    assert orders["resource_id"] == "cluster-ORDERSSTAGING4TZ9XW"


def test_several_regions_may_be_named(in_sandbox: Rolebrowser) -> None:
    rows = in_sandbox(
        "databases", "-p", "staging", "--region", "us-east-1", "--region", "eu-west-1", "--json"
    ).json
    assert {row["region"] for row in rows} == {"us-east-1", "eu-west-1"}


def test_all_regions_are_asked_and_what_was_not_allowed_is_said(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "-p", "staging", "--all-regions", "--json")
    assert ("reports", "us-east-1") in [(row["id"], row["region"]) for row in done.json]
    assert "ec2:DescribeRegions" in done.err


def test_people_get_a_table(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "-p", "staging")
    heading, *lines = done.out.splitlines()
    assert heading.split()[:3] == ["ID", "KIND", "ENGINE"]
    place = heading.index("STATUS")
    assert [line[place:].split()[0] for line in lines] == [
        "stopped",
        *("available" for _ in INVENTORY),
        *("available" for _ in ("billing", "legacy", "orders-proxy", "orders-staging")),
    ]


def test_one_who_may_not_look_is_told_so(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "-p", "tool", "--json")
    assert (done.code, done.out) == (1, "")
    assert "rds:DescribeDBClusters" in done.err


def test_a_token_is_all_that_is_printed_and_opens_the_door_for_a_stock_client(
    in_sandbox: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    done = in_sandbox("token", "orders-staging", "-p", "staging", "-u", "app_oncall_ro")
    assert (done.code, done.err) == (0, "")
    token = done.out.removesuffix("\n")
    host, _, rest = token.partition(":")
    port = rest.partition("/")[0]
    assert "\n" not in token
    with psycopg.connect(
        host=host,
        hostaddr="127.0.0.1",
        port=port,
        user="app_oncall_ro",
        password=token,
        dbname="orders_staging",
        sslmode="verify-full",
        sslrootcert=sandbox_env.exports["SANDBOX_CA_BUNDLE"],
    ) as opened:
        found = opened.execute("SELECT current_user").fetchone()
    assert found == ("app_oncall_ro",)


def test_the_token_is_the_aws_clis_but_for_the_time(
    in_sandbox: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    ours = in_sandbox("token", "1").out.strip()
    host, port = ours.partition("/")[0].split(":")
    signing = {"--profile": "production-readonly", "--region": "eu-west-1"}
    signing |= {"--hostname": host, "--port": port, "--username": "app_oncall"}
    aws = [str(Path(sys.executable).with_name("aws")), "rds", "generate-db-auth-token"]

    def stock() -> str:
        command = [*aws, *(word for option in signing.items() for word in option)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def shape(token: str) -> list[str]:
        moment = ("X-Amz-Date", "X-Amz-Signature")
        return [each for each in token.split("&") if not each.startswith(moment)]

    # The AWS CLI takes the session we cached: the same keys sign.
    assert shape(ours) == shape(stock())
    for session in (Path.home() / ".aws" / "cli" / "cache").iterdir():
        session.unlink()
    # Nothing of ours is left in it: the CLI assumes the role, signs, and stock libpq gets in.
    with psycopg.connect(
        host=host,
        hostaddr="127.0.0.1",
        port=port,
        user="app_oncall",
        password=stock(),
        dbname="orders",
        sslmode="verify-full",
        sslrootcert=sandbox_env.exports["SANDBOX_CA_BUNDLE"],
    ) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("app_oncall",)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "no bookmark named 'nothing'"),
        (["archive", "-p", "staging", "-u", "x"], "aws rds start-db-instance"),
        (["archive", "-p", "staging"], "-u USER"),
        (["postgresql://h/d", "-u", "x"], "no token"),
        (["1", "-p", "expired-keys"], "expired"),
    ],
)
def test_no_token_is_a_sentence(arguments: list[str], words: str, in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("token", *arguments)
    assert (done.code, done.out) == (1, "")
    assert words in done.err


def test_nothing_of_a_token_is_left_on_disk(
    in_sandbox: Rolebrowser, sandbox_env: SandboxProcess
) -> None:
    token = in_sandbox("token", "1").out.strip()
    in_sandbox("sql", "1", "-c", "SELECT 1")
    signature = token.rpartition("X-Amz-Signature=")[2]
    config = configuration.load()
    for folder in (config.cache_dir, config.state_dir):
        for path in folder.rglob("*"):
            if path.is_file():
                text = path.read_text(errors="replace")
                assert signature not in text
                assert "X-Amz" not in text


@pytest.mark.parametrize(
    "command",
    [
        ("databases", "-p", "staging"),
        ("databases", "--everywhere"),
        ("users", "orders-staging", "-p", "staging"),
        ("token", "orders-staging", "-p", "staging", "-u", "app_oncall"),
        ("exec", "-p", "staging"),
    ],
)
def test_what_can_be_no_region_is_refused_before_anybody_is_asked(
    command: tuple[str, ...], in_sandbox: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    done = in_sandbox(*command, "--region", "eu-west1")
    assert (done.code, done.out) == (1, "")
    told, fix = done.err.splitlines()
    assert told == "There is no AWS region named 'eu-west1'."
    assert fix.startswith("Did you mean 'eu-west-1'")


def test_where_nobody_answers_for_a_region_the_nearest_are_offered(
    in_sandbox: Rolebrowser,
) -> None:
    done = in_sandbox("databases", "-p", "staging", "--region", "eu-wst-1")
    assert (done.code, done.out) == (1, "")
    assert "nobody answers in eu-wst-1" in done.err
    assert "Did you mean eu-west-1" in done.err


def test_a_region_without_databases_is_a_sentence(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("databases", "-p", "staging", "--region", "eu-central-2")
    assert (done.code, done.out) == (0, "")
    assert done.err == "No database is in eu-central-2. --all-regions looks in every one.\n"
    empty = in_sandbox("databases", "-p", "staging", "--region", "eu-central-2", "--json")
    assert (empty.json, empty.err) == ([], "")
