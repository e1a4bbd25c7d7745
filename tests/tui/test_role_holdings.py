"""What is held of roles: what one profile tells of trust decides for the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rolebrowser import config
from rolebrowser.identity import assumable, policy_principal
from rolebrowser.identity.assumable import Outlook, weigh
from rolebrowser.identity.model import Role, Verdict
from rolebrowser.identity.policy_document import parse
from rolebrowser.identity.trust import Caller
from rolebrowser.tui.role_holdings import RoleHoldings

ALICE = "arn:aws:iam::111111111111:user/alice"
MAY = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TRUSTED = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}]}
)


def outlook(*roles: Role) -> Outlook:
    caller = Caller(policy_principal.parse(ALICE), (parse("own", MAY),))
    return Outlook(caller, weigh(caller, roles))


def arn(number: int) -> str:
    return f"arn:aws:iam::222222222222:role/r{number}"


def test_each_outlook_is_weighed_again_only_for_what_it_waits_for(
    clean_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed = 0
    learned = assumable.learned

    def counted(*known: object) -> Outlook:
        nonlocal weighed
        weighed += 1
        return learned(*known)  # type: ignore[arg-type]

    monkeypatch.setattr(assumable, "learned", counted)
    holdings = RoleHoldings(config.load())
    count = 200
    for number in range(count):
        # Each has heard of the next one's role, and reads the policy of its own.
        holdings._learn(
            f"p{number}", outlook(Role(arn(number + 1)), Role(arn(number), trust=TRUSTED))
        )
    assert weighed < 2 * count
    for number in range(count - 1):
        roles = {each.arn: each.verdict for each in holdings.roles[f"p{number}"]}
        assert roles == {arn(number): Verdict.ALLOW, arn(number + 1): Verdict.ALLOW}, number
    last = {each.arn: each.verdict for each in holdings.roles[f"p{count - 1}"]}
    assert last[arn(count)] is not Verdict.ALLOW
