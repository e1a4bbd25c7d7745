"""`rolebrowser exec`, `env` and `credential-process`: a session for other programs."""

from __future__ import annotations

import os
import sys

import click

from rolebrowser.cli import having
from rolebrowser.cli.asking import profile_option, region_option, role_option
from rolebrowser.errors import ProfileError
from rolebrowser.identity import handout
from rolebrowser.identity.credential_process import WITHIN


@click.command("exec", context_settings={"allow_interspersed_args": False})
@profile_option
@role_option
@region_option
@having.duration_option
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(profile: str, role: str, region: str, duration: int, command: tuple[str, ...]) -> None:
    """Run COMMAND as a profile or role: rolebrowser exec -p P -- aws s3 ls

    The keys are in its environment and nowhere else; whatever there would name another identity
    (AWS_PROFILE …) is taken out. Its exit code and signals are its own: 127 when it isn't found,
    126 when it can't be run.
    """
    had = having.session(profile, role, region, duration)
    given = handout.variables(had.session, had.settings)
    sys.stdout.flush()
    try:
        os.execvpe(command[0], command, handout.environment(os.environ, given))
    except (OSError, ValueError) as error:
        having.say(f"{command[0]}: {getattr(error, 'strerror', None) or error}.")
        raise SystemExit(127 if isinstance(error, FileNotFoundError) else 126) from None


@click.command()
@profile_option
@role_option
@region_option
@having.duration_option
@click.option(
    "--shell", type=click.Choice(handout.SHELLS), default="sh", help="Whose syntax; default: sh."
)
def env(profile: str, role: str, region: str, duration: int, shell: str) -> None:
    """Print a session's variables for a shell: eval "$(rolebrowser env -p P)"

    fish: rolebrowser env -p P --shell fish | source. The end is in AWS_CREDENTIAL_EXPIRATION.
    """
    had = having.session(profile, role, region, duration)
    given = handout.variables(had.session, had.settings)
    click.echo(handout.shell_lines(given, shell), nl=False)


@click.command()
@profile_option
@role_option
@region_option
@having.duration_option
def credential_process(profile: str, role: str, region: str, duration: int) -> None:
    """Print a session as AWS tools want it of a credential_process.

    In ~/.aws/config: credential_process = rolebrowser credential-process -p P
    """
    if not profile:
        raise click.UsageError("Name the profile: -p PROFILE.")
    if profile in os.environ.get(WITHIN, "").split("\n"):
        raise ProfileError(
            f"The credential_process of {profile} asks for {profile} itself.",
            fix="Name another profile in it: the one that holds the credentials.",
        )
    had = having.session(profile, role, region, duration)
    click.echo(handout.process_answer(had.session), nl=False)
