"""`rolebrowser grants --why` in words and in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from rolebrowser.cli import output

if TYPE_CHECKING:
    from rolebrowser.grants.fix import Fix
    from rolebrowser.grants.survey import Explained, Reply
    from rolebrowser.grants.verify import Agreement

_MARKS = {True: "✓", False: "✗", None: "·"}
_STATUS = {True: "pass", False: "fail", None: "note"}


def answer(reply: Reply, *, as_json: bool) -> None:
    """Print the gates, the server's own word, and what would change it."""
    if as_json:
        records = [_record(each) for each in reply.parts]
        click.echo(json.dumps(records, indent=1, ensure_ascii=False))
        return
    lines = [line for each in reply.parts for line in (*explained(each), "")]
    if reply.trial is not None:
        lines.append(f"{reply.told}:")
        lines += [*_indented(reply.trial.text), ""]
    output.text("\n".join(lines[:-1]) + "\n")


def explained(each: Explained) -> Iterator[str]:
    """One answer, line by line."""
    from rolebrowser.grants.explain import Gate

    yield each.verdict
    for gate in each.gates:
        name = gate.gate.value if gate.gate is not Gate.PRIVILEGE else each.privilege
        yield f"  {_MARKS[gate.passed]} {name:<12} {gate.sentence}"
        for path in gate.paths:
            yield f"      {path}"
    for path in each.around:
        yield f"  it can by  {path}"
    for path in each.detours:
        yield f"  it reads the rows by  {path}"
    for path in each.escalations:
        yield f"  it could by  {path}"
    for said in each.verified:
        yield f"  {_verified(said)}"
    if not each.can:
        yield from _fix("To give it:", each.give)
    if each.state is not None and each.state.value != "escalatable":
        yield from _fix("To take it away:", each.take)


def _verified(each: Agreement) -> str:
    if each.server is None:
        return f"· {each.call}: the server has nothing to say"
    said = "yes" if each.server else "no"
    return f"verified ✓ {each.call}: {said}" if each.agrees else f"DIFFERS ✗ {each.call}: {said}"


def _fix(heading: str, suggested: Fix) -> Iterator[str]:
    yield f"  {heading}"
    for sentence in suggested.sentences:
        yield f"    {sentence}"
    for plan in (*suggested.at_once, *suggested.plans):
        doubt = "" if plan.reached else " (not enough by itself)"
        yield f"    {plan.title}{doubt}:"
        for statement in plan.statements:
            yield f"      {statement}"
        for note in plan.notes:
            yield f"      -- {note}"


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def _record(each: Explained) -> dict[str, object]:
    return {
        "role": each.role,
        "object": each.object,
        "privilege": each.privilege,
        "state": each.state.value if each.state is not None else None,
        "via": list(each.via),
        "grantable": each.grantable,
        "detours": list(each.detours),
        "gates": [
            {
                "gate": gate.gate.value,
                "status": _STATUS[gate.passed],
                "evidence": gate.sentence,
                "via": list(gate.paths),
            }
            for gate in each.gates
        ],
        "verified": [
            {"call": said.call, "server": said.server, "agrees": said.agrees}
            for said in each.verified
        ],
        "give": [list(plan.statements) for plan in (*each.give.at_once, *each.give.plans)],
        "take": [list(plan.statements) for plan in each.take.plans],
    }
