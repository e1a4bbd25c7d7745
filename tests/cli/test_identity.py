"""`rolebrowser profiles` on the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

Rolebrowser = Callable[..., Any]


def test_profiles_have_the_keys_scripts_rely_on(in_sandbox: Rolebrowser) -> None:
    rows = in_sandbox("profiles", "--json").json
    keys = {"name", "kind", "account", "region", "source", "expires_at", "state"}
    assert all(set(row) >= keys for row in rows)
    by_name = {row["name"]: row for row in rows}
    assert by_name["engineer"]["state"] == "none"
    assert by_name["staging"] == {
        "name": "staging",
        "kind": "role",
        "account": "222222222222",
        "region": "eu-west-1",
        "source": "engineer",
        "expires_at": None,
        "state": "not-started",
        "production": False,
        "problem": None,
    }
    assert by_name["loop-a"]["kind"] == "broken"
    assert "loop-b" in by_name["loop-a"]["problem"]


def test_the_table_says_states_in_the_browsers_words(in_sandbox: Rolebrowser) -> None:
    assert in_sandbox("env", "-p", "staging").code == 0
    table = in_sandbox("profiles").out.splitlines()
    place = table[0].index("STATE")
    said = {each.split()[0]: each[place:].split("  ")[0] for each in table[1:]}
    assert {name: said[name] for name in ("engineer", "staging", "production-readonly")} == {
        "engineer": "static",
        "staging": "59m",
        "production-readonly": "ready",
    }
    assert (said["production"], said["corp-dev"]) == ("needs MFA", "needs login")
    assert said["loop-a"] == "broken"


def test_a_session_that_was_made_shows_its_end_in_utc(in_sandbox: Rolebrowser) -> None:
    assert in_sandbox("databases", "-p", "staging").code == 0
    rows = in_sandbox("profiles", "--json").json
    (staging,) = (row for row in rows if row["name"] == "staging")
    assert staging["state"] == "valid"
    assert staging["expires_at"].endswith("Z")
    assert datetime.fromisoformat(staging["expires_at"]).utcoffset() is not None


def test_hostile_names_reach_the_terminal_tamed_and_scripts_untouched(
    in_sandbox: Rolebrowser,
) -> None:
    table = in_sandbox("profiles").out
    assert "\x1b" not in table
    assert "\u202e" not in table
    assert r"evil\u202e[bold]x␛" in table
    names = [row["name"] for row in in_sandbox("profiles", "--json").json]
    assert "evil\u202e[bold]x\x1b]0;owned\x07" in names


@pytest.mark.parametrize("command", ["roles", "databases"])
def test_an_unknown_profile_offers_the_nearest(command: str, in_sandbox: Rolebrowser) -> None:
    done = in_sandbox(command, "-p", "prodction")
    assert (done.code, done.out) == (1, "")
    assert "'production'" in done.err


def test_what_counts_as_production_is_marked(in_sandbox: Rolebrowser) -> None:
    marked = {row["name"]: row["production"] for row in in_sandbox("profiles", "--json").json}
    assert [name for name, guarded in marked.items() if guarded] == [
        "production-readonly",
        "production",
        "corp-prod",
    ]


def test_a_file_that_is_none_is_said_and_its_place_questioned(
    rolebrowser: Rolebrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path))
    done = rolebrowser("profiles")
    assert (done.code, "AWS_CONFIG_FILE" in done.err) == (1, True)
    assert "that line" not in done.err


def test_without_any_profile_it_says_what_to_do(rolebrowser: Rolebrowser) -> None:
    done = rolebrowser("profiles")
    assert (done.code, done.out) == (0, "")
    assert "aws configure sso" in done.err
    assert "rolebrowser demo" in done.err
    assert rolebrowser("profiles", "--json").json == []
