"""What a caller may choose to send with AssumeRole to please conditions. Pure.

Source: STS API Reference, "AssumeRole": ExternalId, RoleSessionName, SourceIdentity, Tags,
SerialNumber and TokenCode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from rolebrowser.identity.policy_document import Condition, Statement
from rolebrowser.identity.policy_pattern import Unknowable, Unresolved, Variables, plain

TAG = "aws:requesttag/"
_EXTERNAL_ID, _SOURCE, _NAME = "sts:externalid", "sts:sourceidentity", "sts:rolesessionname"
_MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
_CODE = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
_EQUAL = ("stringequals", "stringlike", "stringequalsignorecase")
_UNEQUAL = ("stringnotequals", "stringnotlike", "stringnotequalsignorecase")
ANY = "any"
"""Stands for whatever one likes; two letters at least, as STS asks."""

Sent = Mapping[str, str]
"""Context keys of what is sent along."""


def offers(
    statements: Iterable[Statement], variables: Variables, *, may_bring_code: bool
) -> Sequence[Sequence[Sent]]:
    """For each thing that could be sent, what is worth a try.

    Args:
        variables: what those of the statements stand for.
        may_bring_code: the caller has long-term keys, and may have an MFA device.
    """
    wished: dict[str, dict[str, None]] = {}
    code = False
    said = list(statements)
    told_apart = {each.key.lower() for s in said if s.effect == "Deny" for each in s.conditions}
    for statement in said:
        for condition in statement.conditions:
            key = condition.key.lower()
            code = code or key in _MFA
            if not key.startswith((_EXTERNAL_ID, _SOURCE, _NAME, TAG)):
                continue
            known = variables if statement.variables else None
            found = list(_wished(statement.effect, condition, known))
            # One value does, unless a Deny says which it doesn't like.
            wanted = found if key in told_apart else found[:1]
            folded = key if not key.startswith(TAG) else TAG + condition.key[len(TAG) :]
            wished.setdefault(folded, {}).update(dict.fromkeys(wanted))
    made: list[list[Sent]] = [[{key: each} for each in values] for key, values in wished.items()]
    if code and may_bring_code:
        made.insert(0, [_CODE])
    return [each for each in made if each]


def _wished(effect: str, condition: Condition, variables: Variables | None) -> Iterator[str]:
    """Values with which a condition lets an Allow hold, or keeps a Deny from holding."""
    operator = condition.operator.lower().split(":")[-1].removesuffix("ifexists")
    if operator == "null":
        there = "false" if effect == "Allow" else "true"
        if there in [value.lower() for value in condition.values]:
            yield ANY
        return
    if operator not in (_EQUAL if effect == "Allow" else _UNEQUAL):
        return
    for pattern in condition.values:
        try:
            value = plain(pattern, variables)
        except (Unresolved, Unknowable):
            continue
        if operator.endswith("like"):
            value = value.replace("*", ANY).replace("?", "x")
        yield value


def choices(offered: Sequence[Sequence[Sent]]) -> Iterator[dict[str, str]]:
    """Every way of sending something of what is offered, the fewest things first."""
    for count in range(1, len(offered) + 1):
        for things in combinations(offered, count):
            for way in product(*things):
                yield {key: value for each in way for key, value in each.items()}


def words(sent: Sent) -> tuple[str, ...]:
    """What is sent, as a person would say it: "an MFA code", "ExternalId acme-42"."""
    return tuple(dict.fromkeys(_words(key, value) for key, value in sent.items()))


def _words(key: str, value: str) -> str:
    name = key.lower()
    if name in _MFA:
        return "an MFA code"
    if name.startswith(TAG):
        return f"session tag {key[len(TAG) :]}={value}"
    called = {_EXTERNAL_ID: "ExternalId", _SOURCE: "SourceIdentity", _NAME: "RoleSessionName"}
    return f"any {called[name]}" if value == ANY else f"{called[name]} {value}"
