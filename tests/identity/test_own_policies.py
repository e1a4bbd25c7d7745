"""What a session reads of its own rights, on the sandbox."""

from __future__ import annotations

from rolebrowser.identity import credentials, own_policies
from rolebrowser.identity.policy import Source
from rolebrowser.identity.trust import Caller

from .conftest import Machine


def read(machine: Machine, profile: str) -> tuple[Caller, list[str]]:
    session = machine.resolve(profile)
    said: list[str] = []
    arn = credentials.identify(session).arn
    return own_policies.read(session, arn, partial=said.append), said


def test_a_roles_session_reads_its_roles_policies_tags_and_whole_arn(machine: Machine) -> None:
    caller, said = read(machine, "staging")
    assert [policy.name for policy in caller.identity] == ["Databases", "Team"]
    assert caller.principal.role_arn == "arn:aws:iam::222222222222:role/Developer"
    assert caller.keys == {"aws:PrincipalTag/team": "platform"}
    assert (caller.boundary, caller.unreadable, said) == (None, frozenset(), [])
    assert caller.identity[1].statements[0].resources == ("arn:aws:iam::222222222222:role/team/*",)


def test_a_user_reads_its_own_policies(machine: Machine) -> None:
    caller, said = read(machine, "engineer")
    assert {policy.name for policy in caller.identity} >= {"Assume", "ReadOwnAccount"}
    assert said == []


def test_every_permission_that_is_missing_is_named_and_hides_what_it_hides(
    machine: Machine,
) -> None:
    caller, said = read(machine, "staging-reader")
    assert caller.unreadable == {Source.IDENTITY, Source.BOUNDARY}
    text = "\n".join(said)
    for action in ("iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"):
        assert action in text
