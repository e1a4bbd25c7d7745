"""The gates against the evaluator: together they are its answer, whatever the documents say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rolebrowser.identity.policy import Decision, Source
from rolebrowser.identity.policy_case import Case, evaluate
from rolebrowser.identity.policy_gates import Gate, gates
from rolebrowser.identity.policy_request import read
from rolebrowser.identity.truth import Truth, every

from .test_policy import ALICE, FAR_ROLE, ROLE, policy, statement, trust
from .test_policy_properties import requests, wrapped

DECISIONS = {Truth.YES: Decision.ALLOW, Truth.NO: Decision.DENY, Truth.UNKNOWN: Decision.UNKNOWN}


def asked(**request: Any) -> list[Gate]:
    given = {"principal": ALICE, "action": "sts:AssumeRole", "resource": ROLE} | request
    return list(gates(Case(*read(given))))


@given(requests, st.sets(st.sampled_from(list(Source))))
def test_the_gates_together_are_the_answer(request: dict[str, Any], unread: set[Source]) -> None:
    wanted, policies = read(wrapped(request))
    policies = replace(policies, unreadable=frozenset(unread))
    found = gates(Case(wanted, policies))
    decision = evaluate(wanted, policies).decision
    assert DECISIONS[every(gate.open for gate in found)] is decision
    for gate in found:
        assert gate.why or gate.deciders, gate


def test_a_role_named_by_account_asks_both_sides() -> None:
    trusted = trust({"Principal": {"AWS": "111111111111"}})
    found = asked(resourcePolicy=trusted)
    assert [(each.source, each.open) for each in found] == [
        (Source.RESOURCE, Truth.YES),
        (Source.IDENTITY, Truth.NO),
    ]
    assert found[1].why == "no identity policy allows it"


def test_within_one_account_a_trust_policy_that_names_the_caller_spares_the_identity_policy() -> (
    None
):
    trusted = trust({"Principal": {"AWS": ALICE}})
    here = asked(resourcePolicy=trusted)
    assert [each.open for each in here] == [Truth.YES, Truth.YES]
    assert here[1].why.startswith("not needed")
    far = asked(resourcePolicy=trusted, resource=FAR_ROLE)
    assert [each.open for each in far] == [Truth.YES, Truth.NO]


def test_a_statement_that_came_near_stands_at_its_gate() -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    trusted = trust({"Principal": {"AWS": ALICE}, "Condition": condition})
    gate = asked(resourcePolicy=trusted)[0]
    assert gate.open is Truth.NO
    (decider,) = gate.deciders
    assert decider.near
    assert "MultiFactorAuthPresent" in decider.why


def test_a_deny_is_all_that_stands_at_its_gate() -> None:
    denied = policy(statement(), statement("Deny", Sid="Never"))
    found = asked(
        identityPolicies=[{"name": "p", "policy": denied}],
        resourcePolicy=trust({"Principal": {"AWS": ALICE}}),
    )
    (decider,) = found[1].deciders
    assert (decider.policy, decider.statement and decider.statement.sid) == ("p", "Never")
    assert found[1].open is Truth.NO
