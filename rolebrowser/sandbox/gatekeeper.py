"""What the sandbox allows: identity policies and trust policies, as AWS decides. Pure.

Only what the sandbox's own world uses; an element or operator outside it never allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, str]


def decide(policies: Iterable[Document], action: str, resource: str, context: Context) -> str:
    """ "deny", "allow" or "" (nothing said) for an action on a resource."""
    answer = ""
    for document in policies:
        for statement in _list(document.get("Statement")):
            if not _applies(statement, action, resource):
                continue
            if not _holds(statement, context):
                continue
            if statement.get("Effect") == "Deny":
                return "deny"
            answer = "allow"
    return answer


def trusted(document: Document, names: Mapping[str, str], action: str, context: Context) -> str:
    """How a trust policy takes a caller: "deny", "" or the strongest match.

    Args:
        names: the caller's ARNs and account by match kind: "direct" (user or session ARN),
            "role" (the role behind the session), "account" (12 digits), "federated".
    """
    found = ""
    for statement in _list(document.get("Statement")):
        if not _matches_any(statement.get("Action"), action, fold=True):
            continue
        kind = _principal_kind(statement.get("Principal"), names)
        if not kind or not _holds(statement, context):
            continue
        if statement.get("Effect") == "Deny":
            return "deny"
        if not found or found == "account":
            found = kind
    return found


def _principal_kind(principal: Any, names: Mapping[str, str]) -> str:
    if principal == "*":
        return "direct"
    if not isinstance(principal, dict):
        return ""
    account = names.get("account", "")
    for named in _list(principal.get("AWS")):
        if named in ("*", names.get("direct")):
            return "direct"
        if names.get("role") and named == names["role"]:
            return "role"
        if account and named in (account, f"arn:aws:iam::{account}:root"):
            return "account"
    federated = names.get("federated", "")
    return "direct" if federated and federated in _list(principal.get("Federated")) else ""


def _applies(statement: Document, action: str, resource: str) -> bool:
    if "NotAction" in statement:
        if _matches_any(statement["NotAction"], action, fold=True):
            return False
    elif not _matches_any(statement.get("Action"), action, fold=True):
        return False
    if "NotResource" in statement:
        return not _matches_any(statement["NotResource"], resource)
    return _matches_any(statement.get("Resource"), resource)


def _holds(statement: Document, context: Context) -> bool:
    conditions = statement.get("Condition") or {}
    verdicts = [
        _condition(operator, context.get(key.lower()), _list(values))
        for operator, block in conditions.items()
        for key, values in block.items()
    ]
    if None in verdicts:
        # What isn't understood must not open a door: no Allow, but every Deny.
        return statement.get("Effect") == "Deny"
    return all(verdicts)


def _condition(operator: str, value: str | None, wanted: list[Any]) -> bool | None:
    optional = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists")
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in wanted]
    if name == "Null":
        return (value is None) == (texts[0] == "true")
    negated = name in ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike")
    if value is None:
        return optional or negated
    if name in ("StringEquals", "StringNotEquals"):
        return (value in texts) != negated
    if name in (
        "StringLike",
        "ArnLike",
        "ArnEquals",
        "StringNotLike",
        "ArnNotLike",
        "ArnNotEquals",
    ):
        return any(_pattern(text).fullmatch(value) for text in texts) != negated
    return value.lower() in texts if name == "Bool" else None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _matches_any(patterns: Any, text: str, *, fold: bool = False) -> bool:
    if fold:
        text = text.lower()
    return any(
        _pattern(str(each).lower() if fold else str(each)).fullmatch(text)
        for each in _list(patterns)
    )


@lru_cache(1024)
def _pattern(text: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in text)
    return re.compile("".join(parts), re.DOTALL)
