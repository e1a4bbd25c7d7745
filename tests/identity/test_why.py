"""Why: the gates as lines, and the fewest statements that would open them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolebrowser.identity import why
from rolebrowser.identity.model import Role, Verdict
from rolebrowser.identity.policy import Source
from rolebrowser.identity.policy_document import parse
from rolebrowser.identity.trust import Caller
from rolebrowser.identity.why_lines import MARKS, plain, snippet

from .test_policy import ALICE, FAR_ROLE, ROLE, policy, statement, trust
from .test_trust import BY_ALICE, MFA, caller

BY_ACCOUNT = {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}
OTHERS = {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Sid": "Partner"}


def ask(who: Caller, *trusted: dict[str, Any], arn: str = ROLE) -> why.Why:
    document = json.dumps(trust(*trusted)) if trusted else ""
    return why.of_role(who, Role(arn, trust=document))


def test_the_lines_that_decided_are_marked() -> None:
    allows = statement(Action=["s3:*", "sts:AssumeRole"], Resource=[ROLE, "arn:aws:s3:::x"])
    text = plain(ask(caller(allows), BY_ACCOUNT, OTHERS))
    marked = [line.strip("▸ ,") for line in text.splitlines() if line.lstrip().startswith("▸")]
    assert marked == [
        *('"Effect": "Allow"', '"Action": "sts:AssumeRole"'),
        '"AWS": "arn:aws:iam::111111111111:root"',
        *('"Effect": "Allow"', '"sts:AssumeRole"', f'"{ROLE}"'),
    ]  # fmt: skip


def test_a_condition_that_fails_is_what_is_marked() -> None:
    text = plain(ask(caller(), BY_ALICE | MFA))
    assert text.splitlines()[0] == "◇ possible with an MFA code"
    assert "◇ trust policy: opens with an MFA code" in text
    marked = [line.strip("▸ ,") for line in text.splitlines() if line.lstrip().startswith("▸")]
    assert marked == ['"aws:MultiFactorAuthPresent": "true"']


def test_whom_a_trust_policy_names_instead_is_shown() -> None:
    text = plain(ask(caller(statement()), OTHERS))
    assert "trust policy, Partner is for others:" in text
    assert '▸     "AWS": "arn:aws:iam::999999999999:root"' in text


@pytest.mark.parametrize(
    ("who", "trusted", "arn", "where"),
    [
        (caller(), [BY_ACCOUNT], ROLE, ["identity"]),
        (caller(), [OTHERS], ROLE, ["resource"]),
        (caller(), [OTHERS], FAR_ROLE, ["resource", "identity"]),
        (caller(statement()), [OTHERS], FAR_ROLE, ["resource"]),
        (caller(), [], FAR_ROLE, ["identity"]),
        (
            caller(boundary=(parse("b", policy(statement(Action="s3:*"))),)),
            [BY_ACCOUNT],
            ROLE,
            ["identity", "boundary"],
        ),
        # Nothing can be added where a Deny stands, or where nothing more is known to be missing.
        (caller(statement("Deny")), [BY_ALICE], ROLE, []),
        (caller(statement()), [], FAR_ROLE, []),
        (caller(statement()), [BY_ALICE], ROLE, []),
        (caller(), [OTHERS], "arn:aws:iam::111111111111:role/aws-reserved/x/R", []),
    ],
)
def test_the_fewest_statements_that_would_open_it(
    who: Caller, trusted: list[dict[str, Any]], arn: str, where: list[str]
) -> None:
    found = ask(who, *trusted, arn=arn)
    assert [fix.source.value for fix in found.fixes] == where


def test_what_is_suggested_opens_it() -> None:
    found = ask(caller(), OTHERS, arn=FAR_ROLE)
    theirs, own = (json.loads(snippet(fix)) for fix in found.fixes)
    assert own == {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": FAR_ROLE}
    assert theirs["Principal"] == {"AWS": ALICE}
    assert ask(caller(own), OTHERS, theirs, arn=FAR_ROLE).verdict is Verdict.ALLOW


def test_each_verdict_has_a_shape_of_its_own() -> None:
    assert len({shape for shape, _ in MARKS.values()}) == len(Verdict)


def test_an_unreadable_gate_says_so() -> None:
    hidden = caller(unreadable=frozenset([Source.IDENTITY]))
    text = plain(ask(hidden, BY_ACCOUNT))
    assert "? identity policies" in text
    assert "could not all be read" in text
