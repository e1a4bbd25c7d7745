"""Policy documents as statements; what can't be read in one is said, never guessed. Pure.

Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard
from urllib.parse import unquote

from rolebrowser.frozen import dataclass

NEW_VERSION = "2012-10-17"
"""The version of the language that knows variables."""

_VERSIONS = (NEW_VERSION, "2008-10-17")
_ELEMENTS = frozenset(
    (
        *("Sid", "Effect", "Condition", "Principal", "NotPrincipal"),
        *("Action", "NotAction", "Resource", "NotResource"),
    )
)
Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a Condition block: operator, key as written, values as text."""

    operator: str
    key: str
    values: Texts


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; elements that aren't there, or can't be understood, are None.

    Attributes:
        index: its place in the document, from 0.
        effect: "Allow" or "Deny"; empty when it is neither.
        principals, not_principals: (kind, value) such as ("AWS", "arn:…"); ("*", "*") for "*".
        variables: the document's version knows `${…}`.
        problem: what can't be understood in it; empty when everything can.
        raw: as it stands in the document.
    """

    index: int
    sid: str
    effect: str
    principals: tuple[tuple[str, str], ...] | None
    not_principals: tuple[tuple[str, str], ...] | None
    actions: Texts | None
    not_actions: Texts | None
    resources: Texts | None
    not_resources: Texts | None
    conditions: tuple[Condition, ...]
    variables: bool
    problem: str
    raw: Any


@dataclass(frozen=True, slots=True)
class Policy:
    """A named document.

    Attributes:
        problem: why the document as a whole can't be read; then it has no statements and may say
            anything.
    """

    name: str
    statements: tuple[Statement, ...] = ()
    problem: str = ""


def parse(name: str, document: Any) -> Policy:
    """Read a policy document.

    Args:
        document: the decoded JSON object, or its text, URL-encoded or not, as IAM gives it.
    """
    if isinstance(document, str):
        try:
            document = loads(unquote(document) if document[:1] == "%" else document)
        except (ValueError, RecursionError) as error:
            return Policy(name, problem=f"The policy is not JSON: {error}")
    if not isinstance(document, Mapping):
        return Policy(name, problem="The policy is not a JSON object.")
    if isinstance(document, Twice):
        return Policy(name, problem=f"{document.key!r} stands in the policy twice.")
    if not isinstance(document.get("Id", ""), str):
        return Policy(name, problem="Id must be a string.")
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        return Policy(name, problem=f"Unknown policy version {version!r}.")
    unknown = sorted(set(document) - {"Version", "Id", "Statement"})
    if unknown:
        return Policy(name, problem=f"Unknown element {unknown[0]!r} in the policy.")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not _is_list(statements):
        return Policy(name, problem="The policy has no Statement.")
    variables = version == NEW_VERSION
    return Policy(name, tuple(_statement(n, each, variables) for n, each in enumerate(statements)))


class Twice(dict[str, Any]):
    """A JSON object in which a key stands twice; the last one counted, as in Python's parser."""

    key = ""


def loads(text: str) -> Any:
    """Decoded JSON, objects with a key that stands twice told apart: which one AWS would take is
    anybody's guess. Raises ValueError, RecursionError."""
    return _DECODER.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        found = Twice(found)
        found.key = next(key for key in names if names.count(key) > 1)
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)


def _twice(value: Any) -> Twice | None:
    """An object with a key that stands twice, anywhere in a statement's first levels."""
    if isinstance(value, Twice):
        return value
    if isinstance(value, dict):
        for each in value.values():
            if isinstance(each, dict) and (found := _twice(each)):
                return found
    return None


def called(index: int, sid: str) -> str:
    """A statement as people call it: by its Sid, else by its place, counted from 1."""
    return sid or f"statement {index + 1}"


class _Reader:
    """Takes elements out of a statement and keeps the first thing it can't understand."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.problem = ""

    def wrong(self, text: str) -> None:
        self.problem = self.problem or text

    def texts(self, element: str) -> Texts | None:
        if element not in self.raw:
            return None
        value = self.raw[element]
        values = list(value) if _is_list(value) else [value]
        if not values or not all(isinstance(each, str) for each in values):
            self.wrong(f"{element} must be a string or a list of strings.")
            return None
        return tuple(values)

    def principals(self, element: str) -> tuple[tuple[str, str], ...] | None:
        if element not in self.raw:
            return None
        value = self.raw[element]
        if value == "*":
            return (("*", "*"),)
        found: list[tuple[str, str]] = []
        if not isinstance(value, Mapping) or not value:
            self.wrong(f'{element} must be "*" or an object.')
            return ()
        for kind, given in value.items():
            names = list(given) if _is_list(given) else [given]
            if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
                self.wrong(f"Unknown kind of principal {kind!r}.")
            elif not all(isinstance(each, str) for each in names):
                self.wrong(f"{element}.{kind} must be a string or a list of strings.")
            else:
                found += [(kind, each) for each in names]
        return tuple(found)

    def conditions(self) -> tuple[Condition, ...]:
        block = self.raw.get("Condition", {})
        if not isinstance(block, Mapping):
            self.wrong("Condition must be an object.")
            return ()
        found: list[Condition] = []
        for operator, keys in block.items():
            if not isinstance(keys, Mapping):
                self.wrong(f"Condition.{operator} must be an object.")
                continue
            for key, value in keys.items():
                values = list(value) if _is_list(value) else [value]
                if not all(isinstance(each, str | int | float | bool) for each in values):
                    self.wrong(f"Condition.{operator}.{key} must hold strings.")
                    continue
                found.append(Condition(operator, key, tuple(map(_text, values))))
        return tuple(found)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _statement(index: int, raw: Any, variables: bool) -> Statement:
    if not isinstance(raw, Mapping):
        reader = _Reader({})
        reader.wrong("The statement is not a JSON object.")
    elif (twice := _twice(raw)) is not None:
        reader = _Reader({})
        reader.wrong(f"{twice.key!r} stands in it twice.")
    else:
        reader = _Reader(raw)
    for element in reader.raw:
        if element not in _ELEMENTS:
            reader.wrong(f"Unknown element {element!r}.")
    effect = reader.raw.get("Effect", "")
    if effect not in ("Allow", "Deny"):
        reader.wrong("Effect must be Allow or Deny.")
        effect = ""
    for one, other in (
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
    ):
        if one in reader.raw and other in reader.raw:
            reader.wrong(f"Both {one} and {other}.")
            reader.raw = {k: v for k, v in reader.raw.items() if k not in (one, other)}
    if "Action" not in reader.raw and "NotAction" not in reader.raw:
        reader.wrong("Neither Action nor NotAction.")
    # What follows reads what is left: an element that can't be understood speaks of everything,
    # and the statement's problem makes that an unknown.
    sid = reader.raw.get("Sid", "")
    if not isinstance(sid, str):
        reader.wrong("Sid must be a string.")
        sid = ""
    return Statement(
        index,
        sid,
        effect,
        reader.principals("Principal"),
        reader.principals("NotPrincipal"),
        _action_names(reader, "Action"),
        _action_names(reader, "NotAction"),
        _arns(reader, "Resource"),
        _arns(reader, "NotResource"),
        reader.conditions(),
        variables,
        reader.problem,
        raw,
    )


def _action_names(reader: _Reader, element: str) -> Texts | None:
    names = reader.texts(element)
    for name in names or ():
        if name != "*" and name.count(":") != 1:
            reader.wrong(f"{name!r} is no action: service:Name.")
            return None
    return names


def _arns(reader: _Reader, element: str) -> Texts | None:
    arns = reader.texts(element)
    for arn in arns or ():
        if arn != "*" and not arn.startswith("arn:"):
            reader.wrong(f"{arn!r} is neither an ARN nor *.")
            return None
    return arns
