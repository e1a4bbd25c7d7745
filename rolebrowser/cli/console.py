"""`rolebrowser console`: a signed-in AWS web console."""

from __future__ import annotations

import os

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having
from rolebrowser.cli.asking import Region, profile_option, role_option
from rolebrowser.errors import RolebrowserError


@click.command()
@profile_option
@role_option
@having.duration_option
@click.option("--service", default="", metavar="SERVICE", help="Page of a service: rds, iam, s3 …")
@click.option(
    "--region",
    type=Region(),
    default="",
    metavar="REGION",
    help="Region of the page; default: the profile's.",
)
@click.option("--open", "in_browser", is_flag=True, help="Open it in a browser; don't print it.")
def console(
    profile: str, role: str, duration: int, service: str, region: str, in_browser: bool
) -> None:
    """Print a link that signs a browser in to the AWS console as a profile or role.

    Whoever has the link is signed in: it works for 15 minutes. The console's session ends with
    the credentials it was made from.
    """
    from rolebrowser.identity import console as federation
    from rolebrowser.identity.browser import open_privately

    had = having.session(profile, role, "", duration)
    session = had.session
    services = federation.services_of(session.profile)
    where = region or session.region
    endpoint = federation.federation_url(where, os.environ, had.settings, services)
    limit = configuration.load().timeouts.aws
    link = federation.sign_in_url(
        session, endpoint=endpoint, service=service, region=region, seconds=limit
    )
    if not in_browser:
        click.echo(link.reveal())
    elif not open_privately(link):
        raise RolebrowserError(
            "No browser came for the link.",
            fix="Without --open the link is printed.",
        )
