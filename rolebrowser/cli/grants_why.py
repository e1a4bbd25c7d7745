"""`rolebrowser grants --why` and `--compare` in words and in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from rolebrowser.cli import output
from rolebrowser.errors import RolebrowserError

if TYPE_CHECKING:
    from rolebrowser.connection.protocol import Connection
    from rolebrowser.grants.explain import Why
    from rolebrowser.grants.fix import Fix
    from rolebrowser.grants.listing import Listing
    from rolebrowser.grants.verify import Agreement

_MARKS = {True: "✓", False: "✗", None: "·"}


def answer(connection: Connection, listing: Listing, question: str, *, as_json: bool) -> None:
    """Print the gates, the server's own word, and what would change it.

    Raises:
        RolebrowserError: the question can't be understood, or the server is gone.
    """
    from rolebrowser.grants import explain, verify
    from rolebrowser.grants import question as asking

    asked = asking.parse(question, listing)
    if isinstance(asked, asking.Question):
        parts, statement = (asked,), ""
    else:
        parts, statement = asked.parts, asked.statement
    answers = [
        (why, verify.agreements(connection, listing.model, why))
        for why in (explain.why(listing, each.role, each.place, each.privilege) for each in parts)
    ]
    role = listing.model.roles[asked.role].name
    trial = verify.trial(connection, role, statement) if statement else None
    if as_json:
        records = [_record(listing, why, checked) for why, checked in answers]
        click.echo(json.dumps(records, indent=1, ensure_ascii=False))
        return
    lines = [line for why, checked in answers for line in (*_lines(listing, why, checked), "")]
    if trial is not None:
        lines += [f"{_MARKS[trial.allowed]} EXPLAIN as {role}:", *_indented(trial.text), ""]
    output.text("\n".join(lines[:-1]) + "\n")


def _verdict(listing: Listing, why: Why) -> str:
    from rolebrowser.connection.names import quoted
    from rolebrowser.grants.listing import object_name
    from rolebrowser.grants.privileges import WORDS

    model = listing.model
    title = f"{WORDS[why.privilege]} on {object_name(model.facts, model.securables[why.place])}"
    name = quoted(model.roles[why.role].name)
    if why.can:
        return f"{name} has {title}."
    if why.partly:
        return f"{name} has {title} in part."
    ways = f" ({why.state.value})" if why.state is not None else ""
    return f"{name} can't use {title}{ways}."


def _lines(listing: Listing, why: Why, checked: tuple[Agreement, ...]) -> Iterator[str]:
    yield _verdict(listing, why)
    for gate in why.gates:
        yield f"  {_MARKS[gate.passed]} {gate.gate.value:<12} {gate.sentence}"
        for path in gate.paths:
            yield f"      {path}"
    for path in why.around:
        yield f"  it can by  {path}"
    for path in why.escalations:
        yield f"  it could by  {path}"
    for each in checked:
        yield f"  {_verified(each)}"
    yield from _suggestions(listing, why)


def _verified(each: Agreement) -> str:
    if each.server is None:
        return f"· {each.call}: the server has nothing to say"
    said = "yes" if each.server else "no"
    return f"verified ✓ {each.call}: {said}" if each.agrees else f"DIFFERS ✗ {each.call}: {said}"


def _suggestions(listing: Listing, why: Why) -> Iterator[str]:
    from rolebrowser.grants import fix

    arguments = (listing, why.role, why.place, why.privilege)
    if not why.can:
        yield from _fix("To give it:", fix.giving(*arguments))
    if why.state is not None and why.state.value != "escalatable":
        yield from _fix("To take it away:", fix.taking(*arguments))


def _fix(heading: str, suggested: Fix) -> Iterator[str]:
    yield f"  {heading}"
    for sentence in suggested.sentences:
        yield f"    {sentence}"
    for plan in suggested.plans:
        doubt = "" if plan.reached else " (not enough by itself)"
        yield f"    {plan.title}{doubt}:"
        for statement in plan.statements:
            yield f"      {statement}"
        for note in plan.notes:
            yield f"      -- {note}"


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def _record(listing: Listing, why: Why, checked: tuple[Agreement, ...]) -> dict[str, object]:
    from rolebrowser.grants import fix
    from rolebrowser.grants.listing import object_name
    from rolebrowser.grants.privileges import WORDS

    model = listing.model
    arguments = (why.role, why.place, why.privilege)
    via = listing.via(why.state, *arguments) if why.state is not None else ()
    return {
        "role": model.roles[why.role].name,
        "object": object_name(model.facts, model.securables[why.place]),
        "privilege": WORDS[why.privilege],
        "state": why.state.value if why.state is not None else None,
        "via": list(via),
        "grantable": why.grantable,
        "gates": [
            {
                "gate": gate.gate.value,
                "status": {True: "pass", False: "fail", None: "note"}[gate.passed],
                "evidence": gate.sentence,
                "via": list(gate.paths),
            }
            for gate in why.gates
        ],
        "verified": [
            {"call": each.call, "server": each.server, "agrees": each.agrees} for each in checked
        ],
        "give": [list(plan.statements) for plan in fix.giving(listing, *arguments).plans],
        "take": [list(plan.statements) for plan in fix.taking(listing, *arguments).plans],
    }


def compare(listing: Listing, one: str, other: str, *, form: str | None, system: bool) -> None:
    """Print to what two roles stand differently."""
    from rolebrowser.grants.compare import Side, differences

    sides = [Side(listing, listing.find_role(name)) for name in (one, other)]
    rows: list[dict[str, object]] = []
    for each in differences(*sides, system=system):
        rows.append(
            {
                "object": each.object,
                "privilege": each.privilege,
                one: each.states[0].value if each.states[0] else None,
                other: each.states[1].value if each.states[1] else None,
                "via": list(each.via[0] or each.via[1]),
            }
        )
    if form == "csv":
        raise RolebrowserError("A comparison is printed as a table or as JSON.", fix="Use --json.")
    output.records(rows, ("object", "privilege", one, other, "via"), as_json=form == "json")
