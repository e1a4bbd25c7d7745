"""`rolebrowser roles` on the sandbox, and on dumps without AWS."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolebrowser.cancel import Cancel
from rolebrowser.cli.roles_everywhere import counted
from rolebrowser.identity import assumable, authorization_details
from rolebrowser.identity.model import Verdict
from rolebrowser.identity.roles import listed
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.tui.background import in_thread
from tests.bench import rights_speed

Rolebrowser = Callable[..., Any]
KEYS = {"arn", "verdict", "reasons", "trusted_entity", "supply"}
STAGING = "arn:aws:iam::222222222222:role/"


def by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["arn"].rpartition("/")[2]: row for row in rows}


@pytest.fixture
def dump(sandbox_env: SandboxProcess, tmp_path: Path) -> Path:
    """Staging's details, as the stock AWS CLI writes them."""
    aws = str(Path(sys.executable).with_name("aws"))
    command = [aws, "iam", "get-account-authorization-details", "--profile", "staging"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    path = tmp_path / "dumps" / "staging.json"
    path.parent.mkdir()
    path.write_text(done.stdout)
    return path


def test_each_role_has_a_verdict_with_the_statements_that_decided(in_sandbox: Rolebrowser) -> None:
    done = in_sandbox("roles", "-p", "staging", "--json")
    assert (done.code, done.err) == (0, "")
    assert all(set(row) >= KEYS for row in done.json)
    rows = by_name(done.json)
    reader = rows["DatabaseReader"]
    assert reader["verdict"] == "allow"
    assert {(r["source"], r["policy"], r["statement"]) for r in reader["reasons"]} == {
        ("identity", "Team", 0),
        ("resource", "trust policy", 0),
    }
    assert rows["Forbidden"]["verdict"] == "deny"
    shut = [each["why"] for each in rows["Auditor"]["reasons"]]
    assert len(shut) > 1
    lines = in_sandbox("roles", "-p", "staging").out.splitlines()
    (line,) = (each for each in lines if "/Auditor" in each)
    assert "no identity policy allows it; the trust policy does not name the caller" in line
    trusted = {name: row["trusted_entity"] for name, row in rows.items()}
    assert trusted["Developer"] == "AWS account"
    assert trusted["LambdaRunner"] == "AWS service"
    assert trusted["GithubDeploy"] == "web identity"
    assert trusted["CorporateAdmin"] == "SAML 2.0"


def test_the_assumable_ones_come_first_in_the_table(in_sandbox: Rolebrowser) -> None:
    heading, first, second, third, *_ = in_sandbox("roles", "-p", "staging").out.splitlines()
    assert heading.split()[:2] == ["ARN", "VERDICT"]
    assert first.split()[:2] == [f"{STAGING}team/Contractor", "allow"]
    assert second.split()[:2] == [f"{STAGING}team/DatabaseReader", "allow"]
    assert third.split()[1] == "deny"


def test_why_shows_the_gates_and_what_to_add(in_sandbox: Rolebrowser) -> None:
    text = in_sandbox("roles", "-p", "production-readonly", "--why").out
    assert "✗ not allowed\n  assume arn:aws:iam::333333333333:role/OnCall\n" in text
    assert '▸     "AWS": "arn:aws:iam::111111111111:user/alice"' in text
    assert "To open it, add to the trust policy of role OnCall:" in text
    row = by_name(in_sandbox("roles", "-p", "production-readonly", "--why", "--json").json)[
        "OnCall"
    ]
    assert [gate["gate"] for gate in row["gates"]] == ["trust policy", "identity policies"]
    assert row["fix"][0]["statement"]["Principal"] == {
        "AWS": "arn:aws:iam::333333333333:role/OnCallReadOnly"
    }


def test_missing_permissions_are_named_on_stderr_and_nothing_is_claimed(
    in_sandbox: Rolebrowser,
) -> None:
    done = in_sandbox("roles", "-p", "tool", "--json")
    assert (done.code, done.json) == (0, [])
    for action in ("GetAccountAuthorizationDetails", "ListRoles", "GetUser"):
        assert f"iam:{action}" in done.err


def test_a_dump_answers_as_the_account_does_without_aws(
    in_sandbox: Rolebrowser, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = by_name(in_sandbox("roles", "-p", "staging", "--json").json)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for source in (dump, dump.parent):
        rows = in_sandbox(
            "roles", "--policy-file", str(source), "--principal", f"{STAGING}Developer", "--json"
        ).json
        assert {r["arn"]: r["verdict"] for r in rows} == {
            r["arn"]: r["verdict"] for r in live.values()
        }


def test_without_a_principal_a_dump_tells_who_may_become_whom(
    in_sandbox: Rolebrowser, dump: Path
) -> None:
    rows = in_sandbox("roles", "--policy-file", str(dump), "--json").json
    assert {(row["principal"], row["arn"], row["verdict"]) for row in rows} == {
        (f"{STAGING}{who}", f"{STAGING}team/{role}", "allow")
        for who, role in (
            ("Developer", "Contractor"),
            ("Developer", "DatabaseReader"),
            ("WebServer", "DatabaseReader"),
        )
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ('{"Roles": []}', "get-account-authorization-details"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_file_that_is_no_dump_is_a_sentence(
    content: str, words: str, rolebrowser: Rolebrowser, tmp_path: Path
) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content)
    done = rolebrowser("roles", "--policy-file", str(path), "--principal", "x")
    assert (done.code, done.out) == (1, "")
    assert words in done.err


def test_somebody_who_is_not_in_the_dump_is_answered_with_the_nearest(
    in_sandbox: Rolebrowser, dump: Path
) -> None:
    done = in_sandbox("roles", "--policy-file", str(dump), "--principal", f"{STAGING}Develper")
    assert done.code == 1
    assert f"'{STAGING}Developer'" in done.err


def test_a_principal_alone_is_a_usage_error(rolebrowser: Rolebrowser) -> None:
    assert rolebrowser("roles", "--principal", "x").code == 2


def test_a_malformed_policy_in_a_dump_is_unknown_with_the_reason(
    rolebrowser: Rolebrowser, tmp_path: Path
) -> None:
    user = "arn:aws:iam::111111111111:user/a"
    odd = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Acton": "sts:AssumeRole"}]}
    role = {
        "Arn": "arn:aws:iam::111111111111:role/R",
        "RoleName": "R",
        "AssumeRolePolicyDocument": odd,
    }
    path = tmp_path / "dump.json"
    path.write_text(json.dumps({"UserDetailList": [{"Arn": user}], "RoleDetailList": [role]}))
    done = rolebrowser("roles", "--policy-file", str(path), "--principal", user, "--json")
    (row,) = done.json
    assert row["verdict"] == "unknown"
    assert any("'Acton'" in reason["why"] for reason in row["reasons"])


def test_every_profile_is_asked_and_those_that_fail_are_told_one_by_one(
    in_sandbox: Rolebrowser,
) -> None:
    done = in_sandbox("roles", "--everywhere", "--json")
    assert done.code == 0
    told = {(row["asked"], row["arn"].rpartition("/")[2]): row["verdict"] for row in done.json}
    assert told["staging", "Forbidden"] == "deny"
    assert told["staging", "DatabaseReader"] == "allow"
    # The trust policies that staging may read decide about its roles for whoever may not.
    assert told["engineer", "Developer"] == "allow"
    for failure in ("production: ", "corp-dev: ", "expired-keys: "):
        assert f"rolebrowser: {failure}" in done.err


def test_what_was_found_is_kept_with_its_age_in_private_files_without_an_external_id(
    in_sandbox: Rolebrowser, clean_env: Path
) -> None:
    first = in_sandbox("roles", "--everywhere", "--json")
    again = in_sandbox("roles", "--everywhere", "--json")
    assert [row["found"] for row in again.json] == ["just now"] * len(first.json)
    assert {(r["asked"], r["arn"], r["verdict"], r["found_at"]) for r in again.json} == {
        (r["asked"], r["arn"], r["verdict"], r["found_at"]) for r in first.json
    }
    assert "profiles as found up to just now; --fresh asks again." in again.err
    files = [each for each in clean_env.rglob("*/roles/*") if each.is_file()]
    assert len(files) >= len({row["asked"] for row in first.json})
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    text = "".join(each.read_text() for each in files)
    settings = Path(os.environ["AWS_CONFIG_FILE"]).read_text().splitlines()
    (external,) = {line.split("=")[1].strip() for line in settings if "external_id" in line}
    assert external not in text
    fresh = in_sandbox("roles", "--everywhere", "--json", "--fresh")
    assert "as found" not in fresh.err


async def test_a_dump_of_six_megabytes_leaves_the_event_loop_running(
    rolebrowser: Rolebrowser, tmp_path: Path
) -> None:
    """Read and weighed in a thread, as the UI does it: the loop goes round meanwhile."""
    text = json.dumps(rights_speed.dump(), indent=4)
    assert len(text) >= 6 * 2**20
    rounds, ended = 0, False

    def weighed(cancel: Cancel) -> list[Verdict]:
        details = authorization_details.read([json.loads(text)])
        known = [listed(item, "dump") for item in details.roles.values()]
        found = assumable.weigh(details.caller(rights_speed.ALICE), known)
        return [each.role.verdict for each in found]

    async def go_round() -> None:
        nonlocal rounds
        while not ended:
            rounds += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(go_round())
    await asyncio.sleep(0)
    before = rounds
    live = await in_thread(weighed, name="dump")
    ended = True
    await beside
    assert rounds - before >= 5
    path = tmp_path / "dump.json"
    path.write_text(text)
    offline = await in_thread(
        lambda cancel: rolebrowser(
            "roles", "--policy-file", str(path), "--principal", rights_speed.ALICE, "--json"
        ),
        name="command",
    )
    assert [row["verdict"] for row in offline.json] == [each.value for each in live]
    assert len(live) == 500
    everybody = rolebrowser("roles", "--policy-file", str(path))
    assert everybody.code == 1
    assert "--principal" in everybody.err


def test_one_profile_is_told_in_the_singular() -> None:
    assert [counted(1), counted(2)] == ["1 profile", "2 profiles"]


def test_what_was_found_before_is_shown_with_its_age_when_asked_for(
    in_sandbox: Rolebrowser, clean_env: Path
) -> None:
    nothing = in_sandbox("roles", "-p", "staging", "--kept")
    assert (nothing.code, nothing.out) == (1, "")
    assert "rolebrowser roles -p staging asks." in nothing.err
    first = in_sandbox("roles", "-p", "staging", "--json").json
    (kept,) = clean_env.rglob("*/roles/*.json")
    text = kept.read_text()
    kept.write_text(re.sub(r'"at": "\d{4}', '"at": "2020', text))
    again = in_sandbox("roles", "-p", "staging", "--kept", "--json")
    assert again.code == 0
    assert [(r["arn"], r["verdict"]) for r in again.json] == [
        (r["arn"], r["verdict"]) for r in first
    ]
    assert {r["found"].split()[1] for r in again.json} == {"days"}
    assert "days ago; without --kept AWS is asked again." in again.err
    # Without --kept it is asked anew, however young what is kept.
    in_sandbox("roles", "-p", "staging")
    assert in_sandbox("roles", "-p", "staging", "--kept", "--json").json[0]["found"] == "just now"


def test_where_aws_can_not_be_asked_what_is_kept_is_told_of(
    in_sandbox: Rolebrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sandbox("roles", "-p", "staging")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    done = in_sandbox("roles", "-p", "staging")
    assert (done.code, done.out) == (1, "")
    assert "is kept: --kept shows it." in done.err


def test_with_a_dump_a_profile_means_the_role_it_assumes(
    in_sandbox: Rolebrowser, dump: Path
) -> None:
    arn = "arn:aws:iam::222222222222:role/Developer"
    named = in_sandbox("roles", "--policy-file", str(dump), "--principal", arn, "--json")
    through = in_sandbox("roles", "--policy-file", str(dump), "-p", "staging", "--json")
    assert through.json == named.json
    nobody = in_sandbox("roles", "--policy-file", str(dump), "-p", "engineer")
    assert (nobody.code, nobody.out) == (2, "")
    assert "--principal ARN" in nobody.err


@pytest.mark.parametrize(
    "options",
    [
        ("--everywhere", "--sso"),
        ("--kept", "--policy-file", "."),
        ("--kept", "--why"),
        ("--everywhere", "-p", "staging"),
        ("--fresh",),
    ],
)
def test_an_option_that_would_do_nothing_is_a_usage_error(
    options: tuple[str, ...], rolebrowser: Rolebrowser
) -> None:
    done = rolebrowser("roles", *options)
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("command", ["roles", "databases"])
def test_with_nobody_to_ask_everywhere_says_so(command: str, rolebrowser: Rolebrowser) -> None:
    done = rolebrowser(command, "--everywhere")
    assert (done.code, done.out) == (1, "")
    assert "No AWS profile was found" in done.err


def test_an_account_without_roles_is_a_sentence(rolebrowser: Rolebrowser, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    user = "arn:aws:iam::111111111111:user/u"
    path.write_text(json.dumps({"UserDetailList": [{"Arn": user}], "RoleDetailList": []}))
    done = rolebrowser("roles", "--policy-file", str(path), "--principal", user)
    assert (done.code, done.out, done.err) == (0, "", "No role is known.\n")
    assert rolebrowser("roles", "--policy-file", str(path), "--json").json == []
