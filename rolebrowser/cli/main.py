"""The command group. Subcommands are imported when they are called, so that each starts fast."""

from __future__ import annotations

import builtins
import gc
import importlib
import importlib.util
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from rolebrowser import __version__
from rolebrowser.cli import examples
from rolebrowser.cli.ending import ending
from rolebrowser.errors import nearest

COMMANDS = {
    "demo": (
        "rolebrowser.cli.demo",
        "Look around in a small AWS on this machine.",
    ),
    "profiles": ("rolebrowser.cli.identity", "AWS profiles and how long their sessions live."),
    "roles": ("rolebrowser.cli.roles", "Roles assumable from a profile, and why not."),
    "databases": ("rolebrowser.cli.database", "RDS and Aurora databases of a profile."),
    "users": ("rolebrowser.cli.users", "Users one may log in to a database as, and why."),
    "token": ("rolebrowser.cli.database", "An RDS IAM auth token, and nothing else."),
    "login": ("rolebrowser.cli.login", "Log in to the SSO portal of a profile."),
    "forget": ("rolebrowser.cli.forget", "Remove cached sessions."),
    "exec": ("rolebrowser.cli.handout", "Run a command as a profile or role."),
    "env": ("rolebrowser.cli.handout", "A session's variables, for a shell to evaluate."),
    "credential-process": ("rolebrowser.cli.handout", "A session for other AWS tools' config."),
    "console": ("rolebrowser.cli.console", "The AWS web console, signed in."),
    "shell": (
        "rolebrowser.cli.shell",
        "The stock psql or mysql, logged in.",
    ),
    "sql": ("rolebrowser.cli.sql", "Run SQL or backslash commands, and print."),
    "grants": ("rolebrowser.cli.grants", "Who may do what, through what, and why."),
    "doctor": ("rolebrowser.cli.doctor", "Why can't I connect: every check, and the fix."),
    "config": ("rolebrowser.cli.config", "The settings that hold, and where each comes from."),
    "evaluate": ("rolebrowser.cli.evaluate", "Decide IAM requests offline."),
}

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_ONE_TELLING = 0.3
"""Seconds in which signals to end are one telling."""


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the table's order."""
        return [name for name in COMMANDS if _there(COMMANDS[name][0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give one."""
        if cmd_name not in COMMANDS or not _there(COMMANDS[cmd_name][0]):
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        gc.enable()
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(module, f"{name}_" if hasattr(builtins, name) else name)
        command.epilog = examples.epilog(cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command named first; the nearest names are offered where there is none such."""
        name = args[0]
        if name in COMMANDS or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        close = nearest(name, self.list_commands(ctx))
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them from the table, without importing them."""
        with formatter.section("Commands"):
            names = self.list_commands(ctx)
            formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="rolebrowser COMMAND --help says more, with examples. Without an AWS account: "
    "rolebrowser demo.",
)
@click.version_option(__version__, "-V", "--version", prog_name="rolebrowser")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """From who am I to what may they do in that database, in one keystroke.

    Without a command: the terminal UI.
    """
    if ctx.invoked_subcommand is None:
        from rolebrowser.cli.ui import browse

        browse()


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 done, 1 failed (a sentence on stderr), 2 usage, 130 interrupted.

    Raises:
        SystemExit: SIGTERM or SIGHUP ended it: 128 + its number, as shells count.
    """

    def call() -> object:
        try:
            return cli.main(args=arguments, prog_name="rolebrowser", standalone_mode=False)
        except click.exceptions.Abort:
            return 130
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.exceptions.Exit as error:
            return error.exit_code

    with _told_to_end():
        return ending(call)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """What would end us at once lets us tell what we started, a credential_process say, to stop.

    Who insists while that goes on, by a second SIGTERM or ^C, ends us at once. A second SIGHUP
    insists on nothing: of a terminal that closes, its driver and the shell both tell. Nor does
    what comes with the first: timeout(1) tells its child, and then the child's whole group.

    Signals are the main thread's: who calls `run` from another keeps theirs.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        told = time.monotonic()

        def insist(number: int, frame: FrameType | None) -> None:
            if number != signal.SIGHUP and time.monotonic() - told > _ONE_TELLING:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)

        for each in (*ours, signal.SIGINT) if interrupts else ours:
            signal.signal(each, insist)
        raise SystemExit(128 + number)

    at_home = threading.current_thread() is threading.main_thread()
    ours = [n for n in _ENDING if at_home and signal.getsignal(n) is signal.SIG_DFL]
    interrupts = at_home and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
        if interrupts:
            signal.signal(signal.SIGINT, signal.default_int_handler)
