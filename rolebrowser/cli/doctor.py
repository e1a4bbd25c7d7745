"""`rolebrowser doctor`: why can't I connect, and what to do about it."""

from __future__ import annotations

import json

import click

from rolebrowser import config as configuration
from rolebrowser.check import Status
from rolebrowser.cli import asking
from rolebrowser.cli.asking import TerminalPrompts, choose, json_option
from rolebrowser.doctor import CheckName, Diagnosis, Finding, examine
from rolebrowser.doctor.finding import headline, markdown
from rolebrowser.doctor.leads import check_via
from rolebrowser.safetext import clean, redact

_MARKS = {Status.PASS: "✓", Status.FAIL: "✗", Status.UNKNOWN: "?", Status.SKIP: "–"}


@click.command()
@asking.target_argument()
@asking.target_options
@click.option(
    "--via",
    default="",
    metavar="BOOKMARK",
    help="Another login to the same database, to ask it about the user from inside.",
)
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a report for a ticket.")
def doctor(target: str, via: str, as_json: bool, as_markdown: bool, **choices: str) -> int:
    """Check the whole road to TARGET: a bookmark, a database id with -p, or a URL.

    Goes on past a failure, names the likely cause, and prints what to paste. One login is tried;
    nothing is changed. Exit code 1 when a check failed.
    """
    config = configuration.load()
    chosen = choose(config, target, **choices)
    if via:
        check_via(via, chosen, config)
    width = max(len(name) for name in CheckName)

    def show(finding: Finding) -> None:
        if finding.status is not Status.STARTED:
            line = f"{_MARKS[finding.status]} {finding.check.value:<{width}}  {finding.evidence}"
            click.echo(clean(redact(line)))

    quiet = as_json or as_markdown
    bookmark = config.bookmark(target)
    title = bookmark.name if bookmark else chosen.database
    found = examine(
        chosen,
        config=config,
        title=title,
        via=via,
        prompts=TerminalPrompts(),
        report=(lambda finding: None) if quiet else show,
    )
    if as_json:
        rows = [
            {
                "check": each.check.value,
                "status": each.status.value,
                "evidence": redact(each.evidence),
                "fix": redact(each.fix),
                "cause": each.cause.value if each.cause else None,
                "likely": each is found.likely,
                "seconds": round(each.seconds, 3),
            }
            for each in found.findings
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif as_markdown:
        click.echo(clean(markdown(found), keep="\n"), nl=False)
    else:
        _conclude(found)
    return 0 if found.healthy else 1


def _conclude(found: Diagnosis) -> None:
    """The likely cause and its fix; then the fixes of what else failed."""
    click.echo(f"\n{clean(headline(found))}")
    blamed = found.likely
    if blamed is not None and blamed.fix:
        click.echo(clean(redact(blamed.fix), keep="\n"))
    for each in found.advice:
        if each.status is Status.FAIL and each is not blamed:
            click.echo(clean(redact(f"\nAlso, for {each.check.value}: {each.fix}"), keep="\n"))
