"""`rolebrowser evaluate`: requests in, verdicts out, whatever the file holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Rolebrowser

ALLOW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
ASK = {
    "principal": "arn:aws:iam::111111111111:user/alice",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::bucket/key",
    "identityPolicies": [{"name": "p", "policy": ALLOW}],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "request.json"


def test_one_request_gives_one_answer(rolebrowser: Rolebrowser, file: Path) -> None:
    file.write_text(json.dumps(ASK))
    done = rolebrowser("evaluate", "--request", str(file))
    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "verdict": "allow",
        "explicit": False,
        "reasons": [
            {
                "source": "identity",
                "policy": "p",
                "statement": 0,
                "sid": "",
                "effect": "Allow",
                "why": "allows it",
            }
        ],
    }


def test_an_array_gives_as_many_answers_in_its_order_the_unreadable_ones_too(
    rolebrowser: Rolebrowser, file: Path
) -> None:
    file.write_text(json.dumps([ASK, 5, ASK | {"identityPolicies": []}, {}]))
    done = rolebrowser("evaluate", "--request", str(file))
    assert done.code == 0
    assert [each["verdict"] for each in done.json] == ["allow", "unknown", "deny", "unknown"]
    file.write_text("[]")
    assert rolebrowser("evaluate", "--request", str(file)).json == []


@pytest.mark.parametrize("text", ["", "not json", "[" * 200_000, '{"action": 1' + "0" * 5000 + "}"])
def test_what_is_not_json_fails_with_a_sentence(
    rolebrowser: Rolebrowser, file: Path, text: str
) -> None:
    file.write_text(text)
    done = rolebrowser("evaluate", "--request", str(file))
    assert (done.code, done.out) == (1, "")
    assert "not JSON" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"principal": 1}, "principal must be a string."),
        ({}, "The request has no principal."),
        (5, "A request must be a JSON object."),
        (ASK | {"action": "all"}, "'all' is no action: service:Name."),
        (ASK | {"context": []}, "context must be an object of context keys."),
    ],
)
def test_a_malformed_request_fails_with_a_sentence(
    rolebrowser: Rolebrowser, file: Path, given: object, why: str
) -> None:
    file.write_text(json.dumps(given))
    done = rolebrowser("evaluate", "--request", str(file))
    assert (done.code, done.out) == (1, "")
    assert why in done.err


@pytest.mark.parametrize("policies", [5, [{"name": "p", "policy": {"Statement": [5]}}]])
def test_a_malformed_policy_is_unknown_with_the_reason(
    rolebrowser: Rolebrowser, file: Path, policies: object
) -> None:
    file.write_text(json.dumps(ASK | {"identityPolicies": policies}))
    done = rolebrowser("evaluate", "--request", str(file))
    assert (done.code, done.json["verdict"]) == (0, "unknown")
    assert done.json["reasons"][0]["why"]


def test_bytes_that_are_no_text_fail_with_a_sentence(rolebrowser: Rolebrowser, file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    done = rolebrowser("evaluate", "--request", str(file))
    assert (done.code, done.out) == (1, "")
    assert "not JSON" in done.err


def test_names_out_of_documents_can_be_printed_anywhere(program: Rolebrowser, file: Path) -> None:
    """Half a surrogate pair is JSON, and no text; a direction mark must not turn the terminal."""
    statement = {"Sid": "\ud800\u202e", "Effect": "Allow", "Action": "*", "Resource": "*"}
    named = {"name": "\ud800", "policy": {"Version": "2012-10-17", "Statement": [statement]}}
    file.write_text(json.dumps(ASK | {"identityPolicies": [named]}))
    done = program("evaluate", "--request", str(file))
    assert (done.code, done.err) == (0, "")
    assert done.json["reasons"][0]["sid"] == "\ud800\u202e"
    assert done.out.isascii()


def test_no_file_is_wrong_usage(rolebrowser: Rolebrowser) -> None:
    assert rolebrowser("evaluate").code == 2
    assert rolebrowser("evaluate", "--request", "/nowhere/at/all.json").code == 2
