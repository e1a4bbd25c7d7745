"""`rolebrowser grants --compare` and `--against`: two roles, or the same in two databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from rolebrowser.cli import grants_legend, output
from rolebrowser.errors import ConfigError
from rolebrowser.safetext import clean

if TYPE_CHECKING:
    from rolebrowser.grants.compare import Difference
    from rolebrowser.grants.survey import Survey


def roles(survey: Survey, one: str, other: str, *, form: str | None, system: bool) -> None:
    """Print to what two roles of one database stand differently.

    Raises:
        UnknownName: one of them isn't there.
    """
    found = survey.differences(one, other, system=system)
    _print((_row(each, one, other) for each in found), (one, other), form)


def databases(
    here: Survey,
    there: Survey,
    names: tuple[str, str],
    *,
    chosen: Sequence[str],
    pair: tuple[str, str] | None,
    form: str | None,
    system: bool,
) -> None:
    """Print what is otherwise in another database.

    Args:
        names: of the two, for people to read.
        chosen: these roles; () = all that are in both.
        pair: one role here with one there instead.

    Raises:
        UnknownName: a role that was named isn't there.
        ConfigError: they are of two engines, or have no role in common.
    """
    pairs = [pair] if pair is not None else [(name, name) for name in chosen]
    if not pairs:
        pairs = [(name, name) for name in _in_both(here, there, names, system=system)]

    def rows() -> Iterator[dict[str, object]]:
        for one, other in pairs:
            role = one if one == other else f"{one} / {other}"
            for each in here.differences(one, other, there=there, system=system):
                yield {"role": role} | _row(each, *names)

    _print(rows(), ("role", *names), form)


def _in_both(here: Survey, there: Survey, names: tuple[str, str], *, system: bool) -> list[str]:
    mine, theirs = (
        dict.fromkeys(name for name, _ in each.roles(system=system)) for each in (here, there)
    )
    for only, where in ((mine.keys() - theirs.keys(), names[0]),
                        (theirs.keys() - mine.keys(), names[1])):  # fmt: skip
        if only:
            click.echo(clean(f"Note: only in {where}: {', '.join(sorted(only))}."), err=True)
    both = [name for name in mine if name in theirs]
    if not both:
        raise ConfigError("The two have no role in common.", fix="Name one of each: --compare A B.")
    return both


def _row(each: Difference, one: str, other: str) -> dict[str, object]:
    return {
        "object": each.object,
        "privilege": each.privilege,
        one: _state(each, 0),
        other: _state(each, 1),
        "via": list(each.via[0] or each.via[1]),
    }


def _state(each: Difference, side: int) -> str | None:
    if each.missing == side + 1:
        return "no such object"
    state = each.states[side]
    return state.value if state else None


def _print(rows: Iterator[dict[str, object]], sides: tuple[str, ...], form: str | None) -> None:
    *role, one, other = sides
    columns = (*role, "object", "privilege", one, other, "via")
    found = list(rows)
    if form == "csv":
        click.echo(output.csv_line(columns), nl=False)
        for row in found:
            via = row["via"]
            assert isinstance(via, list)
            words = ["" if row[name] is None else row[name] for name in columns[:-1]]
            click.echo(output.csv_line((*words, "\n".join(map(str, via)))), nl=False)
        return
    output.records(found, columns, as_json=form == "json")
    if form is None:
        grants_legend.show(row[name] for row in found for name in (one, other))
