"""Requests as JSON, for `rolebrowser evaluate`: read, decided, answered as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rolebrowser.identity import policy_principal
from rolebrowser.identity.policy import Answer, Level, Policies, Reason, Request
from rolebrowser.identity.policy_case import evaluate
from rolebrowser.identity.policy_condition import context
from rolebrowser.identity.policy_document import Policy, Twice, parse

KEYS = frozenset(
    (
        *("principal", "action", "resource", "resourceAccount", "context"),
        *("identityPolicies", "resourcePolicy", "permissionBoundaries", "sessionPolicy"),
        *("serviceControlPolicies", "resourceControlPolicies", "name", "id"),
    )
)


class Malformed(ValueError):
    """What is asked can't be understood, whatever the policies say; a sentence."""


def answer(given: Any) -> dict[str, Any]:
    """Decide one request.

    Args:
        given: a decoded JSON object with the keys of design.md: principal, action, resource,
            resourceAccount, context, and the policies.

    Returns:
        verdict ("allow", "deny", "unknown"), explicit (a Deny statement decided), reasons. A
        request that can't be understood is unknown, with the reason.
    """
    try:
        request, policies = read(given)
    except ValueError as error:
        return {"verdict": "unknown", "explicit": False, "reasons": [{"why": str(error)}]}
    return as_json(evaluate(request, policies))


def asked_wrongly(given: Any) -> str:
    """Why a request can't be understood; empty when it can, whatever its policies hold."""
    try:
        read(given)
    except Malformed as error:
        return str(error)
    except ValueError:
        return ""
    return ""


def as_json(decided: Answer) -> dict[str, Any]:
    """An answer as JSON."""
    return {
        "verdict": decided.decision.value,
        "explicit": decided.explicit,
        "reasons": [reason_json(reason) for reason in decided.reasons],
    }


def reason_json(reason: Reason) -> dict[str, Any]:
    """A reason as JSON; statement is the place in the policy, from 0, or null."""
    return {
        "source": reason.source.value,
        "policy": reason.policy,
        "statement": reason.statement,
        "sid": reason.sid,
        "effect": reason.effect,
        "why": reason.why,
    }


def read(given: Any) -> tuple[Request, Policies]:
    """A request and its policies from a decoded JSON object.

    Raises:
        Malformed: what is asked can't be understood.
        ValueError: a list of policies can't be; with a sentence as well.
    """
    if not isinstance(given, Mapping):
        raise Malformed("A request must be a JSON object.")
    _once("request", given)
    strange = sorted(set(given) - KEYS)
    if strange:
        raise Malformed(f"Unknown key {strange[0]!r} in the request.")
    values = given.get("context")
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise Malformed("context must be an object of context keys.")
    _once("context", values)
    resource = given.get("resource", "*")
    account = given.get("resourceAccount")
    if isinstance(resource, Mapping):
        account = account or resource.get("accountId")
        resource = resource.get("resource")
    request = Request(
        policy_principal.parse(_text(given, "principal")),
        _action(_text(given, "action")),
        _string("resource", resource),
        _string("resourceAccount", account or ""),
        context(values),
    )
    trusted = given.get("resourcePolicy")
    return request, Policies(
        identity=_policies("identityPolicies", given.get("identityPolicies")) or (),
        resource=None if trusted is None else _policy("resourcePolicy", trusted),
        boundary=_policies("permissionBoundaries", given.get("permissionBoundaries")) or None,
        session=_policies("sessionPolicy", given.get("sessionPolicy")) or None,
        scps=_levels("serviceControlPolicies", given.get("serviceControlPolicies")),
        rcps=_levels("resourceControlPolicies", given.get("resourceControlPolicies")),
    )


def _text(given: Mapping[str, Any], key: str) -> str:
    if key not in given:
        raise Malformed(f"The request has no {key}.")
    return _string(key, given[key])


def _string(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{key} must be a string.")
    return value


def _once(what: str, given: Mapping[str, Any]) -> None:
    if isinstance(given, Twice):
        raise ValueError(f"{given.key!r} stands in the {what} twice.")


def _action(name: str) -> str:
    service, _, action = name.partition(":")
    if not service or not action or ":" in action:
        raise Malformed(f"{name!r} is no action: service:Name.")
    return name


def _policy(name: str, given: Any) -> Policy:
    """A document, or `{name, policy}` around one."""
    if isinstance(given, Mapping) and "policy" in given:
        _once(name, given)
        return parse(str(given.get("name", name)), given["policy"])
    return parse(name, given)


def _policies(key: str, given: Any) -> tuple[Policy, ...] | None:
    if given is None:
        return None
    if not isinstance(given, Sequence) or isinstance(given, str):
        given = [given]
    return tuple(_policy(f"{key}[{n}]", each) for n, each in enumerate(given))


def _levels(key: str, given: Any) -> tuple[Level, ...]:
    if given is None:
        return ()
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValueError(f"{key} must be a list of levels: orgIdentifier, policies.")
    if given and all(isinstance(each, Mapping) and "policy" in each for each in given):
        # Policies without their places: of one level.
        return (Level(key, _policies(key, given) or ()),)
    levels: list[Level] = []
    for number, each in enumerate(given):
        if not isinstance(each, Mapping) or "policies" not in each:
            raise ValueError(f"{key}[{number}] must have orgIdentifier and policies.")
        name = str(each.get("orgIdentifier", number))
        levels.append(Level(name, _policies(f"{key}[{number}]", each["policies"]) or ()))
    return tuple(levels)
