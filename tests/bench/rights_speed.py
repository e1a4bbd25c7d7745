"""`python tests/bench/rights_speed.py`: what the evaluator takes for a large account.

CPU seconds count, the machine is noisy. The aims are issue 4's: 5,000 trust policies for one
caller well under a second, a 6 MB dump that stays responsive.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rolebrowser.identity import authorization_details, policy_principal
from rolebrowser.identity.assumable import named_roles, weigh
from rolebrowser.identity.model import Role
from rolebrowser.identity.policy_document import parse
from rolebrowser.identity.roles import listed
from rolebrowser.identity.trust import Caller

ALICE = "arn:aws:iam::111111111111:user/alice"
ROLES = 5_000
MEGABYTES = 6
ROUNDS = 5


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(number: int, chance: random.Random) -> dict[str, Any]:
    """Trust policies of the kinds an account has; every third asks for MFA."""
    principals: list[dict[str, Any]] = [
        {"Service": "lambda.amazonaws.com"},
        {"AWS": f"arn:aws:iam::{chance.randrange(10**12):012d}:root"},
        {"AWS": "arn:aws:iam::111111111111:root"},
        {"AWS": [ALICE, f"arn:aws:iam::222222222222:role/R{number}"]},
    ]
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if number % 3 == 0 else {}
    return document(
        {
            "Effect": "Allow",
            "Principal": principals[number % 4],
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }
    )


def caller() -> Caller:
    own = document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": ["arn:aws:iam::*:role/R1*", "arn:aws:iam::222222222222:role/*"],
        }
    )
    return Caller(policy_principal.parse(ALICE), (parse("own", own),) * 3)


def roles() -> list[Role]:
    chance = random.Random(7)
    accounts = ("111111111111", "222222222222")
    return [
        Role(f"arn:aws:iam::{accounts[n % 2]}:role/R{n}", trust=json.dumps(trust(n, chance)))
        for n in range(ROLES)
    ]


def dump() -> dict[str, Any]:
    """An account's details of at least `MEGABYTES`, as the AWS CLI prints them."""
    chance = random.Random(7)
    policies = [
        {
            "PolicyName": f"P{n}",
            "PolicyDocument": document(
                *(
                    {
                        "Sid": f"S{s}",
                        "Effect": "Allow",
                        "Action": [f"service{s}:Action{a}" for a in range(12)],
                        "Resource": f"arn:aws:service{s}:*:111111111111:thing/{n}/*",
                    }
                    for s in range(4)
                )
            ),
        }
        for n in range(8)
    ]
    items = [
        {
            "Arn": f"arn:aws:iam::111111111111:role/R{n}",
            "RoleName": f"R{n}",
            "AssumeRolePolicyDocument": trust(n, chance),
            "RolePolicyList": policies[n % 5 : n % 5 + 3],
        }
        for n in range(500)
    ]
    alice = {
        "Arn": ALICE,
        "UserName": "alice",
        "UserPolicyList": [
            {
                "PolicyName": "own",
                "PolicyDocument": document(
                    {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
                ),
            }
        ],
    }
    return {"UserDetailList": [alice], "RoleDetailList": items, "Policies": []}


def cpu(work: Callable[[], object]) -> float:
    """The least CPU seconds of a few rounds."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> None:
    """All measurements."""
    who, candidates = caller(), roles()
    weighed = cpu(lambda: weigh(who, candidates))
    print(f"{ROLES} trust policies, one caller             {weighed:6.2f} s CPU   aim 0.90")
    text = json.dumps(dump(), indent=4)
    assert len(text) >= MEGABYTES * 2**20, len(text)

    def offline() -> None:
        details = authorization_details.read([json.loads(text)])
        known = details.caller(ALICE)
        found = [listed(item, "dump") for item in details.roles.values()]
        weigh(known, (*found, *named_roles(known)))

    megabytes = len(text) / 2**20
    taken = cpu(offline)
    print(f"a dump of {megabytes:.1f} MB, read and weighed for one  {taken:6.2f} s CPU   aim 1.00")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "dump.json"
        path.write_text(text)
        command = [sys.executable, "-m", "rolebrowser", "roles", "--policy-file", str(path)]
        started = time.perf_counter()
        subprocess.run([*command, "--principal", ALICE, "--json"], check=True, capture_output=True)
        print(f"the same by the command line                {time.perf_counter() - started:6.2f} s")


if __name__ == "__main__":
    main()
