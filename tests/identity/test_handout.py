"""A session in the words of other programs."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity import handout
from rolebrowser.identity.model import Session
from rolebrowser.safetext import Secret

ENDS = datetime(2026, 11, 5, 12, 0, 59, 999_999, tzinfo=UTC)
SESSION = Session("p", "eu-west-1", "ASIAEXAMPLE", Secret("s/+'"), Secret("t=="), expires_at=ENDS)
# What an environment variable can hold; surrogates are how Python carries other bytes.
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def test_the_end_is_rounded_down_to_a_second() -> None:
    found = handout.variables(SESSION)
    assert found["AWS_CREDENTIAL_EXPIRATION"] == "2026-11-05T12:00:59Z"
    assert '"Expiration": "2026-11-05T12:00:59Z"' in handout.process_answer(SESSION)


def test_what_has_no_end_and_no_region_names_none() -> None:
    bare = Session("p", "", "AKIAEXAMPLE", Secret("s"))
    assert set(handout.variables(bare)) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert "SessionToken" not in handout.process_answer(bare)


def test_an_endpoint_of_the_environment_wins_over_the_profiles() -> None:
    given_ = handout.variables(SESSION, {"endpoint_url": "http://profile", "region": "x"})
    assert handout.environment({}, given_)["AWS_ENDPOINT_URL"] == "http://profile"
    kept = handout.environment({"AWS_ENDPOINT_URL": "http://env", "HOME": "/h"}, given_)
    assert kept["AWS_ENDPOINT_URL"] == "http://env"
    assert kept["HOME"] == "/h"


@given(values)
def test_a_posix_shell_reads_back_what_was_written(value: str) -> None:
    lines = handout.shell_lines({"AWS_REGION": value}, "sh")
    script = lines + 'printf %s "$AWS_REGION"'
    out = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True).stdout
    assert out.decode() == value


@pytest.mark.parametrize(
    ("shell", "value", "line"),
    [
        ("fish", "a'b\\c $x", "set -gx AWS_REGION 'a\\'b\\\\c $x'"),
        ("powershell", "a'b\u2019c $x `", "$Env:AWS_REGION = 'a''b\u2019\u2019c $x `'"),
    ],
)
def test_quotes_of_other_shells(shell: str, value: str, line: str) -> None:
    assert handout.shell_lines({"AWS_REGION": value}, shell).splitlines()[-1] == line


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "unset AWS_PROFILE"),
        ("fish", "set -e AWS_PROFILE"),
        ("powershell", "Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue"),
    ],
)
def test_each_shell_forgets_other_identities_first(shell: str, line: str) -> None:
    lines = handout.shell_lines(handout.variables(SESSION), shell).splitlines()
    assert line in lines
    assert not any("AWS_SESSION_TOKEN" in each for each in lines[: lines.index(line)])
