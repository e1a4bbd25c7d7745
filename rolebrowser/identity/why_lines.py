"""A `Why` as lines: each gate with a mark, the JSON of its statements, what decided marked. Pure.

Shapes tell, not colours alone: ✓ ✗ ? ◇ for the gates, ▸ before the lines that decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from rolebrowser.frozen import dataclass
from rolebrowser.identity import policy_pattern as pattern
from rolebrowser.identity import policy_principal
from rolebrowser.identity.model import Verdict
from rolebrowser.identity.policy import Source
from rolebrowser.identity.policy_case import Case
from rolebrowser.identity.policy_condition import holds
from rolebrowser.identity.policy_document import Statement, called
from rolebrowser.identity.policy_gates import Decider
from rolebrowser.identity.policy_principal import Named
from rolebrowser.identity.truth import Truth, truth
from rolebrowser.identity.why import Fix, Step, Why

MARKS = {
    Verdict.ALLOW: ("✓", "good"),
    Verdict.DENY: ("✗", "bad"),
    Verdict.UNKNOWN: ("?", "dim"),
    Verdict.CONDITIONAL: ("◇", "warn"),
}
"""Shape and style of a verdict."""

_HEADLINES = {
    Verdict.ALLOW: "allowed",
    Verdict.DENY: "not allowed",
    Verdict.UNKNOWN: "can't be known from here",
    Verdict.CONDITIONAL: "possible",
}
Path = tuple[object, ...]
_SHOWN = 3
"""Statements of one gate; more are counted."""


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One line.

    Attributes:
        style: "good", "bad", "warn", "dim", "strong", "" plain.
    """

    text: str
    style: str = ""


def lines(why: Why) -> list[WhyLine]:
    """The whole answer."""
    mark, style = MARKS[why.verdict]
    needs = f" with {' and '.join(why.supply)}" if why.supply else ""
    made = [
        WhyLine(f"{mark} {_HEADLINES[why.verdict]}{needs}", style),
        WhyLine(f"  {why.question}", "strong"),
        WhyLine(f"  as {why.asker}", "dim"),
    ]
    for step in why.steps:
        made.append(WhyLine(""))
        made += _gate(step, why)
    for fix in why.fixes:
        made += [WhyLine(""), WhyLine(f"To open it, add to {fix.where}:", "strong")]
        made += [WhyLine(f"    {text}") for text in snippet(fix).splitlines()]
    made += [WhyLine("") for _ in why.notes[:1]]
    made += [WhyLine(f"? {note}", "dim") for note in why.notes]
    return made


def snippet(fix: Fix) -> str:
    """The statement to paste."""
    return json.dumps(fix.statement, indent=2, ensure_ascii=False)


def plain(why: Why) -> str:
    """The whole answer as text."""
    return "\n".join(line.text for line in lines(why))


def gate_json(step: Step) -> dict[str, Any]:
    """A gate for scripts."""
    return {
        "gate": step.gate.name,
        "verdict": step.verdict.value,
        "why": step.gate.why or "; ".join(dict.fromkeys(d.why for d in step.gate.deciders)),
        "statements": [
            {
                "policy": each.policy,
                "statement": each.statement.index if each.statement else None,
                "sid": each.statement.sid if each.statement else "",
                "why": each.why,
            }
            for each in step.gate.deciders
        ],
    }


def _gate(step: Step, why: Why) -> Iterator[WhyLine]:
    gate = step.gate
    mark, style = MARKS[step.verdict]
    needs = f": opens with {' and '.join(why.supply)}" if step.opens else ""
    why_not = gate.why.replace("the resource's policy", "it")
    told = f": {why_not}" if why_not else needs
    yield WhyLine(f"{mark} {gate.name}{told}", style)
    for decider in gate.deciders[:_SHOWN]:
        yield from _decider(decider, gate.source, why.case)
    if len(gate.deciders) > _SHOWN:
        yield WhyLine(f"    … and {len(gate.deciders) - _SHOWN} more statements", "dim")
    for policy in step.instead:
        for statement in policy.statements[:_SHOWN]:
            yield WhyLine(f"    {policy.name}, {_label(statement)} is for others:", "dim")
            yield from excerpt(statement.raw, {("Principal",), ("NotPrincipal",)})


def _label(statement: Statement) -> str:
    return called(statement.index, statement.sid)


def _decider(decider: Decider, source: Source, case: Case) -> Iterator[WhyLine]:
    statement = decider.statement
    name = decider.policy or source.value
    if statement is None:
        told = f"{decider.policy}: {decider.why}" if decider.policy else decider.why
        yield WhyLine(f"    {told}", "dim")
        return
    where = name if source is Source.RESOURCE else f"{source.value} policy {name}"
    yield WhyLine(f"    {where}, {_label(statement)}: {decider.why}", "dim")
    yield from excerpt(statement.raw, marked(decider, source, case))


def marked(decider: Decider, source: Source, case: Case) -> set[Path]:
    """The places of a statement's JSON that decided: conditions that don't hold, or, where it
    matches, what makes it match."""
    statement = decider.statement
    if statement is None or not isinstance(statement.raw, Mapping):
        return set()
    conditions = _conditions(statement, case)
    failed = {path for path, result in conditions.items() if result is not Truth.YES}
    if decider.near or failed:
        return failed
    variables = case.request.context.variables if statement.variables else None
    found: set[Path] = {("Effect",), *conditions}
    found |= _matching(
        statement.raw, "Action", lambda entry: truth(pattern.action(entry, case.request.action))
    )

    def names(entry: str) -> Truth:
        return pattern.known(
            lambda filled: pattern.resource(entry, case.request.resource, filled), variables
        )

    found |= _matching(statement.raw, "Resource", names)
    if source in (Source.RESOURCE, Source.RCP):
        found |= _principals(statement.raw, case)
    return found | {(each,) for each in ("NotAction", "NotResource", "NotPrincipal")}


def _conditions(statement: Statement, case: Case) -> dict[Path, Truth]:
    return {
        ("Condition", each.operator, each.key): holds(
            each, case.request.context, variables=statement.variables
        )[0]
        for each in statement.conditions
    }


def _entries(raw: Mapping[str, Any], path: Path) -> list[tuple[Path, Any]]:
    value: Any = raw
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, list | tuple):
        return [((*path, place), each) for place, each in enumerate(value)]
    return [(path, value)]


def _matching(raw: Mapping[str, Any], element: str, matches: Callable[[str], Truth]) -> set[Path]:
    return {
        path
        for path, entry in _entries(raw, (element,))
        if isinstance(entry, str) and matches(entry) is not Truth.NO
    }


def _principals(raw: Mapping[str, Any], case: Case) -> set[Path]:
    given = raw.get("Principal")
    if not isinstance(given, Mapping):
        return {("Principal",)}
    caller = case.request.principal
    return {
        path
        for kind in given
        for path, entry in _entries(raw, ("Principal", kind))
        if policy_principal.named([(kind, str(entry))], caller) is not Named.NOT
    }


def excerpt(raw: Any, decided: Collection[Path]) -> list[WhyLine]:
    """A statement's JSON, the lines at `decided` places (and below them) marked."""
    made: list[WhyLine] = []
    for text, path in _rendered(raw, ()):
        hot = any(path[: len(each)] == each for each in decided)
        made.append(WhyLine(f"  {'▸' if hot else ' '} {text}", "strong" if hot else ""))
    return made


def _rendered(value: Any, path: Path, lead: str = "", tail: str = "") -> Iterator[tuple[str, Path]]:
    """Lines of indented JSON, each with the place it shows."""
    pad = "  " * len(path)
    if isinstance(value, Mapping) and value:
        yield pad + lead + "{", path
        yield from _inside(
            [
                ((*path, key), each, f"{json.dumps(key, ensure_ascii=False)}: ")
                for key, each in value.items()
            ]
        )
        yield pad + "}" + tail, path
    elif isinstance(value, list | tuple) and value:
        yield pad + lead + "[", path
        yield from _inside([((*path, place), each, "") for place, each in enumerate(value)])
        yield pad + "]" + tail, path
    else:
        yield pad + lead + json.dumps(value, ensure_ascii=False) + tail, path


def _inside(parts: Sequence[tuple[Path, Any, str]]) -> Iterator[tuple[str, Path]]:
    for number, (path, value, lead) in enumerate(parts, 1):
        yield from _rendered(value, path, lead, "," if number < len(parts) else "")
