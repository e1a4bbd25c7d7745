"""`rolebrowser databases` and `token`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, having, output
from rolebrowser.cli.asking import (
    Region,
    TerminalPrompts,
    choose,
    json_option,
    need_user,
    profile_option,
    role_option,
)
from rolebrowser.database.model import Database
from rolebrowser.safetext import clean

if TYPE_CHECKING:
    from rolebrowser.database.rds import Progress


@click.command()
@profile_option
@role_option
@click.option(
    "--region",
    "regions",
    type=Region(),
    multiple=True,
    metavar="REGION",
    help="AWS region; may be repeated.",
)
@click.option("--all-regions", is_flag=True, help="Every region of the account.")
@click.option(
    "--everywhere", is_flag=True, help="Of the whole organization, or of every profile's account."
)
@click.option(
    "--search", "text", default="", metavar="TEXT", help="Only those whose id holds TEXT."
)
@click.option("--fresh", is_flag=True, help="With --everywhere: ask again, whatever is kept.")
@json_option
def databases(
    profile: str,
    role: str,
    regions: tuple[str, ...],
    all_regions: bool,
    everywhere: bool,
    text: str,
    fresh: bool,
    as_json: bool,
) -> None:
    """List RDS and Aurora clusters, instances and proxies.

    With --everywhere those of all accounts: -p PROFILE asks Resource Explorer or an AWS Config
    aggregator, where it may; else every profile that needs no help is asked, four at a time.
    """
    regions = tuple(filter(None, regions))
    if everywhere:
        from rolebrowser.cli import org_search

        org_search.show(
            profile, text, regions, all_regions=all_regions, fresh=fresh, as_json=as_json
        )
        return
    from rolebrowser.database import rds

    session = having.session(profile, role, regions[0] if regions else "").session
    wanted = rds.regions(session, partial=_warn) if all_regions else regions or (session.region,)
    found = [
        each
        for each in rds.list_databases(session, wanted, progress=_count, partial=_warn)
        if text.lower() in each.id.lower()
    ]
    columns = (
        "id",
        "kind",
        "engine",
        "version",
        "region",
        "iam_auth",
        "status",
        "endpoint",
        "port",
    )
    where = "in any region" if all_regions else f"in {', '.join(wanted)}"
    more = "" if all_regions else " --all-regions looks in every one."
    if text:
        where = f"whose id holds {text!r} is {where}"
        more += " --everywhere --search looks in other accounts too."
    else:
        where = f"is {where}"
    output.records(
        [_row(database) for database in found],
        columns,
        as_json=as_json,
        empty=f"No database {where}.{more}",
    )


def _count(progress: Progress) -> None:
    """How far it is, where somebody watches and it may take a while."""
    if progress.total > 1 and sys.stderr.isatty():
        end = progress.done == progress.total
        click.echo(f"\r{progress.done} of {progress.total} regions", err=True, nl=end)


def _warn(sentence: str) -> None:
    click.echo(clean(sentence), err=True)


def _row(database: Database) -> dict[str, object]:
    endpoint = database.endpoint()
    return {
        "id": database.id,
        "kind": database.kind.value,
        "engine": database.engine,
        "version": database.version,
        "region": database.region,
        "endpoint": endpoint.host if endpoint else None,
        "port": endpoint.port if endpoint else None,
        "resource_id": database.resource_id,
        "iam_auth": database.iam_auth,
        "status": database.status,
        "endpoints": [
            {"role": each.role.value, "host": each.host, "port": each.port, "name": each.name}
            for each in database.endpoints
        ],
    }


@click.command()
@asking.target_argument("database")
@asking.target_options
def token(database: str, **choices: str) -> None:
    """Print an RDS IAM auth token for DATABASE (a bookmark or a database id), nothing else.

    It is signed for the endpoint's real name and port, and lives 15 minutes at most.
    """
    from rolebrowser.connect import mint_token

    config = configuration.load()
    target = need_user(config, choose(config, database, **choices))
    minted = mint_token(target, config=config, prompts=TerminalPrompts())
    click.echo(minted.value.reveal())
