"""`rolebrowser grants`: who may do what in a database, through what, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from rolebrowser import config as configuration
from rolebrowser.cli import (
    asking,
    grants_compare,
    grants_legend,
    grants_report,
    grants_why,
    having,
    output,
)
from rolebrowser.cli.asking import TerminalPrompts, choose, need_user
from rolebrowser.safetext import clean, redact
from rolebrowser.target import Target

if TYPE_CHECKING:
    from rolebrowser.config import Config
    from rolebrowser.grants.listing import Record
    from rolebrowser.grants.survey import Survey
    from rolebrowser.opened import Opened

KEYS = ("role", "object", "privilege", "state", "via", "grantable")


@click.command()
@asking.target_argument()
@asking.target_options_without_role
@click.option("--role", "roles", multiple=True, metavar="R", help="Only this role, or account u@h.")
@click.option("--table", "tables", multiple=True, metavar="T", help="Only this table or view.")
@click.option("--why", metavar="'R PRIVILEGE OBJECT'", help="Gate by gate; or 'R STATEMENT'.")
@click.option("--compare", nargs=2, metavar="A B", help="What only one of two roles may.")
@click.option(
    "--against",
    metavar="OTHER",
    help="What is otherwise in another target: for --role, A here and B there, or all.",
)
@click.option("--system", is_flag=True, help="The server's own roles and schemas too.")
@click.option("--report", metavar="FILE", help="Write it all to FILE.md or FILE.html.")
@click.option("--json", "form", flag_value="json", help="Print JSON: an array of objects.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def grants(
    target: str,
    assume: str,
    roles: tuple[str, ...],
    tables: tuple[str, ...],
    why: str | None,
    compare: tuple[str, str] | None,
    against: str | None,
    system: bool,
    report: str | None,
    form: str | None,
    **choices: str,
) -> None:
    """Say who may do what in TARGET: a bookmark, a database id with -p, or a URL.

    A state is effective; indirect (it reads a table's rows through a view, a parent table or a
    function, with the rights of somebody else); blocked (the privilege without USAGE on the schema,
    or CONNECT; of MySQL a locked account); latent (after SET ROLE); or escalatable (a role could
    grant it to itself).
    Nothing is ever changed.
    """
    if report is not None:
        grants_report.check(report)
    config = configuration.load()
    opened = _open(config, need_user(config, choose(config, target, role=assume, **choices)))
    try:
        survey = _look(opened)
        if why is not None:
            grants_why.answer(survey.why(opened.connection, why), as_json=form == "json")
            return
    finally:
        opened.connection.close()
    if against is not None:
        there = need_user(config, choose(config, against, role=assume, **choices))
        grants_compare.databases(
            survey,
            _look_and_leave(_open(config, there)),
            (redact(target), redact(against)),
            chosen=roles,
            pair=compare,
            form=form,
            system=system,
        )
        return
    if compare is not None:
        grants_compare.roles(survey, *compare, form=form, system=system)
        return
    if report is not None:
        grants_report.write(
            survey, report, target=target, roles=roles, tables=tables, system=system
        )
        return
    show(survey.records(roles, tables, system=system, brief=form is None), form)


def _look(opened: Opened) -> Survey:
    """Read the grants, and say what could not be read."""
    from rolebrowser.grants.look import look

    survey = look(opened.connection)
    for note in survey.notes:
        click.echo(clean(f"Note: {note}"), err=True)
    return survey


def _look_and_leave(opened: Opened) -> Survey:
    try:
        return _look(opened)
    finally:
        opened.connection.close()


def _open(config: Config, target: Target) -> Opened:
    from rolebrowser.connect import open_target

    opened = open_target(
        target,
        config=config,
        prompts=TerminalPrompts(),
        read_only=True,
        ask_password=asking.ask_password,
    )
    having.warn(opened.current_session())
    return opened


def show(records: Iterable[Record], form: str | None) -> None:
    """Print records: JSON and CSV one by one as they come, a table with their privileges joined."""
    if form == "json":
        _json(records)
    elif form == "csv":
        _csv(records)
    else:
        from rolebrowser.grants.listing import rows

        shown = [row._asdict() | {"privileges": ", ".join(row.privileges)} for row in rows(records)]
        columns = ("role", "object", "privileges", "state", "via")
        output.records(shown, columns, as_json=False)
        grants_legend.show(row[name] for row in shown for name in ("privileges", "state"))


def _json(records: Iterable[Record]) -> None:
    click.echo("[", nl=False)
    between = "\n"
    for record in records:
        shown = dict(zip(KEYS, record, strict=True))
        click.echo(between + " " + json.dumps(shown, ensure_ascii=False), nl=False)
        between = ",\n"
    click.echo("\n]")


def _csv(records: Iterable[Record]) -> None:
    """RFC 4180 with LF; several paths as several lines of their cell."""
    click.echo(output.csv_line(KEYS), nl=False)
    for record in records:
        *words, via, grantable = record
        click.echo(output.csv_line((*words, "\n".join(via), str(grantable).lower())), nl=False)
