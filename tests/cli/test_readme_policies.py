"""README's policies are enough for what they are said to be: the sandbox's IAM enforces them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import boto3
import pytest

from rolebrowser.identity.policy_document import parse
from rolebrowser.sandbox.process import SandboxProcess

from .conftest import Done, Rolebrowser

README = Path(__file__).parents[2] / "README.md"
FOUND = dict(
    re.findall(r"<!-- policy: ([\w ]+) -->\n```json\n(.*?)```", README.read_text("utf-8"), re.S)
)
LOGIN = ("-u", "app_oncall", "-d", "orders_staging")


@pytest.fixture
def allowed(
    in_sandbox: Rolebrowser, sandbox_env: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> Rolebrowser:
    """Runs a command with nothing but some of the policies: its first argument names them."""
    sts = boto3.Session(profile_name="staging").client("sts")
    own = sts.get_caller_identity()["Arn"]
    assert ":assumed-role/Developer/" in own

    def go(names: str, *arguments: str) -> Done:
        documents = [json.loads(FOUND[name]) for name in names.split(", ")]
        statements = [each for document in documents for each in document["Statement"]]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        text = text.replace("333333333333", "222222222222")
        text = re.sub("cluster-[A-Z]+", "cluster-*", text)
        session = (
            boto3.Session(profile_name="engineer")
            .client("sts")
            .assume_role(
                RoleArn="arn:aws:iam::222222222222:role/Developer",
                RoleSessionName="readme",
                Policy=text,
            )["Credentials"]
        )
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", session["SessionToken"])
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        return in_sandbox(*arguments)

    return go


def test_there_is_one_for_each_level_and_each_can_be_read() -> None:
    assert set(FOUND) == {"log in", "roles", "why", "instance"}
    for name, text in FOUND.items():
        assert not parse(name, text).problem


def test_the_least_is_enough_to_find_databases_and_log_in(allowed: Rolebrowser) -> None:
    done = allowed("log in", "databases", "--json")
    assert "orders-staging" in {each["id"] for each in done.json}
    done = allowed("log in", "sql", "orders-staging", *LOGIN, "-c", "SELECT 6*7", "--csv")
    assert (done.code, done.out.split()) == (0, ["?column?", "42"]), done.err


def test_without_its_database_statement_it_is_not(allowed: Rolebrowser) -> None:
    assert allowed("roles", "databases", "--json").code == 1


def test_what_a_search_through_the_organization_lacks_is_named_as_there(
    in_sandbox: Rolebrowser,
) -> None:
    done = in_sandbox("databases", "-p", "staging", "--everywhere", "--search", "orders", "--json")
    assert done.json
    row = next(line for line in README.read_text("utf-8").splitlines() if "a whole organ" in line)
    lacking = set(re.findall(r"(?:resource-explorer-2|config):[A-Za-z]+", done.err))
    assert len(lacking) == 2
    assert all(f"`{each}`" in row for each in lacking)


def test_roles_are_listed_and_with_the_next_level_it_is_known_why(allowed: Rolebrowser) -> None:
    listed = {each["arn"]: each["verdict"] for each in allowed("roles", "roles", "--json").json}
    contractor = "arn:aws:iam::222222222222:role/team/Contractor"
    assert listed[contractor] in ("unknown", "allow")
    known = {e["arn"]: e["verdict"] for e in allowed("roles, why", "roles", "--json").json}
    unknown = sum(verdict == "unknown" for verdict in listed.values())
    assert sum(verdict == "unknown" for verdict in known.values()) < unknown
